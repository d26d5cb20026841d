"""The ways in which the cloud fails: while a session is under way, and while one is being set up.

May import: the standard library, tests.peers.realtime, this package's network.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.network import drop_line
from tests.peers.realtime import Fault, Session

Act = Callable[[Session, int], Awaitable[None]]
"""What is done to a session of the peer that listens at this port."""

GARBAGE_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Way:
    """A way to fail in the middle of a call."""

    name: str
    act: Act
    told: Literal["at once", "by silence"] = "at once"
    """Whether the failure shows itself, or is only noticed by what does not come."""
    in_namespace: bool = False
    """Whether it takes a network of its own."""


@dataclass(frozen=True, slots=True)
class DoorWay:
    """A way to fail while a session is being set up."""

    name: str
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


WAYS = (
    Way("closed, 1000", _do(Fault("close", code=1000))),
    Way("closed, 1011", _do(Fault("close", code=1011))),
    Way("gone without a word (1006)", _do(Fault("drop"))),
    Way("reset", _do(Fault("reset"))),
    Way("black hole", _black_hole, in_namespace=True),
    Way("open but silent", _do(Fault("silence")), "by silence"),
    Way("audio slower than real time", _do(Fault("trickle", speedup=0.25)), "by silence"),
    Way("fatal error event", _do(Fault("error", type="invalid_request_error", code="insufficient_quota"))),
    Way("retryable error event", _retryable),
    Way("garbage", _garbage),
    Way("flood of events", _do(Fault("flood"))),
)

DOOR_WAYS = (
    DoorWay("refused", closed=True),
    DoorWay("401", (Fault("refuse", at="connect", status=401, code="invalid_api_key", times=0),)),
    DoorWay("500", (Fault("refuse", at="connect", status=500, times=0),)),
    DoorWay("quota", (Fault("refuse_event", at="connect", code="insufficient_quota", times=0),)),
    DoorWay("dead name server", nameless=True),
    DoorWay("TLS hangs", hangs=True, secret=True),
    DoorWay("handshake never answered", (Fault("stall", at="connect", times=0),)),
)
