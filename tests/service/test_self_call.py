"""What the box hears and says when it rings itself: levels and tones, voices and ears, and who is let in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from appliance.core import phrases, ulaw
from appliance.core.self_call import Check, Finding, State, is_due
from appliance.core.settings import Speech
from appliance.languages import prompts
from appliance.service.pbx import sounds
from appliance.service.self_call.hearing import Hearing, decibels, tone_ms
from appliance.service.self_call.speech import heard, known, said
from appliance.service.self_call.talk import MESSAGE_HZ
from models.local.espeak import Espeak
from models.local.speech_client import SpeechClient
from tests.peers.carrier import speech as recordings
from tests.peers.recogniser import Manner, RecogniserPeer
from tests.peers.synthesiser import SynthesiserPeer

TEXT = "I would like to speak with a person, please."
NOBODY = "tcp://127.0.0.1:9"
PLAIN = Speech(voices={})


def spoken(name: str) -> bytes:
    return b"".join(recordings.load(name).frames)


class Clock:
    """Goes on by 20 ms at each look that follows a frame."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def listened(sound: bytes, hz: float = sounds.TONE_HZ) -> Hearing:
    clock = Clock()
    hearing = Hearing(clock, hz)
    for at in range(0, len(sound), 160):
        clock.now_s += 0.02
        hearing.take(sound[at : at + 160])
    return hearing


def test_speech_is_heard_where_it_begins_and_as_loud_as_it_is() -> None:
    speech = spoken("jfk")
    hearing = listened(ulaw.SILENCE * 8000 + speech + ulaw.SILENCE * 8000)
    assert hearing.began_s is not None
    assert 1.0 < hearing.began_s < 2.0
    assert 0.9 < hearing.quiet_s < 2.0
    quieter = listened(ulaw.encode((ulaw.decode(speech) / 4).astype(np.int16)))
    assert hearing.level / quieter.level == pytest.approx(4, rel=0.2)
    assert decibels(hearing.level) - decibels(quieter.level) in {11, 12, 13}


def test_silence_is_never_a_greeting() -> None:
    hearing = listened(ulaw.SILENCE * 80000)
    assert (hearing.began_s, hearing.sounded_ms, hearing.level, hearing.quiet_s) == (None, 0, 0.0, 0.0)


def test_the_tone_of_the_pbx_is_known_and_speech_and_music_are_none() -> None:
    speech = spoken("jfk") + spoken("weather") + sounds.hold()
    assert listened(speech).tone_s is None
    with_tone = listened(speech + sounds.tone() + speech)
    assert with_tone.tone_s is not None
    assert with_tone.tone_s == pytest.approx(len(speech) / 8000 + 0.2, abs=0.1)


def test_a_recording_holds_our_tone_or_not() -> None:
    at = np.arange(16000) / 8000
    tone = (6000 * np.sin(2 * np.pi * MESSAGE_HZ * at)).astype("<i2").tobytes()
    assert tone_ms(tone, MESSAGE_HZ) >= 1900
    assert tone_ms(ulaw.decode(spoken("jfk")).tobytes(), MESSAGE_HZ) < 200
    assert tone_ms(b"", MESSAGE_HZ) == 0


def test_a_sentence_is_known_by_most_of_its_words() -> None:
    assert known(TEXT, "i'd like to speak with a person please") > 0.6
    assert known(TEXT, "when are you open") < 0.2
    assert known(TEXT, "") == 0


@pytest.mark.parametrize("language", prompts.codes())
def test_what_we_say_asks_for_a_person_in_every_language(language: str) -> None:
    found = phrases.load().find(prompts.prompts(language).asks_for_person)
    assert found is not None
    assert found.what == "person"


@pytest.mark.parametrize(
    ("state", "minutes", "pause"),
    [
        (State.OK, 60, 3600),
        (State.DEGRADED, 60, 3600),
        (State.FAILED, 60, 600),
        (State.UNCHECKED, 60, 600),
        (State.FAILED, 5, 300),
    ],
)
def test_after_a_failure_it_rings_again_sooner(state: State, minutes: int, pause: float) -> None:
    assert is_due(state, pause, minutes)
    assert not is_due(state, pause - 61, minutes)
    # By a clock that was wrong it rang in the future: nobody knows when that is.
    assert is_due(state, -1.0, minutes)
    assert not is_due(state, pause, 0)


# Voices ------------------------------------------------------------------------------------------------


async def test_a_voice_that_speaks_is_well() -> None:
    async with SynthesiserPeer() as peer:
        found = await said(TEXT, "en", PLAIN, SpeechClient(peer.address))
        assert found.finding == Finding(Check.SYNTHESIS, State.OK)
        assert peer.texts == [TEXT]
    assert len(found.sound) > 8000


async def test_without_a_speech_program_espeak_is_what_is_configured() -> None:
    found = await said(TEXT, "en", PLAIN, None)
    assert found.finding == Finding(Check.SYNTHESIS, State.OK)
    assert found.sound


@pytest.mark.parametrize(("manner", "why"), [("refuses", "weights are missing"), ("mute", "mute")])
async def test_where_a_voice_fails_espeak_stands_in_for_it(manner: str, why: str) -> None:
    async with SynthesiserPeer(manners=(manner,)) as peer:  # type: ignore[arg-type]
        found = await said(TEXT, "en", PLAIN, SpeechClient(peer.address))
    assert found.finding.state is State.DEGRADED
    assert why in found.finding.told
    assert found.sound


async def test_no_voice_at_all_is_a_failure() -> None:
    found = await said(TEXT, "en", PLAIN, SpeechClient(NOBODY), lambda: Espeak("no-such-espeak"))
    assert (found.finding.state, found.sound) == (State.FAILED, b"")


# Ears --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def ears(folder: Path, *manners: Manner) -> AsyncIterator[SpeechClient]:
    (folder / "transcripts.json").write_text("{}")
    async with RecogniserPeer(folder, delays_s=(0.0, 0.01)) as peer:
        peer.manners = [*manners]
        peer.usual = manners[-1]
        yield SpeechClient(peer.uri)


@pytest.mark.parametrize(
    ("manner", "state"),
    [
        (Manner(text=TEXT), State.OK),
        (Manner(text="there is a horse in the hospital"), State.FAILED),
        (Manner(text=""), State.FAILED),
        (Manner(fault="garbage"), State.FAILED),
        (Manner(fault="close late"), State.FAILED),
    ],
)
async def test_ears_are_judged_by_what_they_make_of_our_sentence(
    tmp_path: Path, manner: Manner, state: State
) -> None:
    sound = (await said(TEXT, "en", PLAIN, None)).sound
    async with ears(tmp_path, manner) as client:
        found = await heard(TEXT, sound, "en", client)
    assert found.state is state


async def test_ears_that_are_not_there_are_broken_and_none_are_configured_so() -> None:
    sound = (await said(TEXT, "en", PLAIN, None)).sound
    assert (await heard(TEXT, sound, "en", None)).state is State.UNCHECKED
    away = await heard(TEXT, sound, "en", SpeechClient(NOBODY))
    assert away.state is State.FAILED
    assert "nobody listens there" in away.told
    assert (await heard(TEXT, b"", "en", SpeechClient(NOBODY))).state is State.UNCHECKED
