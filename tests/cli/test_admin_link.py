"""The link that opens the admin's pages, and where settings come from."""

import re
from pathlib import Path

from click.testing import CliRunner

from admin.app import create_app
from appliance.cli.main import main
from appliance.core import settings as boot
from tests.cli.conftest import Typed


def test_the_link_opens_the_pages(typed: Typed, config: Path) -> None:
    made = typed("admin-link")
    assert made.exit_code == 0
    found = re.fullmatch(r"http://127\.0\.0\.1:8082(/open/[\w-]{43})\n", made.stdout)
    assert found is not None
    assert "once, within 30 minutes" in made.stderr
    browser = create_app(boot.load(config)).test_client()
    assert browser.get(found.group(1)).status_code == 303
    assert "No calls yet" in browser.get("/calls").text
    assert "Sessions ended: 1." in typed("admin-link", "--end-sessions").stderr
    assert browser.get("/calls").status_code == 401


def test_a_free_port_must_be_said(typed: Typed, config: Path) -> None:
    config.write_text(config.read_text() + "[listen]\nadmin_port = 0\n")
    refused = typed("admin-link")
    assert refused.exit_code == 1
    assert "say with --port which one the admin took" in refused.stderr
    assert typed("admin-link", "--port", "8123").stdout.startswith("http://127.0.0.1:8123/open/")


def test_the_link_names_a_host_that_others_can_open(typed: Typed, config: Path) -> None:
    text = config.read_text()
    config.write_text(text + '[listen]\nadmin_host = "fd00::5"\n')
    assert typed("admin-link").stdout.startswith("http://[fd00::5]:8082/open/")
    config.write_text(text + '[listen]\nadmin_host = "0.0.0.0"\n')
    assert not typed("admin-link").stdout.startswith("http://0.0.0.0")


def test_the_settings_file_stands_before_or_behind_the_command(config: Path) -> None:
    before = CliRunner().invoke(main, ["--config", str(config), "check"])
    behind = CliRunner().invoke(main, ["check", "--config", str(config)])
    assert before.output == behind.output == f"{config} is in order.\n"
    missing = CliRunner().invoke(main, ["check", "--config", str(config.with_name("none.toml"))])
    assert missing.exit_code == 1
    assert "cannot be read" in missing.stderr
