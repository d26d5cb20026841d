"""Texts at the command line: what was sent, and who wants none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.texts import TextKind, TextState
from appliance.store import database, texting, texts
from appliance.store.texts import Owed
from tests.cli.conftest import Typed

AT = datetime(2026, 11, 26, 14, tzinfo=UTC)
MOBILE = "+14155550102"


def test_texts_are_listed_with_what_became_of_them(typed: Typed, morning: Path) -> None:
    assert typed("texts", "list").output == "No text was owed yet.\n"
    db = database.connect(morning)
    with database.immediate(db):
        first = texts.owe(db, Owed("a", TextKind.LINK, MOBILE, "es", AT, AT + timedelta(hours=1)), now=AT)
        texts.owe(db, Owed("b", TextKind.REMINDER, MOBILE, "en", AT, AT + timedelta(hours=1)), now=AT)
        texts.end(db, first.id, TextState.FAILED, "code 21614", now=AT)
    db.close()
    heads, reminder, link = typed("texts", "list").output.splitlines()
    assert heads.split() == ["Owed", "Kind", "To", "Language", "State", "Problem"]
    assert reminder.split() == ["2026-11-26", "09:00", "reminder", MOBILE, "en", "owed"]
    assert link.split() == ["2026-11-26", "09:00", "link", MOBILE, "es", "failed", "code", "21614"]
    assert len(typed("texts", "list", "--limit", "1").output.splitlines()) == 2


def test_a_number_is_taken_off_and_put_back(typed: Typed, morning: Path) -> None:
    assert typed("texts", "stopped").output == "Nobody has asked for no texts.\n"
    assert typed("texts", "stop", "(415) 555-0102").output == f"{MOBILE} gets no texts any more.\n"
    assert typed("texts", "stopped").output == f"{MOBILE}\n"
    db = database.connect_readonly(morning)
    assert texting.stopped(db, MOBILE)
    db.close()
    assert typed("texts", "start", MOBILE).output == f"{MOBILE} gets texts again.\n"
    assert typed("texts", "start", MOBILE).output == f"{MOBILE} has not asked for no texts.\n"
    wrong = typed("texts", "stop", "911")
    assert (wrong.exit_code, "and this is none: 911" in wrong.stderr) == (1, True)


def test_a_box_that_has_not_run_has_no_texts(typed: Typed) -> None:
    assert typed("texts", "list").exit_code == 1
