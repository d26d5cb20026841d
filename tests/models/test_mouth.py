"""The mouth: audio for every text, by whichever voice is left; measured, not taken on trust."""

import asyncio
import math
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, Coding
from models.local.espeak import Espeak
from models.local.mouth import Mouth, Own, Recordings, Voice, pause_after, pieces_of
from models.local.prompt_cache import PromptCache
from models.local.rendering import render
from models.local.shaping import LOUDNESS, loudness
from models.local.speech_client import SpeechClient, SpeechFailed
from models.local.voices import chain, recordings
from models.transcoding import transcoded
from tests.peers.synthesiser import Manner, SynthesiserPeer, tone_ms

ONE = "The clinic is open from Monday to Friday."
TWO = "Please call again tomorrow morning."
BOTH = f"{ONE} {TWO}"
LONG = "and then we will look at all of the papers that you have brought with you to the clinic today " * 2
FIRST_S, SOON_S = 5.0, 0.3
NO_PROGRAM = "/nonexistent/espeak-ng"
WITHIN_S = 20.0


class Clock:
    """Time as the test wants it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Box:
    """A mouth with the real espeak-ng, and a peer in the speech program's place if there is one."""

    def __init__(
        self,
        folder: Path,
        address: str = "",
        *,
        program: str = "espeak-ng",
        first_s: float = FIRST_S,
        gap_s: float = FIRST_S,
    ) -> None:
        self.espeak = Espeak(program)
        self.clock = Clock()
        self.cache = PromptCache(folder / "prompts")
        speech = SpeechClient(address) if address else None
        voices = chain(speech, {"en": "tone", "es": "tono"}, self.espeak, first_s=first_s)
        self.mouth = Mouth(voices, self.cache, recordings(), gap_s=gap_s, clock=self.clock)

    async def said(self, text: str = ONE) -> bytes:
        return b"".join([sound async for sound in self.mouth.speak(text, "en")])


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """A box with espeak-ng alone."""
    made = Box(tmp_path)
    yield made
    made.mouth.close()


async def with_peer(tmp_path: Path, *manners: Manner, text: str = BOTH) -> tuple[bytes, SynthesiserPeer, Box]:
    """What is said when the speech program behaves like this."""
    async with asyncio.timeout(WITHIN_S), SynthesiserPeer(manners) as peer:
        box = Box(
            tmp_path,
            peer.address,
            first_s=SOON_S if "stalls" in manners else FIRST_S,
            gap_s=SOON_S if "falls_silent" in manners else FIRST_S,
        )
        heard = await box.said(text)
        box.mouth.close()
    return heard, peer, box


def frames(ulaw_8k: bytes) -> NDArray[np.int16]:
    assert len(ulaw_8k) % 160 == 0
    return ulaw.decode(ulaw_8k).reshape(-1, 160)


def ms(ulaw_8k: bytes) -> float:
    return len(ulaw_8k) / 8


def level_db(ulaw_8k: bytes) -> float:
    return 20 * math.log10(loudness(frames(ulaw_8k)) / LOUDNESS)


def longest_silence_ms(ulaw_8k: bytes) -> int:
    longest = now = 0
    for frame in frames(ulaw_8k):
        now = now + 20 if np.abs(frame.astype(np.int32)).max() < 200 else 0
        longest = max(longest, now)
    return longest


def is_tone(ulaw_8k: bytes) -> bool:
    """Whether this is the peer's tone and no speech."""
    spectrum = np.abs(np.fft.rfft(ulaw.decode(ulaw_8k).astype(np.float64))) ** 2
    at = round(440 * len(ulaw_8k) / 8000)
    return bool(spectrum[max(0, at - 20) : at + 21].sum() > 0.9 * spectrum.sum())


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def program(folder: Path, script: str) -> str:
    """A program that stands in espeak-ng's place."""
    path = folder / "espeak"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


# The speech program is well -------------------------------------------------------------------------------


