"""The links that the console hands out, the audit log there, and where settings come from."""

import re
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient

from admin.app import create_app
from appliance.cli.main import main
from appliance.core import settings as boot
from appliance.store import accounts, database, times
from appliance.store.accounts import Role
from tests.admin import people
from tests.admin.test_links import CHOSEN, choose
from tests.cli.conftest import Typed


def browser(config: Path) -> FlaskClient:
    return create_app(boot.load(config)).test_client()


def path_of(printed: str) -> str:
    found = re.fullmatch(r"http://127\.0\.0\.1:8082(/open/[\w-]{43})\n", printed)
    assert found is not None
    return found.group(1)


def test_the_first_link_makes_the_owner(typed: Typed, config: Path) -> None:
    made = typed("admin-link")
    assert made.exit_code == 0
    assert "once, within 30 minutes: whoever opens it becomes the owner of this box." in made.stderr
    client = browser(config)
    assert choose(client, path_of(made.stdout), name="Ana Ruiz") == 303
    assert "No calls yet" in client.get("/calls").text
    assert "Sessions ended: 1." in typed("admin-link", "--end-sessions").stderr
    assert client.get("/calls").status_code == 401


def test_later_it_is_for_the_owner_who_lost_the_password(typed: Typed, config: Path) -> None:
    client = browser(config)
    choose(client, path_of(typed("admin-link").stdout), name="Ana Ruiz")
    again = typed("admin-link")
    assert "Ana Ruiz chooses a new password" in again.stderr
    assert choose(client, path_of(again.stdout)) == 303
    assert people.sign_in(browser(config), "ana ruiz", CHOSEN) == 303


def test_who_is_meant_is_said_where_it_is_not_clear(typed: Typed, config: Path, morning: Path) -> None:
    db = database.connect(morning)
    owner = people.add(db, Role.OWNER, times.utc_now())
    people.add(db, Role.OWNER, times.utc_now(), name="Eve")
    accounts.offer_secret(db, owner.id, "A" * 32)
    accounts.take_secret(db, owner.id, 1, [])
    unclear = typed("admin-link")
    assert unclear.exit_code == 1
    assert "Say with --for whose link it is: Ana Ruiz, Eve." in unclear.stderr
    assert typed("admin-link", "--for", "nobody").exit_code == 1
    assert typed("admin-link", "--for", "ana RUIZ").exit_code == 0
    assert accounts.one(db, owner.id).two_step
    assert typed("admin-link", "--for", "Ana Ruiz", "--without-second-step").exit_code == 0
    assert not accounts.one(db, owner.id).two_step
    db.close()


def test_the_audit_log_is_printed_and_verified(typed: Typed, config: Path, morning: Path) -> None:
    choose(browser(config), path_of(typed("admin-link").stdout), name="Ana\x1b Ruiz")
    choose(browser(config), path_of(typed("admin-link").stdout), name="Ana Ruiz")
    printed = typed("audit", "list", "--limit", "3").stdout
    assert re.search(r"Ana Ruiz +127\.0\.0\.1 +Signed in", printed)
    assert "Made a link to become the owner" in printed
    assert typed("audit", "verify").stdout == "The audit log is as it was written.\n"
    db = database.connect(morning)
    db.execute("DROP TRIGGER audit_stays_as_it_is")
    db.execute("UPDATE audit SET who = 'Eve' WHERE id = 2")
    db.close()
    refused = typed("audit", "verify")
    assert refused.exit_code == 1
    assert "Row 2 of the audit log" in refused.stderr


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
