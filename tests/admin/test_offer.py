"""What can be booked, and with whom: added, changed, moved and removed on pages; and how calendars are."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.app import create_app
from admin.bookings import calendars, form
from admin.today.asking import Told
from appliance.core.booking.visits import Bookable, Provider
from appliance.core.calendar import CalendarFailed, Trouble
from appliance.core.settings import Settings, checked
from appliance.jobs import asking_calendars
from appliance.store import audit, calendar_looks, database, jobs, times, visits
from appliance.store.accounts import Role
from appliance.store.calendar_looks import CalendarLook
from appliance.store.database import Connection
from tests.admin import people, rows, told
from tests.admin.test_calls import text_of
from tests.admin.test_lights import saying

TOKEN = {"form_token": "f" * 32}
LEE = {
    "name": "Dr. Lee", "calendar": "google:lee@clinic.example", "busy_too": "", "away": "", "hours": "clinic",
}  # fmt: skip
CLEANING = {
    "name": "Cleaning", "aliases": "limpieza, teeth", "minutes": "45", "buffer_minutes": "10",
    "notice_hours": "2", "ahead_days": "60", "step_minutes": "15", "who": "anyone", "colour": "#0B8043",
}  # fmt: skip


def send(browser: FlaskClient, path: str, sent: dict[str, str], **more: object) -> tuple[int, str]:
    body = urlencode({**TOKEN, **sent, **more}, doseq=True)
    answer = browser.post(path, data=body, content_type="application/x-www-form-urlencoded")
    return answer.status_code, text_of(answer.text) if answer.status_code != 303 else answer.location


def seen_at(browser: FlaskClient, path: str) -> str:
    """What the form of a page sends back, so that it is known what of it was seen."""
    found = re.search(r'name="seen" value="(\w*)"', browser.get(f"/bookings/{path}").text)
    assert found is not None
    return found[1]


def change(browser: FlaskClient, path: str, sent: dict[str, str], **more: object) -> tuple[int, str]:
    """Open what is there, and send its form."""
    return send(browser, f"/bookings/{path}", {**sent, "seen": seen_at(browser, path)}, **more)


@pytest.fixture
def offered(db: Connection) -> Connection:
    """A clinic that books already, with somebody still to come to Dr. Lee."""
    with database.immediate(db):
        told.book(db)
    return db


def test_a_box_that_books_nothing_leads_to_where_that_is_said(browser: FlaskClient) -> None:
    assert 'href="/bookings/offered"' in browser.get("/bookings").text
    seen = text_of(browser.get("/bookings/offered").text)
    assert "None yet. Add what callers ask for" in seen
    assert "None yet. Add whom patients see" in seen
    assert "There are none as long as there is no provider." in seen


def test_a_provider_and_a_visit_are_added(browser: FlaskClient, db: Connection) -> None:
    week = {"tuesday-0-opens": "09:00", "tuesday-0-closes": "12:00"}
    own = {
        **LEE,
        "hours": "own",
        "away": "2026-12-24\n2026-12-28",
        "busy_too": "Microsoft:b@c.example",
        **week,
    }
    assert send(browser, "/bookings/providers/new", own) == (303, "/bookings/offered")
    assert send(browser, "/bookings/providers/new", {**LEE, "name": "Dr. Ruíz", "calendar": "own"})[0] == 303
    assert send(browser, "/bookings/visits/new", CLEANING, providers=["dr-ruiz"])[0] == 303
    found = visits.load(db)
    lee, ruiz = found.provider
    assert (lee.slug, lee.calendar, lee.busy_too) == ("dr-lee", LEE["calendar"], ("microsoft:b@c.example",))
    assert lee.hours is not None
    assert [f"{opens:%H:%M}" for opens, _ in lee.hours.of("tuesday")] == ["09:00"]
    assert lee.hours.of("monday") == ()
    assert [day.isoformat() for day in lee.away] == ["2026-12-24", "2026-12-28"]
    assert (ruiz.slug, ruiz.name, ruiz.hours) == ("dr-ruiz", "Dr. Ruíz", None)
    (visit,) = found.visit
    assert (visit.slug, visit.minutes, visit.aliases) == ("cleaning", 45, ("limpieza", "teeth"))
    assert (visit.providers, visit.colour) == (("dr-ruiz",), "#0b8043")
    seen = text_of(browser.get("/bookings/offered").text)
    assert "Cleaning 45 min · Dr. Ruíz Anyone" in seen
    assert [row.deed for row in audit.page(db)] == ["visit added", "provider added", "provider added"]


def test_what_is_there_is_changed_and_keeps_its_slug(browser: FlaskClient, offered: Connection) -> None:
    page = browser.get("/bookings/providers/one/lee").text
    assert 'value="Dr. Lee"' in page
    assert change(browser, "providers/one/lee", {**LEE, "name": "Dr. Bo Lee", "calendar": "own"})[0] == 303
    assert 'value="30"' in browser.get("/bookings/visits/one/cleaning").text
    assert change(browser, "visits/one/cleaning", {**CLEANING, "who": "staff"})[0] == 303
    found = visits.load(offered)
    assert [(each.slug, each.name) for each in found.provider] == [
        ("lee", "Dr. Bo Lee"),
        ("ruiz", "Dr. Ruiz"),
    ]
    assert (found.visit[0].slug, found.visit[0].who) == ("cleaning", "staff")


@pytest.mark.parametrize(
    ("path", "typed", "other"),
    [
        ("providers/one/lee", LEE, {"away": "2026-12-24"}),
        ("visits/one/cleaning", CLEANING, {"minutes": "60"}),
    ],
)
def test_what_another_changed_meanwhile_is_not_taken_back(
    browser: FlaskClient, offered: Connection, path: str, typed: dict[str, str], other: dict[str, str]
) -> None:
    before = seen_at(browser, path)
    assert change(browser, path, {**typed, **other})[0] == 303
    kept = visits.load(offered)
    status, said = send(browser, f"/bookings/{path}", {**typed, "name": "Another", "seen": before})
    assert (status, "Somebody has changed this meanwhile." in said) == (422, True)
    assert visits.load(offered) == kept
    assert change(browser, path, {**typed, "name": "Another"})[0] == 303


def test_the_order_is_changed(browser: FlaskClient, offered: Connection) -> None:
    assert send(browser, "/bookings/providers/one/lee/move", {"to": "later"})[0] == 303
    assert [each.slug for each in visits.load(offered).provider] == ["ruiz", "lee"]
    send(browser, "/bookings/visits/new", {**CLEANING, "name": "Check-up"})
    assert send(browser, "/bookings/visits/one/check-up/move", {"to": "earlier"})[0] == 303
    assert [each.slug for each in visits.load(offered).visit] == ["check-up", "cleaning"]


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("name", "", "This is needed."),
        ("name", "…", "Use letters"),
        ("name", "dr. ruiz", "There is one of this name already."),
        ("calendar", "lee@clinic.example", "Write own, or google:"),
        ("calendar", "ical:x", "Write own, or google:"),
        ("busy_too", "own\nyahoo:x", "Write own, or google:"),
        ("busy_too", "\n".join(f"google:{each}" for each in range(6)), "These are too many."),
        ("away", "24.12.2026", "Write each day as"),
        ("away", "2026-02-30", "Write each day as"),
        ("hours", "never", "Choose one of these."),
    ],
)
def test_what_is_wrong_with_a_provider_is_said_beside_it(
    browser: FlaskClient, offered: Connection, name: str, typed: str, wrong: str
) -> None:
    code, seen = change(browser, "providers/one/lee", {**LEE, name: typed})
    assert (code, wrong in seen) == (422, True)


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("minutes", "4", "from 5 to 480"),
        ("minutes", "1½", "from 5 to 480"),
        ("minutes", "٤٥", "from 5 to 480"),
        ("buffer_minutes", "241", "from 0 to 240"),
        ("notice_hours", "-1", "from 0 to 720"),
        ("ahead_days", "0", "from 1 to 366"),
        ("step_minutes", "7", "Choose one of these."),
        ("colour", "green", "Write a colour"),
        ("aliases", ",".join(str(each) for each in range(21)), "These are too many."),
        ("aliases", "x" * 61, "One of these is too long."),
    ],
)
def test_what_is_wrong_with_a_visit_is_said_beside_it(
    browser: FlaskClient, offered: Connection, name: str, typed: str, wrong: str
) -> None:
    code, seen = change(browser, "visits/one/cleaning", {**CLEANING, name: typed})
    assert (code, wrong in seen) == (422, True)


def test_what_does_not_fit_the_rest_is_said(browser: FlaskClient, offered: Connection) -> None:
    change(browser, "providers/one/lee", LEE)
    code, seen = change(browser, "providers/one/ruiz", {**LEE, "name": "Dr. Ruiz"})
    assert (code, "have one calendar" in seen) == (422, True)
    code, seen = change(browser, "visits/one/cleaning", CLEANING, providers=["nobody"])
    assert (code, "there is none" in seen) == (422, True)


def test_nobody_is_removed_who_has_somebody_to_come_or_is_needed(
    browser: FlaskClient, offered: Connection
) -> None:
    assert send(browser, "/bookings/providers/one/lee/remove", {"sure": "Dr. Ruiz"})[0] == 422
    code, seen = send(browser, "/bookings/providers/one/lee/remove", {"sure": "dr lee"})
    assert (code, "still has" in seen) == (422, True)
    change(browser, "visits/one/cleaning", CLEANING, providers=["ruiz"])
    code, seen = send(browser, "/bookings/providers/one/ruiz/remove", {"sure": "Dr. Ruiz"})
    assert (code, "with that provider alone" in seen) == (422, True)
    assert len(visits.load(offered).provider) == 2


def test_what_is_removed_is_named_and_leaves_the_rest(browser: FlaskClient, offered: Connection) -> None:
    change(browser, "visits/one/cleaning", CLEANING, providers=["lee", "ruiz"])
    assert send(browser, "/bookings/providers/one/ruiz/remove", {"sure": "Dr. Ruiz"})[0] == 303
    assert visits.load(offered).visit[0].providers == ("lee",)
    assert send(browser, "/bookings/visits/one/cleaning/remove", {"sure": "cleaning"})[0] == 303
    assert visits.load(offered).visit == ()
    assert "Cleaning" not in text_of(browser.get("/bookings/offered").text)
    assert "cleaning" in text_of(browser.get("/bookings").text)
    assert [row.target for row in audit.page(offered)][:2] == ["Cleaning", "Dr. Ruiz"]


def test_names_stay_text_and_who_only_reads_changes_nothing(
    browser_of: Callable[[Role], FlaskClient], db: Connection
) -> None:
    front = browser_of(Role.FRONT_DESK)
    send(front, "/bookings/providers/new", {**LEE, "name": rows.HOSTILE[:60], "calendar": "own"})
    for path in ("/bookings/offered", "/bookings/visits/new", "/bookings"):
        assert "<script>alert" not in front.get(path).text
    reader = browser_of(Role.READ_ONLY)
    page = reader.get("/bookings/offered").text
    assert "/bookings/providers" not in page
    assert "/bookings/calendars/ask" not in page


def test_a_name_makes_a_slug_that_is_free() -> None:
    assert form.slug_of("Dr. Álvarez-Núñez", ()) == "dr-alvarez-nunez"
    assert form.slug_of("李", ("other",)) == "other-2"
    assert len(form.slug_of("x" * 60, ["x" * 36])) <= form.SLUG_MOST


def lee_and_ruiz() -> Bookable:
    lee = Provider(slug="lee", name="Dr. Lee", calendar="google:Lee@clinic.example", busy_too=("own",))
    return Bookable(provider=(lee, Provider(slug="ruiz", name="Dr. Ruiz")))


def met(**told: object) -> Told:
    each = {"calendar": "google:lee@clinic.example", **told}
    return Told(there=True, parts={"calendars": {"state": "ok", "each": [each]}})


NINE, TEN, ELEVEN = (f"2026-11-24T{hour:02}:00:00.000Z" for hour in (9, 10, 11))
REFUSED = CalendarLook(TEN, NINE, Trouble.REFUSED, "it is not shared")


@pytest.mark.parametrize(
    ("bridge", "look", "tone", "told", "answered"),
    [
        (Told(there=False), None, "plain", "", ""),
        (Told(there=False), CalendarLook(TEN, TEN), "good", "", TEN),
        (Told(there=False), REFUSED, "bad", "it is not shared", NINE),
        (met(answered="2026-11-24T11:00:00Z"), REFUSED, "good", "", ELEVEN),
        (
            met(answered="2026-11-24T09:30:00Z"),
            REFUSED,
            "bad",
            "it is not shared",
            "2026-11-24T09:30:00.000Z",
        ),
        (
            met(failed="2026-11-24T11:00:00Z", trouble="away", problem="x"),
            CalendarLook(TEN, TEN),
            "care",
            "x",
            TEN,
        ),
        (
            met(failed="2026-11-24T09:00:00Z", trouble="away", problem="x"),
            CalendarLook(TEN, TEN),
            "good",
            "",
            TEN,
        ),
        (met(trouble="no such", answered="no time", rests_s="long"), None, "plain", "", ""),
        (Told(there=True, parts={"calendars": {"each": "nothing"}}), None, "plain", "", ""),
        (Told(there=True, parts={"calendars": {"each": [1]}}), None, "plain", "", ""),
    ],
)
def test_what_was_met_last_counts(
    bridge: Told, look: CalendarLook | None, tone: str, told: str, answered: str
) -> None:
    looks = {} if look is None else {"google:lee@clinic.example": look}
    google, own, ruiz = calendars.standing(lee_and_ruiz(), bridge, looks)
    assert (google.name, google.service, google.whose) == ("lee@clinic.example", "Google", ("Dr. Lee",))
    assert (google.tone, google.told, google.answered_at) == (tone, told, answered)
    assert (own.tone, own.whose, ruiz.whose) == ("good", ("Dr. Lee",), ("Dr. Ruiz",))


def test_each_trouble_is_told_in_plain_words(browser: FlaskClient, db: Connection) -> None:
    send(browser, "/bookings/providers/new", LEE)
    for trouble in Trouble:
        failed = CalendarFailed("Google says <no>", trouble)
        with database.immediate(db):
            calendar_looks.keep(db, rows.at(5), {"google:lee@clinic.example": failed})
        page = browser.get("/bookings/calendars/live").text
        assert calendars.TROUBLES[trouble][1] in text_of(f"<main>{page}")
        assert "says &lt;no&gt;" in page


def test_calendars_are_asked_when_somebody_wants_to_know(browser: FlaskClient, db: Connection) -> None:
    send(browser, "/bookings/providers/new", LEE)
    version = browser.get("/bookings/calendars/live").headers["ETag"]
    for _ in range(2):
        assert send(browser, "/bookings/calendars/ask", {}) == (303, "/bookings/offered#calendars")
    assert [job.kind for job in jobs.page(db)] == [asking_calendars.NAME]
    answer = browser.get("/bookings/calendars/live", headers={"If-None-Match": version})
    assert "They are being asked" in answer.text


@pytest.fixture
def beside(settings: Settings, db: Connection, tmp_path: Path) -> Iterator[FlaskClient]:
    """The pages beside a bridge that leaves a calendar alone for a while."""
    times_of = {"answered": "2026-11-24T16:00:00Z", "failed": "2026-11-24T16:20:00Z"}
    alone = met(**times_of, trouble="away", problem="mute", rests_s=40)
    told = {"parts": {"calendars": dict(alone.parts["calendars"])}}
    with saying(lambda: (200, json.dumps(told).encode())) as (port, _):
        given = {
            "box": {"data_dir": str(settings.box.data_dir)},
            "listen": {"local_port": port, "worker_port": 0},
        }
        app: Flask = create_app(
            checked(given, "test"), now=lambda: rows.NOW, file=tmp_path / "attendant.toml"
        )
        client = app.test_client()
        people.come_in(client, db, people.add(db, Role.OWNER, rows.NOW), rows.NOW)
        yield client


def test_a_calendar_that_is_left_alone_says_for_how_long(beside: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        visits.replace(db, lee_and_ruiz(), now=times.read(rows.NOW))
    seen = text_of(beside.get("/bookings").text)
    assert "Google · lee@clinic.example · answered last: Today, 11:00 AM not well It does not answer." in seen
    assert "it is asked again in 40 s." in seen
