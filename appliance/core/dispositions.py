"""What becomes of a call after our part in it, and how a finished call is filed.

The disposition is the one word that we leave with the carrier. Empty means people: a crash of ours leaves
nothing, and nothing rings the front desk. May import: the standard library, appliance.core.errors.
"""

from dataclasses import dataclass
from enum import StrEnum

from appliance.core.errors import WireError


class Kind(StrEnum):
    """Where the carrier takes the caller next."""

    PEOPLE = ""
    TRANSFER = "transfer"
    VOICEMAIL = "voicemail"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Disposition:
    """Where the call goes when our leg ends; `department` is a slug and only a transfer has one."""

    kind: Kind
    department: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.department}" if self.department else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> "Disposition":
        """Read the written form, such as `transfer:billing`. Raises WireError for any other text."""
        kind, colon, department = text.partition(":")
        right = bool(department) if kind == Kind.TRANSFER else not colon
        if kind not in {each.value for each in Kind} or not right:
            raise WireError("not a disposition", text)
        return cls(Kind(kind), department)


PEOPLE = Disposition(Kind.PEOPLE)
VOICEMAIL = Disposition(Kind.VOICEMAIL)
GOODBYE = Disposition(Kind.GOODBYE)
HUNG_UP = "the caller hung up"
"""Why our part ended, of a call that was led on to nobody: what is left of it means nothing."""


def transfer(department: str) -> Disposition:
    """The disposition that rings a department, named by its slug."""
    return Disposition(Kind.TRANSFER, department)


class Outcome(StrEnum):
    """How a finished call is filed in the call log."""

    HANDLED = "handled"
    HOURS = "hours"
    TRANSFERRED = "transferred"
    UNANSWERED = "unanswered"
    VOICEMAIL = "voicemail"
    ABANDONED = "abandoned"
    BUSY = "busy"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


RANG = frozenset({Outcome.TRANSFERRED, Outcome.UNANSWERED, Outcome.VOICEMAIL})
"""Filed so, somebody's telephone has rung, or a voicemail was left in their stead."""
