"""One call as the phone's own parts see it: its dialog, its sound, how far it has come, what happened.

May import: the standard library, this package, the carrier's journal and ticker, the realtime peer's bell.
"""

import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar

from tests.peers.carrier.happenings import Happening
from tests.peers.carrier.journal import Journal
from tests.peers.carrier.ticker import Ticker
from tests.peers.phone import happenings as h
from tests.peers.phone import sdp
from tests.peers.phone.address import Uri
from tests.peers.phone.asking import Asking
from tests.peers.phone.dialog import Dialog, Me
from tests.peers.phone.hearing import KeyHeard
from tests.peers.phone.manner import Faults
from tests.peers.phone.media import Media
from tests.peers.phone.message import Header, Request, Response, answer
from tests.peers.phone.wire import Exchange, Incoming
from tests.peers.realtime.bell import Bell

T = TypeVar("T")
State = Literal["calling", "rung", "up", "over"]
By = Literal["us", "them", "nobody"]
"""Who ended a call. Nobody: no answer came, or none was acknowledged."""
SDP_HEADER: Header = ("Content-Type", sdp.MEDIA_TYPE)


class Owner(Protocol):
    """What a call asks of its phone."""

    asking: Asking
    ticker: Ticker
    me: Me
    ip: str
    codecs: tuple[str, ...]
    on_happening: Callable[["Leg", Happening], None]

    def start(self, work: Coroutine[Any, Any, None], name: str) -> object:
        """Have something done beside everything else, for as long as the phone lives."""

    def place(self, target: str, headers: Iterable[Header] = ()) -> "Leg":
        """Call somebody."""

    def uri_of(self, target: str) -> Uri:
        """Whom a dialled number or URI means."""


