"""What happened in a call of the phone, one frozen record for each kind, as the carrier's journal wants it.

Pure. May import: the standard library, the carrier peer's happenings.
"""

from dataclasses import dataclass

from tests.peers.carrier.happenings import Happening


@dataclass(frozen=True, slots=True)
class Dialled(Happening):
    """The INVITE is on its way."""

    target: str


@dataclass(frozen=True, slots=True)
class Rung(Happening):
    """An INVITE came."""

    caller: str
    display: str


@dataclass(frozen=True, slots=True)
class Ringing(Happening):
    """The called phone rings, by its word (180 or 183) or by ours."""

    status: int


@dataclass(frozen=True, slots=True)
class Answered(Happening):
    """The call is up, from the 200 on."""

    codec: str


@dataclass(frozen=True, slots=True)
class SpeechBegan(Happening):
    """The first packet of what is said was sent."""


@dataclass(frozen=True, slots=True)
class SpeechEnded(Happening):
    """The last packet of it was sent the tick before."""


@dataclass(frozen=True, slots=True)
class KeyPressed(Happening):
    """The first packet of a key was sent."""

    key: str


@dataclass(frozen=True, slots=True)
class KeyCame(Happening):
    """The other side pressed a key."""

    key: str


@dataclass(frozen=True, slots=True)
class Changed(Happening):
    """The other side described its sound anew: hold, or another place."""

    direction: str
    where: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Asked(Happening):
    """A request within the call that changes nothing: INFO, OPTIONS, MESSAGE."""

    method: str
    body: bytes


@dataclass(frozen=True, slots=True)
class TransferAsked(Happening):
    """The other side wants us to call somebody else instead."""

    target: str


@dataclass(frozen=True, slots=True)
class TransferTold(Happening):
    """How the call that we asked for is getting on, as a status of SIP."""

    status: int


@dataclass(frozen=True, slots=True)
class Ended(Happening):
    """The call is over."""

    by: str
    reason: str
