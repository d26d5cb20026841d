"""The box's own calendar by its link: who has it reads it, and nobody else does."""

from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from appliance.service.booking.feed import Feeds
from appliance.store import database, office, own_events, visits
from tests.service.booking.clinic import NOW, ONE_DOCTOR, Clinic, clinic


def link(office_: Clinic, *, names: bool) -> str:
    db = database.connect(office_.path)
    with database.immediate(db):
        visits.replace(db, visits.checked(ONE_DOCTOR), now=NOW)
        office.set_value(db, "calendar_names", names, at="2026-11-26T00:00:00.000Z", by="test")
        token = own_events.add_link(db, "lee", now=NOW)
    db.close()
    return f"/calendar/{token}.ics"


async def test_who_has_the_link_reads_the_calendar(tmp_path: Path) -> None:
    for names in (False, True):
        folder = tmp_path / str(names)
        folder.mkdir()
        async with clinic(folder, calendar_names=names) as office_:
            await office_.caller().books("as soon as possible")
            path = link(office_, names=names)
            app = web.Application()
            app.add_routes(Feeds(office_.books.reader).routes())
            async with TestClient(TestServer(app)) as http:
                told = await http.get(path)
                text = (await told.text()).replace("\r\n ", "")
                assert told.headers["Content-Type"] == "text/calendar; charset=utf-8"
                assert told.headers["Cache-Control"] == "private, no-store"
                assert "SUMMARY:Check-up (" in text
                assert "X-WR-CALNAME:Dr. Lee\\, " in text
                assert ("Ruiz" in text) is names
                for wrong in ("/calendar/" + "A" * 43 + ".ics", "/calendar/x.ics", "/calendar/", path[:-4]):
                    assert (await http.get(wrong)).status == 404
