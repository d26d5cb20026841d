"""Who says what when on one simulated call; carrier and cloud both go by it.

`talk`: in turns of 12 s the caller speaks 4 s, the cloud notices the end 0.5 s later and answers 0.3 s after
that with 5 s of audio, of which 0.4 s have gone by when the caller's words come; then both are quiet for a
while. `duplex`: the caller breathes and the cloud talks without end, which no real call does.
May import: the standard library, and of the bench speech.
"""

import base64
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from scripts.bench import speech
from scripts.bench.clock import phase_of

Profile = Literal["talk", "duplex"]
NEVER = 1 << 60


class Cue(Enum):
    """What the cloud does at a moment of the caller's audio."""

    STARTED = speech.SPOKEN_FROM
    STOPPED = speech.HEARD
    ANSWER = speech.ANSWERED
    WORDS = speech.WORDED


@dataclass(frozen=True, slots=True)
class Script:
    """One call's lines."""

    number: int
    track: speech.Track
    shift: int
    """Where in its turn the call begins after the lead, so that turns are spread over the calls."""

    def frame(self, index: int) -> tuple[bytes, int]:
        """The caller's frame as base64, and 1 if it is speech."""
        if index < speech.LEAD:
            return base64.b64encode(speech.stamp(self.number, index)), 0
        at = self._place(index)
        return self.track.frames[at], self.track.loud[at]

    def next_cue(self, after: int) -> tuple[int, Cue | None]:
        """The first frame beyond this one at which the cloud does something, and what."""
        if not any(self.track.loud):
            return NEVER, None
        if after < speech.LEAD and Cue.STARTED.value < self.shift < speech.SPOKEN:
            return speech.LEAD, Cue.STARTED
        after = max(after, speech.LEAD)
        waits = [((cue.value - self._place(after) - 1) % speech.TURN + 1, cue) for cue in Cue]
        wait, cue = min(waits, key=lambda found: found[0])
        return after + wait, cue

    def _place(self, index: int) -> int:
        return (index - speech.LEAD + self.shift) % speech.TURN


def script_of(number: int, profile: Profile) -> Script:
    """The lines of the call with this number."""
    if profile == "duplex":
        return Script(number, speech.quiet(), 0)
    return Script(number, speech.talk(number), int(phase_of(number * 7 + 3) * speech.TURN))
