"""SIP transactions over UDP: what is repeated, until when, and what a repeated request gets (RFC 3261, 17).

A 200 to an INVITE is the business of the same machine as any other answer here: repeated until its ACK comes
(13.3.1.4), and acknowledged again as often as it comes (13.2.2.4). No clock of its own: each call says what
time it is. Sans-I/O. May import: the standard library, this package's message.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

from tests.peers.phone.message import Request, Response, answer, write

State = Literal["calling", "proceeding", "accepted", "completed", "confirmed", "over"]


@dataclass(frozen=True, slots=True)
class Timers:
    """The three times that all others are made of, in seconds."""

    t1_s: float = 0.5
    """A guess at the round trip: the first repetition comes after so long."""
    t2_s: float = 4.0
    """The longest between two repetitions of what is no INVITE, and of an answer to one."""
    t4_s: float = 5.0
    """How long a datagram may stay in the network."""
    ring_s: float = 180.0
    """How long an INVITE may ring (timer C)."""

    @property
    def give_up_s(self) -> float:
        """Timers B, F, H and J."""
        return 64 * self.t1_s


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from something that came, or from time that passed."""

    send: tuple[bytes, ...] = ()
    up: Response | None = None
    """For whoever sent the request."""


NOTHING = Step()


class ClientTransaction:
    """A request of ours: repeated until it is answered, given up (as 408) when it never is."""

    def __init__(self, request: Request, timers: Timers, now_s: float) -> None:
        self.request = request
        self.data = write(request)
        self.state: State = "calling"
        self.acknowledges = True
        """Whether an answer to our INVITE is acknowledged; a phone may leave that out."""
        self._is_invite = request.method == "INVITE"
        self._timers = timers
        self._hurried = False
        self._ack = b""
        self._wait_s = timers.t1_s
        self._repeat_s = now_s + timers.t1_s
        self._end_s = now_s + timers.give_up_s

    @property
    def key(self) -> tuple[str, str]:
        """By what its answers are known: the branch and the method."""
        return self.request.via.branch, self.request.method

    @property
    def due_s(self) -> float:
        """When it wants to be ticked."""
        return min(self._repeat_s, self._end_s)

    def tick(self, now_s: float) -> Step:
        """Time has passed."""
        if now_s >= self._end_s:
            return self._given_up()
        if now_s < self._repeat_s:
            return NOTHING
        self._wait_s *= 2
        if not self._is_invite:
            # Once something was answered, at the longest interval (timer E).
            self._wait_s = (
                self._timers.t2_s if self.state == "proceeding" else min(self._wait_s, self._timers.t2_s)
            )
        self._repeat_s = now_s + self._wait_s
        return Step((self.data,))

    def _given_up(self) -> Step:
        unanswered = self.state in ("calling", "proceeding")
        self._rest("over")
        return Step(up=answer(self.request, 408)) if unanswered else NOTHING

    def received(self, response: Response, now_s: float) -> Step:
        """An answer came."""
        if self.state in ("calling", "proceeding"):
            return self._answered(response, now_s)
        if self.state == "completed" and response.status >= 300 and self._is_invite:
            return self._acked(response)
        if self.state == "accepted" and response.good and self._ack:
            return Step((self._ack,))
        return NOTHING

    def _answered(self, response: Response, now_s: float) -> Step:
        if not response.final:
            self.state = "proceeding"
            if self._is_invite and not self._hurried:
                self._repeat_s, self._end_s = inf, max(self._end_s, now_s + self._timers.ring_s)
            return Step(up=response)
        if not self._is_invite:
            self._rest("completed", now_s + self._timers.t4_s)
            return Step(up=response)
        self._rest("accepted" if response.good else "completed", now_s + self._timers.give_up_s)
        return Step(() if response.good else self._acked(response).send, response)

    def _acked(self, response: Response) -> Step:
        return Step((write(ack_of_refusal(self.request, response)),)) if self.acknowledges else NOTHING

    def acknowledge(self, ack: Request) -> tuple[bytes, ...]:
        """The dialog's ACK to a 200: sent now, and whenever the 200 comes again."""
        if not self.acknowledges:
            return ()
        self._ack = write(ack)
        return (self._ack,)

    def hurry(self, now_s: float) -> None:
        """It was cancelled: an answer comes soon or not at all (9.1)."""
        self._hurried = True
        self._end_s = now_s + self._timers.give_up_s

    def _rest(self, state: State, end_s: float = inf) -> None:
        self.state, self._repeat_s, self._end_s = state, inf, end_s


