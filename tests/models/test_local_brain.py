"""The local assistant's ears and mouth: what is reported, in which order, and what a failure costs."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.events import (
    Event,
    Heard,
    HeardPart,
    MessageRecorded,
    Overheard,
    ReplyPlayed,
    ReplyWorded,
    Understood,
    UtteranceTaken,
)
from appliance.core.story import Speaker, Turn
from models.local.brain import Faculties, LocalBrain
from models.local.ring import RUN_UP_MS, TRAIL_MS
from models.local.speech_client import Recognised
from models.transcoding import transcoded
from tests.peers.carrier import speech

QUIET = ulaw.SILENCE * 160
WISHES = {"opening hours": "hours", "leave a message": "leave_message", "billing": "transfer_department"}


class OneVoice:
    """Speaks every sentence as two pieces of tone; waits before the second when told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.spoken = list[tuple[str, str]]()
        self.coding: Coding = "ulaw_8k"

    async def speak(self, text: str, language: str, coding: Coding) -> AsyncGenerator[bytes, None]:
        self.spoken.append((text, language))
        self.coding = coding
        if self.fails:
            raise AttendantError("no voice")
        yield b"\x10" * 800
        await self.may_go_on.wait()
        yield b"\x20" * 800


def understand(text: str, _language: str) -> Understood:
    intent = next((wish for words, wish in WISHES.items() if words in text), "none")
    return Understood("", intent)


def hears(text: str) -> Callable[[bytes, str], Awaitable[Recognised]]:
    async def recognise(_ulaw_8k: bytes, language: str) -> Recognised:
        return Recognised(text, 0.9, language, bool(text))

    return recognise


async def deaf(_ulaw_8k: bytes, _language: str) -> Recognised:
    raise AttendantError("no recogniser")


def local_brain(coding: Coding = "ulaw_8k", **changed: Any) -> LocalBrain:
    kept = list[tuple[str, bytes]]()

    async def keep(call_id: str, ulaw_8k: bytes) -> str:
        kept.append((call_id, ulaw_8k))
        return "message-1.wav"

    parts: dict[str, Any] = {
        "voice": OneVoice(),
        "recognise": hears("opening hours please"),
        "understand": understand,
        "keep": keep,
        "thinking": ThreadPoolExecutor(1),
        **changed,
    }
    return LocalBrain("c1", Faculties(**parts), "en", coding)


class Call:
    """Whom the brain reports to."""

    def __init__(self) -> None:
        self.reported = list[Event | tuple[str, bytes] | str]()
        self._came = asyncio.Event()

    def _note(self, what: Event | tuple[str, bytes] | str) -> None:
        self.reported.append(what)
        self._came.set()

    async def reply_audio(self, _response_id: str, reply_id: str, ulaw_8k: bytes) -> None:
        self._note((reply_id, ulaw_8k[:1]))

    def reply_complete(self, reply_id: str) -> None:
        self._note(f"{reply_id} complete")

    def happened(self, event: Event) -> None:
        self._note(event)

    async def settled(self) -> None: ...

    async def until(self, last: object) -> list[Event | tuple[str, bytes] | str]:
        async with asyncio.timeout(5):
            while last not in self.reported:
                self._came.clear()
                await self._came.wait()
        return self.reported

    async def count(self, kind: type, wanted: int) -> list[Any]:
        """All reports of a kind, when there are so many."""
        async with asyncio.timeout(5):
            while len(found := [each for each in self.reported if isinstance(each, kind)]) < wanted:
                self._came.clear()
                await self._came.wait()
        return found

    async def wish(self) -> Understood:
        found: list[Understood] = await self.count(Understood, 1)
        return found[0]


@asynccontextmanager
async def listening(**changed: Any) -> AsyncIterator[tuple[LocalBrain, Call]]:
    brain, call = local_brain(**changed), Call()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(brain.listen(call), name="local")
        await asyncio.sleep(0)
        yield brain, call
        work.cancel()


async def test_an_utterance_becomes_words_and_a_wish() -> None:
    async with listening() as (brain, call):
        brain.hear(QUIET * 100)
        brain.take_utterance(500, 1500)
        wish = Understood("heard-500", "hours", text="opening hours please")
        assert await call.until(wish) == [
            UtteranceTaken("heard-500"),
            Heard("heard-500", "opening hours please"),
            wish,
        ]


