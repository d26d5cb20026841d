"""Recognition: the queue before the child that hears, and what its answers come to.

May import: appliance.core, models.speech, wyoming.event.
"""

import asyncio
from pathlib import Path

from wyoming.event import Event

from models.speech.child import Child
from models.speech.heard import Heard, Segment, Word, joined
from models.speech.pieces import pieces
from models.speech.refused import Refused
from models.speech.requests import BYTES_PER_S, Recognise
from models.speech.turns import Turns

# A voicemail can wait; so many of them are a worker that asks too fast.
BACKGROUND_MOST = 8


class Recognition:
    """Who asks waits here: live calls before voicemail, and never past the deadline."""

    def __init__(self, folder: Path, threads: int, waiting_most: int, within_ms: int) -> None:
        told = {"folder": str(folder), "threads": threads}
        self.child = Child("models.speech.ears", told, threads, Turns(waiting_most, BACKGROUND_MOST))
        self._within_ms = within_ms

    @property
    def languages(self) -> list[str]:
        """The languages that the weights know; empty without weights."""
        return list(self.child.ready["languages"]) if self.child.ready else []

    async def heard(self, asked: Recognise) -> Heard:
        """What is said. Raises Refused. Cancelling gives up the turn; a decode under way is thrown away."""
        language = asked.language.partition("-")[0].lower()
        if language and self.languages and language not in self.languages:
            raise Refused("language", f"the weights do not know {language!r}")
        within_s = (asked.within_ms or self._within_ms) / 1000
        if self.child.expected_s(live=asked.live) > within_s:
            raise Refused("busy", "so many wait that it cannot be done in its time")
        try:
            async with asyncio.timeout(within_s):
                parts: list[Heard] = []
                at = 0
                for pcm in pieces(asked.pcm_16k):
                    told = {"language": language or None, "words": asked.words}
                    question = Event("hear", told, pcm)
                    answer = await self.child.ask(question, live=asked.live, first=bool(parts))
                    parts.append(_read(answer).later(at * 1000 // BYTES_PER_S))
                    at += len(pcm)
        except TimeoutError as exc:
            raise Refused("late", "it was not recognised within its time") from exc
        return joined(parts, language)


def _read(answer: Event) -> Heard:
    segments = tuple(
        Segment(**{**each, "words": tuple(Word(**word) for word in each["words"])})
        for each in answer.data["segments"]
    )
    return Heard(segments, answer.data["language"], answer.data.get("language_sure"))
