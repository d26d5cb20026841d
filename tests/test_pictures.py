"""The pictures of the documents: each that is named is there, is made by the script, and shows something."""

import re
from pathlib import Path

from scripts.pictures import DOCS, PICTURES

PAGES = sorted(DOCS.parent.rglob("*.md"))
LARGEST = 120_000
"""So many bytes has a picture at most: a page of the documents has several."""


def named() -> dict[Path, list[str]]:
    """The pictures of each page that has any."""
    found = {page: re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text("utf-8")) for page in PAGES}
    return {page: names for page, names in found.items() if names}


def test_every_picture_that_is_named_is_there() -> None:
    assert named()
    for page, names in named().items():
        for name in names:
            assert (page.parent / name).is_file(), f"{page.name} shows {name}"


def test_every_picture_is_made_by_the_script_and_shown_somewhere() -> None:
    there = {file.stem for file in DOCS.glob("*.png")}
    shown = {Path(name).stem for names in named().values() for name in names}
    assert there == set(PICTURES) == shown, "run python -m scripts.pictures, and name each where it helps"


def test_a_picture_is_small_enough_to_be_read_with_its_page() -> None:
    for file in DOCS.glob("*.png"):
        assert 5_000 < file.stat().st_size < LARGEST, file.name
