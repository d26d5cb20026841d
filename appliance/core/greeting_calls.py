"""Recording the clinic's greetings by a telephone outside: what a carrier does next, and whom it tells. Pure.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from appliance.core.steps import Say


@dataclass(frozen=True, slots=True)
class Turn:
    """What the carrier does: it plays a recording of ours, if one is named, speaks, and then one thing more.

    `keys`: it waits for so many keys; `record`: it records; `wait`: it asks again in a moment; `end`: it
    hangs up; `door`: the call goes on as any other. What comes of it is told as the answer to `step`.
    """

    said: tuple[Say, ...]
    does: Literal["keys", "record", "wait", "end", "door"]
    step: str = ""
    keys: int = 1
    plays: str = ""


class GreetingDesk(Protocol):
    """Whom a carrier tells of such a call. Every verb raises AttendantError."""

    async def begins(self, caller: str) -> Turn | None:
        """A call rings: what is said before it goes on as any other; None where nobody is asked."""

    async def pressed(self, call_sid: str, caller: str, step: str, digits: str) -> Turn:
        """Keys were pressed at a step, or none."""

    async def recorded(self, call_sid: str, recording_sid: str) -> Turn:
        """The carrier has recorded something."""
