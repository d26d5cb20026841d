"""The ways in which the cloud fails: while a session is under way, and while one is being set up.

May import: the standard library, tests.peers.realtime, this package's network.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.faults.network import drop_line, dropped
from tests.peers.realtime import Fault, Session

Act = Callable[[Session, int], Awaitable[None]]
"""What is done to a session of the peer that listens at this port."""

Seen = Callable[[Session], Awaitable[bool]]
"""Whether that really befell the session."""

GARBAGE_ROUNDS = 20
TRICKLE = Fault("trickle", speedup=0.15, times=0)
FATAL = Fault("error", type="invalid_request_error", code="insufficient_quota")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to fail in the middle of a call."""

    name: str
    act: Act
    seen: Seen
    told: Literal["at once", "by silence"] = "at once"
    """Whether the failure shows itself, or is only noticed by what does not come."""
    in_namespace: bool = False
    """Whether it takes a network of its own."""
    of_replies: bool = False
    """Whether it is only met where a reply of the cloud's comes."""
    recovers: bool = False
    """Whether the cloud goes on by itself, so that it is not to be given up."""


@dataclass(frozen=True, slots=True)
class DoorWay:
    """A way to fail while a session is being set up."""

    name: str
    codes: tuple[str, ...]
    """How the box calls it when it meets this."""
    faults: tuple[Fault, ...] = ()
    closed: bool = False
    """Nothing listens."""
    hangs: bool = False
    """Something listens, and TLS never begins."""
    nameless: bool = False
    """The name server does not answer."""
    secret: bool = field(default=False, kw_only=True)
    """Whether the service speaks TLS."""


def _do(*faults: Fault) -> Act:
    async def act(session: Session, _port: int) -> None:
        for fault in faults:
            session.do(fault)

    return act


def _befell(*kinds: str) -> Seen:
    """Whether one of these faults really happened at the peer."""

    async def seen(session: Session) -> bool:
        return not set(kinds).isdisjoint(session.befallen)

    return seen


async def _vanished(session: Session) -> bool:
    """Whether packets of the session's connection were dropped."""
    return await dropped(session.client_port) > 0


async def _retryable(session: Session, _port: int) -> None:
    """The answer under way fails, as it does when the service stumbles; without one, an error event."""
    kind = "fail" if session.active else "error"
    session.do(Fault(kind, type="server_error"))


async def _garbage(session: Session, _port: int) -> None:
    """What is no JSON, what is no text, and what has the wrong types; more than a slip."""
    for _ in range(GARBAGE_ROUNDS):
        session.do(Fault("garbage"))
        session.do(Fault("binary"))
        session.emit("response.output_audio.delta", response_id=7, item_id=None, delta={})


async def _black_hole(session: Session, port: int) -> None:
    await drop_line(session.client_port, port)


def _at_the_door(kind: str, **numbers: Any) -> Fault:
    """What everybody meets who comes."""
    return Fault(kind, at="connect", times=0, **numbers)


WAYS = (
    Way("closed, 1000", _do(Fault("close", code=1000)), _befell("close")),
    Way("closed, 1011", _do(Fault("close", code=1011)), _befell("close")),
    Way("gone without a word (1006)", _do(Fault("drop")), _befell("drop")),
    Way("reset", _do(Fault("reset")), _befell("reset")),
    Way("black hole", _black_hole, _vanished, in_namespace=True),
    Way("open but silent", _do(Fault("silence")), _befell("silence"), "by silence"),
    Way("audio slower than real time", _do(TRICKLE), _befell("trickle"), "by silence", of_replies=True),
    Way("fatal error event", _do(FATAL), _befell("error")),
    Way("retryable error event", _retryable, _befell("fail", "error"), recovers=True),
    Way("garbage", _garbage, _befell("garbage")),
    Way("flood of events", _do(Fault("flood")), _befell("flood")),
)

DOOR_WAYS = (
    DoorWay("refused", ("refused",), closed=True),
    DoorWay("401", ("status_401",), (_at_the_door("refuse", status=401, code="invalid_api_key"),)),
    DoorWay("500", ("status_500",), (_at_the_door("refuse", status=500),)),
    DoorWay("quota", ("insufficient_quota",), (_at_the_door("refuse_event", code="insufficient_quota"),)),
    DoorWay("dead name server", ("dns", "timeout"), nameless=True),
    DoorWay("TLS hangs", ("timeout",), hangs=True, secret=True),
    DoorWay("handshake never answered", ("timeout",), (_at_the_door("stall"),)),
)
