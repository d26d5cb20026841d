"""How a phone takes a call, and what it does wrong.

May import: the standard library.
"""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Faults:
    """What a phone leaves out."""

    no_ack: bool = False
    """Our INVITE's answer is never acknowledged."""
    no_rtp: bool = False
    """Not one packet of sound is sent."""


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Manner:
    """What happens when the phone is rung."""

    answers_after_s: float | None = 0.0
    """It rings for so long; None: for ever, unless a test answers."""
    refuses: int | None = None
    """It refuses with this status, after as long, instead of answering."""
    says_ringing: bool = True
    """Whether it says 180."""
    early: bool = False
    """It says 183 instead and is heard before it answers, as a switchboard with an announcement."""
    hears: bool = True
    """False: not one word, as a phone that lost its power a moment ago."""
    faults: Faults = NO_FAULTS

    @classmethod
    def answers(cls, after_s: float = 0.0) -> Self:
        return cls(after_s)

    @classmethod
    def busy(cls, after_s: float = 0.0) -> Self:
        return cls(after_s, 486, says_ringing=after_s > 0)

    @classmethod
    def declines(cls, after_s: float = 0.0) -> Self:
        return cls(after_s, 603)

    @classmethod
    def never_answers(cls) -> Self:
        return cls(None)

    @classmethod
    def dead(cls) -> Self:
        return cls(None, says_ringing=False, hears=False)

    def quietly(self) -> Self:
        """The same without a 180."""
        return replace(self, says_ringing=False)
