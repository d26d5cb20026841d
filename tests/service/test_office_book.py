"""The office of each call: as it is now, one for all calls until something is decided."""

from datetime import datetime
from functools import partial
from pathlib import Path

from appliance.service.office_book import OfficeBook
from appliance.store import office
from appliance.store.reader import Reader
from appliance.store.writer import Writer

AT = "2026-01-01T00:00:00.000Z"


async def test_calls_share_an_office_until_something_is_decided(writer: Writer, reader: Reader) -> None:
    book = OfficeBook(reader)
    first = await book.now()
    assert await book.now() is first
    await writer.promise(lambda db: office.set_value(db, "business_name", "Riverside", at=AT, by="jo"))
    second = await book.now()
    assert second.staff.business_name == "Riverside"
    assert first.staff.business_name != "Riverside"
    assert await book.now() is second


async def test_the_last_office_serves_when_the_store_cannot_be_read(tmp_path: Path) -> None:
    nowhere = Reader(tmp_path / "none.db")
    book = OfficeBook(nowhere)
    book.clock = lambda: datetime.fromisoformat("2026-11-25T15:00:00+00:00")
    known = book.last
    first = await book.now()
    assert first.staff == known.staff
    assert await book.now() is first
    # Also then it is closed when it is.
    book.clock = lambda: datetime.fromisoformat("2026-11-25T23:00:00+00:00")
    assert not (await book.now()).open_now
    await nowhere.close()


async def test_a_clinic_that_is_closed_today_is_open_again_tomorrow(writer: Writer, reader: Reader) -> None:
    book = OfficeBook(reader)
    await writer.promise(lambda db: office.set_value(db, "closed_on", ["2026-11-25"], at=AT, by="jo"))
    # 22:30 of the day in New York, and half past midnight.
    for at, closed, is_open in (
        ("2026-11-25T15:00:00+00:00", True, False),
        ("2026-11-26T03:30:00+00:00", True, False),
        ("2026-11-26T05:30:00+00:00", False, False),
        ("2026-11-26T15:00:00+00:00", False, True),
    ):
        now_is = datetime.fromisoformat(at)
        book.clock = partial(datetime.astimezone, now_is)
        now = await book.now()
        assert (now.closed_today, now.open_now) == (closed, is_open)


async def test_the_first_read_has_time_for_a_country_s_holidays(writer: Writer, reader: Reader) -> None:
    book = OfficeBook(reader)
    kept = {"kept": ["Thanksgiving Day"]}
    await writer.promise(lambda db: office.set_value(db, "holidays", kept, at=AT, by="jo"))
    thanksgiving = datetime.fromisoformat("2026-11-26T15:00:00+00:00")
    book.clock = partial(datetime.astimezone, thanksgiving)
    now = await book.now()
    assert (now.closed_today, now.open_now) == (True, False)
    assert now.hours_said("en").startswith("Today we are closed for Thanksgiving. ")
