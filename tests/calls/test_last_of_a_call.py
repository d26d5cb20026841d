"""What an answer and a transcription used is counted when the caller hangs up before the service tells it."""

from pathlib import Path

import pytest

from appliance.store import calls, transcripts, usage
from appliance.store.database import connect_readonly
from tests.calls.stage import Stage, staged
from tests.golden.clinic import until
from tests.peers.carrier.happenings import AgentHeard
from tests.peers.realtime import Fault

LONG = " ".join(["The office is on Elm Street between the library and the post office."] * 4)
GREETING = f'[[turn]]\non = "greeting"\nsay = "{LONG}"\nspeedup = 1\n'
SPOKEN = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
LATE_WORDS = '[[turn]]\non = "utterance"\nheard = "nevermind"\nheard_after_ms = 700\nsay = "All right."\n'


class Kept:
    """What is on disk of the one call."""

    def __init__(self, database: Path) -> None:
        db = connect_readonly(database)
        try:
            (self.call,) = calls.page(db)
            self.usage = usage.of_call(db, self.call.id)
            self.turns = transcripts.of_call(db, self.call.id)
        finally:
            db.close()

    @property
    def answers(self) -> int:
        return sum("transcribe" not in row.model for row in self.usage)


def kept(stage: Stage) -> Kept:
    return Kept(stage.box.database)


async def hung_up_in_the_greeting(stage: Stage, fault: Fault | None = None) -> None:
    stage.carrier.network.pace = "real"
    phone, session = await stage.ring("wait 60\n")
    await phone.journal.wait_for(AgentHeard)
    if fault is not None:
        session.do(fault)
    phone.hang_up()
    await phone.done(20)
    await until(lambda: kept(stage).call.ended_at)
    await stage.cloud.wait_for(lambda: session.closed)


async def test_an_answer_that_the_caller_left_is_paid_for(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        await hung_up_in_the_greeting(stage)
        session = stage.cloud.sessions[0]
        assert session.received_of("response.cancel")
        await until(lambda: kept(stage).usage)
        found = kept(stage)
        assert found.answers == 1
        assert found.call.cost_complete
        assert found.call.cost_usd == pytest.approx(sum(row.cost_usd or 0 for row in found.usage))
        assert found.call.cost_usd > 0


async def test_a_cost_that_is_never_told_is_not_called_complete(tmp_path: Path) -> None:
    """Nor does a service that falls silent then open the breaker for the next call."""
    async with staged(tmp_path, GREETING) as stage:
        await hung_up_in_the_greeting(stage, Fault("silence"))
        await until(lambda: not kept(stage).call.cost_complete)
        assert kept(stage).usage == []
        assert "calls go on without the cloud" not in stage.box.log_path.read_text()


async def test_the_last_words_of_a_caller_are_kept_and_paid_for(tmp_path: Path) -> None:
    paid_by_time = {"cloud": {"transcription_model": "gpt-realtime-whisper"}}
    async with staged(tmp_path, SPOKEN + LATE_WORDS, settings=paid_by_time) as stage:
        stage.carrier.network.pace = "real"
        phone, _ = await stage.ring("wait for reply\nsay s2p_nevermind\nwait 60\n")
        await stage.cloud.wait_for(lambda: len(stage.cloud.sessions[0].sent_of("response.created")) == 2, 20)
        phone.hang_up()
        await phone.done(20)
        await until(lambda: any(turn.text == "nevermind" for turn in kept(stage).turns))
        await until(lambda: len(kept(stage).usage) == 3)
        assert kept(stage).call.cost_complete


async def test_a_bridge_that_is_stopped_counts_what_its_calls_used(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        stage.carrier.network.pace = "real"
        phone, _ = await stage.ring("wait 60\n")
        await phone.journal.wait_for(AgentHeard)
        await stage.box.stop()
        found = kept(stage)
        assert (found.answers, found.call.cost_complete) == (1, True)
        phone.hang_up()
        await phone.done(20)
