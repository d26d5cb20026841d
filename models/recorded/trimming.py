"""What of a recording is kept: all that is speech or loud, with some of the quiet around it.

Pure. May import: the standard library, appliance.core, models.local.silero's Window.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WINDOW_MS = 32
"""What the ear judges at once."""
SPEECH_FROM = 0.2
"""So likely speech is kept: what is cut must be silence beyond doubt."""
SPOKEN_FROM, SPOKEN_LEAST_MS = 0.5, 160
"""So likely, and for so long together, somebody spoke."""
QUIET_DB, BELOW_LOUDEST_DB = -50.0, 35.0
"""Quiet is below the one, or so far below the loudest of the recording."""
AROUND_MS = 480
"""So much quiet stays on both sides of what is kept: a pause of twice that stays as it is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stretch of the recording, in ms from its beginning."""

    begin_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.begin_ms


@dataclass(slots=True)
class Judged:
    """What the ear made of each 32 ms, in little room: two hours are a quarter of a million of them."""

    likely: bytearray
    loud: bytearray

    @classmethod
    def nothing(cls) -> "Judged":
        """Of a recording that begins."""
        return cls(bytearray(), bytearray())

    def add(self, windows: Iterable[tuple[float, float]]) -> None:
        """The next windows: how likely speech, and how loud in dB of full scale."""
        for likely, loud_db in windows:
            self.likely.append(min(200, max(0, round(likely * 200))))
            self.loud.append(min(120, max(0, round(-loud_db))))

    @property
    def loudest_db(self) -> int:
        """How loud the loudest of it is."""
        return -min(self.loud, default=120)

    @property
    def spoken_ms(self) -> int:
        """For how long somebody spoke without doubt."""
        least, total, run = SPOKEN_LEAST_MS // WINDOW_MS, 0, 0
        for likely in [*self.likely, 0]:
            if likely >= SPOKEN_FROM * 200:
                run += 1
                continue
            total += run if run >= least else 0
            run = 0
        return total * WINDOW_MS

    def sounds(self) -> Iterator[bool]:
        """Of each window, whether it is speech, or anything that is not quiet."""
        quiet = max(QUIET_DB, self.loudest_db - BELOW_LOUDEST_DB)
        for likely, loud in zip(self.likely, self.loud, strict=True):
            yield likely >= SPEECH_FROM * 200 or -loud > quiet


def kept(judged: Judged, whole_ms: int) -> list[Kept]:
    """The stretches that are kept, in order and apart; all of it when there is nothing but quiet."""
    found: list[Kept] = []
    for place, sounds in enumerate(judged.sounds()):
        if not sounds:
            continue
        begin = max(0, place * WINDOW_MS - AROUND_MS)
        end = min(whole_ms, (place + 1) * WINDOW_MS + AROUND_MS)
        if found and begin <= found[-1].end_ms:
            found[-1] = Kept(found[-1].begin_ms, end)
        elif begin < end:
            found.append(Kept(begin, end))
    return found or [Kept(0, whole_ms)]


def spoken(judged: Judged, stretches: Sequence[Kept]) -> list[Kept]:
    """Where in what is kept there may be speech, by its own time."""
    found: list[Kept] = []
    at_ms = 0
    for stretch in stretches:
        first, last = stretch.begin_ms // WINDOW_MS, -(-stretch.end_ms // WINDOW_MS)
        for place in range(first, min(last, len(judged.likely))):
            if judged.likely[place] < SPEECH_FROM * 200:
                continue
            begin = at_ms + max(0, place * WINDOW_MS - stretch.begin_ms)
            end = at_ms + min(stretch.ms, (place + 1) * WINDOW_MS - stretch.begin_ms)
            if found and begin <= found[-1].end_ms + WINDOW_MS:
                found[-1] = Kept(found[-1].begin_ms, end)
            else:
                found.append(Kept(begin, end))
        at_ms += stretch.ms
    return found
