"""Barge-in, measured on the carrier's side: what the caller heard, and what the service was told of it.

Each case is one real call; they run at the same time, each with a stage of its own.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.calls.stage import DISTANCES, Stage, ahead_ms, gaps, staged
from tests.peers.carrier import Distance, MediaStream, PhoneCall
from tests.peers.carrier.happenings import ClearArrived, ClearReceived, MediaReceived
from tests.peers.realtime import Session
from tests.peers.stopwatch import Crowding, Looks, WatchedLoop, waited_for_core_s

LONG = (
    "The office is on Elm Street between the library and the post office, with the entrance at the back,"
    " and there is room for your car behind the house on working days until six."
)
SHORT = "One moment please, I will look that up for you now."
LAST = "All right."

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
ANSWER = f'[[turn]]\non = "utterance"\nheard = "weather"\nsay = "{LONG}"\n'
TWO_ANSWERS = f'[[turn]]\non = "utterance"\nheard = "weather"\nsay = "{SHORT}"\nthen_say = "{LONG}"\n'
END = f'[[turn]]\non = "utterance"\nheard = "nevermind"\nsay = "{LAST}"\n'

ASK = "wait for reply\nsay weather\n"
BREAK_IN = "say s2p_nevermind\nwait for reply\nhang up\n"


@dataclass(frozen=True)
class Case:
    """A situation, and how many replies are truncated and deleted in it."""

    script: str
    plan: str
    truncated: int
    deleted: int
    manner: dict[str, Any] = field(default_factory=dict)


CASES = {
    "a single answer, all of it received": Case(
        GREETING + ANSWER + END, f"{ASK}wait heard 1500\n{BREAK_IN}", 1, 0
    ),
    "an answer that is still being sent": Case(
        GREETING + ANSWER + END, f"{ASK}wait heard 1500\n{BREAK_IN}", 1, 0, {"speedup": 1.1, "chunk_ms": 100}
    ),
    "audio of the cut answer arrives late": Case(
        GREETING + ANSWER + 'fault = { kind = "late_deltas" }\n' + END,
        f"{ASK}wait heard 1500\n{BREAK_IN}",
        1,
        0,
        {"speedup": 1.1, "chunk_ms": 100},
    ),
    "two answers, cut in the first": Case(
        GREETING + TWO_ANSWERS + END, f"{ASK}wait heard 900\n{BREAK_IN}", 1, 1
    ),
    "two answers, cut in the second": Case(
        GREETING + TWO_ANSWERS + END, f"{ASK}wait heard 5500\n{BREAK_IN}", 1, 0
    ),
    "speech after everything was played": Case(
        GREETING + ANSWER + END, f"{ASK}wait for reply\n{BREAK_IN}", 0, 0
    ),
}


@dataclass(frozen=True)
class Outcome:
    """A finished call with both sides' views of it."""

    call: PhoneCall
    session: Session
    distance: Distance
    crowding: Crowding
    looks: Looks
    no_core_s: float
    """How long the bridge waited for a core between the barge-in and the clear."""

    @property
    def stream(self) -> MediaStream:
        return self.call.stream

    def told(self, kind: str) -> list[dict[str, object]]:
        """What the service was told."""
        return self.session.received_of(kind)

    def played_ms(self, item_id: str) -> float:
        """How much of an item the caller really heard."""
        audio = bytes(self.session.audio_out[item_id])
        start = bytes(self.stream.received_audio).find(audio[:800])
        assert start >= 0, "the item never reached the carrier"
        end = min(start + len(audio), self.clear().position)
        return self.stream.timeline.played_bytes(start, end) / 8

    def clear(self) -> ClearReceived:
        """The clear of the barge-in: the last one, as speech in silence needs none."""
        return self.call.journal.of(ClearReceived)[-1]

    def clear_after_s(self) -> float:
        """From the service's speech_started to the clear in the carrier's socket, without our own delays.

        Both sockets are this process's: it counts from when it had surely written the one, to when the other
        surely was not there yet. Nor can the box help it when the machine has no core for it.
        """
        written_s = self.looks.written_s(self.session.looks[-1])
        arrived_s = self.looks.not_before_s(self.call.journal.of(ClearArrived)[-1].looks)
        return arrived_s - written_s - self.no_core_s


UTTERANCES = 2
CALL_S = 60.0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Outcome]:
    """All calls, by case and distance; those of a case share a box."""
    stages = [(case, tmp_path_factory.mktemp("barge_in")) for case in CASES.values()]

    async def all_of_them() -> list[list[Outcome]]:
        starts = asyncio.Semaphore(2)
        return await asyncio.gather(*(_outcomes(case, folder, starts) for case, folder in stages))

    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        outcomes = runner.run(all_of_them())
    return {
        (name, far): outcome
        for name, of_case in zip(CASES, outcomes, strict=True)
        for far, outcome in zip(DISTANCES, of_case, strict=True)
    }