def ack_of_refusal(invite: Request, response: Response) -> Request:
    """The ACK to an answer of 300 or more, of the transaction itself (17.1.1.3)."""
    return Request(
        method="ACK",
        uri=invite.uri,
        headers=(
            ("Via", invite.get("Via")),
            *(("Route", value) for value in invite.all("Route")),
            ("Max-Forwards", "70"),
            ("From", invite.get("From")),
            ("To", response.get("To")),
            ("Call-ID", invite.call_id),
            ("CSeq", f"{invite.seq} ACK"),
        ),
    )


class ServerTransaction:
    """A request of theirs: repeated, it gets the same answer; that to an INVITE goes on until its ACK."""

    def __init__(self, request: Request, timers: Timers, now_s: float) -> None:
        self.request = request
        self.state: State = "proceeding"
        self.unacknowledged = False
        """Our answer was repeated to the end and no ACK came (timer H)."""
        self._is_invite = request.method == "INVITE"
        self._timers = timers
        self._answer = b""
        self._wait_s = timers.t1_s
        self._repeat_s = inf
        # An INVITE may ring as long as it likes; its caller ends that.
        self._end_s = inf

    @property
    def key(self) -> tuple[str, ...]:
        return server_key(self.request)

    @property
    def due_s(self) -> float:
        """When it wants to be ticked."""
        return min(self._repeat_s, self._end_s)

    @property
    def open(self) -> bool:
        """Whether no final answer was given."""
        return self.state == "proceeding"

    def respond(self, response: Response, now_s: float) -> tuple[bytes, ...]:
        """Give an answer; behind a final one there is no other."""
        if not self.open:
            return ()
        self._answer = write(response)
        if response.final:
            self.state = "accepted" if self._is_invite and response.good else "completed"
            self._end_s = now_s + self._timers.give_up_s
            if self._is_invite:
                self._repeat_s = now_s + self._timers.t1_s
        return (self._answer,)

    def repeated(self) -> tuple[bytes, ...]:
        """The request came again."""
        if not self._answer or self.state in ("confirmed", "over"):
            return ()
        return (self._answer,)

    def acknowledged(self, now_s: float) -> bool:
        """Its ACK came; whether it was the first."""
        if self.state not in ("accepted", "completed"):
            return False
        # A repeated INVITE may still be on its way.
        self.state, self._repeat_s = "confirmed", inf
        self._end_s = now_s + max(self._timers.t4_s, self._timers.give_up_s)
        return True

    def tick(self, now_s: float) -> tuple[bytes, ...]:
        """Time has passed; what is sent again."""
        if now_s >= self._end_s:
            self.unacknowledged = self._is_invite and self.state in ("accepted", "completed")
            self.state, self._repeat_s, self._end_s = "over", inf, inf
            return ()
        if now_s < self._repeat_s:
            return ()
        self._wait_s = min(2 * self._wait_s, self._timers.t2_s)
        self._repeat_s = now_s + self._wait_s
        return (self._answer,)


MAGIC = "z9hG4bK"


def server_key(request: Request) -> tuple[str, ...]:
    """By what a repeated request is known (17.2.3); an ACK is known by its INVITE's."""
    method = "INVITE" if request.method == "ACK" else request.method
    return invite_key(request, method)


def invite_key(request: Request, method: str = "INVITE") -> tuple[str, ...]:
    """The same for the INVITE that a CANCEL is meant for."""
    via = request.via
    if via.branch.startswith(MAGIC):
        return via.branch, via.host.lower(), str(via.port), method
    # An old one: RFC 2543 has no branches to trust.
    return request.call_id, str(request.seq), request.caller.tag, via.host, str(via.port), method
