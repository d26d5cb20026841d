"""The last lines of a program in a small file: bounded, there after a restart, without what is private."""

import stat
from pathlib import Path

import pytest

from appliance.core import last_lines
from appliance.core.last_lines import GRAVE_KEPT, KEPT, READ_MOST, LastLines, Line
from tests.peers.shut_in import shut_in

AT = "2026-11-24T16:30:00.000Z"


def line(said: str, level: str = "info") -> Line:
    return Line(AT, level, "appliance.core.call", said, "call_id c1")


def said(folder: Path) -> list[str]:
    return [each.said for each in last_lines.read(folder, "bridge")]


def test_what_is_put_in_comes_out_in_order(tmp_path: Path) -> None:
    kept = LastLines(tmp_path, "bridge")
    for each in ("one", "two\nlines", "três"):
        kept.add(line(each))
    kept.flush()
    assert said(tmp_path) == ["one", "two\nlines", "três"]
    assert last_lines.read(tmp_path, "worker") == []


def test_what_is_grave_is_kept_for_longer(tmp_path: Path) -> None:
    kept = LastLines(tmp_path, "bridge")
    for number in range(GRAVE_KEPT + 5):
        kept.add(line(f"grave {number}", "error"))
    for number in range(KEPT + 5):
        kept.add(line(f"small {number}"))
    kept.flush()
    assert said(tmp_path) == [
        *(f"grave {number}" for number in range(5, GRAVE_KEPT + 5)),
        *(f"small {number}" for number in range(5, KEPT + 5)),
    ]


def test_the_next_self_of_a_program_goes_on_with_them(tmp_path: Path) -> None:
    first = LastLines(tmp_path, "bridge")
    first.add(line("the end", "critical"))
    first.flush()
    second = LastLines(tmp_path, "bridge")
    second.add(line("the beginning"))
    second.flush()
    assert said(tmp_path) == ["the end", "the beginning"]


def test_they_are_private_and_never_half_there(tmp_path: Path) -> None:
    kept = LastLines(tmp_path, "bridge")
    kept.add(line("x"))
    kept.flush()
    folder = tmp_path / last_lines.FOLDER
    assert [path.name for path in folder.iterdir()] == ["bridge.jsonl"]
    assert stat.S_IMODE((folder / "bridge.jsonl").stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


def test_a_program_that_is_shut_in_has_its_folder_as_the_one_above_is_shared(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o2770)
    kept = LastLines(data, "bridge")
    kept.add(line("x"))

    def flush() -> None:
        with pytest.raises(PermissionError):
            (tmp_path / "other").mkdir(mode=0o2770)
        kept.flush()

    shut_in(flush)
    assert said(data) == ["x"]
    assert (data / last_lines.FOLDER).stat().st_mode & stat.S_ISGID


def test_a_file_that_is_too_large_is_read_as_far_as_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / last_lines.FOLDER
    folder.mkdir()
    (folder / "bridge.jsonl").write_bytes(b"x" * (READ_MOST + 1))
    assert said(tmp_path) == []


def test_a_folder_that_cannot_be_had_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / last_lines.FOLDER).write_text("in the way")
    kept = LastLines(tmp_path, "bridge")
    kept.add(line("x"))
    kept.flush()
    assert said(tmp_path) == []