async def test_what_is_recognised_is_the_audio_of_that_time() -> None:
    heard = asyncio.get_running_loop().create_future()

    async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
        heard.set_result(ulaw_8k)
        return Recognised("", None, language, False)

    async with listening(recognise=recognise) as (brain, _):
        for second in range(6):
            brain.hear(bytes([second]) * 8000)
        brain.take_utterance(2000 + RUN_UP_MS, 4000 - TRAIL_MS)
        assert await heard == b"\x02" * 8000 + b"\x03" * 8000


async def test_a_recogniser_that_fails_is_not_the_callers_fault() -> None:
    async with listening(recognise=deaf) as (brain, call):
        brain.take_utterance(0, 1000)
        await call.until(Understood("heard-0", "unheard"))


async def test_words_that_nobody_spoke_are_none() -> None:
    """Another server may send what its recogniser made of noise, and say beside it that it is no speech."""

    async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
        return Recognised("Thank you for watching.", 0.9, language, False)

    async with listening(recognise=recognise) as (brain, call):
        brain.take_utterance(0, 1000)
        await call.until(Understood("heard-0", "none"))
        assert Heard("heard-0", "") in call.reported


async def test_only_the_last_of_several_utterances_is_recognised() -> None:
    async with listening() as (brain, call):
        brain.take_utterance(0, 1000)
        brain.take_utterance(2000, 3000)
        await call.until(Understood("heard-2000", "hours", text="opening hours please"))
        assert UtteranceTaken("heard-0") not in call.reported


@pytest.mark.parametrize("stays", ["say:1", "say:3"])
async def test_only_the_sentences_that_are_named_are_still_said(stays: str) -> None:
    voice = OneVoice()
    voice.may_go_on.clear()
    async with listening(voice=voice) as (brain, call):
        for place in (1, 2, 3):
            brain.speak(f"say:{place}", "goodbye", "en", ())
        await call.until(("say:1", b"\x10"))
        brain.only((stays,))
        brain.speak("say:4", "goodbye", "en", ())
        voice.may_go_on.set()
        reported = await call.until("say:4 complete")
        said = [each for each in reported if isinstance(each, str)]
        assert said == [f"{stays} complete", "say:4 complete"]


async def test_what_was_said_up_to_a_pause_is_told_as_a_part() -> None:
    async with listening() as (brain, call):
        brain.hear(QUIET * 100)
        brain.take_so_far(500, 1200)
        part = HeardPart("heard-500", "opening hours please")
        assert await call.until(part) == [UtteranceTaken("heard-500"), part]


async def test_who_ended_at_the_pause_is_not_recognised_twice() -> None:
    taken = list[bytes]()

    async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
        taken.append(ulaw_8k)
        return Recognised("opening hours please", 0.9, language, True)

    async with listening(recognise=recognise) as (brain, call):
        brain.hear(QUIET * 100)
        brain.take_so_far(500, 1200)
        brain.take_utterance(500, 1200)
        await call.until(Understood("heard-500", "hours", text="opening hours please"))
        assert Heard("heard-500", "opening hours please") in call.reported
        assert len(taken) == 1
        brain.take_utterance(500, 1600)
        await call.until(Heard("heard-500", "opening hours please"))
        assert await call.count(Understood, 2)
        assert len(taken) == 2


async def test_what_is_overheard_becomes_no_turn_and_is_not_recognised_twice() -> None:
    taken = list[str]()

    async def recognise(_ulaw_8k: bytes, language: str) -> Recognised:
        taken.append(language)
        return Recognised("opening hours please", 0.9, language, True)

    async with listening(recognise=recognise) as (brain, call):
        brain.hear(QUIET * 100)
        brain.overhear(500, 1500, "es")
        overheard = Overheard(500, "opening hours please")
        assert await call.until(overheard) == [overheard]
        brain.speak("say:1", "how_can_i_help", "es", ())
        brain.take_utterance(500, 1500)
        await call.until(Heard("heard-500", "opening hours please"))
        assert taken == ["es"]


async def test_what_cannot_be_overheard_says_nothing() -> None:
    async with listening(recognise=deaf) as (brain, call):
        brain.overhear(0, 600, "en")
        brain.take_utterance(0, 1000)
        wish = Understood("heard-0", "unheard")
        assert await call.until(wish) == [UtteranceTaken("heard-0"), wish]