async def test_the_speech_programs_voice_is_heard(tmp_path: Path) -> None:
    heard, peer, _ = await with_peer(tmp_path, "speaks")
    assert peer.texts == [ONE, TWO]
    assert peer.asked[0].data["voice"] == {"language": "en", "name": "tone"}
    wanted = tone_ms(ONE) + tone_ms(TWO) + ms(pause_after(ONE, "ulaw_8k"))
    assert ms(heard) == pytest.approx(wanted, abs=80)
    assert longest_silence_ms(heard) == pytest.approx(240, abs=40)
    assert level_db(heard) == pytest.approx(0, abs=0.5)
    assert is_tone(heard)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 48000])
@pytest.mark.parametrize("amplitude", [400, 3000, 24000])
async def test_every_voice_is_equally_loud(tmp_path: Path, rate: int, amplitude: int) -> None:
    async with SynthesiserPeer(rate=rate, amplitude=amplitude, lead_ms=700) as peer:
        box = Box(tmp_path, peer.address)
        for _ in range(2):
            heard = await box.said(ONE)
            assert level_db(heard) == pytest.approx(0, abs=1)
            assert ms(heard) == pytest.approx(tone_ms(ONE), abs=140), "the silence around it is cut"
        box.mouth.close()


async def test_wideband_legs_get_pcm(tmp_path: Path) -> None:
    async with SynthesiserPeer() as peer:
        box = Box(tmp_path, peer.address)
        pieces = [sound async for sound in box.mouth.speak(ONE, "en", "pcm_24k")]
        box.mouth.close()
    assert all(len(piece) % 960 == 0 for piece in pieces)
    pcm = np.frombuffer(b"".join(pieces), np.int16)
    assert len(pcm) / 24 == pytest.approx(tone_ms(ONE), abs=60)
    assert loudness(pcm.reshape(-1, 480)) == pytest.approx(LOUDNESS, rel=0.05)


async def test_the_first_sound_does_not_wait_for_the_last(tmp_path: Path) -> None:
    async with SynthesiserPeer(("endless",)) as peer:
        box = Box(tmp_path, peer.address)
        async with aclosing(box.mouth.speak(ONE, "en")) as sounds:
            assert await anext(sounds)
        async with asyncio.timeout(WITHIN_S):
            await peer.left.wait()
        box.mouth.close()


async def test_a_sound_without_end_is_ended(tmp_path: Path) -> None:
    heard, _, _ = await with_peer(tmp_path, "endless", text="Yes.")
    assert ms(heard) == pytest.approx(60_000, abs=2000)


# The speech program is not well ---------------------------------------------------------------------------


def assert_speech(heard: bytes) -> None:
    """What was heard is espeak-ng's, as loud as it should be, and without gaps."""
    assert not is_tone(heard)
    assert level_db(heard) == pytest.approx(0, abs=2)
    assert longest_silence_ms(heard) < 500


@pytest.mark.parametrize("manner", ["stalls", "refuses", "garbage", "mute", "silence"])
async def test_espeak_speaks_when_the_speech_program_does_not(tmp_path: Path, manner: Manner) -> None:
    heard, peer, box = await with_peer(tmp_path, manner)
    assert_speech(heard)
    assert ms(heard) > 3000
    assert peer.texts == [ONE], "it is not asked again for the second sentence"
    assert not box.espeak.running


async def test_nobody_listens_at_the_speech_programs_address(tmp_path: Path) -> None:
    box = Box(tmp_path, f"unix://{tmp_path}/nobody")
    assert_speech(await box.said(BOTH))
    box.mouth.close()


@pytest.mark.parametrize("manner", ["breaks_off", "falls_silent"])
async def test_a_broken_sentence_is_not_said_again(tmp_path: Path, box: Box, manner: Manner) -> None:
    heard, peer, _ = await with_peer(tmp_path, manner)
    rest = await box.said(TWO)
    half_ms = tone_ms(ONE) / 2 + ms(pause_after(ONE, "ulaw_8k"))
    assert ms(heard) == pytest.approx(half_ms + ms(rest), abs=120)
    assert is_tone(heard[: int(tone_ms(ONE) / 2) * 8])
    assert not is_tone(heard[int(half_ms) * 8 :])
    assert peer.texts == [ONE]


