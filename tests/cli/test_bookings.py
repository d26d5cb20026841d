"""Providers and visits at the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.core.calendar import Span
from appliance.store import bookings, database
from tests.cli.conftest import Typed

GOOD = """
[[provider]]
slug = "lee"
name = "Dr. Lee"
calendar = "google:lee@clinic.example"
hours = { tuesday = [["09:00", "12:00"], ["13:00", "17:00"]] }

[[provider]]
slug = "ruiz"
name = "Dr. Ruiz"

[[visit]]
slug = "cleaning"
name = "Cleaning"
minutes = 45
providers = ["ruiz"]
"""


def imported(typed: Typed, folder: Path, text: str) -> tuple[int, str]:
    file = folder / "visits.toml"
    file.write_text(text)
    done = typed("bookings", "import", str(file))
    return done.exit_code, done.stderr or done.output


def test_what_can_be_booked_is_imported_and_listed(typed: Typed, tmp_path: Path) -> None:
    code, said = imported(typed, tmp_path, GOOD)
    assert code == 0
    assert said.startswith("2 providers and 1 visits are kept.")
    assert "Google Calendar is not set up yet" in said
    lines = [" ".join(line.split()) for line in typed("bookings", "visits").output.splitlines()]
    assert "cleaning Cleaning 45 0 anyone ruiz" in lines
    # A day that is not named is a day off.
    assert "lee Dr. Lee google:lee@clinic.example tue 09:00-12:00, 13:00-17:00" in lines
    assert "ruiz Dr. Ruiz own the clinic's" in lines
    assert typed("bookings", "list").output == "There is no appointment to come.\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[provider]]\nslug = "Lee"\nname = "L"', "provider 1: slug"),
        ('[[provider]]\nslug = "lee"\nname = "L"\ncalender = "own"', "Did you mean"),
        ('[[provider]]\nslug = "lee"\nname = "L"\ncalendar = "ical:x"', "provider 1: calendar"),
        ('[[visit]]\nslug = "a"\nname = "A"\nproviders = ["bo"]', "the visit 'a' names the provider 'bo'"),
        (
            '[[provider]]\nslug = "lee"\nname = "L"\ncalendar = "google:a@b.example"\n'
            '[[provider]]\nslug = "bo"\nname = "B"\ncalendar = "google:A@b.example"',
            "the providers 'lee' and 'bo' have one calendar, google:A@b.example: give each its own",
        ),
        (2 * '[[visit]]\nslug = "a"\nname = "A"\n', "two of the visit 'a'"),
        ('[[visit]]\nslug = "a"\nname = "A"\nminutes = 3', "visit 1: minutes"),
        ("[[visit", "is not valid TOML"),
    ],
)
def test_mistakes_are_told_and_change_nothing(typed: Typed, tmp_path: Path, text: str, told: str) -> None:
    imported(typed, tmp_path, GOOD)
    code, said = imported(typed, tmp_path, text)
    assert code == 1
    assert told in said
    assert "Dr. Lee" in typed("bookings", "visits").output


def test_calendars_are_asked_whether_they_work(typed: Typed, tmp_path: Path) -> None:
    imported(typed, tmp_path, GOOD)
    done = typed("bookings", "check")
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "google:lee@clinic.example: The calendars of google are not set up.",
        "own:ruiz: can be read and written.",
    ]


def test_nobody_goes_who_has_appointments(typed: Typed, tmp_path: Path) -> None:
    imported(typed, tmp_path, GOOD)
    now = datetime.now(UTC)
    start = now + timedelta(days=2)
    span = Span(start, start + timedelta(minutes=45))
    db = database.connect(tmp_path / "data" / "attendant.db")
    with database.immediate(db):
        wanted = bookings.Wanted("abcdef01", "CA1", "cleaning", "ruiz", span, span, "America/New_York")
        bookings.hold(db, wanted, now=now, until=now + timedelta(minutes=4))
        bookings.promise(db, "abcdef01", bookings.Patient("Ana Ruiz", "+15550100002"), now=now)
    db.close()
    listed = typed("bookings", "list").output
    assert "ABCDE" in listed
    assert "Ana Ruiz" in listed
    shown = typed("bookings", "show", "abcde").output
    assert "cleaning with ruiz" in shown
    assert "promised" in shown
    assert "Event" not in shown
    db = database.connect(tmp_path / "data" / "attendant.db")
    with database.immediate(db):
        bookings.booked(db, "abcdef01", event_id="e1", link="https://calendar.example/e1", now=now)
    db.close()
    shown = " ".join(typed("bookings", "show", "ABCDE").output.split())
    assert "Event e1 Opens at https://calendar.example/e1" in shown
    assert typed("bookings", "show", "zzzzz").exit_code == 1
    code, said = imported(typed, tmp_path, "")
    assert (code, said.strip()) == (1, "A provider with appointments to come cannot go: 'ruiz' still has 1.")


def test_a_new_box_says_what_to_do(typed: Typed, morning: Path) -> None:
    assert "attendant bookings import" in typed("bookings", "visits").output
    assert morning.exists()


def test_a_link_is_for_calendars_of_the_box(typed: Typed, tmp_path: Path) -> None:
    imported(typed, tmp_path, GOOD)
    link, warning = typed("bookings", "link", "ruiz").output.splitlines()
    assert link.startswith("http://127.0.0.1:8080/calendar/")
    assert link.endswith(".ics")
    assert "not shown again" in warning
    assert "google:lee@clinic.example" in typed("bookings", "link", "lee").stderr
    assert typed("bookings", "link", "nobody").exit_code == 1
    assert "opens nothing" in typed("bookings", "unlink", "ruiz").output
    assert "There is no link" in typed("bookings", "unlink", "ruiz").output
