"""How one request is answered: as it should be, or not.

May import: the standard library.
"""

from dataclasses import dataclass
from typing import Literal

Fault = Literal[
    "mute", "refuse", "close early", "close midway", "close late", "cut answer", "garbage", "error"
]
"""mute: takes everything and never answers. refuse: closes the connection that asks. close early: after the
first audio. close midway: after one second of audio. close late: after all of it, without an answer. cut
answer: closes in the middle of the answer. garbage: answers with what is no event. error: answers that it
failed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What is said instead of the truth, when, and what goes wrong."""

    text: str | None = None
    """Answered whatever was heard: a recogniser that is wrong. "" means that it heard no speech."""
    after_s: float | None = None
    """How long the answer takes; None: as long as the peer's delays say."""
    confidence: float | None = 0.9
    """The extra field of the answer; None leaves it out, as other servers do."""
    no_speech: bool | None = None
    """Whether it says that nobody spoke; None: where there are no words. Left out with the confidence."""
    fault: Fault | None = None
