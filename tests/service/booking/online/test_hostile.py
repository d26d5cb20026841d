"""Who has no link, and who sends what no page of ours sends, gets nothing and disturbs nobody."""

import asyncio
import threading
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.service.booking.online.asked import NAME_MOST, WISH_MOST, asked
from appliance.service.booking.online.pace import LINK_MOST, LINK_S, Pace
from tests.service.booking.clinic import NOW, fails
from tests.service.booking.online.test_pages import nothing
from tests.service.booking.online.visitor import Page, Scene, scene

TOKENS = [
    "A" * 42,
    "A" * 44,
    "A" * 42 + ".",
    "%00" + "A" * 40,
    "../" + "A" * 40,
    "A" * 42 + "%27",
    "A" * 43,
    "A" * 5000,
]
FORMS: list[dict[str, str]] = [
    {"do": "book"},
    {"do": "book", "visit": "check-up", "at": "1795710600 lee", "name": "7"},
    {"do": "hold", "visit": "check-up", "at": "1 lee"},
    {"do": "hold", "visit": "check-up", "at": "99999999999 lee"},
    {"do": "hold", "visit": "check-up", "at": "1795699800 nobody"},
    {"do": "hold", "visit": "check-up", "at": "1795699800' OR 1=1 lee"},
    {"do": "hold", "visit": "check-up", "at": "١٧٩٥٦٩٩٨٠٠ lee"},
    {"do": "hold", "visit": "../../etc/passwd", "at": "1795699800 lee"},
    {"do": "delete", "visit": "check-up"},
    {"do": "", "visit": "<script>alert(1)</script>", "name": "<script>alert(1)</script>"},
    {"visit": "check-up", "from": "2026-13-77"},
    {"visit": "check-up", "with": "x" * 3000},
    {"do": "request", "name": "\x00\u202e"},
]


@pytest.mark.parametrize("token", TOKENS)
async def test_without_a_link_there_is_nothing(tmp_path: Path, token: str) -> None:
    async with scene(tmp_path) as clinic:
        await clinic.visitor()
        stranger = clinic.stranger(token)
        assert (await stranger.look()).status in (400, 404)
        assert (await stranger.post(do="request", name="Ana Ruiz", wish="now")).status in (400, 404)
        await nothing(clinic)


async def test_a_token_is_told_by_every_letter(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        for place in (0, 20, 41):
            other = "A" if visitor.token[place] != "A" else "B"
            token = visitor.token[:place] + other + visitor.token[place + 1 :]
            assert (await clinic.stranger(token).look()).status == 404
        assert (await clinic.stranger(visitor.token.swapcase()).look()).status == 404


@pytest.mark.parametrize("form", FORMS)
async def test_no_form_but_ours_does_anything(tmp_path: Path, form: dict[str, str]) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        async with clinic.http.post(visitor.address, data=form) as answer:
            html = await answer.text()
            assert answer.status == 200
        assert "<script>" not in html
        assert "passwd" not in html
        await nothing(clinic)


async def test_a_time_that_is_not_free_cannot_be_had(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        free = int((await visitor.look()).read.picks[0].split()[0])
        at_night = free - free % 86400 + 8 * 3600
        for start in (free + 60, at_night, free - 86400, free + 200 * 86400):
            for does in ("hold", "book"):
                page = await visitor.post(do=does, visit="check-up", at=f"{start} lee", name="Ana Ruiz")
                assert "has just been taken" in page.read.text
        await nothing(clinic)


async def test_bodies_that_are_no_form_are_refused(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        many = "&".join(f"f{number}=1" for number in range(50))
        bodies: list[tuple[bytes, dict[str, str], int]] = [
            (b"do=book&name=" + b"x" * 5000, form, 413),
            (b"{}", {"Content-Type": "application/json"}, 415),
            (many.encode(), form, 400),
            (b"do=book&do=hold&name=Ana&name=Eva", form, 400),
        ]
        for body, headers, status in bodies:
            async with clinic.http.post(visitor.address, data=body, headers=headers) as answer:
                assert answer.status == status
                assert answer.headers["Cache-Control"] == "private, no-store"
        parts = aiohttp.FormData()
        parts.add_field("name", b"x", filename="x.txt")
        async with clinic.http.post(visitor.address, data=parts) as answer:
            assert answer.status == 415
        async with clinic.http.put(visitor.address) as answer:
            assert answer.status == 405
        await nothing(clinic)


async def test_who_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        clock = [0.0]
        clinic.pages.pace = Pace(lambda: clock[0])
        visitor = await clinic.visitor()
        clinic.clinic.own.before["busy"] = fails()
        for _ in range(LINK_MOST):
            assert (await visitor.look()).status == 200
        assert (await visitor.look()).status == 429
        # Another link is not hindered by that.
        assert (await (await clinic.visitor()).look()).status == 200
        clock[0] += LINK_S + 1
        assert (await visitor.look()).status == 200


def flood(clinic: Scene, tasks: asyncio.TaskGroup, many: int) -> list[asyncio.Task[Page]]:
    """So many who have no link, at the same time."""
    strangers = [clinic.stranger(f"{place:043}") for place in range(many)]
    return [tasks.create_task(each.look(), name="a stranger") for each in strangers]


async def test_those_without_a_link_keep_nobody_waiting_who_has_one(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitor = await clinic.visitor()
        assert (await visitor.look()).status == 200
        reads = clinic.pages.register.reads
        async with asyncio.TaskGroup() as tasks:
            strangers = flood(clinic, tasks, 300)
            pages = [await visitor.look() for _ in range(5)]
        assert {page.status for page in pages} == {200}
        assert {each.result().status for each in strangers} == {404}
        # The store was asked for all of them together.
        assert clinic.pages.register.reads - reads <= 5


async def test_a_link_of_just_now_is_known_in_the_middle_of_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        assert (await clinic.stranger("A" * 43).look()).status == 404
        async with asyncio.TaskGroup() as tasks:
            flood(clinic, tasks, 50)
            assert (await (await clinic.visitor()).look()).status == 200


async def test_one_link_leaves_room_for_others(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic, asyncio.TaskGroup() as tasks:
        begun, go = threading.Event(), threading.Event()

        def slow() -> None:
            begun.set()
            go.wait(30)

        greedy, other = await clinic.visitor(), await clinic.visitor()
        clinic.clinic.own.before["busy"] = slow
        looks = [tasks.create_task(greedy.look("?visit=check-up"), name="a look") for _ in range(8)]
        await asyncio.to_thread(begun.wait, 30)
        clinic.clinic.own.before.clear()
        try:
            assert (await other.look("?visit=check-up")).status == 200
        finally:
            go.set()
        assert {(await each).status for each in looks} == {200}


async def test_many_at_once_are_told_to_come_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as clinic:
        visitors = [await clinic.visitor() for _ in range(12)]
        pages = await asyncio.gather(*(visitor.look() for visitor in visitors))
        assert {page.status for page in pages} <= {200, 429}
        assert sum(page.status == 200 for page in pages) >= 4
        assert (await visitors[0].look()).status == 200


@given(
    st.dictionaries(st.sampled_from(["do", "visit", "with", "from", "at", "name", "born", "wish"]), st.text())
)
def test_whatever_is_sent_is_read(fields: dict[str, str]) -> None:
    told = asked(fields, NOW.date())
    assert len(told.name) <= NAME_MOST
    assert len(told.wish) <= WISH_MOST
    assert told.name == told.name.strip()
    assert told.name.isprintable()
    assert told.wish.isprintable()
    assert told.does in ("", "hold", "book", "request")
