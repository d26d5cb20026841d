"""The real program speaks: by piper, sentence by sentence, and by espeak-ng when piper cannot."""

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

import pytest
from wyoming.event import Event

from models.local.speech_client import Sound, SpeechClient, SpeechFailed
from tests.speech import program
from tests.speech.peer import Peer
from tests.speech.program import WAIT_S, Program

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIPER, ESPEAK = 16000, 22050
# Too much to fit into the buffers between the program and who listens.
LONG = "This is one of very many sentences about our opening hours. " * 60


async def spoken(client: SpeechClient, text: str, language: str = "en", voice: str = "") -> list[Sound]:
    return [sound async for sound in client.synthesise(text, language, WAIT_S, voice)]


def rates(sounds: list[Sound]) -> set[int]:
    return {sound.rate for sound in sounds}


def pcm(sounds: list[Sound]) -> bytes:
    return b"".join(sound.pcm for sound in sounds)


async def test_piper_speaks(speech: Program) -> None:
    short, again, other, longer = [
        await spoken(speech.client, text)
        for text in ("Hello.", "Hello.", "Good bye.", "Hello. How may I help you today?")
    ]
    assert rates(short) == {PIPER}
    assert {sound.voice for sound in longer} == {"english"}
    assert pcm(short) == pcm(again) != pcm(other)
    assert len(pcm(longer)) > len(pcm(short)) > 0


@pytest.mark.parametrize("language", ["es", "es-US"])
async def test_each_language_has_its_voice(speech: Program, language: str) -> None:
    assert rates(await spoken(speech.client, "Buenos días.", language)) == {PIPER}


async def test_a_voice_may_be_named(speech: Program) -> None:
    named = await spoken(speech.client, "Hello.", "fr", "english")
    assert pcm(named) == pcm(await spoken(speech.client, "Hello.", "en"))


async def test_a_language_without_a_voice_is_spoken_by_espeak(speech: Program) -> None:
    sounds = await spoken(speech.client, "Bonjour.", "fr")
    assert rates(sounds) == {ESPEAK}
    # Who keeps what is said knows by that whose voice it is.
    assert {sound.voice for sound in sounds} == {"espeak-ng"}


async def test_a_language_that_nobody_speaks_is_said(speech: Program) -> None:
    with pytest.raises(SpeechFailed) as refused:
        await spoken(speech.client, "Hello.", "xx")
    assert (refused.value.code, refused.value.retry) == ("language", False)


@pytest.mark.parametrize("text", ["", "  \n "])
async def test_no_text_is_refused(speech: Program, text: str) -> None:
    with pytest.raises(SpeechFailed) as refused:
        await spoken(speech.client, text)
    assert (refused.value.code, refused.value.retry) == ("text", False)


@pytest.mark.parametrize(
    "text", ["...", "[[_:]] Hello.", "\ud800 Hello.", "-v zz --help", "<speak>Hi</speak>", "🦷"]
)
async def test_odd_texts_end_in_order(speech: Program, text: str) -> None:
    for language in ("en", "fr"):
        await spoken(speech.client, text, language)


async def test_the_first_sound_does_not_wait_for_the_last_sentence(speech: Program) -> None:
    async with aclosing(speech.client.synthesise(LONG, "en", WAIT_S)) as sounds:
        heard = [await anext(sounds)]
        # What is spoken in another voice from here on was not made yet.
        os.kill(speech.child("mouth"), signal.SIGKILL)
        heard += [sound async for sound in sounds]
    assert rates(heard) == {PIPER, ESPEAK}
    await speech.until(lambda offer: "english" in {voice.name for voice in offer.voices})


async def test_who_listens_no_more_is_not_spoken_to(speech: Program) -> None:
    async with aclosing(speech.client.synthesise(LONG, "en", WAIT_S)) as sounds:
        await anext(sounds)
    await speech.until(lambda offer: (offer.synthesising, offer.syntheses_waiting) == (0, 0))


async def test_a_slow_listener_keeps_nobody_waiting(speech: Program) -> None:
    async with aclosing(speech.client.synthesise(LONG, "en", WAIT_S)) as slow:
        await anext(slow)
        assert rates(await spoken(speech.client, "Hello.")) == {PIPER}


