"""Browsers at the socket: who is let in, what is spoken, and what those do who mean no good."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import aiohttp
import orjson
import pytest
import pytest_asyncio

from appliance.core.rehearsal import Mode
from appliance.store import database, usage
from scripts.loopback_box import API_KEY, CALLER, LoopbackBox
from tests.golden.clinic import LOOK_AGAIN_S, until
from tests.peers.carrier import speech
from tests.peers.realtime import RealtimePeer, Script
from tests.service.rehearsal import staged
from tests.service.rehearsal.staged import SCRIPT, SILENCE, browser, everything, kinds
from tests.wire import raw

pytestmark = pytest.mark.asyncio(loop_scope="module")

START_S = 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cloud() -> AsyncIterator[RealtimePeer]:
    async with RealtimePeer(Script.parse(SCRIPT), key=API_KEY) as peer:
        yield peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory, cloud: RealtimePeer) -> AsyncIterator[LoopbackBox]:
    made = LoopbackBox(
        tmp_path_factory.mktemp("box"),
        cloud_url=cloud.url,
        settings={"limits": {"start_s": START_S}},
        staff={"front_door": "assistant"},
    )
    async with made:
        yield made


async def speak(page: staged.Browser, frames: list[bytes]) -> None:
    """Send sound as a microphone does, and silence behind it."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for place, frame in enumerate([*frames, *[SILENCE] * 60]):
        await page.socket.send_bytes(frame)
        await asyncio.sleep(max(0.0, began + place * 0.02 - loop.time()))


async def test_a_microphone_is_heard_and_answered_and_nothing_is_kept(box: LoopbackBox) -> None:
    word = staged.token(box, Mode.SPOKEN, staged.account(box), origin=staged.ORIGIN)
    before = everything(box)
    async with browser(box, Mode.SPOKEN, word) as page:
        await page.until("your_turn")
        assert len(page.sound) > 4000
        await speak(page, list(speech.load("s2p_what_time_is_it").frames))
        await page.until("tool_done")
        await page.until("your_turn", 2)
        await page.send({"hang_up": True})
        over = await page.until("over")
    assert over["outline"]["parts"]["tools"] == ["get_business_hours"]
    assert ["caller", "what time is it"] in over["outline"]["wording"]
    assert kinds(page.told)[0] == "begun"
    assert everything(box) == before


async def test_the_cloud_is_told_what_was_typed_in_words(box: LoopbackBox, cloud: RealtimePeer) -> None:
    word = staged.token(box, Mode.TYPED, staged.account(box), origin=staged.ORIGIN)
    before = everything(box)
    async with browser(box, Mode.TYPED, word) as page:
        await page.until("your_turn")
        await page.send({"line": "do you have a parking lot"})
        await page.until("your_turn", 2)
        await page.send({"key": "0"})
        over = await page.until("over")
    received = [event for _, event in cloud.sessions[-1].received]
    told = [event["item"] for event in received if event["type"] == "conversation.item.create"]
    words = [each["text"] for item in told for each in item.get("content", ())]
    assert words == ["do you have a parking lot"]
    assert ["caller", "do you have a parking lot"] in over["outline"]["wording"]
    assert everything(box) == before


async def test_what_the_cloud_cost_counts_for_the_day(box: LoopbackBox) -> None:
    assert await until(lambda: paid(box)) > 0


def paid(box: LoopbackBox) -> float:
    db = database.connect_readonly(box.database)
    try:
        return usage.cost_since(db, "2026-01-01T00:00:00.000Z")
    finally:
        db.close()


@pytest.mark.parametrize("origin", ["https://evil.example", "https://attendant.lan:8443", "null"])
async def test_a_token_is_good_for_pages_of_its_own_address_alone(box: LoopbackBox, origin: str) -> None:
    word = staged.token(box, Mode.TYPED, staged.account(box), origin=staged.ORIGIN)
    async with browser(box, Mode.TYPED, word, origin=origin) as page:
        refused = await page.until("refused")
    assert refused["why"] == "origin"


async def test_a_socket_without_an_origin_is_refused(box: LoopbackBox) -> None:
    async with raw.connected(box.ports["local"]) as connection:
        assert await raw.handshake(connection, "/rehearse", {}) == 403


@pytest.mark.parametrize(
    "frame",
    [
        (b"\x81", b'{"token":"nonsense"}'),
        (b"\x81", b'{"token":""}'),
        (b"\x81", b'{"token":["a"]}'),
        (b"\x81", b'{"line":"hello"}'),
        (b"\x81", b"[" * 4000),
        (b"\x81", b"x" * 5000),
        (b"\x81", b"\xff\xfe"),
        (b"\x82", b"\xff" * 160),
        (b"\x8b", b""),
    ],
    ids=count(),
)
async def test_who_does_not_begin_with_a_token_is_thrown_out(
    box: LoopbackBox, frame: tuple[bytes, bytes]
) -> None:
    head, payload = frame
    async with raw.connected(box.ports["local"]) as connection:
        headers = {"Origin": staged.ORIGIN}
        assert await raw.handshake(connection, "/rehearse", headers) == 101
        socket = raw.Socket(connection)
        await socket.send(raw.frame(head[0] & 0x0F, payload))
        assert await socket.close_code(START_S + 3) in (1002, 1006, 1007, 1008, 1009)


