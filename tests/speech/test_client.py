"""The client against servers of every kind: stock, dying and mute ones, and some that are no such servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest
from wyoming.event import Event

from models import wyoming_wire as wire
from models.local.speech_client import Named, Recognised, Sound, SpeechClient, SpeechFailed
from tests.speech.program import WAIT_S

PCM = bytes(64000)


class Server:
    """A server that answers each connection with the next of its answers, the last one for ever."""

    def __init__(self, *answers: "bytes | Answer", at_once: bool = False) -> None:
        self._at_once = at_once
        self.asked: list[list[Event]] = []
        self.complete = asyncio.Event()
        self.closed = asyncio.Event()
        self._answers = list(answers)
        self._connections: set[asyncio.Task[None]] = set()

    async def end(self) -> None:
        """Let go of all connections."""
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        asked: list[Event] = []
        self.asked.append(asked)
        events = wire.EventReader()
        ends = {"audio-stop", "synthesize", "describe"}
        try:
            while not self._at_once and not ends & {event.type for event in asked}:
                asked += events.feed(await reader.read(65536))
            self.complete.set()
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        except ConnectionError:
            # The client is gone, as it may be.
            return
        finally:
            self.closed.set()
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(folder: Path, server: Server) -> AsyncIterator[SpeechClient]:
    path = folder / "server.sock"
    async with await asyncio.start_unix_server(server.arrived, path):
        try:
            yield SpeechClient(f"unix://{path}")
        finally:
            await server.end()


async def mute(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing until the peer is gone."""
    await reader.read()


def packed(*events: Event) -> bytes:
    return b"".join(wire.packed(event) for event in events)


def transcript(**data: object) -> bytes:
    return packed(Event("transcript", {"text": " Hello. ", **data}))


# Recognition -------------------------------------------------------------------------------------------


async def test_a_stock_server_knows_no_confidence(tmp_path: Path) -> None:
    server = Server(transcript())
    async with serving(tmp_path, server) as client:
        found = await client.recognise(PCM, "en-US", WAIT_S)
    assert found == Recognised("Hello.", None, "en", True)
    (events,) = server.asked
    assert [event.type for event in events[:2]] == ["transcribe", "audio-start"]
    assert events[0].data["language"] == "en"
    assert b"".join(event.payload or b"" for event in events) == PCM


async def test_it_is_known_how_the_program_answered_last(tmp_path: Path) -> None:
    client = SpeechClient(f"unix://{tmp_path / 'nobody.sock'}")
    assert client.standing.at is None
    with pytest.raises(SpeechFailed):
        await client.recognise(PCM, "en", WAIT_S)
    assert client.standing.problem == "unreachable"
    async with serving(tmp_path, Server(transcript())) as client:
        client.standing.failed("late")
        await client.recognise(PCM, "en", WAIT_S)
        assert (client.standing.failing_since, client.standing.problem) == (None, "")


@pytest.mark.parametrize(("code", "problem"), [("busy", ""), ("text", ""), ("unavailable", "unavailable")])
async def test_a_program_that_is_busy_answers_and_one_without_weights_does_not(
    tmp_path: Path, code: str, problem: str
) -> None:
    async with serving(tmp_path, Server(packed(Event("error", {"text": "no", "code": code})))) as client:
        with pytest.raises(SpeechFailed):
            await client.recognise(PCM, "en", WAIT_S)
        assert client.standing.at is not None
        assert client.standing.problem == problem


async def test_a_voicemail_says_that_it_can_wait(tmp_path: Path) -> None:
    server = Server(transcript())
    async with serving(tmp_path, server) as client:
        await client.recognise(PCM, "en", WAIT_S)
        await client.recognise(PCM, "en", WAIT_S, live=False)
    assert [asked[0].data["priority"] for asked in server.asked] == ["live", "background"]
    assert all(0 < asked[0].data["within_ms"] <= WAIT_S * 1000 for asked in server.asked)


@pytest.mark.parametrize(
    ("sure", "told"), [(0.5, 0.5), (1, 1.0), (0, 0.0), (7, None), ("high", None), (None, None), ([], None)]
)
async def test_odd_confidence_is_none(tmp_path: Path, sure: object, told: float | None) -> None:
    async with serving(tmp_path, Server(transcript(confidence=sure))) as client:
        assert (await client.recognise(PCM, "en", WAIT_S)).confidence == told


