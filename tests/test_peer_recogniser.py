"""The recogniser peer: it knows recordings by their sound, and speaks Wyoming in every manner it is told."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from wyoming.client import AsyncClient
from wyoming.event import Event

from tests.peers.carrier import speech, ulaw
from tests.peers.recogniser import Library, Manner, RecogniserPeer
from tests.peers.recogniser.sound import look, samples

TEXTS: dict[str, str] = orjson.loads((speech.SPEECH_FOLDER / speech.TRANSCRIPTS).read_bytes())
QUIET = np.zeros(4000)
PIECE = 4096


def pcm(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A recording at 8 kHz, -1..1."""
    return ulaw.decode(b"".join(speech.load(name).frames)).astype(np.float64) / 32768.0


def telephone(sound: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Once more through mu-law."""
    return ulaw.decode(ulaw.encode((sound * 32768).astype(np.int16))).astype(np.float64) / 32768.0


def noise(count: int, loud: float, seed: int = 3) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(0, loud, count)


def names(library: Library, sound: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    return [match.name for match in library.matches(look(sound, 8000))]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.read(speech.SPEECH_FOLDER)


# By the sound


@pytest.mark.parametrize("name", TEXTS)
def test_every_recording_is_known_by_its_sound(library: Library, name: str) -> None:
    assert names(library, pcm(name)) == [name]


@pytest.mark.parametrize("name", TEXTS)
def test_level_silence_and_the_line_do_not_hide_it(library: Library, name: str) -> None:
    for gain in (0.1, 0.4):
        sound = np.concatenate((QUIET, pcm(name) * gain, QUIET, QUIET))
        assert names(library, telephone(sound)) == [name]
    # Cut off the grid of the recording, and with the hiss of a line.
    hissing = pcm(name)[37:]
    hissing = hissing + noise(len(hissing), 0.02 * float(np.abs(hissing).max()))
    assert names(library, telephone(hissing)) == [name]


@pytest.mark.parametrize("name", TEXTS)
def test_a_part_is_known_or_not_but_never_another(library: Library, name: str) -> None:
    sound = pcm(name)
    for part in (sound[: len(sound) * 6 // 10], sound[len(sound) * 4 // 10 :]):
        assert names(library, part) in ([name], [])


def test_most_parts_are_known(library: Library) -> None:
    known = [name for name in TEXTS if names(library, pcm(name)[: len(pcm(name)) * 6 // 10])]
    assert len(known) >= 0.9 * len(TEXTS)


def test_two_recordings_are_known_one_after_the_other(library: Library) -> None:
    order = list(TEXTS)
    for first, second in itertools.pairwise(order):
        sound = np.concatenate((pcm(first), QUIET, pcm(second)))
        assert names(library, sound) == [first, second]


def test_what_is_not_known_has_no_words(library: Library) -> None:
    seconds = np.arange(16000) / 8000
    for sound in (
        np.zeros(8000),
        np.zeros(0),
        noise(16000, 0.1),
        0.3 * np.sin(2 * np.pi * 440 * seconds),
        pcm("office_ambience"),
        pcm("jfk")[::-1],
        pcm("say_en_hours")[::-1],
    ):
        assert names(library, sound) == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_recording_that_the_library_lacks_is_none_of_the_others(library: Library, name: str) -> None:
    others = Library(tuple(known for known in library.known if known.name != name))
    assert names(others, pcm(name)) == []


def test_samples_of_every_width_sound_the_same() -> None:
    wave = np.array([0.0, 0.5, -0.5, 0.25])
    for width, kind, zero, full in ((1, "u1", 128, 128), (2, "<i2", 0, 2**15), (4, "<i4", 0, 2**31)):
        coded = (np.repeat(wave, 2) * full + zero).astype(kind).tobytes()
        assert samples(coded + b"\x00", width, 2).tolist() == wave.tolist()
    with pytest.raises(ValueError, match="3 bytes"):
        samples(b"", 3, 1)


# On the wire


@asynccontextmanager
async def opened(**setup: Any) -> AsyncIterator[tuple[RecogniserPeer, AsyncClient]]:
    peer = RecogniserPeer(speech.SPEECH_FOLDER, **{"delays_s": (0.0, 0.0)} | setup)
    async with peer, dialled(peer) as client:
        yield peer, client


@asynccontextmanager
async def dialled(peer: RecogniserPeer) -> AsyncIterator[AsyncClient]:
    client = AsyncClient.from_uri(peer.uri, connect_timeout=5, read_timeout=5)
    await client.connect()
    try:
        yield client
    finally:
        # The peer may have reset the connection.
        with suppress(ConnectionError):
            await client.disconnect()


async def ask(client: AsyncClient, name: str, rate: int = 16000, **data: Any) -> None:
    """Ask what a recording says; its samples are repeated as often as the rate needs."""
    audio = (np.repeat(pcm(name), rate // 8000) * 32768).astype("<i2").tobytes()
    form = {"rate": rate, "width": 2, "channels": 1}
    await client.write_event(Event("transcribe", {"language": "en", **data}))
    await client.write_event(Event("audio-start", form))
    for at in range(0, len(audio), PIECE):
        await client.write_event(Event("audio-chunk", form, audio[at : at + PIECE]))
    await client.write_event(Event("audio-stop"))


async def answer(client: AsyncClient) -> Event:
    event = await client.read_event()
    assert event is not None
    return event


async def test_a_request_is_answered_with_the_words() -> None:
    async with opened() as (peer, client):
        await ask(client, "weather", within_ms=900)
        event = await answer(client)
        assert event.type == "transcript"
        assert event.data == {
            "text": TEXTS["weather"],
            "language": "en",
            "confidence": 0.9,
            "no_speech": False,
        }
        asked = await peer.request()
        assert (asked.outcome, asked.text, asked.rate) == ("answered", TEXTS["weather"], 16000)
        assert asked.data["within_ms"] == 900
        assert asked.length_ms == len(pcm("weather")) // 8
        assert [match.name for match in asked.matches] == ["weather"]


async def test_it_listens_on_a_unix_socket_too(tmp_path: Path) -> None:
    path = tmp_path / "speech.sock"
    async with opened(socket=path) as (peer, client):
        assert peer.uri == f"unix://{path}"
        await ask(client, "say_es_si", rate=8000)
        assert (await answer(client)).data["text"] == "sí"
    assert not path.exists()


async def test_one_connection_may_ask_several_times() -> None:
    async with opened() as (_, client):
        for name in ("say_en_yes", "say_en_no", "say_es_horario"):
            await ask(client, name, rate=24000)
            assert (await answer(client)).data["text"] == TEXTS[name]


async def test_several_are_served_at_once() -> None:
    chosen = [*TEXTS][:12]

    async def one(peer: RecogniserPeer, name: str) -> str:
        async with dialled(peer) as client:
            await ask(client, name)
            return str((await answer(client)).data["text"])

    async with opened() as (peer, _):
        said = await asyncio.gather(*(one(peer, name) for name in chosen))
        assert said == [TEXTS[name] for name in chosen]


async def test_it_tells_what_it_is() -> None:
    async with opened() as (_, client):
        await client.write_event(Event("describe"))
        info = await answer(client)
        assert info.type == "info"
        assert info.data["asr"][0]["models"][0]["languages"] == ["en", "es"]


async def test_silence_is_no_speech() -> None:
    async with opened() as (_, client):
        await ask(client, "office_ambience")
        assert (await answer(client)).data == {
            "text": "",
            "language": "en",
            "confidence": 0.9,
            "no_speech": True,
        }


async def test_it_can_be_wrong_and_leave_out_what_others_leave_out() -> None:
    async with opened() as (peer, client):
        peer.next(Manner(text="nine one one", confidence=None))
        await ask(client, "say_en_yes")
        assert (await answer(client)).data == {"text": "nine one one", "language": "en"}
        await ask(client, "say_en_yes")
        assert (await answer(client)).data["text"] == "yes"


async def test_an_answer_takes_its_time_by_the_clock_of_the_loop() -> None:
    async with opened() as (peer, client):
        peer.next(Manner(after_s=0.2))
        await ask(client, "say_en_no")
        await answer(client)
        asked = await peer.request()
        assert asked.over_s - asked.at_s >= 0.2


@pytest.mark.parametrize("fault", ["refuse", "close early", "close midway", "close late", "cut answer"])
async def test_it_can_close_at_any_point(fault: Any) -> None:
    async with opened() as (peer, client):
        peer.next(Manner(fault=fault))
        try:
            await ask(client, "jfk")
            while await client.read_event() is not None:
                continue
        except ConnectionError:
            pass
        assert (await peer.request()).outcome == "fault"
        async with dialled(peer) as again:
            await ask(again, "say_en_yes")
            assert (await answer(again)).data["text"] == "yes"


async def test_it_can_answer_with_an_error_or_with_garbage() -> None:
    async with opened() as (peer, client):
        peer.next(Manner(fault="error"), Manner(fault="garbage"))
        await ask(client, "say_en_yes")
        assert (await answer(client)).type == "error"
        await ask(client, "say_en_yes")
        # The package's own reader takes garbage for the end.
        assert await client.read_event() is None
        assert [asked.outcome for asked in peer.asked] == ["fault", "fault"]


async def test_a_mute_one_notices_that_the_client_has_gone() -> None:
    async with opened() as (peer, client):
        peer.next(Manner(fault="mute"))
        await ask(client, "say_en_yes")
        await peer.wait_for(lambda: peer.asked and peer.asked[0].whole)
        await client.disconnect()
        asked = await peer.request()
        assert (asked.outcome, asked.text) == ("cancelled", None)


async def test_a_client_that_is_wrong_is_told() -> None:
    async with opened() as (peer, client):
        await client.write_event(Event("transcribe", {}))
        await client.write_event(Event("audio-start", {"rate": 16000, "width": 3, "channels": 1}))
        told = await answer(client)
        assert told.type == "error"
        assert (await peer.request()).outcome == "wrong"
        await ask(client, "say_en_yes")
        assert (await answer(client)).data["text"] == "yes"


async def test_it_can_vanish_and_come_back_at_the_same_place() -> None:
    async with opened() as (peer, client):
        uri = peer.uri
        await peer.vanish()
        assert await client.read_event() is None
        with pytest.raises(ConnectionError):
            await AsyncClient.from_uri(uri).connect()
        await peer.listen()
        assert peer.uri == uri
        async with dialled(peer) as again:
            await ask(again, "say_en_yes")
            assert (await answer(again)).data["text"] == "yes"


async def test_it_is_a_program_as_well(tmp_path: Path) -> None:
    path = tmp_path / "speech.sock"
    program = (sys.executable, "-m", "tests.peers.recogniser", "--socket", str(path), "--delay", "0", "0")
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(30):
        told = json.loads(await process.stdout.readline())
        async with AsyncClient.from_uri(told["recogniser"]) as client:
            await ask(client, "say_en_chest_pain")
            assert (await answer(client)).data["text"] == TEXTS["say_en_chest_pain"]
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
