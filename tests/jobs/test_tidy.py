"""What is tidied up at night, and what stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.core.calendar import Span
from appliance.core.texts import TextKind
from appliance.jobs import tidy, work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import Kind, Nothing, registry
from appliance.jobs.turns import Turns
from appliance.store import booking_links, bookings, database, job_leases, jobs, texting, texts
from appliance.store.bookings import Patient, Wanted
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Job, State
from appliance.store.texts import Owed

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def done(db: Connection, kind: Kind[Nothing]) -> Job:
    with database.immediate(db):
        job_id = jobs.owe(db, kind.wanted(f"test:{kind.name}", Nothing()), now=NOW)
        found = job_leases.claim(db, [kind.name], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    work.do(registry([kind]), Errand(*found, db, Turns(), kind.deadline_s), Moment.now, lambda _: True)
    return jobs.get(db, job_id)


def held(db: Connection, key: str, hour: int, at: datetime) -> None:
    start = (NOW + 2 * DAY).replace(hour=hour, minute=0, second=0, microsecond=0)
    span = Span(start, start + timedelta(minutes=30))
    wanted = Wanted(key, f"CA-{key}", "checkup", "dr-lee", span, span, "UTC")
    with database.immediate(db):
        bookings.hold(db, wanted, now=at, until=at + timedelta(minutes=5))


def asked(db: Connection, key: str, hour: int, at: datetime) -> None:
    """A time that a caller took; its patient's name is in the row."""
    held(db, key, hour, at)
    with database.immediate(db):
        bookings.promise(db, key, Patient("Maria Lopez", "+14155550100"), now=at)


def keys(db: Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT key FROM booking")}


def test_what_never_became_an_appointment_is_forgotten(db: Connection) -> None:
    long_ago = NOW - 40 * DAY
    held(db, "offered", 9, NOW - DAY)
    held(db, "being offered", 10, datetime.now(UTC))
    for key, hour, at in (("lost", 11, long_ago), ("lost lately", 12, NOW), ("made", 13, long_ago)):
        asked(db, key, hour, at)
    with database.immediate(db):
        bookings.give_up(db, "lost", now=long_ago)
        bookings.give_up(db, "lost lately", now=NOW)
        bookings.booked(db, "made", event_id="e1", link="", now=long_ago)
    assert done(db, tidy.tidying(30)).state is State.DONE
    assert keys(db) == {"being offered", "lost lately", "made"}


def test_what_was_cancelled_is_forgotten_and_what_took_place_is_not(db: Connection) -> None:
    long_ago = NOW - 100 * DAY
    for key, hour, at in (("gone", 9, long_ago), ("gone lately", 10, NOW), ("was there", 11, long_ago)):
        start = (at + DAY).replace(hour=hour, minute=0, second=0, microsecond=0)
        span = Span(start, start + timedelta(minutes=30))
        with database.immediate(db):
            wanted = Wanted(key, f"CA-{key}", "checkup", "dr-lee", span, span, "UTC")
            bookings.take(db, wanted, Patient("Maria Lopez", "+14155550100"), now=at)
            bookings.booked(db, key, event_id=f"e-{key}", link="", now=at)
            if key != "was there":
                bookings.ask_cancel(db, key, now=at)
                bookings.cancel(db, key, now=at)
    assert done(db, tidy.tidying(30)).state is State.DONE
    assert keys(db) == {"gone lately", "was there"}


def test_what_was_cancelled_long_before_its_day_stays_until_then(db: Connection) -> None:
    long_ago = NOW - 100 * DAY
    asked(db, "next week", 9, long_ago)
    with database.immediate(db):
        bookings.booked(db, "next week", event_id="e1", link="", now=long_ago)
        bookings.cancel(db, "next week", now=long_ago)
    done(db, tidy.tidying(30))
    assert keys(db) == {"next week"}


def test_links_that_expired_and_numbers_that_texted_are_forgotten(db: Connection) -> None:
    def link(name: str, expires: datetime) -> str:
        owed = Owed(name, TextKind.LINK, "+14155550100", "en", NOW, NOW + DAY)
        text = texts.owe(db, owed, now=NOW)
        return booking_links.make(db, text.id, number="+14155550100", language="en", expires=expires)

    with database.immediate(db):
        old, lately, good = link("a", NOW - 31 * DAY), link("b", NOW - DAY), link("c", NOW + DAY)
        for number, at in (("+14155550101", NOW - 8 * DAY), ("+14155550102", NOW - DAY)):
            texting.heard(db, number, now=at)
        texting.stop(db, "+14155550103", now=NOW - 400 * DAY)
    assert done(db, tidy.tidying(30)).state is State.DONE
    assert booking_links.opened_by(db, old) is None
    assert booking_links.opened_by(db, lately) is not None
    assert booking_links.opened_by(db, good) is not None
    # That a text was sent is known for longer, and who wants none for good.
    assert len(texts.page(db)) == 3
    numbers = {row[0] for row in db.execute("SELECT number FROM texting")}
    assert numbers == {"+14155550102", "+14155550103"}


def test_jobs_that_ended_well_are_forgotten_in_steps_and_the_others_stay(db: Connection) -> None:
    old = NOW - 31 * DAY
    with database.immediate(db):
        for number in range(tidy.BATCH + 50):
            jobs.drop(db, jobs.owe(db, jobs.Wanted("text", f"old {number}"), now=old), now=old)
        jobs.drop(db, jobs.owe(db, jobs.Wanted("text", "new"), now=NOW), now=NOW)
        jobs.owe(db, jobs.Wanted("text", "owed for long"), now=old)
    assert done(db, tidy.tidying(30)).state is State.DONE
    assert {job.key for job in jobs.page(db, limit=1000)} == {"new", "owed for long", "test:tidy"}


def test_a_sound_database_is_found_sound(path: Path, db: Connection) -> None:
    assert done(db, tidy.checking(path)).state is State.DONE


def test_a_damaged_one_is_given_up_at_once_with_a_sentence(
    path: Path, db: Connection, tmp_path: Path
) -> None:
    with database.immediate(db):
        for number in range(500):
            jobs.owe(db, jobs.Wanted("text", f"k{number}", {"filler": "x" * 200}), now=NOW)
    copy = tmp_path / "damaged.db"
    db.execute("VACUUM INTO ?", (str(copy),))
    whole = bytearray(copy.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 8192] = b"\xff" * 8192
    copy.write_bytes(whole)
    job = done(db, tidy.checking(copy))
    assert job.state is State.DEAD
    assert job.error.startswith("The database is damaged: restore a backup.")


@pytest.mark.parametrize("kind", [tidy.tidying(30), tidy.checking(Path("x"))], ids=lambda kind: kind.name)
def test_each_has_a_timetable(kind: Kind[Any]) -> None:
    assert {tidy.NIGHTLY.kind, tidy.WEEKLY.kind} >= {kind.name}
