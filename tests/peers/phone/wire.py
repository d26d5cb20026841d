"""The telephone's SIP socket: datagrams to messages, messages to their transactions, and the timers of those.

Whatever comes, the socket lives: what cannot be read is counted and told, nothing else.
May import: the standard library, this package's address, message and transaction.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal, Protocol

from tests.peers.phone.address import BadMessage, Uri, Where
from tests.peers.phone.message import Request, Response, answer, parse
from tests.peers.phone.transaction import (
    ClientTransaction,
    ServerTransaction,
    Timers,
    invite_key,
    server_key,
)

SEEN_AT_MOST = 5000


@dataclass(frozen=True, slots=True)
class Seen:
    """One message that passed; the time is time.monotonic()."""

    at_s: float
    way: Literal["sent", "came"]
    message: Request | Response
    peer: Where


class Upper(Protocol):
    """Who uses the socket."""

    def asked(self, incoming: "Incoming") -> None:
        """A request came, for the first time."""

    def acknowledged(self, request: Request, invite: "Incoming | None") -> None:
        """An ACK came, with the INVITE that waited for it."""

    def unacknowledged(self, incoming: "Incoming") -> None:
        """Our answer to an INVITE was never acknowledged."""

    def garbage(self, data: bytes, source: Where, problem: str) -> None:
        """What came could not be read."""


class Exchange:
    """A request of ours on its way. Its answers are read in order; the last is a final one."""

    def __init__(self, transaction: ClientTransaction, peer: Where) -> None:
        self.transaction = transaction
        self.peer = peer
        self._answers: asyncio.Queue[Response] = asyncio.Queue()

    @property
    def request(self) -> Request:
        return self.transaction.request

    def put(self, response: Response) -> None:
        self._answers.put_nowait(response)

    async def next(self) -> Response:
        """The next answer; a 408 of our own when none comes. Its end is that of the transaction's timers."""
        return await self._answers.get()

    async def final(self) -> Response:
        """The final answer."""
        while not (response := await self.next()).final:
            continue
        return response


class Incoming:
    """A request of theirs, to be answered."""

    def __init__(self, wire: "Wire", transaction: ServerTransaction, source: Where) -> None:
        self.transaction = transaction
        self.source = source
        self._wire = wire

    @property
    def request(self) -> Request:
        return self.transaction.request

    @property
    def open(self) -> bool:
        """Whether it waits for a final answer."""
        return self.transaction.open

    def respond(self, response: Response) -> None:
        """Answer it."""
        self._wire.respond(self, response)