class Transfer:
    """A REFER of ours: what it was answered, and what we were told of the new call."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.accepted = 0
        """The status of the answer: 202."""
        self.told: list[int] = []
        """The statuses of the new call, in order."""
        self.over = False

    @property
    def status(self) -> int:
        """The last that we know of the new call."""
        return self.told[-1] if self.told else 0


class Leg:
    """Made at the INVITE, over at the BYE. Whatever happens is noted and wakes whoever waits."""

    def __init__(self, owner: Owner, dialog: Dialog, *, outgoing: bool, faults: Faults) -> None:
        self.owner = owner
        self.dialog = dialog
        self.outgoing = outgoing
        self.faults = faults
        self.state: State = "calling" if outgoing else "rung"
        self.was_up = False
        self.status = 0
        """The final status of the INVITE; 0 before it."""
        self.reason = ""
        """Why it ended, in words."""
        self.ended_by: By | None = None
        self.invite: Request | None = None
        self.placed: Exchange | None = None
        """Our INVITE."""
        self.taken: Incoming | None = None
        """Theirs."""
        self.offered: sdp.Description | None = None
        """What an INVITE of theirs wants; None when it leaves the offer to us."""
        self.ours: sdp.Description | None = None
        self.described = b""
        """What we answered to that, as it went out."""
        self.cancelled = False
        """We took our INVITE back."""
        self.cancel_sent = False
        self.holding = False
        """We have put them on hold."""
        self.changing = False
        """A re-INVITE of ours is on its way."""
        self.transfer: Transfer | None = None
        self.transferred_to: Leg | None = None
        """The call that we placed because we were asked to."""
        self.bell = Bell()
        self.began_s = time.monotonic()
        self.journal = Journal(self._clock, self._happened)
        self.media = Media(
            owner.ip, owner.codecs[0], self.bell, told=self._mouth_told, key_heard=self._key_heard
        )
        self.media.silent = faults.no_rtp
        self.media.start(owner.ticker)

    @property
    def over(self) -> bool:
        return self.state == "over"

    @property
    def codec(self) -> str:
        """The coding that we speak in."""
        return self.media.mouth.codec.name

    # How it gets on

    def describe(self, direction: sdp.Direction = "sendrecv") -> bytes:
        """Offer all that we can."""
        return self._said(sdp.offer(self.media.where, self.owner.codecs, direction))

    def settle(self, theirs: sdp.Description) -> bytes:
        """Answer an offer of theirs, and go by it; raise NothingInCommon."""
        # Who has put them on hold does not listen because they asked anew.
        wanted: sdp.Direction = "sendonly" if self.holding else "sendrecv"
        ours = self._said(sdp.answer(theirs, self.media.where, self.owner.codecs, wanted))
        self.agree(theirs)
        return ours

    def agree(self, theirs: sdp.Description) -> None:
        """Go by what they say to the last that we said."""
        if self.ours:
            self.media.agree(self.ours, theirs, sending=self.was_up)

    def _said(self, ours: sdp.Description) -> bytes:
        version = self.ours.version + 1 if self.ours else 1
        self.ours = replace(ours, version=version)
        return sdp.write(self.ours)

    def comes_up(self) -> None:
        """It was answered: sound may go both ways."""
        self.state, self.was_up, self.status = "up", True, 200
        if self.media.theirs:
            self.agree(self.media.theirs)
        self.note(h.Answered, self.codec)

    def end(self, by: By, reason: str, status: int = 0) -> None:
        """It is over; only the first end counts."""
        if self.over:
            return
        self.state, self.ended_by, self.reason = "over", by, reason
        self.status = status or self.status
        self.media.close()
        self.note(h.Ended, by, reason)

    def answer(
        self, incoming: Incoming, status: int, headers: Iterable[Header] = (), body: bytes = b""
    ) -> None:
        """Answer a request of theirs within this call."""
        contact = (("Contact", f"<{self.dialog.me.contact}>"),)
        incoming.respond(
            answer(
                incoming.request,
                status,
                tag=self.dialog.local.tag,
                headers=(*contact, *headers),
                body=body,
            )
        )

    # Asking

    def begin(self, request: Request) -> Exchange:
        """Send a request within this call."""
        return self.owner.asking.begin(request, self.dialog.next_hop, self.dialog.peer)

    async def ask(
        self, method: str, headers: Iterable[Header] = (), body: bytes = b""
    ) -> tuple[Exchange, Response]:
        """Send one and wait for its final answer."""
        exchange = self.begin(self.dialog.request(method, headers, body))
        return await self.owner.asking.conclude(exchange, self.dialog.next_seq)

    def acknowledge(self, exchange: Exchange) -> None:
        """Send the ACK to a 200."""
        exchange.transaction.acknowledges = not self.faults.no_ack
        proofs = [
            pair for pair in exchange.request.headers if pair[0] in ("Authorization", "Proxy-Authorization")
        ]
        ack = self.dialog.request("ACK", proofs, seq=exchange.request.seq)
        wire = self.owner.asking.wire
        wire.acknowledge(exchange, ack, wire.where(self.dialog.next_hop, self.dialog.peer))

    # What happens

    def note(self, kind: Callable[..., Happening], *values: Any) -> None:
        """Write it down, and wake whoever waits for it."""
        self.journal.note(kind, *values)
        self.bell.ring()

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float) -> T:
        """Wait, event by event, until the predicate is true; return what it returned."""
        return await self.bell.wait_for(predicate, timeout_s, self.story)

    def story(self) -> str:
        """Where it stands, for whoever waited in vain."""
        last = [type(entry).__name__ for entry in self.journal.entries[-6:]]
        heard = len(self.media.hearing.arrivals)
        return f"{self.state} {self.status} {self.reason!r}, {self.media.sent} sent, {heard} heard, {last}"

    def _clock(self) -> int:
        return round((time.monotonic() - self.began_s) * 1000)

    def _happened(self, happening: Happening) -> None:
        self.owner.on_happening(self, happening)

    def _mouth_told(self, what: str, value: str) -> None:
        if what == "key":
            self.note(h.KeyPressed, value)
        else:
            self.note(h.SpeechBegan if value == "begins" else h.SpeechEnded)

    def _key_heard(self, heard: KeyHeard) -> None:
        self.note(h.KeyCame, heard.key)
