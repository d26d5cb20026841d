"""Texts in the store: owed once, asked for once, and over when they are over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.texts import TextKind, TextReported, TextState
from appliance.store import booking_links, database, retention, texting, texts
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.texts import Owed, Text

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
NUMBER, SID = "+14155550102", "SM" + "a" * 32


def owe(db: Connection, once: str, now: datetime = NOW) -> Text:
    owed = Owed(once, TextKind.LINK, NUMBER, "en", now, now + timedelta(hours=1))
    with database.immediate(db):
        return texts.owe(db, owed, now=now)


def test_it_is_asked_for_once(db: Connection) -> None:
    text = owe(db, "a")
    assert owe(db, "a", NOW + timedelta(days=1)) == text
    assert texts.due(db, NOW) == [text]
    assert texts.ask(db, text.id, "digest", now=NOW)
    assert not texts.ask(db, text.id, "digest", now=NOW)
    assert texts.due(db, NOW) == []
    assert [each.id for each in texts.unsure(db, NOW + timedelta(seconds=1))] == [text.id]
    texts.again(db, text.id, NOW + timedelta(minutes=1), "busy", now=NOW)
    assert texts.due(db, NOW) == []
    assert [each.problem for each in texts.due(db, NOW + timedelta(minutes=1))] == ["busy"]


def test_a_report_may_come_before_the_answer(db: Connection) -> None:
    text = owe(db, "a")
    texts.ask(db, text.id, "digest", now=NOW)
    told = texts.report(db, TextReported(text.key, SID, "delivered"), now=NOW)
    assert told is not None
    texts.took(db, text.id, SID, now=NOW)
    texts.again(db, text.id, NOW, "too late", now=NOW)
    assert not texts.end(db, text.id, TextState.FAILED, "too late", now=NOW)
    assert texts.get(db, text.id).state is TextState.DELIVERED


def test_a_report_of_another_sid_counts_for_nothing(db: Connection) -> None:
    text = owe(db, "a")
    texts.ask(db, text.id, "digest", now=NOW)
    texts.took(db, text.id, SID, now=NOW)
    assert texts.report(db, TextReported(text.key, "SM" + "b" * 32, "failed", 30007), now=NOW) is None
    with pytest.raises(NoSuchRow):
        texts.report(db, TextReported("0" * 32, SID, "failed"), now=NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.sampled_from(["queued", "sending", "sent", "delivered", "undelivered", "failed", "odd"])))
def test_what_is_over_stays_so(db: Connection, statuses: list[str]) -> None:
    text = owe(db, f"once {len(texts.page(db, 10_000))}")
    texts.ask(db, text.id, "digest", now=NOW)
    over: TextState | None = None
    for status in statuses:
        texts.report(db, TextReported(text.key, f"SM{text.id:032x}", status), now=NOW)
        state = texts.get(db, text.id).state
        assert over is None or state is over
        over = state if state in texts.OVER else over


def test_old_texts_are_forgotten_with_their_links(db: Connection) -> None:
    old, open_ = owe(db, "old"), owe(db, "open")
    new = owe(db, "new", NOW + timedelta(days=90))
    with database.immediate(db):
        token = booking_links.make(db, old.id, number=NUMBER, language="en", expires=NOW)
        texting.stop(db, NUMBER, now=NOW)
        texts.end(db, old.id, TextState.FAILED, "gone", now=NOW)
        texts.end(db, new.id, TextState.FAILED, "gone", now=NOW + timedelta(days=90))
    assert booking_links.opened_by(db, token) is not None
    with database.immediate(db):
        retention.begin(db, "r", "retention", by="", now=NOW)
        later = NOW + timedelta(days=1)
        going = retention.candidates(db, "texts", later, limit=10)
        assert len(going) == 1
        retention.delete(db, "texts", going, later, "r")
    assert {each.once for each in texts.page(db)} == {open_.once, new.once}
    assert booking_links.opened_by(db, token) is None
    assert texting.stopped(db, NUMBER)


def test_a_link_that_is_made_anew_has_another_token(db: Connection) -> None:
    text = owe(db, "a")
    with database.immediate(db):
        first = booking_links.make(db, text.id, number=NUMBER, language="en", expires=NOW)
        second = booking_links.make(db, text.id, number=NUMBER, language="en", expires=NOW)
    assert first != second
    assert (len(first), len(second)) == (43, 43)
    assert booking_links.opened_by(db, first) is None
    assert booking_links.opened_by(db, second) is not None