async def test_the_speech_program_dies_between_two_sentences(tmp_path: Path, box: Box) -> None:
    async with asyncio.timeout(WITHIN_S), SynthesiserPeer() as peer:
        dying = Box(tmp_path, peer.address)
        sounds = []
        async with aclosing(dying.mouth.speak(BOTH, "en")) as all_sounds:
            async for sound in all_sounds:
                sounds.append(sound)
                if sound == pause_after(ONE, "ulaw_8k"):
                    await peer.stop()
        dying.mouth.close()
    first, second = (tone_ms(ONE) + 240) * 8, b"".join(sounds)
    assert is_tone(second[: tone_ms(ONE) * 8])
    assert not is_tone(second[first:])
    assert ms(second[first:]) == pytest.approx(ms(await box.said(TWO)), abs=120)


async def test_a_voice_that_failed_rests(tmp_path: Path) -> None:
    async with asyncio.timeout(WITHIN_S), SynthesiserPeer(("refuses", "speaks")) as peer:
        box = Box(tmp_path, peer.address)
        assert not is_tone(await box.said())
        assert not is_tone(await box.said())
        assert len(peer.asked) == 1
        box.clock.now += 11
        assert is_tone(await box.said())
        box.mouth.close()


async def test_another_language_is_asked_for_all_the_same(tmp_path: Path) -> None:
    async with asyncio.timeout(WITHIN_S), SynthesiserPeer(("refuses", "speaks")) as peer:
        box = Box(tmp_path, peer.address)
        await box.said()
        heard = b"".join([sound async for sound in box.mouth.speak("Buenos días.", "es")])
        assert is_tone(heard)
        box.mouth.close()


# espeak-ng ------------------------------------------------------------------------------------------------


async def test_espeak_speaks_both_languages(box: Box) -> None:
    for text, language in ((ONE, "en"), ("¿En qué le puedo ayudar hoy?", "es")):
        heard = b"".join([sound async for sound in box.mouth.speak(text, "en" if language == "en" else "es")])
        assert_speech(heard)
        assert 1000 < ms(heard) < 6000


@pytest.mark.parametrize(
    "text", ["$(touch /tmp/x); rm -rf `x`", "-v es --help", "|| true\x00\x1b", "[[h@l'oU]]"]
)
async def test_no_text_is_an_order(box: Box, text: str) -> None:
    async with aclosing(box.espeak.synthesise(text, "en", 5)) as sounds:
        assert [sound async for sound in sounds]
    assert not box.espeak.running


async def test_a_reply_that_is_cut_kills_the_process(box: Box) -> None:
    async with aclosing(box.mouth.speak(LONG, "en")) as sounds:
        assert await anext(sounds)
        (pid,) = box.espeak.running
        assert not gone(pid)
    assert gone(pid)
    assert not box.espeak.running


async def test_cancelling_the_one_who_listens_kills_the_process(box: Box) -> None:
    begun = asyncio.Event()

    async def listen() -> None:
        async with aclosing(box.mouth.speak(LONG, "en")) as sounds:
            await anext(sounds)
            begun.set()
            await asyncio.Event().wait()

    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen())
        await begun.wait()
        (pid,) = box.espeak.running
        listening.cancel()
    assert gone(pid)


async def test_few_speak_at_once(tmp_path: Path) -> None:
    espeak = Espeak(at_once=2)
    most = 0

    async def speak() -> None:
        nonlocal most
        async with aclosing(espeak.synthesise(ONE, "en", WITHIN_S)) as sounds:
            async for _ in sounds:
                most = max(most, len(espeak.running))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(speak())
    assert 1 <= most <= 2


async def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    espeak = Espeak(at_once=1)
    async with aclosing(espeak.synthesise(LONG, "en", WITHIN_S)) as sounds:
        await anext(sounds)
        with pytest.raises(SpeechFailed, match="wait"):
            await anext(espeak.synthesise(ONE, "en", 0.05))


