"""What is kept of a recording: all that sounds, with quiet around it, in order, and nothing twice."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.recorded.trimming import AROUND_MS, WINDOW_MS, Judged, Kept, kept, spoken

windows = st.lists(st.tuples(st.floats(0, 1), st.floats(-100, 0)), max_size=300)


def judged(*runs: tuple[int, float, float]) -> Judged:
    """So many windows, each so likely speech and so loud."""
    made = Judged.nothing()
    for count, likely, loud_db in runs:
        made.add([(likely, loud_db)] * count)
    return made


def test_speech_has_quiet_around_it() -> None:
    made = judged((100, 0.0, -90), (10, 0.9, -20), (100, 0.0, -90))
    assert kept(made, 210 * WINDOW_MS) == [Kept(3200 - AROUND_MS, 3520 + AROUND_MS)]
    assert made.spoken_ms == 320


def test_a_short_pause_stays_as_it_is_and_a_long_one_is_cut() -> None:
    short = judged((10, 0.9, -20), (2 * AROUND_MS // WINDOW_MS, 0.0, -90), (10, 0.9, -20))
    assert len(kept(short, len(short.loud) * WINDOW_MS)) == 1
    long = judged((10, 0.9, -20), (2 * AROUND_MS // WINDOW_MS + 1, 0.0, -90), (10, 0.9, -20))
    assert len(kept(long, len(long.loud) * WINDOW_MS)) == 2


def test_what_is_loud_is_kept_and_what_is_quiet_against_it_is_not() -> None:
    made = judged((50, 0.0, -60), (10, 0.0, -15), (50, 0.0, -60))
    assert [each.ms for each in kept(made, 110 * WINDOW_MS)] == [320 + 2 * AROUND_MS]
    assert made.spoken_ms == 0


def test_a_faint_voice_is_kept_though_it_is_hardly_louder_than_the_line() -> None:
    made = judged((50, 0.0, -58), (10, 0.3, -55), (50, 0.0, -58))
    assert [each.ms for each in kept(made, 110 * WINDOW_MS)] == [320 + 2 * AROUND_MS]


def test_of_nothing_but_quiet_all_is_kept() -> None:
    assert kept(judged((50, 0.0, -90)), 1600) == [Kept(0, 1600)]
    assert kept(Judged.nothing(), 20) == [Kept(0, 20)]


def test_a_click_is_no_speech() -> None:
    assert judged((50, 0.0, -60), (2, 0.9, -10), (50, 0.0, -60)).spoken_ms == 0


def test_speech_is_told_by_the_time_of_what_is_kept() -> None:
    made = judged((100, 0.0, -90), (10, 0.9, -20), (100, 0.0, -90), (10, 0.9, -20))
    stretches = kept(made, 220 * WINDOW_MS)
    assert spoken(made, stretches) == [
        Kept(AROUND_MS, AROUND_MS + 320),
        Kept(320 + 3 * AROUND_MS, 640 + 3 * AROUND_MS),
    ]


@given(windows, st.integers(0, WINDOW_MS - 1))
def test_stretches_are_in_order_and_hold_every_sound(given: list[tuple[float, float]], more: int) -> None:
    made = Judged.nothing()
    made.add(given)
    whole_ms = len(given) * WINDOW_MS + more
    stretches = kept(made, whole_ms)
    assert all(before.end_ms < after.begin_ms for before, after in pairwise(stretches))
    assert stretches[0].begin_ms >= 0
    assert stretches[-1].end_ms <= whole_ms
    for place, sounds in enumerate(made.sounds()):
        if sounds:
            begin, end = place * WINDOW_MS, (place + 1) * WINDOW_MS
            assert any(each.begin_ms <= begin and end <= each.end_ms for each in stretches)
    total = sum(each.ms for each in stretches)
    assert all(0 <= each.begin_ms <= each.end_ms <= total for each in spoken(made, stretches))
