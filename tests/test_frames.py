"""Frames that say many sentences."""

from pathlib import Path

import pytest

from scripts import frames

KEPT = Path(__file__).parent / "data" / "phrases" / "frames"


def said(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    path = tmp_path / "frames.txt"
    path.write_text(text, "utf-8")
    return list(frames.sentences(path))


def test_of_each_bracket_one_choice_is_said(tmp_path: Path) -> None:
    told = said(tmp_path, "# kin\nwho = dad|mom\nE|my {who} (just |)fell\nN|no( more)[,] thanks\n")
    fallen = [f"my {who} {just}fell" for who in ("dad", "mom") for just in ("just ", "")]
    assert [text for label, text in told if label == "emergency"] == sorted(fallen)
    assert {text for label, text in told if label == "not"} == {
        "no more thanks",
        "no more, thanks",
        "no more. thanks",
    }


def test_brackets_may_stand_in_brackets(tmp_path: Path) -> None:
    assert {text for _, text in said(tmp_path, "P|a (real (live |)|)person\n")} == {
        "a real live person",
        "a real person",
        "a person",
    }


def test_a_large_frame_says_only_so_many(tmp_path: Path) -> None:
    digits = "(0|1|2|3|4|5|6|7|8|9)"
    told = said(tmp_path, f"N|{digits}{digits}{digits}\n")
    assert len(told) == len(set(told)) == frames.EACH
    assert told == said(tmp_path, f"N|{digits}{digits}{digits}\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("X|help", "no label"),
        ("help", "no label"),
        ("E|(help", "not closed"),
        ("E|help)", "too many"),
        ("E|{who} fell", "stands for nothing"),
        ("E|{who fell", "means nothing"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(frames.FrameWrong, match=problem):
        said(tmp_path, f"{line}\n")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_kept_frames_can_be_read(language: str) -> None:
    told = list(frames.sentences(KEPT / f"{language}.txt"))
    assert len(told) > 5000
    assert {label for label, _ in told} == {"emergency", "person", "not"}
