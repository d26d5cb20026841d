"""Files that wait to be read: whole and on disk, and gone when nobody waits for them."""

import io
import os
from pathlib import Path

import pytest

from kb.documents import kinds
from kb.documents.blocks import DocumentRefused
from kb.uploads import YOUNG_S, Uploads


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "knowledge" / "uploads")


def test_a_file_is_kept_by_a_name_of_its_own(tmp_path: Path, uploads: Uploads) -> None:
    file = tmp_path / "Guide.PDF"
    file.write_bytes(b"%PDF-1.4")
    first, second = uploads.keep(file), uploads.keep(file)
    assert first != second
    assert first.endswith(".pdf")
    assert uploads.path(first).read_bytes() == b"%PDF-1.4"
    assert uploads.path(first).stat().st_mode & 0o077 == 0


def test_what_is_too_large_or_no_file_is_refused(tmp_path: Path, uploads: Uploads) -> None:
    file = tmp_path / "a.txt"
    with file.open("wb") as huge:
        huge.truncate(kinds.LARGEST + 1)
    with pytest.raises(DocumentRefused, match="20 MB are the most"):
        uploads.keep(file)
    with pytest.raises(OSError, match="No such file"):
        uploads.keep(tmp_path / "nothing.txt")
    with pytest.raises(OSError, match="Is a directory"):
        uploads.keep(tmp_path)
    with pytest.raises(DocumentRefused, match="is no file"):
        uploads.keep(Path("/dev/zero"))


def test_what_is_read_from_elsewhere_is_kept_whole_or_not_at_all(uploads: Uploads) -> None:
    name = uploads.take(io.BytesIO(b"Hello."), "Guide.TXT")
    assert name.endswith(".txt")
    assert uploads.path(name).read_bytes() == b"Hello."
    with pytest.raises(DocumentRefused, match="20 MB are the most"):
        uploads.take(io.BytesIO(bytes(kinds.LARGEST + 1)), "a.txt")
    assert [file.name for file in uploads.path("").iterdir()] == [name]


def test_what_nobody_waits_for_is_deleted_when_it_is_old(tmp_path: Path, uploads: Uploads) -> None:
    assert uploads.tidy(set()) == 0
    file = tmp_path / "a.txt"
    file.write_text("Hello.")
    wanted, young, old = (uploads.keep(file) for _ in range(3))
    past = file.stat().st_mtime - YOUNG_S - 5
    for name in (wanted, old):
        os.utime(uploads.path(name), (past, past))
    assert uploads.tidy({wanted}) == 1
    assert [uploads.path(name).exists() for name in (wanted, young, old)] == [True, True, False]