HANGS, GARBAGE, NOTHING, DIES = (
    "exec sleep 60",
    "echo this is no sound at all, and it is long enough",
    "true",
    "exit 3",
)


@pytest.mark.parametrize("script", [HANGS, GARBAGE, NOTHING, DIES])
async def test_an_espeak_that_does_not_speak(tmp_path: Path, script: str) -> None:
    espeak = Espeak(program(tmp_path, script))
    with pytest.raises(SpeechFailed):
        await anext(espeak.synthesise(ONE, "en", 2.0))
    assert not espeak.running


async def test_a_process_that_hangs_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    espeak = Espeak(program(tmp_path, f"echo $$ > {pid_file}; {HANGS}"))
    with pytest.raises(SpeechFailed, match="in time"):
        await anext(espeak.synthesise(ONE, "en", 3.0))
    assert gone(int(pid_file.read_text()))


async def test_it_runs_at_low_priority(box: Box) -> None:
    async with aclosing(box.espeak.synthesise(LONG, "en", 5)) as sounds:
        await anext(sounds)
        (pid,) = box.espeak.running
        assert os.getpriority(os.PRIO_PROCESS, pid) == 10


# No voice at all ------------------------------------------------------------------------------------------


async def test_a_recorded_sentence_is_the_last_resort(tmp_path: Path) -> None:
    box = Box(tmp_path, program=NO_PROGRAM)
    recorded = recordings()["en"]
    assert await box.said(BOTH) == recorded.no_voice
    assert await box.said("One moment, please.") == recorded.by_text["One moment, please."]
    wide = b"".join([sound async for sound in box.mouth.speak("One moment, please.", "en", "pcm_24k")])
    assert len(wide) == pytest.approx(6 * len(recorded.by_text["One moment, please."]), abs=960)
    box.mouth.close()


@pytest.mark.parametrize("text", ["", "   ", "...", "😀", "日本語", "[[", "\x00", "<speak></speak>"])
async def test_what_cannot_be_said_is_no_silence(box: Box, text: str) -> None:
    assert await box.said(text) == recordings()["en"].no_voice


async def test_a_recording_comes_before_espeak(box: Box) -> None:
    text = "Thank you for calling. Goodbye."
    assert await box.said(text) == recordings()["en"].by_text[text]
    assert await box.said(f"{text} Come again.") != recordings()["en"].by_text[text]


async def test_without_recordings_there_is_at_least_no_error(tmp_path: Path) -> None:
    voices = (Voice("espeak-ng", Espeak(NO_PROGRAM), {}, 1.0),)
    mouth = Mouth(voices, PromptCache(tmp_path), {"en": Recordings()})
    assert [sound async for sound in mouth.speak(ONE, "en")] == []
    mouth.close()


# Rendered ahead -------------------------------------------------------------------------------------------


async def test_what_is_rendered_ahead_needs_no_voice(tmp_path: Path, box: Box) -> None:
    done = await render(box.cache, box.mouth.voices, [BOTH], "en")
    assert done.made == {"espeak-ng": 2}
    dumb = Box(tmp_path, program=NO_PROGRAM)
    heard = await dumb.said(BOTH)
    assert_speech(heard)
    assert ms(heard) == pytest.approx(ms(await box.said(BOTH)), abs=10)
    pieces = [sound async for sound in dumb.mouth.speak(BOTH, "en", "pcm_24k")]
    assert len(pieces) == 3
    assert all(len(piece) % 960 == 0 for piece in pieces)
    dumb.mouth.close()


@pytest.mark.parametrize(("coding", "made_in"), [("pcm_8k", "ulaw_8k"), ("pcm_16k", "pcm_24k")])
async def test_a_leg_of_another_coding_hears_what_was_rendered_ahead(
    tmp_path: Path, box: Box, coding: Coding, made_in: Coding
) -> None:
    await render(box.cache, box.mouth.voices, [BOTH], "en")
    dumb = Box(tmp_path, program=NO_PROGRAM)
    rendered = b"".join([sound async for sound in dumb.mouth.speak(BOTH, "en", made_in)])
    heard = b"".join([sound async for sound in dumb.mouth.speak(BOTH, "en", coding)])
    assert heard == transcoded(rendered, made_in, coding)
    assert len(heard) % (20 * BYTES_PER_MS[coding]) == 0
    dumb.mouth.close()


