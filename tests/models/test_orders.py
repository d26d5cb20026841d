"""Whatever the service says and when: one answer at a time, nothing owed for ever, nothing cut is heard."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.orders.clock import JumpingLoop
from tests.models.orders.rig import Outcome, play

WORDS = (
    "speak",
    "speak, and it goes on",
    "hush",
    "hush unanswered",
    "hush in error",
    "sound",
    "next item",
    "tool",
    "done",
    "server_error",
    "rate_limit_exceeded",
    "stray error",
    "hang up",
    "our ear begins",
    "our ear begins late",
    "our ear ceases",
    "our ear ceases late",
    "key",
)
waits = st.sampled_from([0, 0, 1, 20, 100, 400, 1300, 2600])
scripts = st.lists(st.tuples(waits, st.sampled_from(WORDS)), max_size=40)


def outcome(script: list[tuple[int, str]], latency_ms: int) -> Outcome:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(play(script, latency_ms))


@settings(max_examples=150)
@given(scripts, st.sampled_from([0, 40, 250]))
def test_any_order_is_stood(script: list[tuple[int, str]], latency_ms: int) -> None:
    came = outcome(script, latency_ms)
    assert came.wrong == []
    assert not came.owed
    assert came.without_cause == 0


TURN = [(1300, "sound"), (0, "done"), (1300, "speak"), (1300, "hush")]


@pytest.mark.parametrize("latency_ms", [0, 40, 250])
@pytest.mark.parametrize(
    "script",
    [
        [*TURN, (20, "sound"), (0, "done")],
        [*TURN, (20, "rate_limit_exceeded"), (400, "speak"), (400, "hush"), (20, "sound"), (0, "done")],
        [*TURN, (20, "sound"), (0, "our ear begins late"), (20, "done"), (0, "our ear ceases late")],
        [*TURN, (20, "stray error"), (0, "sound"), (0, "done")],
        [*TURN, (20, "sound"), (0, "done"), (2600, "stray error")],
        [*TURN, (20, "tool"), (0, "done"), (0, "stray error")],
        [*TURN, (20, "sound"), (400, "speak, and it goes on"), (400, "sound"), (0, "sound"), (0, "hush")],
        [*TURN, (20, "sound"), (400, "speak"), (400, "hush"), (0, "sound"), (400, "speak"), (20, "hush")],
        [*TURN, (20, "sound"), (0, "next item"), (0, "sound"), (0, "done"), (400, "speak"), (400, "hush")],
        [*TURN, (20, "sound"), (0, "sound"), (0, "done"), (400, "key"), (2600, "sound"), (0, "done")],
    ],
)
def test_a_call_of_this_kind_goes_on(script: list[tuple[int, str]], latency_ms: int) -> None:
    assert outcome(script, latency_ms) == Outcome([], owed=False, ended=False, without_cause=0)
