"""Danger in the caller's words: how soon our own sentence sounds, whoever has understood them.

From the moment at which the words came out of the service or of the recogniser, at most 500 ms: what the
machine kept the box waiting for a core is not the box's. `python -m tests.calls.danger` prints the figures.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calls.danger import CASES, Case, Soon, by_the_box, by_the_service, row

SOON_MS = 500


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_words_of_the_service(case: Case, tmp_path: Path) -> None:
    assert not list(_late(await by_the_service(tmp_path, case, 1)))


async def test_words_of_four_callers_at_once(tmp_path: Path) -> None:
    found = await by_the_service(tmp_path, CASES["in the middle of the answer"], 4)
    assert len(found) == 4
    assert not list(_late(found))


async def test_words_of_the_box_itself(tmp_path: Path) -> None:
    assert not list(_late(await by_the_box(tmp_path, 1)))


def test_a_row_tells_the_middle_the_late_and_the_latest() -> None:
    assert row("words", [Soon(float(ms), 0.0) for ms in range(101)]) == "| words | 101 | 50 | 95 | 100 |"


def _late(found: list[Soon]) -> Iterator[Soon]:
    return (each for each in found if each.ms > SOON_MS + each.crowded_ms)
