"""Voicemail of real calls through a real Asterisk becomes text on the list, also when all of ours is dead."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.dispositions import Outcome
from appliance.store import message_texts, messages
from appliance.store.database import connect_readonly
from appliance.store.message_texts import MessageText, TextState
from appliance.store.messages import Message
from tests.asterisk.house import ASSISTANT, CALLER, DESK, House, house
from tests.asterisk.test_house import GREETING, greeted
from tests.golden.clinic import until
from tests.jobs.office import narrow, silence
from tests.peers.phone import Manner, listening
from tests.speech.program import models as weights_in
from tests.speech.program import spoken_digit

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

WITHIN_S = 90.0


def digits() -> bytes:
    """Two digits, a while after the tone, as a telephone says them: the small network hears them so."""
    four, eight = (narrow(spoken_digit(name)) for name in ("4_jackson", "8_jackson"))
    return ulaw.encode(np.concatenate([silence(1.5), four, silence(0.1), eight]))


@asynccontextmanager
async def clinic(folder: Path) -> AsyncIterator[tuple[House, AsyncExitStack]]:
    """A house with weights for digits; what else of ours is to run is for the test to begin."""
    data = folder / "box" / "data"
    data.mkdir(parents=True)
    weights_in(data)
    speech = {"uri": f"unix://{folder}/speech.sock", "whisper": "digits", "whisper_threads": 1}
    async with (
        house(folder, GREETING, settings={"speech": speech, "voicemail": {}}) as made,
        AsyncExitStack() as beside,
    ):
        yield made, beside


def written(made: House) -> tuple[Message, MessageText] | None:
    """The message, once it is text."""
    db = connect_readonly(made.box.database)
    try:
        for message in messages.page(db):
            text = message_texts.of_message(db, message.id)
            if text is not None and text.state is TextState.WRITTEN and text.original is None:
                return message, text
        return None
    finally:
        db.close()


async def made_text(made: House) -> tuple[Message, MessageText]:
    """Wait for that."""
    found = await until(lambda: written(made), WITHIN_S)
    assert found is not None
    return found


def played_ms(made: House, message: Message) -> int:
    """How long what is kept can be heard."""
    path = made.box.database.parent / "recordings" / (message.recording_path or "")
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(audio=0)) * 1000 // 8000


async def test_a_message_left_at_the_phones_becomes_text(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (made, beside):
        for command in ("speech", "worker"):
            await beside.enter_async_context(made.box.beside(command))
        caller, desk = await made.phone(CALLER), await made.phone(DESK)
        desk.on_ring = Manner.busy()
        call = await greeted(caller)
        call.press("0")
        await desk.rung()
        await call.hear(listening.tone(1000.0), 30.0)
        call.say(digits())
        await call.said()
        await call.hang_up()
        message, text = await made_text(made)
        assert (text.text, message.caller, message.kind) == ("four eight", CALLER, "voicemail")
        assert abs(played_ms(made, message) - (text.stored_ms or 0)) < 40
        (whole,) = await made.filed()
        assert whole.call.outcome is Outcome.VOICEMAIL


async def test_a_message_left_while_all_of_ours_was_dead_becomes_text(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (made, beside):
        caller, desk = await made.phone(CALLER), await made.phone(DESK)
        desk.on_ring = Manner.busy()
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        made.box.signal(signal.SIGKILL)
        await made.box.ended()
        await call.hear(listening.tone(1000.0), 30.0)
        call.say(digits())
        await call.said()
        await call.hang_up()
        spool = made.pbx.folder / "spool/voicemail"
        await until(lambda: [*spool.glob("*.wav")], 20.0)
        for command in ("speech", "worker"):
            await beside.enter_async_context(made.box.beside(command))
        assert written(made) is None
        await made.box.start()
        message, text = await made_text(made)
        assert text.text == "four eight"
        assert played_ms(made, message) > 500
        await until(lambda: not [*spool.glob("*.wav")], 20.0)
