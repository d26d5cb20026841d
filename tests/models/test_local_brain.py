"""The local assistant's ears and mouth: what is reported, in which order, and what a failure costs."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from appliance.core import ulaw
from appliance.core.errors import AttendantError
from appliance.core.events import (
    Event,
    Heard,
    MessageRecorded,
    ReplyPlayed,
    ReplyWorded,
    Understood,
    UtteranceTaken,
)
from appliance.core.story import Speaker, Turn
from models.local.brain import Faculties, LocalBrain
from models.local.speech_client import Recognised
from models.local.utterances import RUN_UP_MS, TRAIL_MS
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

    async def speak(self, text: str, language: str) -> AsyncGenerator[bytes, None]:
        self.spoken.append((text, language))
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


def local_brain(**changed: Any) -> LocalBrain:
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
    return LocalBrain("c1", Faculties(**parts), "en")


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

    async def wish(self) -> Understood:
        async with asyncio.timeout(5):
            while not (found := [each for each in self.reported if isinstance(each, Understood)]):
                self._came.clear()
                await self._came.wait()
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
        wish = Understood("heard-500", "hours")
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


async def test_only_the_last_of_several_utterances_is_recognised() -> None:
    async with listening() as (brain, call):
        brain.take_utterance(0, 1000)
        brain.take_utterance(2000, 3000)
        await call.until(Understood("heard-2000", "hours"))
        assert UtteranceTaken("heard-0") not in call.reported


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


async def test_silence_is_no_message() -> None:
    async with listening() as (brain, call):
        brain.start_recording()
        brain.hear(QUIET * 200)
        brain.stop_recording()
        await call.until(MessageRecorded("", "", 4000))


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


async def test_a_question_that_was_answered_is_not_answered_again() -> None:
    assert await _recalled((Speaker.CALLER, "opening hours"), (Speaker.ATTENDANT, "From eight.")) == "none"
    assert await _recalled((Speaker.CALLER, "opening hours")) == "hours"


async def test_what_a_tool_has_done_is_not_done_again() -> None:
    story = ((Speaker.CALLER, "leave a message"), (Speaker.TOOL, "take_message returned ok"))
    assert await _recalled(*story) == "none"