class Wire(asyncio.DatagramProtocol):
    """A UDP socket that speaks SIP."""

    def __init__(self, upper: Upper, timers: Timers, proxy: Where | None) -> None:
        self.timers = timers
        self.seen: deque[Seen] = deque(maxlen=SEEN_AT_MOST)
        self.garbage_count = 0
        self.on_seen: Callable[[Seen], None] = lambda _: None
        self._upper = upper
        self._proxy = proxy
        self._loop = asyncio.get_running_loop()
        self._ours: dict[tuple[str, str], Exchange] = {}
        self._theirs: dict[tuple[str, ...], Incoming] = {}
        self._deaf: set[str] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, ip: str, port: int) -> Where:
        """Listen here (0: any port); where that is."""
        transport, _ = await self._loop.create_datagram_endpoint(lambda: self, local_addr=(ip, port))
        self._transport = transport
        host, bound = transport.get_extra_info("sockname")[:2]
        return host, bound

    async def close(self) -> None:
        """Stop, at once."""
        if self._alarm:
            self._alarm.cancel()
        self._alarm = None
        if self._transport:
            self._transport.close()
            await self._closed.wait()
        self._transport = None
        self._ours.clear()
        self._theirs.clear()

    # Our requests

    def begin(self, request: Request, peer: Where) -> Exchange:
        """Send a request; it is repeated by itself."""
        transaction = ClientTransaction(request, self.timers, self._loop.time())
        exchange = self._ours[transaction.key] = Exchange(transaction, peer)
        self._send((transaction.data,), request, peer)
        self._set_alarm()
        return exchange

    def acknowledge(self, exchange: Exchange, ack: Request, peer: Where) -> None:
        """Acknowledge a 200, now and whenever it comes again."""
        exchange.peer = peer
        self._send(exchange.transaction.acknowledge(ack), ack, peer)

    def hurry(self, exchange: Exchange) -> None:
        """Its answer has to come soon now."""
        exchange.transaction.hurry(self._loop.time())
        self._set_alarm()

    def where(self, uri: Uri, otherwise: Where) -> Where:
        """Where a request to this URI goes."""
        return self._proxy or uri.where() or otherwise

    # Their requests

    def respond(self, incoming: Incoming, response: Response) -> None:
        """Send an answer to a request of theirs, and again as often as it takes."""
        sent = incoming.transaction.respond(response, self._loop.time())
        self._send(sent, response, incoming.request.via.back())
        self._set_alarm()

    def find_invite(self, cancel: Request) -> Incoming | None:
        """The INVITE that a CANCEL is meant for."""
        return self._theirs.get(invite_key(cancel))

    def forget(self, call_id: str) -> None:
        """Be deaf and dumb for this call from now on, as a phone that lost its power."""
        self._deaf.add(call_id)
        ours = [key for key, exchange in self._ours.items() if exchange.request.call_id == call_id]
        theirs = [key for key, incoming in self._theirs.items() if incoming.request.call_id == call_id]
        for key in ours:
            # Whoever waits for an answer is told that none comes.
            exchange = self._ours.pop(key)
            exchange.put(answer(exchange.request, 408))
        for each in theirs:
            del self._theirs[each]

    # Datagrams

    def datagram_received(self, data: bytes, addr: Where) -> None:
        """Called by the loop."""
        if not data.strip(b"\r\n\0"):
            return  # Kept alive; nothing is said.
        try:
            message = parse(data)
            if message.call_id not in self._deaf:
                self._note("came", message, addr[:2])
                self._take(message, addr[:2])
        except BadMessage as exc:
            self.garbage_count += 1
            self._upper.garbage(data, addr[:2], str(exc))

    def error_received(self, exc: Exception) -> None:
        """Called by the loop: nobody listens there, most often. Timers will tell."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop when the socket is closed."""
        self._closed.set()

    def _take(self, message: Request | Response, source: Where) -> None:
        if isinstance(message, Response):
            self._answered(message)
        elif message.method == "ACK":
            self._acked(message)
        else:
            self._asked(message, source)
        self._set_alarm()

    def _answered(self, response: Response) -> None:
        exchange = self._ours.get((response.via.branch, response.seq_method))
        if exchange is None:
            return
        step = exchange.transaction.received(response, self._loop.time())
        self._send(step.send, None, exchange.peer)
        if step.up:
            exchange.put(step.up)

    def _acked(self, ack: Request) -> None:
        incoming = self._theirs.get(server_key(ack)) or self._accepted(ack)
        if incoming is None or incoming.transaction.acknowledged(self._loop.time()):
            self._upper.acknowledged(ack, incoming)

    def _accepted(self, ack: Request) -> Incoming | None:
        """The INVITE whose 200 this acknowledges: a transaction of its own, known by the dialog."""
        for incoming in self._theirs.values():
            request = incoming.request
            same = (request.method, request.call_id, request.seq) == ("INVITE", ack.call_id, ack.seq)
            if same and request.caller.tag == ack.caller.tag and not incoming.open:
                return incoming
        return None

    def _asked(self, request: Request, source: Where) -> None:
        known = self._theirs.get(server_key(request))
        if known:
            self._send(known.transaction.repeated(), None, known.request.via.back())
            return
        request = _seen_from(request, source)
        transaction = ServerTransaction(request, self.timers, self._loop.time())
        incoming = self._theirs[transaction.key] = Incoming(self, transaction, source)
        try:
            self._upper.asked(incoming)
        except BadMessage:
            incoming.respond(answer(request, 400))
            raise

    def _send(self, data: tuple[bytes, ...], message: Request | Response | None, peer: Where) -> None:
        if self._transport is None:
            return
        for each in data:
            self._transport.sendto(each, peer)
            self._note("sent", message or parse(each), peer)

    def _note(self, way: Literal["sent", "came"], message: Request | Response, peer: Where) -> None:
        seen = Seen(time.monotonic(), way, message, peer)
        self.seen.append(seen)
        self.on_seen(seen)

    # Timers

    def _set_alarm(self) -> None:
        """One timer for all transactions: the next that is due."""
        if self._transport is None:
            return
        due_s = min(
            min((each.transaction.due_s for each in self._ours.values()), default=inf),
            min((each.transaction.due_s for each in self._theirs.values()), default=inf),
        )
        if self._alarm:
            self._alarm.cancel()
        self._alarm = None if due_s == inf else self._loop.call_at(due_s, self._tick)

    def _tick(self) -> None:
        now_s = self._loop.time()
        for exchange in [*self._ours.values()]:
            step = exchange.transaction.tick(now_s)
            self._send(step.send, None, exchange.peer)
            if step.up:
                exchange.put(step.up)
        for incoming in [*self._theirs.values()]:
            self._send(incoming.transaction.tick(now_s), None, incoming.request.via.back())
            if incoming.transaction.unacknowledged:
                self._upper.unacknowledged(incoming)
        self._ours = {key: each for key, each in self._ours.items() if each.transaction.state != "over"}
        self._theirs = {key: each for key, each in self._theirs.items() if each.transaction.state != "over"}
        self._set_alarm()


def _seen_from(request: Request, source: Where) -> Request:
    """The request with its first Via as the next hop notes it."""
    others = request.all("Via")[1:]
    via = str(request.via.seen_from(source))
    headers = (("Via", via), *(("Via", other) for other in others))
    return request.having(*headers)
