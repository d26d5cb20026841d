"""What the real program does with peers that talk nonsense, too much, too slowly or not at all."""

import asyncio
import json
import socket
from contextlib import AsyncExitStack

import pytest
from wyoming.event import Event

from models import wyoming_wire as wire
from models.local.speech_client import SpeechFailed
from models.speech.connection import Connection, Services
from models.speech.recognition import Recognition
from models.speech.requests import Held
from models.speech.synthesis import Synthesis
from tests.speech.peer import Peer
from tests.speech.program import DATA, WAIT_S, Program, spoken_digit

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE = spoken_digit("1_nicolas")


def header(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


NONSENSE = {
    "no JSON": b"GET / HTTP/1.1\r\nHost: speech\r\n\r\n",
    "binary": bytes(range(256)) * 8,
    "no object": b"[1, 2]\n",
    "nothing": b"\n",
    "no type": header(data={}),
    "a type that is no text": header(type=7),
    "a type without end": header(type="x" * 1000),
    "data that is no object": header(type="describe", data=[1]),
    "data that is no JSON": header(type="describe", data_length=3) + b"abc",
    "a negative length": header(type="audio-chunk", payload_length=-1),
    "a length that is no number": header(type="audio-chunk", payload_length="9"),
    "a length that is true": header(type="audio-chunk", payload_length=True),
    "a payload without end": header(type="audio-chunk", payload_length=10**12),
    "data without end": header(type="describe", data_length=10**9),
    "a line without end": b"x" * (1 << 20),
    "nested without end": b"[" * 60000 + b"\n",
    "no Unicode": b'{"type": "\xff"}\n',
}


async def still_hears(speech: Program) -> None:
    assert (await speech.client.recognise(ONE, "en", WAIT_S)).text == "one"


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_closes_its_own_connection_alone(speech: Program, nonsense: bytes) -> None:
    async with Peer(speech.client.address) as good:
        await good.send(Event("transcribe", {"language": "en"}), wire.audio_start(16000))
        async with Peer(speech.client.address) as bad:
            bad.writer.write(nonsense)
            assert "transcript" not in {event.type for event in await bad.closed()}
        await good.send(*wire.chunks(ONE, 16000), wire.audio_stop())
        assert wire.text_of(await good.next("transcript")) == "one"


@pytest.mark.parametrize(
    "half", [b"", b'{"type": "descr', header(type="audio-chunk", payload_length=1000) + b"half"]
)
async def test_half_a_message_is_let_go(speech: Program, half: bytes) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.raw(half)
    await still_hears(speech)


@pytest.mark.parametrize(
    "event",
    [
        wire.audio_chunk(b"12", 8000),
        Event("audio-chunk", {"rate": 16000, "width": 4, "channels": 1}, b"1234"),
        Event("audio-chunk", {"rate": "fast"}, b"12"),
        Event("audio-start", {"rate": 16000, "width": 2, "channels": 2}),
        Event("audio-start"),
    ],
)
async def test_audio_of_another_kind_is_refused_once(speech: Program, event: Event) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("transcribe"), event, *wire.chunks(ONE, 16000), wire.audio_stop())
        assert (await peer.next()).data["code"] == "format"
        await peer.recognise(ONE)
        assert wire.text_of(await peer.next()) == "one"


@pytest.mark.parametrize(
    "data",
    [
        {"language": 7, "priority": [], "within_ms": "soon"},
        {"language": None, "within_ms": True, "name": {}},
        {"language": "en", "within_ms": 1e300},
    ],
)
async def test_odd_fields_are_passed_over(speech: Program, data: dict[str, object]) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("transcribe", data), *wire.chunks(ONE, 16000), wire.audio_stop())
        assert (await peer.next()).type == "transcript"


async def test_events_of_other_trades_are_passed_over(speech: Program) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("detect"), wire.audio_stop(), Event("ping", {"text": "well?"}))
        pong = await peer.next()
    assert (pong.type, pong.data) == ("pong", {"text": "well?"})


@pytest.mark.parametrize("text", [7, None, ["Hello"], "x" * 5000])
async def test_texts_that_cannot_be_spoken_are_refused(speech: Program, text: object) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("synthesize", {"text": text, "voice": 7}), Event("ping"))
        assert (await peer.next()).data["code"] in {"text", "too-long"}
        assert (await peer.next()).type == "pong"


async def test_audio_without_end_is_refused(speech: Program) -> None:
    minute = wire.chunks(bytes(32000 * 60), 16000)
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("transcribe"))
        for _ in range(11):
            await peer.send(*minute)
        assert (await peer.next()).data["code"] == "too-long"
    await still_hears(speech)


async def test_too_many_requests_on_one_connection_are_refused(speech: Program) -> None:
    async with Peer(speech.client.address) as peer:
        with speech.held("ears"):
            await peer.recognise(ONE)
            # One is under way: from now on they wait, and there is room for four.
            await speech.until(lambda offer: offer.recognising == 1)
            for _ in range(5):
                await peer.recognise(ONE)
            assert (await peer.next()).data["code"] == "busy"
        for _ in range(5):
            answer = await peer.next()
            assert (answer.type, wire.text_of(answer)) == ("transcript", "one")


async def test_too_many_connections_are_refused(speech: Program) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(32):
            peer = await stack.enter_async_context(Peer(speech.client.address))
            await peer.send(Event("ping"))
            assert (await peer.next()).type == "pong"
        one_more = await stack.enter_async_context(Peer(speech.client.address))
        assert (await one_more.next()).data["code"] == "busy"
    # The program hears of the ends one by one: until then a client tries again.
    async with asyncio.timeout(WAIT_S):
        while not await admitted(speech):
            continue
    await still_hears(speech)


async def admitted(speech: Program) -> bool:
    try:
        return bool((await speech.client.describe(WAIT_S)).models)
    except SpeechFailed:
        return False


@pytest.mark.parametrize("half", [b"", b'{"type": "descr', wire.packed(Event("transcribe"))])
async def test_who_says_nothing_whole_is_shown_out(half: bytes) -> None:
    folder = DATA / "models" / "none"
    services = Services(
        "none", Recognition(folder, 1, 1, 1000), Synthesis({}, folder, 1, 1000), Held(1 << 20)
    )
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    with theirs:
        theirs.sendall(half)
        async with asyncio.timeout(WAIT_S):
            await Connection(services, reader, writer, listen_s=0.01).run()
            theirs.setblocking(False)
            assert await asyncio.get_running_loop().sock_recv(theirs, 1) == b""
    assert services.held.now == 0
