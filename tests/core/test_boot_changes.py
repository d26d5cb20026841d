"""Settings of the file, changed beside it: whole or not at all, and never so that no process begins."""

import json
import stat
from pathlib import Path

import pytest

from appliance.core import boot_changes, changed_settings, known_settings
from appliance.core.boot_changes import NoSecret, Origin, WrongValues
from appliance.core.errors import SettingsError
from appliance.core.known_settings import Known
from appliance.core.settings import load

AT, LATER = "2026-11-24T16:30:00.000Z", "2026-11-24T17:00:00.000Z"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file of a box."""
    (tmp_path / "data").mkdir(mode=0o700)
    path = tmp_path / "attendant.toml"
    path.write_text(f'[box]\ndata_dir = "{tmp_path / "data"}"\n[limits]\ncalls_at_once = 4\n', "utf-8")
    return path


def named(name: str) -> Known:
    found = known_settings.named(name)
    assert found is not None
    return found


def test_a_change_goes_over_the_file_and_is_taken_back(file: Path) -> None:
    boot_changes.change(
        file, {"limits.calls_at_once": "12", "asterisk.trunk.user": "clinic"}, at=AT, by="Ana"
    )
    settings = load(file)
    assert (settings.limits.calls_at_once, settings.asterisk.trunk.user) == (12, "clinic")
    boot = boot_changes.read(file)
    assert boot.origin("limits.calls_at_once") is Origin.CHANGED
    assert boot.origin("box.data_dir") is Origin.FILE
    assert boot.origin("cloud.model") is Origin.DEFAULT
    told = boot.changes.settings["limits.calls_at_once"]
    assert (told.value, told.at, told.by) == (12, AT, "Ana")
    assert boot_changes.put_back(file, "limits.calls_at_once", at=LATER)
    assert not boot_changes.put_back(file, "limits.calls_at_once", at=LATER)
    assert load(file).limits.calls_at_once == 4
    assert load(file).asterisk.trunk.user == "clinic"
    assert boot_changes.read(file).changes.at == LATER
    assert "clinic" not in file.read_text("utf-8")


def test_a_wrong_value_changes_nothing(file: Path) -> None:
    wrong = {"limits.calls_at_once": "0", "cloud.model": "gpt 5", "cloud.connect_ms": "2000"}
    with pytest.raises(WrongValues) as refused:
        boot_changes.change(file, wrong, at=AT, by="Ana")
    assert {each.name: each.what for each in refused.value.found} == {
        "limits.calls_at_once": "greater_than_equal",
        "cloud.model": "string_pattern_mismatch",
    }
    assert not (file.parent / "data" / changed_settings.FILE).exists()


def test_settings_that_do_not_go_together_are_refused_together(file: Path) -> None:
    boot_changes.change(file, {"asterisk.rtp_from": 20000, "asterisk.rtp_to": 20199}, at=AT, by="Ana")
    with pytest.raises(WrongValues, match="rtp_to must be at least 19 above"):
        boot_changes.change(file, {"asterisk.rtp_to": 20001}, at=AT, by="Ana")
    with pytest.raises(WrongValues, match="rtp_to must be at least 19 above"):
        boot_changes.put_back(file, "asterisk.rtp_to", at=AT)
    assert load(file).asterisk.rtp_to == 20199


@pytest.mark.parametrize(
    "name", ["box.data_dir", "listen.admin_port", "cloud.key_file", "cloud.ca_file", "cloud", "no.such", ""]
)
def test_what_is_for_the_file_alone_stays_as_it_is(file: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"is only set in the settings file|is no setting"):
        boot_changes.change(file, {name: "/srv"}, at=AT, by="Ana")
    assert boot_changes.read(file).changes.settings == {}


def test_a_change_that_the_file_has_made_wrong_is_told_and_can_be_taken_away(file: Path) -> None:
    boot_changes.change(file, {"asterisk.close_code": "*70", "cloud.model": "other"}, at=AT, by="Ana")
    file.write_text(file.read_text("utf-8") + '[asterisk]\nreopen_code = "*70"\n', "utf-8")
    with pytest.raises(SettingsError, match=changed_settings.FILE):
        load(file)
    boot_changes.put_back(file, "cloud.model", at=LATER)
    boot_changes.put_back(file, "asterisk.close_code", at=LATER)
    file.write_text(file.read_text("utf-8").replace("*70", "*71"), "utf-8")
    assert load(file).asterisk.close_code == "*61"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"settings": {}}', '{"at": "", "settings": {"a": 3}}', '{"at": 1, "settings": [1]}'],
)
def test_a_damaged_file_is_named(file: Path, content: str) -> None:
    path = file.parent / "data" / changed_settings.FILE
    path.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match="are damaged: mend them"):
        load(file)


def test_it_is_written_whole_for_the_box_alone(file: Path) -> None:
    boot_changes.change(file, {"cloud.model": "other"}, at=AT, by="Ana")
    folder = file.parent / "data"
    path = folder / changed_settings.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text("utf-8"))["settings"]["cloud.model"]["value"] == "other"
    (folder / f"{changed_settings.FILE}.new").mkdir()
    with pytest.raises(SettingsError, match="cannot be written"):
        boot_changes.change(file, {"cloud.model": "third"}, at=AT, by="Ana")
    assert load(file).cloud.model == "other"


def test_a_secret_lies_in_its_file_and_is_never_quoted(file: Path) -> None:
    settings = load(file)
    boot_changes.set_secret(settings, named("cloud.key_file"), " sk-secret \n")
    assert settings.secret(settings.cloud.key_file) == "sk-secret"
    path = settings.secrets_dir / settings.cloud.key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for wrong in ("", "  ", "two\nlines", "clé", "x" * 20_001):
        with pytest.raises(NoSecret) as refused:
            boot_changes.set_secret(settings, named("cloud.key_file"), wrong)
        assert not wrong.strip() or wrong not in str(refused.value)
    assert settings.secret(settings.cloud.key_file) == "sk-secret"
    boot_changes.set_secret(settings, named("google.key_file"), '{\n "type": "service_account"\n}')
    assert settings.secret_text(settings.google.key_file).count("\n") == 2


@pytest.mark.parametrize("name", ["/etc/passwd", "../other", "a/b", ".."])
def test_a_secret_elsewhere_is_not_written(file: Path, name: str) -> None:
    file.write_text(file.read_text("utf-8") + f'[cloud]\nkey_file = "{name}"\n', "utf-8")
    settings = load(file)
    assert boot_changes.secret_file(settings, named("cloud.key_file")) is None
    with pytest.raises(SettingsError, match="names no file in the secrets folder"):
        boot_changes.set_secret(settings, named("cloud.key_file"), "word")
    assert boot_changes.secret_file(settings, named("microsoft.certificate_file")) is None
