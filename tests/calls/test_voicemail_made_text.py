"""Voicemail end to end: the carrier records it, the box fetches it; it is text on the list, and is heard."""

import json
import os
import shutil
import signal
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import av
import numpy as np

from appliance.core.dispositions import Outcome
from appliance.store import calls, jobs, message_texts, messages
from appliance.store.database import connect_readonly
from appliance.store.jobs import State
from appliance.store.message_texts import MessageText, TextState
from appliance.store.messages import Message
from scripts.loopback_box import CALLER, CLINIC, FRONT_DESK, LoopbackBox
from tests.calls.stage import Stage, staged
from tests.calls.test_voicemail_of_a_dead_box import late_callback
from tests.golden.clinic import until
from tests.peers.carrier import Destination, DownloadFault, Faults
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.recogniser import Manner, RecogniserPeer
from tests.speech.program import models as weights_in
from tests.speech.program import spoken_digit

MENU = {"front_door": "menu"}
PLAN = "wait for speech\npress 3\nleave message {}\nwait 7\nhang up\n"
WITHIN_S = 60.0


def digits(folder: Path) -> str:
    """A recording of two digits, in a folder of the carrier's callers."""
    gap = np.zeros(1600, np.int16)
    four, eight = (np.frombuffer(spoken_digit(name), np.int16) for name in ("4_jackson", "8_jackson"))
    _write(folder / "digits.wav", np.concatenate([four, gap, eight]), 16000)
    return "digits.wav"


def said(folder: Path, *names: str) -> str:
    """A recording in which all of these are said, one after the other."""
    parts = []
    for name in names:
        with av.open(str(SPEECH_FOLDER / f"{name}.wav")) as container:
            fits = av.AudioResampler(format="s16", layout="mono", rate=8000)
            frames = [made for frame in container.decode(audio=0) for made in fits.resample(frame)]
        parts += [np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])]
        parts += [np.zeros(4800, np.int16)]
    _write(folder / "said.wav", np.concatenate(parts).astype(np.int16), 8000)
    return "said.wav"


def _write(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", rate: int) -> None:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    transcripts = path.parent / "transcripts.json"
    if not transcripts.exists():
        shutil.copy(SPEECH_FOLDER / "transcripts.json", transcripts)
    known = json.loads(transcripts.read_text("utf-8"))
    transcripts.write_text(json.dumps({**known, path.stem: "…"}), "utf-8")


def text_of(box: LoopbackBox) -> tuple[Message, MessageText] | None:
    """The message and its text, once that has come to an end."""
    db = connect_readonly(box.database)
    try:
        (message,) = messages.page(db, hang_ups=True)
        text = message_texts.of_message(db, message.id)
    finally:
        db.close()
    done = text is not None and text.state is not TextState.WAITING and text.original is None
    return (message, text) if done and text is not None else None


async def made_text(box: LoopbackBox) -> tuple[Message, MessageText]:
    """Wait for that."""
    found = await until(lambda: text_of(box), WITHIN_S)
    assert found is not None
    return found


def owed(box: LoopbackBox) -> dict[str, State]:
    db = connect_readonly(box.database)
    try:
        return {job.kind: job.state for job in jobs.page(db)}
    finally:
        db.close()


@asynccontextmanager
async def clinic(folder: Path, speech: str) -> AsyncIterator[Stage]:
    """A box with this speech program, whose front desk does not answer."""
    settings = {"speech": {"uri": speech, "whisper": "digits", "whisper_threads": 1, "rendered_ahead": False}}
    async with staged(folder, "", staff=MENU, settings=settings) as stage:
        stage.carrier.network.destinations[FRONT_DESK] = Destination.no_answer()
        stage.carrier.network.speech_folder = folder / "callers"
        yield stage


async def test_digits_are_text_on_the_list_and_can_be_heard(tmp_path: Path) -> None:
    recording = digits(tmp_path / "callers")
    (tmp_path / "data").mkdir()
    weights_in(tmp_path / "data")
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(clinic(tmp_path, f"unix://{tmp_path}/speech.sock"))
        for command in ("speech", "worker"):
            await stack.enter_async_context(stage.box.beside(command))
        stage.carrier.download_faults.append(DownloadFault(cut_after=4000))
        phone = await stage.carrier.ring(
            caller=CALLER, called=CLINIC, plan=PLAN.format(recording), faults=Faults(double_callbacks=True)
        )
        await phone.done(WITHIN_S)
        message, text = await made_text(stage.box)
        assert (text.text, text.state, text.made_by) == ("four eight", TextState.WRITTEN, "rules")
        assert (message.caller, text.number, text.number_said) == (CALLER, CALLER, False)
        assert [word.text for word in text.words] == ["four", "eight"]
        path = stage.box.database.parent / "recordings" / (message.recording_path or "")
        with av.open(str(path)) as container:
            kept_ms = sum(frame.samples for frame in container.decode(audio=0)) // 8
        assert (path.suffix, kept_ms) == (".flac", text.stored_ms)
        await until(lambda: not stage.carrier.network.recordings, WITHIN_S)
        await until(lambda: set(owed(stage.box).values()) == {State.DONE}, WITHIN_S)
        assert await late_callback(stage.box, phone) == 204
        assert set(owed(stage.box).values()) == {State.DONE}
        assert text_of(stage.box) == (message, text)


async def test_a_message_is_read_though_the_worker_is_killed_over_it(tmp_path: Path) -> None:
    parts = ("say_en_name", "say_en_chest_pain_mother", "say_en_number")
    recording = said(tmp_path / "callers", *parts)
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(RecogniserPeer(SPEECH_FOLDER, delays_s=(0.0, 0.0)))
        peer.usual = Manner(fault="mute")
        stage = await stack.enter_async_context(clinic(tmp_path, peer.uri))
        async with stage.box.beside("worker") as worker:
            await stage.call(PLAN.format(recording), WITHIN_S)
            await peer.wait_for(lambda: len(peer.asked) > 0, WITHIN_S)
            os.kill(worker.pid, signal.SIGKILL)
            await worker.wait()
        assert text_of(stage.box) is None
        peer.usual = Manner(confidence=None)
        await stack.enter_async_context(stage.box.beside("worker"))
        message, text = await made_text(stage.box)
    assert "this is Maria Lopez" in text.text
    assert (text.name, text.number, text.number_said) == ("Maria Lopez", "+15551234567", True)
    assert (text.urgency, message.told.urgent, text.words) == ("emergency", True, ())
    assert text.confidence is None


async def test_who_says_nothing_has_hung_up_and_left_no_message(tmp_path: Path) -> None:
    _write(tmp_path / "callers" / "click.wav", np.full(800, 9000, np.int16), 8000)
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(RecogniserPeer(SPEECH_FOLDER, delays_s=(0.0, 0.0)))
        stage = await stack.enter_async_context(clinic(tmp_path, peer.uri))
        await stack.enter_async_context(stage.box.beside("worker"))
        phone = await stage.call(PLAN.format("click.wav"), WITHIN_S)
        message, text = await made_text(stage.box)
        db = connect_readonly(stage.box.database)
        filed = calls.by_sid(db, phone.sid)
        assert messages.page(db) == []
        db.close()
    assert (message.hang_up, text.state) == (True, TextState.NO_SPEECH)
    assert filed is not None
    assert filed.outcome is Outcome.ABANDONED
