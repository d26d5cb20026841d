"""The cloud brain changes the language: the next session is set up for it, and so are those after."""

import asyncio
from dataclasses import replace

from appliance.core.events import BrainReady, BrainRenewed
from tests.models.ears import PLAN, listening
from tests.models.test_brain import STORY, script
from tests.peers.realtime import RealtimePeer

SPANISH = replace(PLAN, voice="coral", instructions="Speak Spanish.", languages=("es", "en"))


async def test_a_session_in_another_language_is_set_up_for_it_and_so_are_those_after_it() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url, plans={"es": SPANISH}) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        await line.brain.take_over(STORY, "es")
        await line.brain.take_over(STORY)
        sessions = [await peer.session(number) for number in (1, 2, 3)]
        set_up = [session.config["audio"] for session in sessions]
        assert [each["output"]["voice"] for each in set_up] == [PLAN.voice, "coral", "coral"]
        assert [session.config["instructions"] for session in sessions[1:]] == ["Speak Spanish."] * 2


async def test_a_language_that_is_asked_for_while_a_session_is_renewed_is_spoken() -> None:
    async with RealtimePeer(script()) as peer, listening(peer.url, plans={"es": SPANISH}) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        line.dialer.free.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(line.brain.take_over(STORY), name="renewal")
            await line.dialer.waits.wait()
            await line.brain.take_over(STORY, "es")
            line.dialer.free.set()
        assert len(line.ears.of(BrainRenewed)) == 1
        assert (await peer.session(3)).config["audio"]["output"]["voice"] == "coral"