async def _outcomes(case: Case, folder: Path, starts: asyncio.Semaphore) -> list[Outcome]:
    async with staged(folder, case.script, starts=starts, **case.manner) as stage:
        rung = [(*await stage.ring(case.plan, distance), distance) for distance in DISTANCES.values()]
        return await asyncio.gather(*(_outcome(stage, case, *each) for each in rung))


async def _outcome(
    stage: Stage, case: Case, call: PhoneCall, session: Session, distance: Distance
) -> Outcome:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WatchedLoop)
    no_core_s = await _no_core_s(stage, call, session) if case.truncated else 0.0
    await call.done(CALL_S)
    return Outcome(call, session, distance, stage.crowding, loop.looks, no_core_s)


async def _no_core_s(stage: Stage, call: PhoneCall, session: Session) -> float:
    """How long the bridge is without a core from the second utterance, which breaks in, to the clear."""
    await stage.cloud.wait_for(lambda: len(session.looks) == UTTERANCES, CALL_S)
    before_s = waited_for_core_s(stage.box.pid)
    await call.journal.wait_for(ClearArrived, timeout_s=CALL_S)
    return waited_for_core_s(stage.box.pid) - before_s


@pytest.fixture(params=DISTANCES)
def outcomes(request: pytest.FixtureRequest, played: dict[tuple[str, str], Outcome]) -> dict[str, Outcome]:
    """The calls at one distance, by case."""
    return {name: outcome for (name, far), outcome in played.items() if far == request.param}


CUT = [name for name, case in CASES.items() if case.truncated]


@pytest.mark.parametrize("name", CASES)
def test_each_reply_is_truncated_deleted_or_left_alone(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert outcome.call.ended_well
    assert len(outcome.told("conversation.item.truncate")) == CASES[name].truncated
    assert len(outcome.told("conversation.item.delete")) == CASES[name].deleted
    assert outcome.session.sent_of("error") == []


@pytest.mark.parametrize("name", sorted(CASES.keys() - CUT))
def test_nothing_is_cleared_where_nothing_sounds(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].call.journal.of(ClearArrived) == []


@pytest.mark.parametrize("name", CUT)
def test_truncation_is_within_20_ms_of_what_was_played(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    for truncation in outcome.told("conversation.item.truncate"):
        truth = outcome.played_ms(str(truncation["item_id"]))
        assert truth > 300
        assert abs(float(str(truncation["audio_end_ms"])) - truth) <= 20


@pytest.mark.parametrize("name", CUT)
def test_a_deleted_reply_was_not_heard_at_all(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    received = bytes(outcome.stream.received_audio)
    for deletion in outcome.told("conversation.item.delete"):
        audio = bytes(outcome.session.audio_out[str(deletion["item_id"])])
        assert audio
        start = received.find(audio[:800])
        assert start < 0 or outcome.stream.timeline.played_bytes(start, start + len(audio)) == 0


@pytest.mark.parametrize("name", CUT)
def test_nothing_of_the_cut_answer_follows_the_clear(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    clear = outcome.clear()
    after = [each for each in outcome.call.journal.of(MediaReceived) if each.at_s > clear.at_s]
    received = bytes(outcome.stream.received_audio)
    last_item = [*outcome.session.audio_out][-1]
    # What follows is the next answer, from its first byte to its last, and nothing else.
    assert received[after[0].position :] == bytes(outcome.session.audio_out[last_item])


def test_the_late_audio_was_really_sent(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["audio of the cut answer arrives late"]
    clear_s = outcome.clear().at_s
    (cut,) = outcome.told("conversation.item.truncate")
    late = [
        event
        for at, event in outcome.session.sent
        if event["type"] == "response.output_audio.delta"
        and event["item_id"] == cut["item_id"]
        and at > clear_s
    ]
    assert late


@pytest.mark.parametrize("name", CUT)
def test_clear_follows_the_service_within_20_ms(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].clear_after_s() <= 0.020


@pytest.mark.parametrize("name", CASES)
def test_the_carrier_is_never_far_ahead_and_never_starved(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert ahead_ms(outcome.stream, outcome.crowding) <= 240 + outcome.distance.jitter_ms
    assert [gap for gap in gaps(outcome.stream, outcome.crowding, 400) if gap.length_ms > 60] == []
