"""Confirmations and reminders as they are sent: what is so then, in the patient's language, and no more."""

from datetime import datetime, timedelta

import pytest

from appliance.core.calendar import Span
from appliance.core.texts import TextKind, TextState
from appliance.store import bookings, texts
from appliance.store.bookings import Patient, Wanted
from appliance.store.database import Connection
from appliance.store.texts import Owed, Text
from tests.peers.carrier import RestFault
from tests.service.booking.clinic import ZONE
from tests.service.surgery import Surgery
from tests.service.texts.desk import MOBILE, given, notes, rounds, stands

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
SAID = {
    ("confirmation", "en"): "Riverside Clinic: your appointment is {}. To change it, call us. Reply STOP",
    ("confirmation", "es"): "Riverside Clinic: su cita es {}. Para cambiarla, llámenos. Responda BAJA",
    ("move", "en"): "Riverside Clinic: your appointment is now {}. To change it, call us. Reply STOP",
    (
        "reminder",
        "en",
    ): "Riverside Clinic: a reminder of your appointment {}. To change it, call us. Reply STOP",
    (
        "reminder",
        "es",
    ): "Riverside Clinic: le recordamos su cita, {}. Para cambiarla, llámenos. Responda BAJA",
}


async def booked(surgery: Surgery) -> datetime:
    """An appointment next week at two; its start."""
    day = (surgery.hands.now() + timedelta(days=7)).astimezone(ZONE)
    start = day.replace(hour=14, minute=0, second=0, microsecond=0)
    span, now = Span(start, start + timedelta(minutes=30)), surgery.hands.now()

    def write(db: Connection) -> None:
        wanted = Wanted("k1", "CA1", "hiv-test", "lee", span, span, str(ZONE))
        bookings.take(db, wanted, Patient("Ana Ruiz", MOBILE, "1980-03-09"), now=now)
        bookings.booked(db, "k1", event_id="e1", link="", now=now)

    await surgery.writer.promise(write)
    return start


async def owed(surgery: Surgery, kind: str, language: str = "en") -> Text:
    now = surgery.hands.now()
    text = Owed(f"{kind} k1", TextKind(kind), MOBILE, language, now, now + timedelta(hours=5), "CA1", "k1")
    return await surgery.writer.promise(lambda db: texts.owe(db, text, now=now))


@pytest.mark.parametrize(("kind", "language"), SAID)
async def test_it_says_the_time_and_nothing_of_the_patient(
    surgery: Surgery, kind: str, language: str
) -> None:
    await booked(surgery)
    assert await given(surgery, await owed(surgery, kind, language)) is TextState.SENT
    body = surgery.carrier.messages[0].body
    before, _, after = SAID[kind, language].partition("{}")
    assert body.startswith(before)
    assert after in body
    assert ("at 2 p.m." if language == "en" else "a las 2 de la tarde") in body
    assert not any(word in body.lower() for word in ("ana", "ruiz", "hiv", "lee", "1980"))
    assert len(body) < 160 + 60


async def test_what_was_moved_is_told_as_it_is(surgery: Surgery) -> None:
    start = await booked(surgery)
    text, now = await owed(surgery, "reminder"), surgery.hands.now()
    span = Span(start + timedelta(hours=2), start + timedelta(hours=3))
    await surgery.writer.promise(lambda db: bookings.moved(db, "k1", span, now=now))
    await given(surgery, text)
    assert "at 4 p.m." in surgery.carrier.messages[0].body


@pytest.mark.parametrize("kind", ["confirmation", "move", "reminder"])
async def test_of_what_is_cancelled_nothing_is_told_any_more(surgery: Surgery, kind: str) -> None:
    await booked(surgery)
    text, now = await owed(surgery, kind), surgery.hands.now()
    await surgery.writer.promise(lambda db: bookings.ask_cancel(db, "k1", now=now))
    assert await given(surgery, text) is TextState.REFUSED
    assert surgery.carrier.messages == []
    assert (await stands(surgery, text)).problem == "it is about nothing any more"
    assert await notes(surgery) == []


async def test_a_cancellation_is_told_when_it_is_so(surgery: Surgery) -> None:
    await booked(surgery)
    text, now = await owed(surgery, "cancellation"), surgery.hands.now()
    await surgery.writer.promise(lambda db: bookings.cancel(db, "k1", now=now))
    assert await given(surgery, text) is TextState.SENT
    assert "is cancelled. Reply STOP" in surgery.carrier.messages[0].body


async def evening(surgery: Surgery) -> tuple[datetime, Text]:
    """It is seven in the evening before an appointment, and its reminder is owed until eight; its start."""
    start = await booked(surgery)
    surgery.hands.put_on(start - timedelta(hours=19) - surgery.hands.now())
    now = surgery.hands.now()
    told = Owed("reminder k1", TextKind.REMINDER, MOBILE, "en", now, start - timedelta(hours=18), "CA1", "k1")
    return start, await surgery.writer.promise(lambda db: texts.owe(db, told, now=now))


async def test_a_reminder_of_an_evening_without_the_carrier_comes_in_the_morning(surgery: Surgery) -> None:
    start, text = await evening(surgery)
    surgery.carrier.rest_faults += [RestFault("Messages", "POST", 20429) for _ in range(2)]
    assert await given(surgery, text) is TextState.OWED
    surgery.hands.put_on(timedelta(minutes=50))
    await rounds(surgery)
    # At eight it is night for texts, and the carrier has come back.
    surgery.hands.put_on(timedelta(hours=2))
    await rounds(surgery)
    found = await stands(surgery, text)
    assert (found.state, found.due_at) == (TextState.OWED, start - timedelta(hours=5))
    assert found.until_at == start - timedelta(hours=1)
    assert await rounds(surgery) == 0
    assert surgery.carrier.messages == []
    surgery.hands.put_on(found.due_at - surgery.hands.now())
    assert await rounds(surgery) == 1
    (message,) = surgery.carrier.messages
    assert message.body.startswith("Riverside Clinic: a reminder of your appointment ")
    assert await rounds(surgery) == 0


async def test_what_was_cancelled_in_the_night_is_not_reminded_of(surgery: Surgery) -> None:
    start, text = await evening(surgery)
    surgery.hands.put_on(timedelta(hours=2))
    await rounds(surgery)
    now = surgery.hands.now()
    await surgery.writer.promise(lambda db: bookings.cancel(db, "k1", now=now))
    surgery.hands.put_on(start - timedelta(hours=4) - surgery.hands.now())
    await rounds(surgery)
    assert (await stands(surgery, text)).state is TextState.REFUSED
    assert surgery.carrier.messages == []


@pytest.mark.parametrize("minutes", [59, 0, -10])
async def test_a_reminder_that_comes_too_late_does_not_come(surgery: Surgery, minutes: int) -> None:
    start, text = await evening(surgery)
    surgery.hands.put_on(start - timedelta(minutes=minutes) - surgery.hands.now())
    assert await given(surgery, text) is TextState.FAILED
    assert surgery.carrier.messages == []
    assert await notes(surgery) == []


async def test_a_confirmation_has_no_other_time(surgery: Surgery) -> None:
    await booked(surgery)
    text = await owed(surgery, "confirmation")
    surgery.hands.put_on(timedelta(hours=6))
    assert await given(surgery, text) is TextState.FAILED