@pytest.mark.parametrize("first", [LocalBrain.take_so_far, LocalBrain.take_utterance])
async def test_who_went_on_is_recognised_anew_and_at_once(
    first: Callable[[LocalBrain, int, int], None],
) -> None:
    given_up, taken, begun = list[bytes](), list[bytes](), asyncio.Event()

    async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
        taken.append(ulaw_8k)
        begun.set()
        if len(taken) == 1:
            try:
                await asyncio.Event().wait()
            finally:
                given_up.append(ulaw_8k)
        return Recognised("opening hours please", 0.9, language, True)

    async with listening(recognise=recognise) as (brain, call):
        brain.hear(QUIET * 100)
        first(brain, 500, 1000)
        async with asyncio.timeout(5):
            await begun.wait()
        brain.take_utterance(500, 1500)
        await call.until(Understood("heard-500", "hours", text="opening hours please"))
        assert given_up == taken[:1]
        assert await call.count(Understood, 1) == [call.reported[-1]]


async def test_a_pause_that_cannot_be_recognised_says_nothing() -> None:
    async with listening(recognise=deaf) as (brain, call):
        brain.take_so_far(0, 600)
        brain.take_utterance(0, 1000)
        await call.until(Understood("heard-0", "unheard"))
        assert not [each for each in call.reported if isinstance(each, HeardPart)]


async def test_a_message_that_waits_is_kept_whatever_is_said_next() -> None:
    recognising = asyncio.Event()

    async def recognise(_ulaw_8k: bytes, language: str) -> Recognised:
        await recognising.wait()
        return Recognised("opening hours please", 0.9, language, True)

    async with listening(recognise=recognise) as (brain, call):
        brain.take_utterance(0, 100)
        await call.until(UtteranceTaken("heard-0"))
        brain.start_recording()
        brain.hear(b"".join(speech.load("brooklyn").frames))
        brain.stop_recording()
        brain.take_utterance(5000, 6000)
        recognising.set()
        await call.until(Understood("heard-5000", "hours", text="opening hours please"))
        assert [each.recording for each in call.reported if isinstance(each, MessageRecorded)] == [
            "message-1.wav"
        ]


async def test_sentences_are_spoken_one_after_the_other() -> None:
    async with listening() as (brain, call):
        brain.speak("say:1", "one_moment", "en", ())
        brain.speak("say:2", "welcome", "en", (("business_name", "Riverside"),))
        reported = await call.until("say:2 complete")
        assert [each for each in reported if not isinstance(each, ReplyWorded)] == [
            ("say:1", b"\x10"),
            ("say:1", b"\x20"),
            "say:1 complete",
            ("say:2", b"\x10"),
            ("say:2", b"\x20"),
            "say:2 complete",
        ]
        words = [each.text for each in reported if isinstance(each, ReplyWorded)]
        assert words == ["One moment, please.", "Thank you for calling Riverside."]


async def test_the_offer_of_another_language_is_said_in_it_and_answered_in_the_calls() -> None:
    async with listening() as (brain, call):
        brain.speak("say:1", "how_can_i_help", "en", ())
        brain.speak("say:2", "offer_language", "es", (("key", "2"),))
        reported = await call.until("say:2 complete")
        assert brain.language == "en"
        words = [each.text for each in reported if isinstance(each, ReplyWorded)]
        assert words[1] == "Para español, diga español u oprima 2."
        brain.speak("say:3", "language_now", "es", ())
        assert brain.language == "es"


@pytest.mark.parametrize("coding", ["pcm_8k", "pcm_16k", "pcm_24k"])
async def test_a_leg_of_pcm_is_heard_as_mulaw_and_spoken_to_in_its_own_coding(coding: Coding) -> None:
    heard, voice = list[bytes](), OneVoice()

    async def recognise(ulaw_8k: bytes, language: str) -> Recognised:
        heard.append(ulaw_8k)
        return Recognised("opening hours please", 0.9, language, True)

    said = b"".join(speech.load("brooklyn").frames)
    async with listening(coding=coding, voice=voice, recognise=recognise) as (brain, call):
        pcm, frame = transcoded(said, "ulaw_8k", coding), 20 * BYTES_PER_MS[coding]
        for at in range(0, len(pcm), frame):
            brain.hear(pcm[at : at + frame])
        brain.take_utterance(1000, 1400)
        await call.wish()
        brain.speak("say:1", "one_moment", "en", ())
        await call.until("say:1 complete")
    ms = slice((1000 - RUN_UP_MS) * 8, (1400 + TRAIL_MS) * 8)
    loud, again = ulaw.decode(said[ms]).astype(float), ulaw.decode(heard[0]).astype(float)
    assert len(again) == len(loud)
    assert np.corrcoef(loud, again)[0, 1] > 0.98
    assert voice.coding == coding


