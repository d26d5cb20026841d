"""The key that signs session cookies."""

from pathlib import Path

import pytest

from admin.door.key import NAME, session_key
from appliance.core.errors import SettingsError


def test_the_key_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    key = session_key(folder)
    assert len(key) == 64
    assert session_key(folder) == key
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in folder.iterdir()] == [NAME]


def test_two_boxes_have_two_keys(tmp_path: Path) -> None:
    assert session_key(tmp_path / "a") != session_key(tmp_path / "b")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    session_key(tmp_path)
    (tmp_path / NAME).chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        session_key(tmp_path)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).touch(mode=0o600)
    with pytest.raises(SettingsError, match="damaged"):
        session_key(tmp_path)


def test_no_folder_no_key(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be had"):
        session_key(tmp_path / "file" / "secrets")
