"""Who was cut off gets a text that says so: once, by day, to a mobile, and only if it still helps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.dispositions import Outcome
from appliance.core.settings import Settings, Twilio
from appliance.core.steps import CallOffered
from appliance.core.texts import TextKind
from appliance.service.texts.writing import Writing
from appliance.store import calls, database, languages, texting, texts, times
from appliance.store import office as office_rows
from appliance.store.database import Connection
from appliance.store.texts import Text
from tests.jobs import job_clock
from tests.jobs.escalated import Office

MOBILE, LANDLINE_ABROAD, SENDER = "+14155550102", "+442079460000", "+14155550100"
SETTINGS = Settings(
    twilio=Twilio(account_sid="AC" + "0" * 32, public_url="https://box.example.test", sms_from=SENDER)
)


@pytest.fixture
def office(db: Connection) -> Office:
    made = Office(db, SETTINGS)
    made.decides("text_cut_off", True)
    return made


def breaks_off(office: Office, name: str = "c1", caller: str = MOBILE, language: str = "") -> None:
    offer = CallOffered(f"CA{name}", caller, SENDER, "twilio")
    at = times.written(office.now)
    with database.immediate(office.db):
        calls.begin(office.db, name, offer, at, "p1")
        if language:
            languages.add(office.db, name, language, at)
        calls.end(office.db, name, at, Outcome.INTERRUPTED, calls.SWEPT)


def texted(office: Office, minutes: float = 3) -> list[Text]:
    office.now += timedelta(minutes=minutes)
    job_clock.put_on(office.db, timedelta(minutes=minutes))
    office.works()
    return texts.page(office.db)


def body(office: Office, text: Text) -> str | None:
    return Writing("https://box.example.test/book", sender=SENDER).body(
        office.db, text, office_rows.load(office.db), office.now
    )


def test_a_caller_who_was_cut_off_is_told_in_their_language(office: Office) -> None:
    breaks_off(office, language="es")
    assert texted(office, 1) == []
    (text,) = texted(office, 2)
    assert (text.kind, text.number, text.language, text.call_sid) == (TextKind.CUT_OFF, MOBILE, "es", "CAc1")
    told = body(office, text)
    assert told is not None
    assert "se cortó la llamada" in told
    assert "BAJA" in told


def test_a_call_that_is_filed_again_is_told_of_once(office: Office) -> None:
    breaks_off(office)
    calls.end(office.db, "c1", times.written(office.now), Outcome.INTERRUPTED, calls.SWEPT)
    assert len(texted(office)) == 1
    calls.end(office.db, "c1", times.written(office.now), Outcome.INTERRUPTED, calls.SWEPT)
    assert len(texted(office)) == 1


def rang_again(office: Office) -> None:
    office.now += timedelta(minutes=1)
    offer = CallOffered("CA2", MOBILE, SENDER, "twilio")
    calls.begin(office.db, "c2", offer, times.written(office.now), "p1")


def reached_a_person(office: Office) -> None:
    calls.went(office.db, "c1", Outcome.TRANSFERRED)


def wants_none(office: Office) -> None:
    texting.stop(office.db, MOBILE, now=office.now)


def staff_want_none(office: Office) -> None:
    office.decides("text_cut_off", False)


def too_many(office: Office) -> None:
    office.decides("texts_a_day", 0)


def worker_was_away(office: Office) -> None:
    office.now += timedelta(minutes=30)


@pytest.mark.parametrize(
    "happens", [rang_again, reached_a_person, wants_none, staff_want_none, too_many, worker_was_away]
)
def test_it_is_not_sent_where_it_would_not_help(office: Office, happens: Callable[[Office], None]) -> None:
    breaks_off(office)
    happens(office)
    assert texted(office) == []


def test_right_before_it_is_sent_it_is_looked_at_once_more(office: Office) -> None:
    breaks_off(office)
    (text,) = texted(office)
    assert body(office, text) is not None
    rang_again(office)
    assert body(office, text) is None


@pytest.mark.parametrize("caller", ["", "101", LANDLINE_ABROAD])
def test_who_cannot_have_texts_gets_none(office: Office, caller: str) -> None:
    breaks_off(office, caller=caller)
    assert texted(office) == []


def test_nobody_is_woken_by_it(office: Office) -> None:
    office.now = datetime(2026, 11, 25, 3, tzinfo=UTC)
    breaks_off(office)
    assert texted(office) == []
