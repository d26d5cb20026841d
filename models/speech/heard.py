"""What the network made of an utterance, weighed: which of it is speech at all, and how sure it is.

Pure. May import: the standard library.
"""

import math
from dataclasses import dataclass, replace

# The network's own thresholds: silence when it says so and is unsure of its words as well.
SILENT_FROM = 0.6
UNSURE_BELOW = -1.0
# Words of so little probability are none, whatever it thinks of the silence.
NOTHING_BELOW = -2.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an utterance, and when it is said in it."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one utterance as the network wrote it down; its words only where they were asked for."""

    text: str
    seconds: float
    avg_logprob: float
    no_speech: float
    words: tuple[Word, ...] = ()

    def later(self, ms: int) -> "Segment":
        """The same, so much behind its piece's beginning."""
        moved = (replace(word, start_ms=word.start_ms + ms, end_ms=word.end_ms + ms) for word in self.words)
        return replace(self, words=tuple(moved))

    @property
    def confidence(self) -> float:
        """The mean probability of its words, 0 to 1."""
        return min(1.0, math.exp(self.avg_logprob))

    @property
    def silent(self) -> bool:
        """Whether nobody spoke here."""
        unsure = self.avg_logprob < UNSURE_BELOW and self.no_speech > SILENT_FROM
        return unsure or self.avg_logprob < NOTHING_BELOW or not self.text.strip()


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance, or a piece of one."""

    segments: tuple[Segment, ...]
    language: str
    language_sure: float | None = None
    """How sure the network is of the language, where it was asked which it is."""

    def later(self, ms: int) -> "Heard":
        """The same, so much behind the beginning of the whole."""
        return replace(self, segments=tuple(segment.later(ms) for segment in self.segments))

    @property
    def spoken(self) -> tuple[Segment, ...]:
        """The segments in which somebody spoke."""
        return tuple(segment for segment in self.segments if not segment.silent)

    @property
    def text(self) -> str:
        """What was said."""
        return " ".join(segment.text.strip() for segment in self.spoken)

    @property
    def confidence(self) -> float:
        """How sure the network is of all of it, 0 to 1; longer segments weigh more."""
        spoken = self.spoken
        seconds = sum(segment.seconds for segment in spoken)
        if not seconds:
            return 0.0
        return math.exp(sum(min(0.0, each.avg_logprob) * each.seconds for each in spoken) / seconds)


def joined(pieces: list[Heard], language: str) -> Heard:
    """The pieces of one utterance as one."""
    segments = tuple(segment for piece in pieces for segment in piece.segments)
    first = next((piece for piece in pieces if piece.spoken), pieces[0] if pieces else None)
    return Heard(segments, language) if first is None else replace(first, segments=segments)
