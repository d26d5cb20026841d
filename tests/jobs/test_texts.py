"""Confirmations and reminders: owed with the appointment, by the settings of staff, and never at night."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking import reminding
from appliance.core.calendar import Span
from appliance.core.settings import Settings, Twilio
from appliance.core.staff import StaffSettings
from appliance.core.texts import TextKind
from appliance.jobs import texts as kinds
from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import booking_texts, bookings, database, job_leases, jobs, office, texting, texts
from appliance.store.bookings import Booking, Patient, Wanted
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import State
from appliance.store.texts import Text

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE).astimezone(UTC)
TUESDAY = datetime(2026, 12, 1, 14, tzinfo=ZONE).astimezone(UTC)
MOBILE = "+14155550102"
SETTINGS = Settings(
    twilio=Twilio(account_sid="AC" + "0" * 32, public_url="https://box.example.test", sms_from="+14155550100")
)


@dataclass
class Practice:
    """A store with appointments, and a worker of our own that does what is owed by its clock."""

    db: Connection
    now: datetime = NOW
    settings: Settings = SETTINGS
    made: int = 0
    became: list[str] = field(default_factory=list)

    def decides(self, key: str, value: Any) -> None:
        with database.immediate(self.db):
            office.set_value(self.db, key, value, at="2026-01-01T00:00:00.000Z", by="test")

    def books(
        self, start: datetime = TUESDAY, phone: str = MOBILE, language: str = "en", **more: Any
    ) -> Booking:
        """An appointment that stands in the calendar."""
        self.made += 1
        key, span = f"key{self.made}", Span(start, start + timedelta(minutes=30))
        wanted = Wanted(key, "CA1", "check-up", f"doctor{self.made}", span, span, str(ZONE))
        patient = Patient("Ana Ruiz", phone, "1980-03-09", language=language)
        with database.immediate(self.db):
            bookings.take(self.db, wanted, patient, now=self.now, **more)
            bookings.booked(self.db, key, event_id=f"event{self.made}", link="", now=self.now)
            booking = bookings.get(self.db, key)
            booking_texts.booked(self.db, booking, now=self.now)
        return booking

    def cancels(self, booking: Booking, *, wished: bool = True) -> None:
        with database.immediate(self.db):
            if wished:
                bookings.ask_cancel(self.db, booking.key, now=self.now)
            before = bookings.get(self.db, booking.key)
            bookings.cancel(self.db, booking.key, now=self.now)
            booking_texts.cancelled(self.db, before, now=self.now)

    def moves(self, booking: Booking, start: datetime) -> Booking:
        """Staff move it in the calendar, and it is seen there."""
        with database.immediate(self.db):
            span = Span(start, start + timedelta(minutes=30))
            after = bookings.moved(self.db, booking.key, span, now=self.now)
            booking_texts.moved(self.db, booking, after, now=self.now)
        return after

    def works(self, until: datetime | None = None) -> None:
        """Do all that is due, each in its time."""
        self.now = until or self.now
        all_kinds = registry(
            [
                kinds.confirming(self.settings, lambda: self.now),
                kinds.reminding_of(self.settings, lambda: self.now),
            ]
        )
        while True:
            moment = replace(Moment.now(), at=self.now)
            with database.immediate(self.db):
                found = job_leases.claim(self.db, [*all_kinds], worker="w", moment=moment, lease_s=60)
            if found is None:
                return
            errand = Errand(*found, self.db, Turns(), 30.0)
            self.became.append(work.do(all_kinds, errand, partial(replace, moment), lambda _: True))

    def texts(self) -> list[Text]:
        return [*reversed(texts.page(self.db))]

    def reminders(self) -> list[datetime | None]:
        """When reminders are owed."""
        owed = [each for each in jobs.page(self.db, [State.QUEUED]) if each.kind == "text_reminder"]
        return [datetime.fromisoformat(each.not_before) if each.not_before else None for each in owed]


@pytest.fixture
def practice(db: Connection) -> Practice:
    return Practice(db)


def test_a_patient_is_told_at_once_and_reminded_the_day_before(practice: Practice) -> None:
    booking = practice.books(language="es")
    practice.works()
    (told,) = practice.texts()
    assert (told.kind, told.number, told.language, told.booking_key) == (
        TextKind.CONFIRMATION,
        MOBILE,
        "es",
        booking.key,
    )
    assert practice.reminders() == [TUESDAY - timedelta(hours=24)]
    practice.works(TUESDAY - timedelta(hours=24))
    told, reminder = practice.texts()
    assert (reminder.kind, reminder.language) == (TextKind.REMINDER, "es")
    assert reminder.until_at == datetime(2026, 11, 30, 20, tzinfo=ZONE)
    practice.works(TUESDAY)
    assert len(practice.texts()) == 2
    assert set(practice.became) == {"done"}


def test_staff_decide(practice: Practice) -> None:
    practice.decides("text_confirmations", False)
    practice.decides("reminder_hours", 2)
    practice.books()
    practice.works()
    assert practice.texts() == []
    assert practice.reminders() == [TUESDAY - timedelta(hours=2)]
    practice.decides("reminder_hours", 0)
    practice.works(TUESDAY - timedelta(hours=2))
    assert practice.texts() == []
    practice.books()
    practice.works()
    assert practice.reminders() == []


def test_what_is_cancelled_is_told_and_not_reminded_of(practice: Practice) -> None:
    booking = practice.books()
    practice.works()
    practice.cancels(booking)
    assert practice.reminders() == []
    practice.works()
    practice.works(TUESDAY - timedelta(hours=1))
    assert [each.kind for each in practice.texts()] == [TextKind.CONFIRMATION, TextKind.CANCELLATION]


def test_what_staff_removed_is_not_told_but_neither_reminded_of(practice: Practice) -> None:
    booking = practice.books()
    practice.works()
    practice.cancels(booking, wished=False)
    practice.works(TUESDAY)
    assert [each.kind for each in practice.texts()] == [TextKind.CONFIRMATION]


def test_a_move_is_one_text_and_one_reminder(practice: Practice) -> None:
    old = practice.books()
    practice.works()
    practice.books(TUESDAY + timedelta(days=1), replaces=old.key)
    practice.cancels(bookings.get(practice.db, old.key), wished=False)
    practice.works()
    assert [each.kind for each in practice.texts()] == [TextKind.CONFIRMATION, TextKind.MOVE]
    assert practice.reminders() == [TUESDAY]
    practice.works(TUESDAY)
    assert [each.kind for each in practice.texts()][2:] == [TextKind.REMINDER]


def test_the_reminder_follows_what_staff_moved(practice: Practice) -> None:
    booking = practice.books()
    practice.works()
    practice.moves(booking, TUESDAY + timedelta(days=2))
    practice.works()
    assert practice.reminders() == [TUESDAY + timedelta(days=1)]
    practice.works(TUESDAY + timedelta(days=2))
    assert [each.kind for each in practice.texts()] == [TextKind.CONFIRMATION]


def test_a_worker_that_was_away_tells_no_old_news(practice: Practice) -> None:
    practice.books()
    practice.works(NOW + timedelta(hours=13))
    assert practice.texts() == []
    assert len(practice.reminders()) == 1
    # So late that the start is near: no reminder any more.
    practice.works(TUESDAY - timedelta(minutes=59))
    assert practice.texts() == []


def test_a_late_reminder_waits_for_the_morning(practice: Practice) -> None:
    practice.books()
    practice.works()
    practice.works(datetime(2026, 12, 1, 3, tzinfo=ZONE).astimezone(UTC))
    reminder = practice.texts()[-1]
    assert reminder.due_at == datetime(2026, 12, 1, 9, tzinfo=ZONE)
    assert reminder.until_at == TUESDAY - timedelta(hours=1)


@pytest.mark.parametrize("phone", ["", "+19005550123", "+15550100002", "+447700900123"])
def test_numbers_that_get_no_texts_get_none(practice: Practice, phone: str) -> None:
    practice.books(phone=phone)
    practice.works()
    assert (practice.texts(), practice.reminders()) == ([], [])
    assert practice.became == ["done"]


def test_who_wants_no_texts_gets_none(practice: Practice) -> None:
    with database.immediate(practice.db):
        texting.stop(practice.db, MOBILE, now=NOW)
    practice.books()
    practice.works()
    assert practice.texts() == []


def test_a_day_has_its_most(practice: Practice) -> None:
    practice.decides("texts_a_day", 2)
    for day in range(4):
        practice.books(TUESDAY + timedelta(days=day))
    practice.works()
    assert len(practice.texts()) == 2
    assert len(practice.reminders()) == 4


def test_without_a_number_to_send_from_nothing_is_sent(practice: Practice) -> None:
    practice.settings = Settings()
    practice.books()
    practice.works()
    assert practice.texts() == []


def test_a_job_that_is_done_twice_tells_once(practice: Practice) -> None:
    booking = practice.books()
    practice.works()
    with database.immediate(practice.db):
        again = jobs.Wanted("text_confirmation", "again", {"booking": booking.key, "about": "confirmation"})
        jobs.owe(practice.db, again, now=NOW)
    practice.works()
    assert len(practice.texts()) == 1
    assert len(practice.reminders()) == 1


def test_an_appointment_that_is_soon_needs_no_reminder(practice: Practice) -> None:
    practice.books(NOW + timedelta(hours=5))
    practice.works()
    assert len(practice.texts()) == 1
    assert practice.reminders() == []


zones = st.sampled_from(
    ["America/New_York", "Europe/Madrid", "America/Mexico_City", "Australia/Sydney", "UTC"]
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
hours = st.integers(1, 168)


@given(zones, starts, hours, st.integers(0, 12), st.integers(13, 24))
def test_no_reminder_is_due_at_night(zone: str, start: datetime, before: int, since: int, until: int) -> None:
    staff = StaffSettings(
        time_zone=zone, reminder_hours=before, texts_from_hour=since, texts_until_hour=until
    )
    due = reminding.due(staff, start)
    assert due is not None
    wall = due.astimezone(ZoneInfo(zone))
    # A clock that is set forward may turn the last minutes before a night into its first.
    assert since <= wall.hour < until or wall.utcoffset() != (wall - timedelta(hours=2)).utcoffset()
    assert start - due >= timedelta(hours=before - 2)
    assert start - due <= timedelta(hours=before + 26)


@given(zones, starts, st.integers(0, 400), st.integers(0, 12), st.integers(13, 24))
def test_no_reminder_goes_out_at_night(
    zone: str, start: datetime, ahead: int, since: int, until: int
) -> None:
    staff = StaffSettings(time_zone=zone, texts_from_hour=since, texts_until_hour=until)
    now = start - timedelta(hours=ahead)
    found = reminding.window(staff, start, now)
    if found is None:
        return
    assert now <= found.since < found.until <= start - reminding.LATEST
    wall = found.since.astimezone(ZoneInfo(zone))
    assert since <= wall.hour < until or wall.utcoffset() != (wall - timedelta(hours=2)).utcoffset()
