"""The page behind a link: it books as a call does, says what is so, and shows nothing of anybody else."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Appointment, Span
from appliance.store.bookings import State
from tests.service.booking.clinic import TUESDAY_AT_TWO, fails
from tests.service.booking.online.visitor import MOBILE, PHONE, Scene, scene

TWO: dict[str, Any] = {
    "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
    "visit": [
        {"slug": "check-up", "name": "Check-up", "minutes": 30},
        {"slug": "surgery", "name": "Surgery <1>", "minutes": 60, "providers": ["ruiz"]},
        {"slug": "audit", "name": "Audit", "who": "staff"},
    ],
}
WORDS = {
    "en": (
        "Book an appointment",
        "Booked",
        "You are booked: ",
        "Patient's full name",
        "In an emergency call 911.",
    ),
    "es": (
        "Pedir una cita",
        "Cita hecha",
        "Su cita está hecha: ",
        "Nombre completo",
        "En una emergencia llame al 911.",
    ),
}


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_visitor_books(tmp_path: Path, language: str) -> None:
    title, booked, said, name, emergency = WORDS[language]
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor(language)
        page = await visitor.look()
        assert page.status == 200
        assert page.read.language == language
        assert title in page.read.text
        assert page.read.picks
        picked, held = await visitor.holds(3)
        assert name in held.read.text
        assert "9:04" in held.read.text
        assert clinic.clinic.rows() == []
        done = await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz", born="1980-03-09")
        assert booked in done.read.text
        assert said in done.read.text
        assert "Ana" not in done.read.text
        assert emergency in done.read.text
        assert PHONE in done.read.text
        (kept,) = clinic.clinic.rows()
        assert kept.language == language
        assert (kept.state, kept.patient, kept.phone, kept.born) == (
            State.BOOKED,
            "Ana Ruiz",
            MOBILE,
            "1980-03-09",
        )
        assert f"{int(kept.span.start.timestamp())} lee" == picked
        assert len(clinic.clinic.events()) == 1
        # Who looks again sees the same, and can book no more by it.
        assert (await visitor.look("?visit=check-up")).read.text == done.read.text
        again = await visitor.post(do="hold", visit="check-up", at=picked)
        assert again.read.text == done.read.text
        assert len(clinic.clinic.rows()) == 1
        assert clinic.clinic.notes() == []


async def test_pressed_twice_it_is_booked_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        picked, _ = await visitor.holds()
        pressed = {"do": "book", "visit": "check-up", "at": picked, "name": "Ana Ruiz"}
        pages = await asyncio.gather(*(visitor.post(**pressed) for _ in range(4)))
        assert {page.status for page in pages} <= {200, 429}
        assert "You are booked" in pages[0].read.text
        assert len(clinic.clinic.events()) == 1
        assert [row.state for row in clinic.clinic.rows()] == [State.BOOKED]


async def test_looking_holds_nothing_and_books_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        at = (await visitor.look()).read.picks[0].replace(" ", "+")
        for query in (f"?do=hold&visit=check-up&at={at}", f"?do=book&visit=check-up&at={at}&name=Ana+Ruiz"):
            assert (await visitor.look(query)).read.picks
        caller = clinic.clinic.caller()
        assert (await caller.wants("today")).offers
        assert clinic.clinic.rows() == []


async def test_what_one_holds_another_cannot_have(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        one, other = await clinic.visitor(), await clinic.visitor()
        before = (await other.look()).read.picks
        picked, _ = await one.holds()
        assert picked not in (await other.look()).read.picks
        page = await other.post(do="hold", visit="check-up", at=picked)
        assert "has just been taken" in page.read.text
        assert "alert" in page.read.roles
        booked = await other.post(do="book", visit="check-up", at=picked, name="Eva Soto")
        assert "has just been taken" in booked.read.text
        # A visitor holds one time: with the next the first is free.
        await one.holds(4)
        assert picked in (await other.look()).read.picks
        assert len(before) > 2


async def test_a_hold_that_has_run_out_is_good_while_nobody_else_has_the_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        picked, _ = await visitor.holds(5)
        clinic.clinic.later(minutes=5)
        at = picked.replace(" ", "+")
        assert "not held for you any more" in (await visitor.look(f"?visit=check-up&at={at}")).read.text
        await clinic.clinic.books.purge()
        page = await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz")
        assert "You are booked" in page.read.text


async def test_what_came_into_the_calendar_meanwhile_is_not_booked_over(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        picked, _ = await visitor.holds()
        start = datetime.fromtimestamp(int(picked.split()[0]), UTC)
        span = Span(start, start + timedelta(minutes=30))
        theirs = Appointment("theirs", "Somebody", "", span, "America/New_York")
        OwnCalendar(clinic.clinic.path).keep("lee", theirs)
        page = await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz")
        assert "has just been taken" in page.read.text
        assert "Somebody" not in page.html
        assert clinic.clinic.rows() == []
        assert len(clinic.clinic.events()) == 1
        # The link is good for another time.
        assert "You are booked" in (await visitor.books(3)).read.text


async def test_a_calendar_that_does_not_confirm_makes_a_request_of_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        picked, _ = await visitor.holds()
        clinic.clinic.own.before["keep"] = fails()
        page = await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz")
        assert "Requested, not booked yet" in page.read.text
        assert "Booked" not in page.read.text
        ((subject, body),) = clinic.clinic.notes()
        assert subject == "Appointment wanted"
        assert "Ana Ruiz" in body
        assert MOBILE in body
        # When the box has it confirmed later, the page says so.
        clinic.clinic.own.before.clear()
        clinic.clinic.later(seconds=30)
        await clinic.clinic.settle()
        assert "You are booked" in (await visitor.look()).read.text


async def test_without_a_calendar_a_request_is_written_down_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor("es")
        clinic.clinic.own.before["busy"] = fails()
        page = await visitor.look()
        assert "no podemos ver el calendario" in page.read.text
        told = {"do": "request", "visit": "check-up", "name": "Ana Ruiz", "wish": "el martes, <b>tarde</b>"}
        unnamed = await visitor.post(**{**told, "name": " "})
        assert "nombre completo" in unnamed.read.text
        assert "<b>" not in unnamed.html
        for _ in range(2):
            page = await visitor.post(**told)
            assert "Solicitud anotada, todavía sin cita" in page.read.text
        ((subject, body),) = clinic.clinic.notes()
        assert subject == "Appointment wanted"
        assert body.endswith(f"Patient: Ana Ruiz. Call back: {MOBILE}")
        assert "el martes, <b>tarde</b>" in body


async def test_a_link_is_good_for_its_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor(hours=1)
        picked, _ = await visitor.holds()
        clinic.clinic.later(hours=1)
        for page in (
            await visitor.look(),
            await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz"),
        ):
            assert page.status == 410
            assert "not valid any more" in page.read.text
        assert clinic.clinic.rows() == []


async def test_a_visit_and_a_provider_are_picked(tmp_path: Path) -> None:
    async with scene(tmp_path, TWO) as clinic:
        visitor = await clinic.visitor()
        page = await visitor.look()
        assert page.read.links == ["?visit=check-up", "?visit=surgery"]
        assert "Surgery &lt;1&gt;" in page.html
        assert "Audit" not in page.html
        everybody = await visitor.look("?visit=check-up")
        assert "?visit=check-up&with=ruiz" in everybody.read.links
        theirs = await visitor.look("?visit=check-up&with=ruiz")
        assert {pick.split()[1] for pick in theirs.read.picks} == {"ruiz"}
        picked = theirs.read.picks[0]
        held = await visitor.post(do="hold", visit="check-up", at=picked, with_="ruiz")
        assert "with Dr. Ruiz" in held.read.text
        done = await visitor.post(do="book", visit="check-up", at=picked, name="Ana Ruiz")
        assert "with Dr. Ruiz" in done.read.text
        # What only staff may book is nothing here.
        other = await clinic.visitor()
        assert (await other.look("?visit=audit")).read.links == page.read.links
        assert (await other.post(do="hold", visit="audit", at=picked)).read.links == page.read.links


async def test_later_days_are_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        first = await visitor.look()
        later = next(each for each in first.read.links if "from=" in each)
        second = await visitor.look(later)
        assert int(second.read.picks[0].split()[0]) > int(first.read.picks[-1].split()[0])
        assert "First free times" in second.read.text
        far = await visitor.look("?from=9999-12-31")
        assert "Nothing is free" in far.read.text
        assert (await visitor.look("?from=1999-01-01")).read.picks == first.read.picks


async def test_a_visit_for_known_patients_is_a_request_of_others(tmp_path: Path) -> None:
    known = {"provider": TWO["provider"], "visit": [{"slug": "check-up", "name": "Check-up", "who": "known"}]}
    async with scene(tmp_path, known) as clinic:
        page = await (await clinic.visitor()).books()
        assert "Requested, not booked yet" in page.read.text
        assert clinic.clinic.events() == []
        assert len(clinic.clinic.notes()) == 1


async def test_nothing_of_other_patients_is_shown(tmp_path: Path) -> None:
    async with scene(tmp_path, calendar_names=True) as clinic:
        caller = clinic.clinic.caller()
        await caller.books("Tuesday 2pm", Identity("", "Zoe Zimmerman", "1980-03-09"))
        visitor = await clinic.visitor()
        pages = [await visitor.look(), (await visitor.holds())[1], await visitor.books(4)]
        assert not any("Zimmerman" in page.html or "1980-03" in page.html for page in pages)
        at_two = f"{int(TUESDAY_AT_TWO.timestamp())} lee"
        assert at_two not in pages[0].read.picks


async def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        picked, _ = await visitor.holds()
        told = {"do": "book", "visit": "check-up", "at": picked}
        nameless = await visitor.post(**told, name="7", born="1980-03-09")
        assert "Please write the patient's full name." in nameless.read.text
        assert nameless.read.fields["born"] == "1980-03-09"
        unborn = await visitor.post(**told, name='Ana "Ruiz" O\'Neil', born="2999-01-01")
        assert "Please check the day of birth." in unborn.read.text
        assert unborn.read.fields["name"] == 'Ana "Ruiz" O\'Neil'
        assert clinic.clinic.rows() == []


async def test_pages_need_no_script_and_fetch_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, TWO) as clinic:
        visitor = await clinic.visitor()
        pages = [await visitor.look(), await visitor.look("?visit=check-up"), (await visitor.holds())[1]]
        for page in pages:
            assert {"main", "h1", "title", "header", "footer"} <= page.read.tags
            assert not {"script", "img", "link", "iframe", "object"} & page.read.tags
            assert "http" not in page.html
            assert "url(" not in page.html
            policy = page.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "form-action 'self'" in policy
            assert page.headers["Cache-Control"] == "private, no-store"
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


async def test_the_box_tells_what_is_so_when_an_appointment_is_cancelled(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        await visitor.books()
        (row,) = clinic.clinic.rows()
        await clinic.clinic.books.ask_cancel(row.key)
        await clinic.clinic.books.cancelled(row.key, None)
        page = await visitor.look()
        assert "Your appointment is cancelled" in page.read.text
        assert "Booked" not in page.read.text


async def nothing(clinic: Scene) -> None:
    """Nothing has come of it."""
    assert clinic.clinic.rows() == []
    assert clinic.clinic.notes() == []
    assert clinic.clinic.events() == []