async def test_a_mouth_that_is_stuck_is_spoken_for(speech: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        with speech.held("mouth"):
            asked = Event("synthesize", {"text": "Hello.", "voice": {"language": "en"}, "within_ms": 50})
            async with Peer(speech.client.address) as peer:
                await peer.send(asked)
                assert (await peer.next("audio-start")).data["rate"] == ESPEAK
                await peer.next("audio-stop")
        after = tasks.create_task(spoken(speech.client, "Hello."))
    assert rates(after.result()) == {PIPER}


async def test_a_server_of_another_kind_can_be_asked_without_a_voice(speech: Program) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.send(Event("synthesize", {"text": "Hello."}))
        kinds = [(await peer.next()).type for _ in range(3)]
    assert kinds[:2] == ["audio-start", "audio-chunk"]


# Without weights ---------------------------------------------------------------------------------------


async def test_without_any_weights_it_still_speaks(tmp_path: Path) -> None:
    async with program.running(program.settings(tmp_path)) as bare:
        assert bare.listening["recognition"] is None
        offer = await bare.client.describe(WAIT_S)
        assert offer.models == ()
        assert [voice.name for voice in offer.voices] == ["espeak-ng"]
        for language in ("en", "es"):
            assert rates(await spoken(bare.client, "Hello.", language)) == {ESPEAK}
        with pytest.raises(SpeechFailed) as refused:
            await bare.client.recognise(bytes(3200), "en", WAIT_S)
        assert (refused.value.code, refused.value.retry) == ("unavailable", False)


async def test_broken_weights_degrade_what_they_are_for(tmp_path: Path) -> None:
    folder = program.models(tmp_path)
    digits, english = folder / "digits", folder / "english" / "en_US-stub.onnx"
    whole = (program.DATA / "models" / "whisper-digits-en" / "model.bin").read_bytes()
    digits.unlink()
    digits.mkdir()
    for name in ("config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"):
        (digits / name).symlink_to(program.DATA / "models" / "whisper-digits-en" / name)
    (digits / "model.bin").write_bytes(whole[: len(whole) // 2])
    half = english.read_bytes()[:1000]
    english.unlink()
    english.write_bytes(half)
    async with program.running(program.settings(tmp_path)) as broken:
        assert broken.listening["recognition"] is None
        assert broken.listening["voices"] == ["spanish", "espeak-ng"]
        assert rates(await spoken(broken.client, "Hello.", "en")) == {ESPEAK}
        assert rates(await spoken(broken.client, "Hola.", "es")) == {PIPER}


async def test_weights_that_load_but_are_not_what_they_must_be_are_not_used(tmp_path: Path) -> None:
    """They would recognise something, and say something: only nobody knows what."""
    folder = program.models(tmp_path)
    for name, other in (("whisper-tiny", "digits"), ("es_MX-ald-medium", "spanish")):
        (folder / other).rename(folder / name)
    stub, voice = folder / "es_MX-ald-medium" / "es_ES-stub.onnx", "es_MX-ald-medium.onnx"
    for ending in ("", ".json"):
        stub.with_name(stub.name + ending).rename(stub.with_name(voice + ending))
    chosen = {"whisper": "whisper-tiny", "voices": {"en": "english", "es": "es_MX-ald-medium"}}
    async with program.running(program.settings(tmp_path, **chosen)) as doubtful:
        assert doubtful.listening["recognition"] is None
        assert doubtful.listening["voices"] == ["english", "espeak-ng"]
        with pytest.raises(SpeechFailed) as refused:
            await doubtful.client.recognise(bytes(3200), "en", WAIT_S)
        assert (refused.value.code, refused.value.retry) == ("unavailable", False)
    log = (tmp_path / "speech.log").read_text()
    assert "attendant models fetch whisper-tiny" in log
    assert "attendant models fetch es_MX-ald-medium" in log


async def test_piper_can_be_switched_off(tmp_path: Path) -> None:
    program.models(tmp_path)
    async with program.running(program.settings(tmp_path, piper=False)) as plain:
        assert plain.listening["voices"] == ["espeak-ng"]
        assert rates(await spoken(plain.client, "Hello.", "en")) == {ESPEAK}
