"""How long a silence ends a turn: what is asked for at least, more for slow speakers, never without bound."""

from hypothesis import given
from hypothesis import strategies as st

from models.local.patience import LONGEST_MS, MORE_AT_MOST_MS, PAUSE_FROM_MS, Patience

pauses = st.lists(st.integers(0, 10_000), max_size=60)
asked = st.integers(100, 2_500)


def heard(patience: Patience, *pauses_ms: int) -> int:
    for pause_ms in pauses_ms:
        patience.went_on(pause_ms)
    return patience.ms


def test_a_new_caller_gets_what_is_asked_for() -> None:
    assert Patience(500).ms == 500


def test_a_caller_with_long_pauses_gets_longer_at_once() -> None:
    assert heard(Patience(500), 480) == 700
    assert heard(Patience(700), 1_000) == 1_350


def test_the_closing_of_lips_is_no_pause() -> None:
    assert heard(Patience(500), *[PAUSE_FROM_MS - 1] * 50) == 500
    slow, same = Patience(500), Patience(500)
    assert heard(slow, 900) == heard(same, 900, *[PAUSE_FROM_MS - 1] * 50)


def test_a_fluent_caller_gets_back_to_what_is_asked_for() -> None:
    assert heard(Patience(500), 1_000) == 1_350
    assert heard(Patience(500), 1_000, *[250] * 12) == 500


def test_the_state_of_the_call_may_ask_for_more_or_less_in_between() -> None:
    patience = Patience(500)
    heard(patience, 480)
    patience.asked_ms = 1_500
    assert patience.ms == 1_500
    patience.asked_ms = 600
    assert patience.ms == 700


@given(asked, pauses)
def test_patience_has_bounds(asked_ms: int, pauses_ms: list[int]) -> None:
    patience = Patience(asked_ms)
    heard(patience, *pauses_ms)
    assert asked_ms <= patience.ms <= max(asked_ms, min(asked_ms + MORE_AT_MOST_MS, LONGEST_MS))


@given(asked, pauses, st.integers(PAUSE_FROM_MS, 10_000))
def test_a_pause_makes_no_caller_wait_less_than_it_does(
    asked_ms: int, pauses_ms: list[int], pause_ms: int
) -> None:
    patience = Patience(asked_ms)
    heard(patience, *pauses_ms)
    patience.went_on(pause_ms)
    most = min(asked_ms + MORE_AT_MOST_MS, LONGEST_MS)
    assert patience.ms >= min(pause_ms, most)


@given(asked, st.integers(0, 3_000), st.integers(0, 3_000))
def test_a_longer_pause_never_gives_less(asked_ms: int, one_ms: int, other_ms: int) -> None:
    short, long = sorted((one_ms, other_ms))
    assert heard(Patience(asked_ms), short) <= heard(Patience(asked_ms), long)