async def test_preloaded_sentences_are_in_memory(box: Box) -> None:
    await render(box.cache, box.mouth.voices, [BOTH], "en")
    fresh = PromptCache(box.cache.folder)
    mouth = Mouth(box.mouth.voices, fresh)
    assert await mouth.preload([BOTH, "Never rendered."], "en") == 2
    for piece in pieces_of(BOTH, "en"):
        assert fresh.held(mouth.voices[-1].key(piece, "en", "ulaw_8k"))
    mouth.close()


async def test_a_better_voice_that_lives_comes_before_what_a_lesser_one_rendered(
    tmp_path: Path, box: Box
) -> None:
    await render(box.cache, box.mouth.voices, [BOTH], "en")
    heard, _, _ = await with_peer(tmp_path, "speaks")
    assert is_tone(heard)


async def test_what_the_better_voice_rendered_outlives_it(tmp_path: Path) -> None:
    async with SynthesiserPeer() as peer:
        box = Box(tmp_path, peer.address)
        await render(box.cache, box.mouth.voices, [ONE], "en")
        await peer.stop()
        assert is_tone(await box.said(ONE))
        assert not is_tone(await box.said(TWO))
        box.mouth.close()


async def test_what_espeak_says_for_a_voice_is_not_kept_as_that_voice(tmp_path: Path) -> None:
    async with SynthesiserPeer(voice="espeak-ng") as peer:
        box = Box(tmp_path, peer.address)
        done = await render(box.cache, box.mouth.voices, [ONE], "en")
        assert done.made.keys() == {"espeak-ng"}
        assert not done.later
        peer.voice = "tone"
        done = await render(box.cache, box.mouth.voices, [ONE], "en")
        assert done.made.keys() == {"speech"}
        await peer.stop()
        assert is_tone(await box.said(ONE))
        box.mouth.close()


async def test_a_voice_that_is_away_may_be_there_later(tmp_path: Path) -> None:
    box = Box(tmp_path, f"unix://{tmp_path / 'nobody'}")
    done = await render(box.cache, box.mouth.voices, [ONE], "en")
    assert done.made.keys() == {"espeak-ng"}
    assert done.later
    box.mouth.close()


async def drained(sounds: AsyncGenerator[bytes, None]) -> int:
    return sum([len(sound) async for sound in sounds])


async def test_many_speak_at_the_same_time(tmp_path: Path, box: Box) -> None:
    async with asyncio.TaskGroup() as tasks:
        speaking = [tasks.create_task(drained(box.mouth.speak(BOTH, "en"))) for _ in range(6)]
    assert len({task.result() for task in speaking[1:]}) <= 3
    assert min(task.result() for task in speaking) > 3000 * 8


async def test_the_clinics_own_recording_is_heard_in_place_of_its_words(box: Box) -> None:
    mine, rest = bytes(range(1, 161)) * 5, await box.said(TWO)
    box.mouth.own = {"en": Own("", mine)}
    assert not (await box.said(ONE)).startswith(mine)
    box.mouth.own = {"en": Own(ONE, mine)}
    assert await box.said(ONE) == mine
    both = await box.said(BOTH)
    assert both[: len(mine)] == mine
    assert set(both[len(mine) : len(mine) + 800]) == {0xFF}
    assert abs(ms(both) - ms(mine) - ms(rest)) < 400
    # Other words, and the same in another language, are spoken.
    assert ms(await box.said(TWO)) == ms(rest)
    spanish = b"".join([sound async for sound in box.mouth.speak(ONE, "es")])
    assert not spanish.startswith(mine)
    wide = b"".join([sound async for sound in box.mouth.speak(ONE, "en", "pcm_24k")])
    assert len(wide) == 6 * len(mine)
