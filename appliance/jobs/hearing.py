"""A recording heard by the speech program, window by window: live calls come before each of them.

What it writes where our own ear hears nobody is left out. May import: the standard library, appliance.core,
appliance.store, appliance.jobs, models.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.core import spoken_message
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed
from appliance.languages.folders import codes
from appliance.store.message_texts import Word
from models.local.speech_client import Recognised, SpeechFailed
from models.recorded.opening import Opened, pcm_of, windows
from models.recorded.trimming import Kept

WINDOW_S = 180.0
"""For one window, with all live calls that come before it."""
UNAVAILABLE_AGAIN_S = 300.0
SLACK_MS = 1000
"""By so much the network may be wrong about when a word is said."""
SURE_FROM, SURE_OF_OTHERS_FROM = 0.5, 0.8
"""How sure it is to be of a language that is spoken here, and of one that is not."""
PHANTOM_MOST_MS = 1500
AWAY = frozenset({"unreachable", "unavailable", "garbage", "busy"})
"""What is said of the speech program itself: no recording is to blame for it."""
UNCHANGEABLE = frozenset({"language", "format", "text", "too-long"})
"""What the speech program says of what it was asked: asked again, it says the same."""
QUIET_HEARD_MS = 120_000
"""So much of a recording in which our ear hears nobody is heard by the network as well."""


class Speech(Protocol):
    """The speech program's client."""

    async def recognise(
        self, pcm_16k: bytes, language: str, within_s: float, *, live: bool = True, words: bool = False
    ) -> Recognised:
        """What is said; raises SpeechFailed."""


class NobodyHears(JobFailed):
    """The speech program is away, or does not get to it: that says nothing of the recording."""

    def __init__(self, problem: str, *, after_s: float) -> None:
        super().__init__(problem, again=True, after_s=after_s)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in all of it, with the times of what is kept."""

    text: str
    language: str
    confidence: float | None
    words: tuple[Word, ...]


def hear(errand: Errand, speech: Speech, opened: Opened, heard: Path, usual: str) -> Said:
    """Have it heard; `usual` is the clinic's language. Raises JobFailed, and what the errand raises."""
    language, parts = "", list[tuple[Recognised, tuple[Word, ...], int]]()
    for begin, end in windows(opened):
        spoken = [each for each in opened.speech if each.end_ms > begin and each.begin_ms < end]
        if not spoken and (opened.speech or begin >= QUIET_HEARD_MS):
            continue
        errand.check()
        pcm = pcm_of(heard, begin, end)
        found = _asked(errand, speech, pcm, language)
        if not language and found.text:
            if not _believed(found):
                found = _asked(errand, speech, pcm, usual)
            language = found.language or usual
        if part := _true(found, begin, end, opened.speech):
            parts.append((*part, end - begin))
    return _joined(parts, language or usual, opened)


def _asked(errand: Errand, speech: Speech, pcm: bytes, language: str) -> Recognised:
    try:
        return errand.awaited(speech.recognise(pcm, language, WINDOW_S, live=False, words=True))
    except SpeechFailed as exc:
        problem = f"the speech program did not write it down: {exc.code}"
        if exc.code in AWAY:
            after_s = UNAVAILABLE_AGAIN_S if exc.code == "unavailable" else 0.0
            raise NobodyHears(problem, after_s=after_s) from exc
        raise JobFailed(problem, again=exc.code not in UNCHANGEABLE) from exc


def _believed(found: Recognised) -> bool:
    """Whether this is the language that is spoken, as far as the server says how sure it is."""
    if found.language_sure is None:
        return True
    least = SURE_FROM if found.language in codes() else SURE_OF_OTHERS_FROM
    return found.language_sure >= least


def _true(
    found: Recognised, begin: int, end: int, speech: Sequence[Kept]
) -> tuple[Recognised, tuple[Word, ...]] | None:
    """What was found of a window without what nobody said; None when that is all of it."""
    if not found.speech:
        return None
    words = tuple(
        Word(each.text, begin + each.start_ms, min(end, begin + each.end_ms), each.confidence)
        for each in found.words
    )
    said = tuple(word for word in words if _spoken(word, speech))
    if words and not said:
        return None
    if len(said) == len(words):
        return found, words
    text = " ".join(word.text for word in said)
    return Recognised(text, found.confidence, found.language, True), said


def _spoken(word: Word, speech: Sequence[Kept]) -> bool:
    return any(
        each.begin_ms - SLACK_MS <= word.end_ms and word.start_ms <= each.end_ms + SLACK_MS for each in speech
    )


def _joined(parts: Sequence[tuple[Recognised, tuple[Word, ...], int]], language: str, opened: Opened) -> Said:
    text = " ".join(found.text.strip() for found, _, _ in parts)
    if opened.spoken_ms < PHANTOM_MOST_MS and spoken_message.phantom(text):
        return Said("", language, None, ())
    return Said(text, language, _sure(parts), tuple(word for _, words, _ in parts for word in words))


def _sure(parts: Sequence[tuple[Recognised, tuple[Word, ...], int]]) -> float | None:
    """How sure the network is of all of it; longer windows weigh more."""
    known = [(found.confidence, ms) for found, _, ms in parts if found.confidence]
    if not known:
        return None
    whole = sum(ms for _, ms in known)
    return round(math.exp(sum(math.log(sure) * ms for sure, ms in known) / whole), 3)
