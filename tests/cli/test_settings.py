"""The settings of the box at the command line: seen, changed beside the file, and mended."""

from pathlib import Path

from click.testing import CliRunner

from appliance.cli.main import main
from appliance.core import changed_settings
from appliance.core.settings import load
from tests.cli.conftest import Typed


def test_a_setting_is_changed_beside_the_file_and_taken_back(typed: Typed, config: Path) -> None:
    (config.parent / "data").mkdir()
    written = config.read_bytes()
    assert "cloud.model is set. It counts when" in typed("settings", "set", "cloud.model", "other").output
    assert typed("settings", "set", "admin.names", "attendant.lan, box.lan").exit_code == 0
    settings = load(config)
    assert (settings.cloud.model, settings.admin.names) == ("other", ("attendant.lan", "box.lan"))
    assert config.read_bytes() == written
    listed = typed("settings", "list").output
    assert "cloud.model = other\n    The model that talks. (set " in listed
    assert f"box.data_dir = {config.parent / 'data'}\n" in listed
    assert "(from the settings file)" in listed
    assert "limits.calls_at_once = 8\n" in listed
    assert typed("settings", "unset", "cloud.model").exit_code == 0
    assert load(config).cloud.model == "gpt-realtime-2.1-mini"
    assert typed("settings", "unset", "cloud.model").exit_code == 1


def test_what_is_wrong_is_said_and_changes_nothing(typed: Typed, config: Path) -> None:
    (config.parent / "data").mkdir()
    refused = typed("settings", "set", "limits.calls_at_once", "0")
    assert refused.exit_code == 1
    assert "limits.calls_at_once: Input should be greater than or equal to 1" in refused.output
    assert typed("settings", "set", "box.data_dir", "/srv").output == (
        "box.data_dir is only set in the settings file.\n"
    )
    assert typed("settings", "set", "no.such", "1").output == "no.such is no setting.\n"
    assert load(config).limits.calls_at_once == 8


def test_a_box_that_does_not_begin_any_more_is_mended(typed: Typed, config: Path) -> None:
    (config.parent / "data").mkdir()
    assert typed("settings", "set", "asterisk.close_code", "*70").exit_code == 0
    config.write_text(config.read_text("utf-8") + '[asterisk]\nreopen_code = "*70"\n', "utf-8")
    refused = typed("check")
    assert refused.exit_code == 1
    assert changed_settings.FILE in refused.output
    assert typed("settings", "unset", "asterisk.close_code").exit_code == 0
    config.write_text(config.read_text("utf-8").replace("*70", "*71"), "utf-8")
    assert typed("check").exit_code == 0


def test_a_secret_comes_by_standard_input(config: Path) -> None:
    arguments = ["--config", str(config), "settings", "secret"]
    kept = CliRunner().invoke(main, [*arguments, "cloud.key_file"], input="sk-word\n")
    assert (kept.exit_code, "sk-word" in kept.output) == (0, False)
    settings = load(config)
    assert settings.secret(settings.cloud.key_file) == "sk-word"
    refused = CliRunner().invoke(main, [*arguments, "cloud.model"], input="sk-word\n")
    assert refused.output == "cloud.model is no secret.\n"
