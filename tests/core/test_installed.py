"""The versions on the disk and the last update, as anybody may read them."""

import os
from pathlib import Path

import pytest

from appliance.core import installed
from appliance.core.installed import COMPLETE, LAST, Came, Installed, LastUpdate

AT = "2026-11-24T16:30:00.000Z"
LAST_ONE = LastUpdate("2-b", "1-a", AT, Came.TAKEN_BACK, "the worker ended")


def test_where_nothing_lies_nothing_is_told(tmp_path: Path) -> None:
    assert installed.installed(tmp_path / "none") == Installed([], "", "", None)


def test_versions_are_told_the_newest_last(tmp_path: Path) -> None:
    for place, name in enumerate(("2-b", "1-a", "half")):
        (tmp_path / "versions" / name).mkdir(parents=True)
        if name != "half":
            (tmp_path / "versions" / name / COMPLETE).write_text(name)
            os.utime(tmp_path / "versions" / name / COMPLETE, (-place, -place))
    (tmp_path / "current").symlink_to(Path("versions", "2-b"))
    installed.note(tmp_path, LAST_ONE)
    assert installed.installed(tmp_path) == Installed(["1-a", "2-b"], "2-b", "", LAST_ONE)


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"version": "1", "before": "", "at": "no time", "came": "runs", "told": ""}',
        b'{"version": "1", "before": "", "at": "2026-11-24", "came": "elsewhere", "told": ""}',
        b'{"version": "1"}',
        b"x" * 9000,
    ],
)
def test_what_is_no_record_of_one_is_none(tmp_path: Path, held: bytes) -> None:
    (tmp_path / LAST).write_bytes(held)
    assert installed.last_update(tmp_path) is None