@pytest.mark.parametrize("data", [{"text": ""}, {"text": "you", "no_speech": True}])
async def test_no_speech_is_an_answer(tmp_path: Path, data: dict[str, object]) -> None:
    async with serving(tmp_path, Server(packed(Event("transcript", data)))) as client:
        assert not (await client.recognise(PCM, "en", WAIT_S)).speech


async def test_partial_transcripts_are_passed_over(tmp_path: Path) -> None:
    partial = packed(Event("transcript-start"), Event("transcript-chunk", {"text": "Hel"}))
    async with serving(tmp_path, Server(partial + transcript())) as client:
        assert (await client.recognise(PCM, "en", WAIT_S)).text == "Hello."


# Faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first", [b"", b'{"type": "trans', packed(Event("error", {"text": "?", "code": "crashed"}))]
)
async def test_one_retry_where_it_can_help(tmp_path: Path, first: bytes) -> None:
    server = Server(first, transcript())
    async with serving(tmp_path, server) as client:
        assert (await client.recognise(PCM, "en", WAIT_S)).text == "Hello."
    assert len(server.asked) == 2


async def test_no_second_retry(tmp_path: Path) -> None:
    server = Server(b"")
    async with serving(tmp_path, server) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.recognise(PCM, "en", WAIT_S)
    assert (failed.value.code, failed.value.retry) == ("lost", True)
    assert len(server.asked) == 2


@pytest.mark.parametrize("code", [[], {}, 7, None, "OSError"])
async def test_an_unknown_failure_is_one_that_may_pass(tmp_path: Path, code: object) -> None:
    server = Server(packed(Event("error", {"text": "no", "code": code})), transcript())
    async with serving(tmp_path, server) as client:
        assert (await client.recognise(PCM, "en", WAIT_S)).text == "Hello."


@pytest.mark.parametrize("code", ["busy", "late", "unavailable", "language"])
async def test_no_retry_where_it_cannot_help(tmp_path: Path, code: str) -> None:
    server = Server(packed(Event("error", {"text": "no", "code": code})))
    async with serving(tmp_path, server) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.recognise(PCM, "en", WAIT_S)
    assert (failed.value.code, failed.value.retry) == (code, False)
    assert len(server.asked) == 1


