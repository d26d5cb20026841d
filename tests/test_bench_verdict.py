"""What a bench says of the goals, and how its figures get into a page."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts.bench import page, report
from scripts.bench.__main__ import Options, main
from scripts.bench.figures import Figures, Spread
from scripts.bench.plan import YARDSTICK, Plan, Results
from scripts.bench.real import BESIDE_SPEECH
from scripts.bench.verdict import Judgement, judged
from scripts.loopback_box import ROOT
from tests.bench_figures import figures

ON = "bridge, detector on"
SLOW = Spread(10, 1.0, 2.6, 3.0)
A_LITTLE_SLOW = Spread(10, 1.0, 2.4, 3.0)
BEHIND = Spread(10, 9.0, 25.0, 40.0)


def results(rounds: dict[str, list[Figures]], climbs: dict[str, list[Figures]] | None = None) -> Results:
    return Results(Plan(tuple(rounds), tuple(climbs or ())), rounds=rounds, climbs=climbs or {})


def judgement(found: Results, part: str) -> Judgement:
    (verdict,) = [each for each in judged(found) if part in each.goal]
    return verdict.judgement


@pytest.mark.parametrize(
    ("changed", "part", "expected"),
    [
        ({}, "did not arrive", Judgement.KEPT),
        ({"missing": 1}, "did not arrive", Judgement.BROKEN),
        ({"missing": 1, "load_late_ms": 3.0}, "did not arrive", Judgement.OPEN),
        ({"missing": 1, "calls": 400}, "did not arrive", Judgement.OPEN),
        ({}, "silence", Judgement.KEPT),
        ({"gap_ms": 60.0}, "silence", Judgement.BROKEN),
        ({"gap_ms": 60.0, "stolen_share": 0.2}, "silence", Judgement.OPEN),
    ],
)
def test_what_is_lost_counts_where_the_load_was_in_time(
    changed: dict[str, Any], part: str, expected: Judgement
) -> None:
    assert judgement(results({YARDSTICK: [figures()], ON: [figures(**changed)]}), part) is expected


@pytest.mark.parametrize(
    ("changed", "favoured", "beside"),
    [
        ({"gap_ms": 60.0, "foreign_share": 0.5}, Judgement.BROKEN, Judgement.OPEN),
        ({"gap_ms": 60.0}, Judgement.BROKEN, Judgement.BROKEN),
        ({"foreign_share": 0.5}, Judgement.KEPT, Judgement.OPEN),
    ],
)
def test_beside_speech_a_busy_machine_says_less(
    changed: dict[str, Any], favoured: Judgement, beside: Judgement
) -> None:
    for name, expected in ((ON, favoured), (BESIDE_SPEECH, beside)):
        assert judgement(results({name: [figures(**changed)]}), f"{name}: longest silence") is expected


@pytest.mark.parametrize(
    ("minimal", "bridge", "expected"),
    [
        ((0.5, 0.5), (0.6, 0.6), Judgement.KEPT),
        ((0.5, 0.5), (0.9, 0.9), Judgement.BROKEN),
        # Two rounds are not sure enough for so little too much; five are.
        ((0.5, 0.5), (0.7, 0.7), Judgement.OPEN),
        ((0.5,) * 5, (0.7,) * 5, Judgement.BROKEN),
        ((0.5, 0.6), (0.7, 0.8), Judgement.OPEN),
        ((0.5,) * 4 + (0.6,), (0.7,) * 5, Judgement.OPEN),
    ],
)
def test_cpu_is_too_much_when_all_rounds_agree(
    minimal: tuple[float, ...], bridge: tuple[float, ...], expected: Judgement
) -> None:
    rounds = {
        name: [figures(cpu_s_per_call_minute=each) for each in costs]
        for name, costs in ((YARDSTICK, minimal), (ON, bridge))
    }
    assert judgement(results(rounds), "CPU") is expected


@pytest.mark.parametrize(
    ("minimal", "bridge", "expected"),
    [
        ([{}], [{"down": SLOW}, {}], Judgement.KEPT),
        ([{}], [{"down": SLOW}, {"up_speech": SLOW}], Judgement.BROKEN),
        ([{}], [{"down": A_LITTLE_SLOW}], Judgement.OPEN),
        ([{"down": SLOW}], [{"down": SLOW}], Judgement.OPEN),
        ([{}], [{"down": SLOW, "foreign_share": 0.5}], Judgement.OPEN),
        ([{}], [{"down": SLOW, "load_late_ms": 4.0}], Judgement.OPEN),
        ([], [{"down": SLOW}], Judgement.OPEN),
    ],
)
def test_milliseconds_count_in_quiet_windows_of_a_machine_that_can_do_it(
    minimal: list[dict[str, Any]], bridge: list[dict[str, Any]], expected: Judgement
) -> None:
    climbs = {
        name: [figures(calls=40, **each) for each in windows]
        for name, windows in ((YARDSTICK, minimal), (ON, bridge))
    }
    assert judgement(results({}, climbs), "p99 at 40 calls") is expected


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([{"beside_share": 1.4}], Judgement.KEPT),
        ([{"beside_share": 1.4, "up_speech": BEHIND}, {"beside_share": 1.4}], Judgement.KEPT),
        ([{"beside_share": 1.4, "up_speech": BEHIND}], Judgement.BROKEN),
        ([{"beside_share": 1.4, "down": BEHIND}], Judgement.BROKEN),
        ([{"beside_share": 0.1}], Judgement.OPEN),
        ([{"beside_share": 1.4, "load_late_ms": 3.0}], Judgement.OPEN),
        ([{"beside_share": 1.4, "foreign_share": 0.5, "down": BEHIND}], Judgement.OPEN),
    ],
)
def test_frames_are_in_time_beside_speech_that_is_at_work(
    windows: list[dict[str, Any]], expected: Judgement
) -> None:
    found = results({BESIDE_SPEECH: [figures(**each) for each in windows]})
    assert judgement(found, f"{BESIDE_SPEECH}: p99 at most 20") is expected


def options(**given: Any) -> Options:
    """What is typed when nothing is, but for what is given."""
    usual = dict.fromkeys(each.name for each in fields(Options))
    flags = {"tls": False, "speech": False, "full": False, "judge": False}
    return Options(**{**usual, "calls": 10, "profile": "talk", "detector": "both", **flags, **given})


@pytest.mark.parametrize(
    ("given", "rounds"),
    [({}, 1), ({"speech": True}, 2), ({"full": True}, 5), ({"rounds": 4}, 1), ({"detector": "none"}, 0)],
)
def test_every_bench_looks_at_frames_beside_speech(given: dict[str, Any], rounds: int) -> None:
    plan = options(**given).plan()
    assert (plan.rounds_beside if BESIDE_SPEECH in plan.contenders else 0) == rounds


def test_how_late_frames_are_beside_speech_is_told_in_a_line_of_its_own() -> None:
    quiet, busy = figures(beside_share=1.4, down=SLOW), figures(foreign_share=0.5)
    told = report.table(results({BESIDE_SPEECH: [figures(down=BEHIND), busy, quiet]}))
    assert told.endswith("flat out (1.4 cores): p99 late by 2.60 ms, to be under 20 ms")
    assert report.table(results({BESIDE_SPEECH: [busy]})).endswith("other work: this says little")


@pytest.mark.parametrize(("mib", "expected"), [(110.0, Judgement.KEPT), (111.0, Judgement.BROKEN)])
def test_a_call_holds_no_more_than_it_may(mib: float, expected: Judgement) -> None:
    climb = [figures(calls=40, memory_mib=30.0), figures(calls=120, memory_mib=mib)]
    assert judgement(results({}, {ON: climb}), "memory") is expected


def test_a_bridge_that_went_away_has_broken_its_goal() -> None:
    found = results({}, {ON: [figures(calls=40)]})
    found.failures[ON] = "3 of 40 calls were not carried"
    assert judgement(found, "runs") is Judgement.BROKEN


def test_the_minimal_bridge_is_not_judged() -> None:
    assert judged(results({YARDSTICK: [figures(missing=9)]})) == []


def test_cpu_is_compared_by_the_cheapest_rounds_and_at_each_step_too() -> None:
    costs = ((YARDSTICK, (0.8, 0.4)), (ON, (0.5, 0.9)))
    found = results(
        {name: [figures(cpu_s_per_call_minute=each) for each in both] for name, both in costs},
        {
            name: [
                figures(calls=10 * (place + 1), cpu_s_per_call_minute=each) for place, each in enumerate(both)
            ]
            for name, both in costs
        },
    )
    text = page.markdown(found, None)
    assert "| the cheapest round, in cheapest rounds of minimal | 1.00 | 1.25 |" in text
    assert "| CPU in units of minimal at as many calls | 0.62 | 2.25 |" in text


def test_tables_go_between_the_marks_of_a_page(tmp_path: Path) -> None:
    found = results({YARDSTICK: [figures()], ON: [figures()]}, {ON: [figures(calls=40), figures(calls=80)]})
    written = tmp_path / "page.md"
    written.write_text(f"Before\n{page.BEGIN}\nfigures of last year\n{page.END}\nAfter\n")
    page.put(found, None, written)
    text = written.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "last year" not in text
    assert re.search(
        r"^Measured on \d{4}-\d\d-\d\d( at commit [0-9a-f]{7,}(, changed)?)?, on \d+ cores", text, re.M
    )
    assert "| in units of minimal | 1.00 | 1.00 |" in text
    assert "| the first sound of each reply to the caller, p99 ms | 0.5 | 0.5 |" in text
    assert "| bridge, detector on | 40 | 80 |" in text

    page.put(found, None, written)
    assert written.read_text() == text


@pytest.mark.parametrize("steps", ["x", "40,30", "0"])
def test_steps_that_cannot_be_climbed_are_refused(steps: str) -> None:
    refused = CliRunner().invoke(main, ["--steps", steps])
    assert refused.exit_code == 2
    assert "--steps" in refused.output


def test_a_page_without_a_place_for_tables_is_left_as_it_is(tmp_path: Path) -> None:
    written = tmp_path / "page.md"
    written.write_text("All of it is by hand.\n")
    refused = CliRunner().invoke(main, ["--markdown", str(written)])
    assert refused.exit_code == 1
    assert "has no lines" in refused.output
    assert written.read_text() == "All of it is by hand.\n"


def test_the_published_page_has_a_place_for_the_tables() -> None:
    before, after = page.around(ROOT / "docs" / "performance.md")
    assert before.startswith("# ")
    assert "## Where the time goes" in after
