"""The page of the audit log, and what stands in it."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.audit import words
from admin.tongue import Tongue
from appliance.store import audit, database, messages
from appliance.store.accounts import Account, Role
from appliance.store.audit import CONSOLE, Actor, Deed
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.conftest import Clock
from tests.admin.people import sign_in
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}


def deeds(db: Connection) -> list[str]:
    return [row.deed for row in audit.page(db)]


def test_every_look_at_a_recording_is_noted_once_for_all_its_parts(
    browser: FlaskClient, db: Connection, clock: Clock
) -> None:
    for part in ("bytes=0-99", "bytes=100-", ""):
        browser.get("/messages/1/recording", buffered=True, headers={"Range": part} if part else {})
    assert deeds(db) == ["recording heard"]
    browser.head("/messages/1/recording", buffered=True)
    clock.pass_by(10)
    browser.get("/messages/1/recording", buffered=True)
    assert deeds(db) == ["recording heard"] * 2
    (row, _) = audit.page(db)
    assert (row.actor.who, row.actor.role, row.actor.source, row.target) == (
        "Ana Ruiz",
        "owner",
        "127.0.0.1",
        "1",
    )
    assert "Heard the recording of message 1" in browser.get("/audit").text


def test_each_person_is_noted(browser_of: Callable[[Role], FlaskClient], db: Connection) -> None:
    for role in (Role.FRONT_DESK, Role.READ_ONLY):
        browser_of(role).get("/messages/1/recording", buffered=True)
    assert [row.actor.who for row in audit.page(db)] == ["Chloé Martin", "Ben Okafor"]


def test_a_recording_that_cannot_be_noted_is_not_sent(browser: FlaskClient, db: Connection) -> None:
    db.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
    answer = browser.get("/messages/1/recording", buffered=True)
    assert answer.status_code == 503
    assert b"RIFF" not in answer.data


def test_what_is_not_there_was_not_heard(browser: FlaskClient, db: Connection) -> None:
    assert browser.get("/messages/99/recording").status_code == 404
    assert deeds(db) == []


def test_signing_in_and_failing_to_are_noted(stranger: FlaskClient, owner: Account, db: Connection) -> None:
    sign_in(stranger, owner.name, "wrong")
    sign_in(stranger, "nobody", "wrong")
    sign_in(stranger, owner.name)
    assert [(row.deed, row.actor.who) for row in audit.page(db)] == [
        ("signed in", "Ana Ruiz"),
        ("sign-in failed", ""),
        ("sign-in failed", "Ana Ruiz"),
    ]


def test_the_page_says_who_did_what(
    browser: FlaskClient, stranger: FlaskClient, owner: Account, db: Connection
) -> None:
    sign_in(stranger, "nobody", "wrong")
    audit.add(db, Actor(CONSOLE, who=CONSOLE), Deed.LINK_MADE, at=rows.NOW, target=owner.name)
    seen = text_of(browser.get("/audit").text)
    assert "Today, 11:30 AM At the box itself Made a link to choose a password: Ana Ruiz console" in seen
    assert "Nobody known Could not sign in: wrong name or password 127.0.0.1" in seen


def test_rows_are_chosen_by_person_and_kind(
    browser: FlaskClient, stranger: FlaskClient, owner: Account, db: Connection
) -> None:
    sign_in(stranger, owner.name)
    browser.get("/messages/1/recording", buffered=True)
    only = text_of(browser.get("/audit?kind=recordings").text)
    assert "Heard the recording" in only
    assert "Signed in" not in only.partition("From where")[2]
    assert "Nothing of this kind" in browser.get("/audit?kind=failures").text
    assert "Nothing of this kind" in browser.get("/audit?who=99").text
    assert browser.get(f"/audit?who={owner.id}&kind=sessions").status_code == 200


@pytest.mark.parametrize("query", ["kind=x", "before=-1", f"before={2**63}", "who=-1"])
def test_nonsense_is_not_found(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/audit?{query}").status_code == 404


def test_the_log_is_paged_without_a_gap(browser: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        for number in range(250):
            audit.add(db, Actor("10.0.0.1"), Deed.RECORDING_HEARD, at=rows.NOW, target=f"n{number}")
    seen, path = list[str](), "/audit?kind=recordings"
    while path:
        page = browser.get(path).text
        seen += re.findall(r"of message (n\d+)", page)
        older = re.search(r'href="(/audit\?[^"]+)" rel="next"', page)
        path = older.group(1).replace("&amp;", "&") if older else ""
    assert seen == [f"n{number}" for number in reversed(range(250))]


def test_a_row_of_a_later_version_is_shown_as_it_is(browser: FlaskClient, db: Connection) -> None:
    audit.add(db, Actor("10.0.0.1", 7, "Eve", "king"), Deed.SIGNED_IN, at=rows.NOW)
    row = audit.page(db)[0]
    later = audit.Row(row.id, row.at, row.actor, "flew", "away", {})
    assert words.deed(later, Tongue()) == "flew away"
    assert browser.get("/audit").status_code == 200


@pytest.mark.parametrize("deed", list(Deed))
def test_every_deed_has_its_words_in_both_languages(deed: Deed) -> None:
    row = audit.Row(
        1,
        rows.NOW,
        Actor(""),
        deed,
        "T",
        {"left": "3", "role": "it", "before": "it", "after": "owner", "kind": "clean up", "count": "2"},
    )
    assert words.deed(row, Tongue("en")) != words.deed(row, Tongue("es"))
    kinds = [name for name, (_, those) in words.KINDS.items() if deed in those]
    assert len(kinds) <= 1


def test_no_view_changes_anything_without_a_row() -> None:
    """Views change things by `visit.changed`, which notes who did it; `write` is for what is no deed."""
    allowed = {
        "account/routes.py": {"two_step", "_stay"},
        "door/coming_in.py": {"by_code", "failed", "_begin", "_keep_anew"},
        "door/choosing.py": {"chosen", "_count"},
        "door/guard.py": {"_note_use"},
        "visit.py": {"changed", "noted_once"},
    }
    admin = Path(words.__file__).parents[1]
    for file in admin.rglob("*.py"):
        functions = [
            node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)
        ]
        found = {each.name for each in functions if re.search(r"box(\(\))?\.write\(", ast.unparse(each))}
        assert found == allowed.get(str(file.relative_to(admin)), set()), file


def test_what_callers_said_is_not_in_it(browser: FlaskClient, app: Flask, db: Connection) -> None:
    messages.mark_urgent(db, 1)
    for path in ("/calls/hostile", "/messages", "/messages/1/recording"):
        browser.get(path, buffered=True)
    told = " ".join(str(tuple(row)) for row in db.execute("SELECT * FROM audit"))
    assert rows.HOSTILE not in told
    assert "+1" not in told
