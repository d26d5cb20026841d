"""The box as whoever looks after it sees it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.app import create_app
from admin.system import shown
from admin.system.shown import BRIDGE, PAGES, WORKER
from admin.today.asking import Told
from appliance import VERSION
from appliance.core import installed
from appliance.core.examined import missing, note, well
from appliance.core.installed import Came, LastUpdate
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings, checked
from appliance.jobs import backup, examining
from appliance.store import audit, backups, database, health_looks, jobs, self_calls, times
from appliance.store.accounts import Role
from appliance.store.backups import Result, Snapshot, What
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.test_calls import text_of
from tests.admin.test_lights import saying

TOKEN = {"form_token": "f" * 32}


def looked(db: Connection) -> None:
    found = [
        well("database", "it is up to date"),
        missing("bridge", "it does not answer <b>: start attendant-bridge."),
        note("worker", "nothing is due now"),
    ]
    with database.immediate(db):
        health_looks.add(db, rows.at(5), 1400, found)


def test_before_anybody_has_looked_the_page_says_what_that_is_for(browser: FlaskClient) -> None:
    page = text_of(browser.get("/system").text)
    assert "Nobody has looked yet. The doctor goes through all parts of the box" in page
    assert "Look now" in page
    assert "cannot be asked" in page
    assert f"version {VERSION}" in page


def test_what_is_missing_stands_first_and_what_is_well_behind(browser: FlaskClient, db: Connection) -> None:
    looked(db)
    page = browser.get("/system").text
    told = text_of(page)
    assert "Something is missing: 1. Looked at: Today, 11:25 AM, within 1.4 s." in told
    assert (
        told.index("Bridge missing")
        < told.index("Worker good to know")
        < told.index("All is well with these: 1")
    )
    assert "answer &lt;b&gt;: start" in page


def test_it_is_looked_at_when_asked_and_asked_once(browser: FlaskClient, db: Connection) -> None:
    version = browser.get("/system/live").headers["ETag"]
    assert browser.get("/system/live", headers={"If-None-Match": version}).status_code == 304
    for _ in range(2):
        assert browser.post("/system/examine", data=TOKEN).status_code == 303
    assert [job.kind for job in jobs.page(db)] == [examining.NAME]
    answer = browser.get("/system/live", headers={"If-None-Match": version})
    assert "It is being looked at" in answer.text
    assert "Look now" not in answer.text
    assert {row.deed for row in audit.page(db) if row.actor.who} == {"box examined"}


def test_its_calls_to_itself_are_told_with_what_went_wrong(browser: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        self_calls.add(db, rows.at(90), 900, [Finding(Check.GATE, State.OK)])
        self_calls.add(
            db, rows.at(30), 900, [Finding(Check.KEYS, State.FAILED, "the menu <i> did not answer")]
        )
    page = browser.get("/system").text
    told = text_of(page)
    assert told.index("Not served as it should be") < told.index("All is well")
    assert "menu &lt;i&gt; did" in page


def test_backups_are_told_and_asked_for_once(
    settings: Settings, db: Connection, browser: FlaskClient, tmp_path: Path
) -> None:
    page = text_of(browser.get("/system").text)
    assert "Backups Nothing is backed up nothing is backed up: set [backup] repository" in page
    assert "Back up now" not in page
    told = {"box": {"data_dir": str(settings.box.data_dir)}, "backup": {"repository": "/mnt/backup/a"}}
    app = create_app(checked(told, "test"), now=lambda: rows.NOW, file=tmp_path / "attendant.toml")
    client = app.test_client()
    people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
    with database.immediate(db):
        backups.add(db, What.BACKUP, rows.at(300), 900, Result("a", 12, 3_400_000, 5))
        backups.add(db, What.VERIFICATION, rows.at(200), 900, Result(problem="the <disk> is full"))
    page = client.get("/system").text
    assert "The last one failed" in page
    assert "3.4 MB, 12 files" in page
    assert "the &lt;disk&gt; is full" in page
    for _ in range(2):
        assert client.post("/system/backup", data=TOKEN).status_code == 303
    assert [job.kind for job in jobs.page(db)] == [backup.NAME]
    assert "It is being backed up" in client.get("/system").text
    assert {row.deed for row in audit.page(db) if row.actor.who} == {"backup asked for"}


@pytest.fixture
def it(settings: Settings, db: Connection, tmp_path: Path) -> FlaskClient:
    """IT before a box with backups, and with versions beside each other."""
    told = {"box": {"data_dir": str(settings.box.data_dir)}, "backup": {"repository": "/mnt/backup/a"}}
    file, versions = tmp_path / "attendant.toml", tmp_path / "opt"
    client = create_app(
        checked(told, "test"), now=lambda: rows.NOW, file=file, versions=versions
    ).test_client()
    people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
    return client


def test_a_restore_is_explained_with_the_backups_there_are(it: FlaskClient, db: Connection) -> None:
    assert "Which backups there are is known after the next one." in text_of(it.get("/system").text)
    when = times.read(rows.at(300))
    held = (Snapshot("4f1c99aa77", when, "attendant.lan", "0.1.0"), Snapshot("0a", when, "<old>", "0.0.9"))
    with database.immediate(db):
        backups.add(db, What.BACKUP, rows.at(300), 900, Result("4f1c99aa77", 12, 3_400_000, 5, held=held))
    page = it.get("/system").text
    seen = text_of(page)
    assert "scripts/restore --backup ID --replace" in seen
    assert "Backups that there are: 2 ID Made Box Version 0a Today, 6:30 AM <old> 0.0.9 4f1c99aa" in seen
    assert "&lt;old&gt;" in page


def test_the_last_backup_is_restored_for_a_test_when_asked(it: FlaskClient, db: Connection) -> None:
    held = (Snapshot("4f1c", times.read(rows.at(300)), "a", "0.1.0"),)
    with database.immediate(db):
        backups.add(db, What.BACKUP, rows.at(300), 900, Result("4f1c", 12, 3_400_000, 5, held=held))
    for _ in range(2):
        assert it.post("/system/verify", data=TOKEN).status_code == 303
    assert [job.kind for job in jobs.page(db)] == [backup.VERIFY]
    assert "It is being restored for a test" in it.get("/system").text
    assert {row.deed for row in audit.page(db) if row.actor.who} == {"verification asked for"}


def test_no_page_restores_or_updates(app: Flask) -> None:
    changing = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {each for each in changing if each.startswith("/system")} == {
        "/system/examine", "/system/backup", "/system/verify", "/system/bundle",
    }  # fmt: skip


def test_a_box_that_nothing_updates_says_so(it: FlaskClient) -> None:
    seen = text_of(it.get("/system").text)
    assert f"These pages are of version {VERSION} This box runs from a folder that nothing updates." in seen


@pytest.mark.parametrize("came", list(Came))
def test_the_last_update_is_told_with_what_came_of_it(it: FlaskClient, tmp_path: Path, came: Came) -> None:
    root = tmp_path / "opt"
    for name in ("0.1.0-aa", "0.2.0-bb"):
        (root / "versions" / name).mkdir(parents=True)
        (root / "versions" / name / installed.COMPLETE).write_text(name)
    (root / "current").symlink_to(Path("versions", "0.1.0-aa"))
    installed.note(root, LastUpdate("0.2.0-bb", "0.1.0-aa", rows.at(60), came, "the <worker> ended"))
    page = it.get("/system").text
    seen = text_of(page)
    assert "Current on the disk 0.1.0-aa All that lie here 0.1.0-aa, 0.2.0-bb" in seen
    assert f"Last update: to 0.2.0-bb, Today, 10:30 AM. {shown.CAME[came][1]}" in seen
    assert "&lt;worker&gt;" in page


@pytest.mark.parametrize(
    ("since", "behind"), [("2026-11-24T10:00:00Z", True), ("2026-11-24T12:00:00Z", False), ("", False)]
)
def test_a_program_that_began_before_a_change_is_behind(since: str, behind: bool) -> None:
    bridge = Told(there=True, version="0.0.9", since=since)
    found = {
        each.name: each
        for each in shown.programs(
            bridge, Told(there=False), "2026-11-24T12:00:00.000Z", "2026-11-24T11:00:00.000Z"
        )
    }
    assert found[BRIDGE].behind is behind
    assert found[BRIDGE].other
    assert (found[WORKER].tone, found[WORKER].behind) == ("bad", False)
    assert (found[PAGES].tone, found[PAGES].behind, found[PAGES].other) == ("good", False, False)
    assert not any(each.behind for each in shown.programs(bridge, bridge, since or rows.NOW, ""))


def test_the_page_says_which_programs_run_by_older_settings(
    settings: Settings, db: Connection, tmp_path: Any
) -> None:
    told = {"version": VERSION, "since": "2026-11-24T10:00:00Z", "parts": {"loop": {"state": "ok"}}}
    with saying(lambda: (200, json.dumps(told).encode())) as (port, _):
        listen = {"local_port": port, "worker_port": 0}
        given = checked({"box": {"data_dir": str(settings.box.data_dir)}, "listen": listen}, "test")
        app = create_app(given, now=lambda: rows.NOW, file=tmp_path / "attendant.toml")
        client = app.test_client()
        people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
        assert "older settings" not in client.get("/system").text
        group = client.get("/settings/box-limits").text
        seen = group.partition('name="seen" value="')[2][:16]
        sent = {**TOKEN, "seen": seen, "limits.calls_at_once": "3"}
        assert client.post("/settings/box-limits", data=sent).status_code == 303
        page = text_of(client.get("/system").text)
        assert "Calls (bridge) since Today, 5:00 AM" in page
        assert "runs by older settings" in page
        assert "systemctl restart attendant-bridge attendant-worker attendant-admin" in page


def test_the_bundle_is_given_and_noted(browser: FlaskClient, db: Connection) -> None:
    looked(db)
    answer = browser.post("/system/bundle", data=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="attendant-support-2026-11-24.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        about = json.loads(file.read("about.json"))
        assert "Riverside" not in "".join(file.read(name).decode() for name in file.namelist())
    assert about["version"] == VERSION
    assert int(about["disk_total_mb"]) > 0
    assert [row.deed for row in audit.page(db) if row.actor.who] == ["support bundle taken"]


def test_a_settings_file_that_cannot_be_read_is_said(browser: FlaskClient, app: Flask, tmp_path: Any) -> None:
    (tmp_path / "attendant.toml").write_text("[cloud\n", "utf-8")
    assert "is not valid TOML" in browser.get("/system").text
    assert browser.post("/system/bundle", data=TOKEN).status_code == 200
