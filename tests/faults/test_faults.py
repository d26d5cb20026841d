"""The fault table: a few cells of each way in every run, all of it, with its times, as a drill."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.loopback_box import ROOT
from tests.faults import network
from tests.faults.batches import FEW, Cell, few, whole_table
from tests.faults.calls import Result
from tests.faults.page import LONGEST_SILENCE_MS, page, percentile, recovered, useful
from tests.faults.points import POINTS
from tests.faults.purposes import IN_DANGER, Purpose
from tests.faults.ways import DOOR_WAYS, WAYS

LONGEST_S = 1200
CELLS_LEAST = 150
AT_ONCE_P95_MS, SILENT_MOST_MS = 2000, 5000
DANGER_MOST_MS = 3000
"""Nobody in danger waits until a silent cloud is given up."""
LATE_MS = 200
"""So much later than they were told to, the peers and the box may do things on a machine that is shared."""


def _played(folder: Path, *options: str) -> list[Result]:
    """Run the program, as somebody who wants the page would."""
    results = folder / "results.json"
    command = [sys.executable, "-m", "tests.faults", "--json", str(results), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    assert results.exists(), made.stderr[-4000:]
    return [Result(**row) for row in json.loads(results.read_text())]


@pytest.fixture(scope="module")
def few_results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return _played(tmp_path_factory.mktemp("faults"), "--few")


@pytest.fixture(scope="module")
def all_results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    results = _played(tmp_path_factory.mktemp("faults"))
    print(page(results))
    return results


def _failed(results: list[Result]) -> Iterator[str]:
    return (f"{result.name}: {'; '.join(result.wrong)}" for result in results if result.wrong)


@pytest.mark.parametrize("namespace", [True, False])
def test_every_way_comes_as_often_and_never_twice_at_a_point(namespace: bool) -> None:
    batches = [batch.cells for batch in few(namespace=namespace)]
    ways = [way for way in WAYS if namespace or not way.in_namespace]
    assert Counter(cell.way for cells in batches for cell in cells) == dict.fromkeys(ways, FEW)
    assert len({(cell.way, cell.point) for cells in batches for cell in cells}) == FEW * len(ways)
    for cells in batches:
        places = [POINTS.index(cell.point) for cell in cells]
        assert places == sorted(set(places))
        assert all(cell.can_be for cell in cells)


def test_the_table_has_every_way_at_every_point_at_which_it_can_be_met() -> None:
    cells = {(cell.way, cell.point) for batch in whole_table(namespace=True) for cell in batch.cells}
    missing = {(way, point) for way in WAYS for point in POINTS} - cells
    assert [(way.name, point.name) for way, point in missing] == [
        ("audio slower than real time", "while the box answers danger")
    ]


def test_the_box_is_to_take_over_where_the_cloud_does_not_recover() -> None:
    danger = next(point for point in POINTS if point.purpose in IN_DANGER)
    question = next(point for point in POINTS if point.purpose is Purpose.HOURS)
    for way in WAYS:
        assert Cell(way, question).result().goes_local is not way.recovers
        looks_after_danger_itself = way.told == "by silence"
        expected = None if looks_after_danger_itself else not way.recovers
        assert Cell(way, danger).result().goes_local is expected


def test_times_of_the_box_and_of_a_cloud_that_recovered_are_told_apart() -> None:
    results = [
        Result("reset", "in a reply", "at once", useful_ms=900, local=True),
        Result("retryable error event", "in a reply", "at once", useful_ms=0),
        Result("open but silent", "in a reply", "by silence", useful_ms=2300, local=True),
    ]
    assert (useful(results, "at once"), useful(results, "by silence"), recovered(results)) == (
        [900],
        [2300],
        [0],
    )
    assert "| the cloud recovers, or comes back | 1 | 0.0 | 0.0 | 0.0 |" in page(results)


def test_the_95th_of_a_hundred_is_exceeded_by_five() -> None:
    assert percentile(range(100), 0.95) == 95
    assert percentile([7], 0.95) == 7
    assert percentile([], 0.5) == 0


def test_calls_are_kept_and_their_purpose_finished(few_results: list[Result]) -> None:
    assert not list(_failed(few_results)), "\n".join(_failed(few_results))
    played = Counter(result.way for result in few_results)
    namespace = not network.cannot()
    ways = [way.name for way in WAYS if namespace or not way.in_namespace]
    doors = [way.name for way in DOOR_WAYS if namespace or not way.nameless]
    assert all(played[way] >= FEW for way in [*ways, *doors])


@pytest.mark.drill
def test_all_calls_are_kept_and_their_purpose_finished(all_results: list[Result]) -> None:
    assert len(all_results) >= CELLS_LEAST
    assert not list(_failed(all_results)), "\n".join(_failed(all_results))


@pytest.mark.drill
def test_the_caller_hardly_notices(all_results: list[Result]) -> None:
    assert percentile(useful(all_results, "at once"), 0.95) <= AT_ONCE_P95_MS
    most_ms = {point.name: DANGER_MOST_MS for point in POINTS if point.purpose in IN_DANGER}
    late = [
        f"{r.name}: {r.useful_ms}"
        for r in all_results
        if (r.useful_ms or 0) > most_ms.get(r.point, SILENT_MOST_MS)
    ]
    assert not late
    most_silent_ms = LONGEST_SILENCE_MS + LATE_MS
    assert not [f"{r.name}: {r.silent_ms}" for r in all_results if r.silent_ms > most_silent_ms]