async def test_a_cancel_silences_what_sounds_and_what_waits() -> None:
    voice = OneVoice()
    voice.may_go_on.clear()
    async with listening(voice=voice) as (brain, call):
        brain.speak("say:1", "one_moment", "en", ())
        brain.speak("say:2", "goodbye", "en", ())
        await call.until(("say:1", b"\x10"))
        brain.cancel()
        voice.may_go_on.set()
        brain.speak("say:3", "goodbye", "en", ())
        await call.until("say:3 complete")
        assert ("say:1", b"\x20") not in call.reported
        assert len(voice.spoken) == 2


async def test_a_sentence_that_cannot_be_spoken_counts_as_played() -> None:
    async with listening(voice=OneVoice(fails=True)) as (brain, call):
        brain.speak("say:1", "one_moment", "en", ())
        await call.until(ReplyPlayed("say:1", 0))


async def test_a_message_is_recorded_from_the_leg_and_kept() -> None:
    kept = list[bytes]()

    async def keep(_call_id: str, ulaw_8k: bytes) -> str:
        kept.append(ulaw_8k)
        return "message-1.wav"

    words = b"".join(speech.load("brooklyn").frames)
    async with listening(keep=keep, recognise=hears("call me back")) as (brain, call):
        brain.hear(QUIET)
        brain.start_recording()
        brain.hear(words)
        brain.stop_recording()
        brain.hear(QUIET)
        await call.until(MessageRecorded("message-1.wav", "call me back", len(words) // 8))
        assert kept == [words]


async def test_a_message_that_began_early_is_kept_from_its_first_word() -> None:
    kept = []

    async def keep(_call_id: str, ulaw_8k: bytes) -> str:
        kept.append(ulaw_8k)
        return "message-1.wav"

    words = b"".join(speech.load("brooklyn").frames)
    async with listening(keep=keep, recognise=hears("call me back")) as (brain, call):
        brain.hear(QUIET * 50)
        brain.hear(words)
        brain.start_recording(1000)
        brain.hear(words)
        brain.stop_recording()
        await call.until(MessageRecorded("message-1.wav", "call me back", (len(words) * 2) // 8 + 1000))
        assert kept == [QUIET * 50 + words + words]


async def test_silence_is_no_message() -> None:
    async with listening() as (brain, call):
        brain.start_recording()
        brain.hear(QUIET * 200)
        brain.stop_recording()
        await call.until(MessageRecorded("", "", 4000))


async def test_a_message_that_the_disk_does_not_take_is_told_apart_from_none() -> None:
    async def keep(_call_id: str, _ulaw_8k: bytes) -> str:
        raise StoreRefused("the disk is full")

    words = b"".join(speech.load("brooklyn").frames)
    async with listening(keep=keep) as (brain, call):
        brain.start_recording()
        brain.hear(words)
        brain.stop_recording()
        await call.until(MessageRecorded("", "", len(words) // 8, kept=False))


async def _recalled(*turns: tuple[Speaker, str]) -> str:
    story = tuple(Turn(f"t{place}", speaker, text) for place, (speaker, text) in enumerate(turns))
    async with listening() as (brain, call):
        brain.recall(story)
        wish = await call.wish()
        assert wish.recalled
        return wish.intent


async def test_a_wish_that_needs_more_than_an_answer_is_still_open() -> None:
    story = (
        (Speaker.CALLER, "leave a message"),
        (Speaker.ATTENDANT, "What is it about?"),
        (Speaker.CALLER, "um"),
    )
    assert await _recalled(*story) == "leave_message"


async def test_what_is_said_of_a_message_is_no_wish_of_its_own() -> None:
    story = (
        (Speaker.CALLER, "leave a message"),
        (Speaker.ATTENDANT, "What is it about?"),
        (Speaker.CALLER, "opening hours"),
    )
    assert await _recalled(*story) == "leave_message"


async def test_a_question_that_was_answered_is_not_answered_again() -> None:
    assert await _recalled((Speaker.CALLER, "opening hours"), (Speaker.ATTENDANT, "From eight.")) == "none"
    assert await _recalled((Speaker.CALLER, "opening hours")) == "hours"


async def test_what_a_tool_has_done_is_not_done_again() -> None:
    story = ((Speaker.CALLER, "leave a message"), (Speaker.TOOL, "take_message returned ok"))
    assert await _recalled(*story) == "none"