async def test_a_refusal_is_heard_before_the_audio_is_sent(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(packed(Event("error", {"text": "no", "code": "busy"})))
        await reader.read()

    server = Server(refuse, at_once=True)
    async with serving(tmp_path, server) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.recognise(bytes(32000 * 120), "en", WAIT_S)
    assert failed.value.code == "busy"


GARBAGE = {
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a line without end": b"x" * 4_000_000,
    "a payload without end": b'{"type": "audio-chunk", "payload_length": 99999999999}\n',
    "no text": packed(Event("transcript", {"text": 7})),
    "nested": b"[" * 100000 + b"\n",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_a_failure_and_no_hang(tmp_path: Path, garbage: bytes) -> None:
    async with serving(tmp_path, Server(garbage)) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.recognise(PCM, "en", WAIT_S)
    assert (failed.value.code, failed.value.retry) == ("garbage", False)


async def test_an_endless_stream_of_other_events_ends_with_the_deadline(tmp_path: Path) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(packed(Event("pong")) * 100)
            await writer.drain()

    async with serving(tmp_path, Server(babble)) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.recognise(PCM, "en", 0.1)
    assert failed.value.code == "late"


async def test_a_mute_server_is_late(tmp_path: Path) -> None:
    server = Server(mute)
    async with serving(tmp_path, server) as client:
        for asking in (client.recognise(PCM, "en", 0.05), client.describe(0.05)):
            with pytest.raises(SpeechFailed) as failed:
                await asking
            assert (failed.value.code, failed.value.retry) == ("late", False)


@pytest.mark.parametrize("uri", ["unix:///nowhere/at/all.sock", "tcp://127.0.0.1:1"])
async def test_an_absent_server_is_unreachable(uri: str) -> None:
    with pytest.raises(SpeechFailed) as failed:
        await SpeechClient(uri).recognise(PCM, "en", WAIT_S)
    assert (failed.value.code, failed.value.retry) == ("unreachable", True)


async def test_cancelling_closes_the_connection(tmp_path: Path) -> None:
    server = Server(mute)
    async with serving(tmp_path, server) as client, asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(client.recognise(PCM, "en", WAIT_S))
        async with asyncio.timeout(WAIT_S):
            await server.complete.wait()
            asking.cancel()
            await server.closed.wait()


# Synthesis ---------------------------------------------------------------------------------------------


def sounds(*pcm: bytes, rate: int = 22050) -> bytes:
    made = [wire.audio_start(rate), *(wire.audio_chunk(each, rate) for each in pcm)]
    return packed(*made)


async def heard(client: SpeechClient, voice: str = "") -> list[Sound]:
    return [sound async for sound in client.synthesise("Hello.", "en-US", WAIT_S, voice)]


async def test_a_voice_is_heard_as_it_comes(tmp_path: Path) -> None:
    server = Server(sounds(b"12", b"", b"34") + packed(wire.audio_stop()))
    async with serving(tmp_path, server) as client:
        assert await heard(client) == [Sound(b"12", 22050), Sound(b"34", 22050)]
    assert server.asked[0][0].data["voice"] == {"language": "en-US"}


async def test_a_server_that_knows_voices_by_name_is_told_the_name(tmp_path: Path) -> None:
    server = Server(packed(wire.audio_stop()))
    async with serving(tmp_path, server) as client:
        named = SpeechClient(client.address, voices={"en": "en_US-amy"})
        assert await heard(named) == []
        await heard(named, "en_US-lessac")
    assert [asked[0].data["voice"]["name"] for asked in server.asked] == ["en_US-amy", "en_US-lessac"]


async def test_a_crash_before_the_first_sound_costs_a_retry(tmp_path: Path) -> None:
    server = Server(packed(wire.audio_start(22050)), sounds(b"12") + packed(wire.audio_stop()))
    async with serving(tmp_path, server) as client:
        assert await heard(client) == [Sound(b"12", 22050)]
    assert len(server.asked) == 2


async def test_nothing_is_said_twice(tmp_path: Path) -> None:
    server = Server(sounds(b"12"))
    async with serving(tmp_path, server) as client:
        coming = client.synthesise("Hello.", "en", WAIT_S)
        assert await anext(coming) == Sound(b"12", 22050)
        with pytest.raises(SpeechFailed) as failed:
            await anext(coming)
    assert (failed.value.code, len(server.asked)) == ("lost", 1)


@pytest.mark.parametrize(
    "odd",
    [
        Event("audio-chunk", {"rate": 22050, "width": 4, "channels": 1}, b"1234"),
        Event("audio-chunk", {"rate": -1, "width": 2, "channels": 1}, b"12"),
        Event("audio-chunk", {}, b"12"),
    ],
)
@pytest.mark.parametrize("before", [b"", sounds(b"12")])
async def test_audio_of_another_kind_is_garbage(tmp_path: Path, before: bytes, odd: Event) -> None:
    async with serving(tmp_path, Server(before + packed(odd))) as client:
        with pytest.raises(SpeechFailed) as failed:
            await heard(client)
    assert failed.value.code == "garbage"


async def test_closing_the_iterator_closes_the_connection(tmp_path: Path) -> None:
    async def speak_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sounds(b"12"))
        await reader.read()

    server = Server(speak_on)
    async with serving(tmp_path, server) as client:
        async with aclosing(client.synthesise("Hello.", "en", WAIT_S)) as coming:
            assert await anext(coming) == Sound(b"12", 22050)
        async with asyncio.timeout(WAIT_S):
            await server.closed.wait()


# What it has -------------------------------------------------------------------------------------------


async def test_only_what_is_installed_is_offered(tmp_path: Path) -> None:
    voices = [
        {"name": "amy", "languages": ["en_US"], "installed": True},
        {"name": "ald", "languages": ["es_MX"], "installed": False},
    ]
    told = {"tts": [{"name": "piper", "voices": voices}]}
    async with serving(tmp_path, Server(packed(Event("info", told)))) as client:
        offer = await client.describe(WAIT_S)
    assert (offer.models, offer.voices) == ((), (Named("amy", ("en_US",)),))


@pytest.mark.parametrize(
    "told",
    [{"asr": 7}, {"asr": [7]}, {"asr": [{"models": {}}]}, {"tts": [{"voices": [{"installed": True}]}]}],
)
async def test_an_odd_offer_is_garbage(tmp_path: Path, told: dict[str, object]) -> None:
    async with serving(tmp_path, Server(packed(Event("info", told)))) as client:
        with pytest.raises(SpeechFailed) as failed:
            await client.describe(WAIT_S)
    assert failed.value.code == "garbage"