async def test_who_says_nothing_is_thrown_out_and_few_may_wait(box: LoopbackBox) -> None:
    async with aiohttp.ClientSession() as http:
        url, headers = f"{box.local_base}/rehearse", {"Origin": staged.ORIGIN}
        waiting = [await http.ws_connect(url, headers=headers) for _ in range(4)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url, headers=headers)
        assert refused.value.status == 429
        for socket in waiting:
            assert (await socket.receive(timeout=START_S + 3)).type is aiohttp.WSMsgType.CLOSE
            await socket.close()


async def bad_end(box: LoopbackBox, mode: Mode, *messages: bytes | str, times: int = 1) -> str:
    """What a rehearsal whose browser sends this ends with."""
    word = staged.token(box, mode, staged.account(box), origin=staged.ORIGIN)
    async with browser(box, mode, word) as page:
        await page.until("begun")
        for _ in range(times):
            for message in messages:
                if isinstance(message, bytes):
                    await page.socket.send_bytes(message)
                else:
                    await page.socket.send_str(message)
        return str((await page.until("ends"))["why"])


@pytest.mark.parametrize(
    ("message", "times"),
    [
        (b"\xff" * 161, 1), (b"", 1), (b"\xff" * 4000, 1), ("{", 1), ("[]", 1), ('{"line":"hello"}', 1),
        ('{"token":"again"}', 1), ('{"key":"12"}', 1), ('{"key":7}', 1), ('{"mark":""}', 1),
        ('{"hang_up":"no"}', 1), (SILENCE, 200), ('{"mark":"0-800"}', 400),
    ],
    ids=count(),
)  # fmt: skip
async def test_a_microphone_that_sends_nonsense_ends_its_own_rehearsal(
    box: LoopbackBox, message: bytes | str, times: int
) -> None:
    assert "the leg failed" in await bad_end(box, Mode.SPOKEN, message, times=times)


@pytest.mark.parametrize(
    ("message", "times"),
    [
        ('{"line":""}', 1), ('{"line":"\\u0000"}', 1), (orjson.dumps({"line": "x" * 501}).decode(), 1),
        ('{"line":"a","more":1}', 1), ('{"mark":"0-1"}', 1), ('{"key":"5"}', 400),
    ],
    ids=count(),
)  # fmt: skip
async def test_what_nobody_types_ends_its_own_rehearsal(box: LoopbackBox, message: str, times: int) -> None:
    assert "the leg failed" in await bad_end(box, Mode.TYPED, message, times=times)


async def test_a_closed_page_is_a_hang_up(box: LoopbackBox) -> None:
    for mode in Mode:
        word = staged.token(box, mode, staged.account(box, f"Who is {mode}"), origin=staged.ORIGIN)
        async with browser(box, mode, word) as page:
            await page.until("begun")
    async with asyncio.timeout(10):
        for pause_s in iter(lambda: LOOK_AGAIN_S, None):
            if not await going(box):
                break
            await asyncio.sleep(pause_s)


async def going(box: LoopbackBox) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{box.local_base}/metrics") as answer:
        return "attendant_rehearsals_live 0.0" not in await answer.text()


async def test_plain_requests_are_not_for_browsers(box: LoopbackBox) -> None:
    url = f"{box.local_base}/rehearse/typed"
    async with aiohttp.ClientSession() as http:
        for headers in ({"Origin": staged.ORIGIN}, {"Sec-Fetch-Site": "same-origin"}, {"Referer": "x"}):
            async with http.post(url, json={"token": "x"}, headers=headers) as answer:
                assert answer.status == 403
        for body in ("{", "[]", '{"token":1}', '{"token":"x","more":1}', "x" * 5000):
            async with http.post(url, data=body, headers={"Content-Type": "application/json"}) as answer:
                assert answer.status == 400, body
        async with http.post(url, data="token=x") as answer:
            assert answer.status == 400
        async with http.post(f"{url}/{'x' * 32}", json={"hang_up": True}) as answer:
            assert answer.status == 404


async def test_no_call_was_counted_and_nobody_rang(box: LoopbackBox) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{box.local_base}/metrics") as answer:
        page = await answer.text()
    assert "attendant_calls_offered_total 0.0" in page
    assert "attendant_calls_live 0.0" in page
    assert CALLER not in box.log_path.read_text()
