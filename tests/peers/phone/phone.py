"""The telephone: a socket that is registered somewhere, the calls on it, and how it takes those that come.

May import: the standard library, this package, the carrier's happenings and ticker, the realtime peer's bell.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

from tests.peers.carrier.happenings import Happening
from tests.peers.carrier.ticker import Ticker
from tests.peers.phone import happenings as h
from tests.peers.phone import inside, placing, ringing
from tests.peers.phone.address import Uri, Where
from tests.peers.phone.asking import Asking, Refused
from tests.peers.phone.call import PhoneCall
from tests.peers.phone.dialog import ALLOWED, Dialog, Me, Replaces, new_token
from tests.peers.phone.digest import Credentials
from tests.peers.phone.leg import Leg, Transfer
from tests.peers.phone.manner import NO_FAULTS, Faults, Manner
from tests.peers.phone.message import Header, Request, answer
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.registration import Registration
from tests.peers.phone.transaction import Timers
from tests.peers.phone.wire import Incoming, Seen, Wire
from tests.peers.realtime.bell import Bell

T = TypeVar("T")
EXPIRES_S = 300
RENEWED_AT = 0.8
"""Of the time that a registration holds."""
AGAIN_S = 5.0
FAREWELL_S = 2.0
"""How long the phone waits, when it is put away, for answers to its last requests."""
IN_USER = "*+-_.!~'()&=,;?/$"
"""What may stand in a user beside letters and digits (RFC 3261, 25.1); # may not."""
WAIT_S = 10.0


class Phone:
    """`async with Phone("desk1", "secret", server=("127.0.0.1", 5060)) as phone:` it is there until left.

    Without a server it can be dialled and dial by whole URIs. `codecs` are what it can, best first: PCMU,
    PCMA, G722. `proxy` gets everything that is sent, whatever its address. With a `registrar` others can
    register here: it is then a provider's end of a trunk, and dials where they are. Leaving hangs up.
    """

    def __init__(
        self,
        user: str,
        password: str = "",
        *,
        server: Where | None = None,
        ip: str = "127.0.0.1",
        port: int = 0,
        display: str = "",
        codecs: Iterable[str] = ("PCMU",),
        timers: Timers | None = None,
        proxy: Where | None = None,
        registrar: Registrar | None = None,
    ) -> None:
        self.user, self.server, self.ip = user, server, ip
        self.codecs = tuple(codecs)
        self.on_ring = Manner()
        """How calls are taken that `manners` says nothing of."""
        self.manners: list[Manner] = []
        """How the coming calls are taken, one each in order."""
        self.calls: list[PhoneCall] = []
        self.incoming: list[PhoneCall] = []
        self.told: list[Request] = []
        """Requests outside of calls: OPTIONS, NOTIFY, MESSAGE."""
        self.problems: list[str] = []
        """What came and could not be read."""
        self.registered = False
        self.on_happening: Callable[[Leg, Happening], None] = lambda _leg, _happening: None
        self.on_seen: Callable[[Seen], None] = lambda _: None
        self.ticker = Ticker()
        self._credentials = Credentials(user, password)
        self._port, self._display = port, display
        self._timers, self._proxy = timers or Timers(), proxy
        self._registrar = registrar
        self._bell = Bell()
        self._legs: list[Leg] = []
        self._running: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        self.wire = Wire(self, self._timers, self._proxy)
        self.wire.on_seen = self._seen
        where = await self.wire.open(self.ip, self._port)
        self.me = Me(self.user, where, self._display)
        self.asking = Asking(self.wire, self.me, self._credentials, self.server or where)
        self._registration = Registration(self.asking, self.server) if self.server else None
        await self._tasks.__aenter__()
        self.start(self.ticker.run(), "ticker")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._say_goodbye()
        except BaseException:
            # What befell the body is what whoever reads it needs to know.
            if exc is None:
                raise
        finally:
            for task in self._running:
                task.cancel()
            # What the body raised passes as it is; only a cancellation is for the group to judge.
            ours = (None, None, None) if kind is not asyncio.CancelledError else (kind, exc, trace)
            try:
                await self._tasks.__aexit__(*ours)
            finally:
                for leg in self._legs:
                    leg.end("us", "the phone was put away")
                await self.wire.close()

    async def _say_goodbye(self) -> None:
        farewells = [call.hang_up() for call in self.calls if not call.over]
        try:
            async with asyncio.timeout(FAREWELL_S):
                await asyncio.gather(*farewells)
        except TimeoutError:
            # Nobody is there any more to say goodbye to.
            return

    @property
    def where(self) -> Where:
        """Where it listens."""
        return self.me.where

    @property
    def uri(self) -> str:
        """By what another phone can dial it without a server."""
        return str(self.me.contact)

    # Registering

    async def register(self, expires_s: int = EXPIRES_S) -> int:
        """Tell the server where we are, now and again before it is over; for how many seconds it holds.

        Raise Refused.
        """
        granted_s = await self._at_server().register(expires_s)
        self.registered = True
        if self._renewing is None:
            self._renewing = self.start(self._renew(granted_s, expires_s), "registration")
        return granted_s

    async def unregister(self) -> None:
        """Be nowhere from now on. Raise Refused."""
        if self._renewing:
            self._renewing.cancel()
            self._renewing = None
        await self._at_server().register(0)
        self.registered = False

    def _at_server(self) -> Registration:
        if self._registration is None:
            raise ValueError("a phone without a server cannot register")
        return self._registration

    async def _renew(self, granted_s: int, expires_s: int) -> None:
        wait_s = granted_s * RENEWED_AT
        while True:
            await asyncio.sleep(wait_s)
            try:
                wait_s = await self._at_server().register(expires_s) * RENEWED_AT
                self.registered = True
            except Refused:
                self.registered, wait_s = False, AGAIN_S
            self._bell.ring()

    # Calling and being called

    async def dial(
        self,
        target: str,
        *,
        faults: Faults = NO_FAULTS,
        display: str | None = None,
        number: str | None = None,
        headers: Iterable[Header] = (),
    ) -> PhoneCall:
        """Call a number of the server, or a whole `sip:` URI. Returns as soon as the INVITE is sent.

        `display` and `number` are shown as the caller's instead of our own.
        """
        leg = self._place(target, headers, faults, display, number)
        return self.calls[self._legs.index(leg)]

    def place(self, target: str, headers: Iterable[Header] = ()) -> Leg:
        """Call somebody: for the parts of the phone."""
        return self._place(target, headers, NO_FAULTS, None, None)

    def uri_of(self, target: str) -> Uri:
        """Whom a dialled number or URI means; raise BadMessage or ValueError for what cannot be dialled."""
        if ":" in target:
            return Uri.parse(target)
        if self.server is None:
            raise ValueError(f"without a server {target!r} is no address")
        return Uri(quote(target, safe=IN_USER), *self.server)

    def _place(
        self, target: str, headers: Iterable[Header], faults: Faults, display: str | None, number: str | None
    ) -> Leg:
        uri = self.uri_of(target)
        me = Me(self.me.user, self.me.where, self.me.display if display is None else display)
        known_as = me.known_as(self.server or self.where)
        shown = Uri(quote(number, safe=IN_USER), known_as.host, known_as.port) if number else known_as
        dialog = Dialog.to_call(me, shown, uri, self.server or self.where)
        leg = Leg(self, dialog, outgoing=True, faults=faults)
        self._keep(leg)
        placing.invite(leg, headers)
        self.start(placing.see_through(leg), f"call to {uri.user}")
        return leg

    async def rung(self, number: int = 1, timeout_s: float = WAIT_S) -> PhoneCall:
        """The n-th call that came since the phone was taken out, from 1."""
        await self.wait_for(lambda: len(self.incoming) >= number, timeout_s)
        return self.incoming[number - 1]

    async def refer(self, target: str, timeout_s: float = WAIT_S) -> Transfer:
        """Transfer the one call that is up, as the key of a desk phone does; hangs up what is left of it."""
        (call,) = [call for call in self.calls if call.up]
        transfer = await call.refer(target, timeout_s)
        await call.hang_up()
        return transfer

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = WAIT_S) -> T:
        """Wait, event by event, until the predicate is true; return what it returned."""
        return await self._bell.wait_for(predicate, timeout_s, self._story)

    def _story(self) -> str:
        calls = [call.leg.story() for call in self.calls[-3:]]
        return f"{self.user} at {self.me.where}, calls {calls}, problems {self.problems[-3:]}"

    def _seen(self, seen: Seen) -> None:
        self.on_seen(seen)
        self._bell.ring()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Have something done beside everything else, for as long as the phone lives."""
        task = self._tasks.create_task(work, name=f"{self.user}: {name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _keep(self, leg: Leg) -> PhoneCall:
        self._legs.append(leg)
        self.calls.append(PhoneCall(leg))
        return self.calls[-1]

    # What its socket tells

    def asked(self, incoming: Incoming) -> None:
        """A request came."""
        request = incoming.request
        leg = self._leg_of(request)
        if request.method == "CANCEL":
            self._cancelled(incoming)
        elif unknown := ringing.unknown_extensions(request):
            incoming.respond(answer(request, 420, headers=[("Unsupported", ", ".join(unknown))]))
        elif leg:
            inside.take(leg, incoming)
        elif request.called.tag:
            incoming.respond(answer(request, 481))
        elif request.method == "INVITE":
            self._rung(incoming)
        else:
            self._asked_outside(incoming)
        self._bell.ring()

    def acknowledged(self, request: Request, invite: Incoming | None) -> None:
        """An ACK came."""
        leg = self._leg_of(request)
        if leg and invite:
            ringing.acknowledged(leg, request)

    def unacknowledged(self, incoming: Incoming) -> None:
        """An answer of ours to an INVITE was never acknowledged."""
        for leg in self._legs:
            if leg.taken is incoming:
                ringing.unacknowledged(leg)

    def garbage(self, data: bytes, source: Where, problem: str) -> None:
        """What came could not be read."""
        self.problems.append(problem)
        self._bell.ring()

    def _leg_of(self, request: Request) -> Leg | None:
        return next((leg for leg in reversed(self._legs) if leg.dialog.is_of(request)), None)

    def _cancelled(self, cancel: Incoming) -> None:
        invite = self.wire.find_invite(cancel.request)
        leg = next((leg for leg in self._legs if invite and leg.taken is invite), None)
        if leg is None:
            cancel.respond(answer(cancel.request, 481))
        else:
            ringing.cancelled(leg, cancel)

    def _rung(self, incoming: Incoming) -> None:
        request = incoming.request
        if any(leg.dialog.call_id == request.call_id and not leg.over for leg in self._legs):
            incoming.respond(answer(request, 482, tag=new_token()))
            return
        offered = ringing.description_in(request)
        replaced = self._replaced(request)
        if replaced is None and request.get("Replaces"):
            incoming.respond(answer(request, 481, tag=new_token()))
            return
        dialog = Dialog.of_invite(self.me, request, incoming.source)
        manner = self.manners.pop(0) if self.manners else self.on_ring
        leg = Leg(self, dialog, outgoing=False, faults=manner.faults)
        leg.invite, leg.taken, leg.offered = request, incoming, offered
        self.incoming.append(self._keep(leg))
        leg.note(h.Rung, dialog.remote.uri.number, dialog.remote.display)
        if replaced:
            ringing.answer(leg)
            self.start(PhoneCall(replaced).hang_up(), "replaced")
        elif manner.hears:
            self.start(ringing.ring(leg, manner), f"ringing for {dialog.remote.uri.user}")
        else:
            self.incoming[-1].vanish()

    def _replaced(self, request: Request) -> Leg | None:
        value = request.get("Replaces")
        if not value:
            return None
        replaces = Replaces.parse(value)
        return next((leg for leg in self._legs if leg.state == "up" and replaces.means(leg.dialog)), None)

    def _asked_outside(self, incoming: Incoming) -> None:
        request = incoming.request
        allowed = [("Allow", ALLOWED), ("Accept", "application/sdp")]
        if request.method == "REGISTER" and self._registrar:
            self._registrar.asked(incoming)
        elif request.method in ("OPTIONS", "NOTIFY", "MESSAGE"):
            self.told.append(request)
            incoming.respond(answer(request, 200, tag=new_token(), headers=allowed))
        elif request.method in ALLOWED.split(", "):
            incoming.respond(answer(request, 481, tag=new_token()))
        else:
            incoming.respond(answer(request, 405, tag=new_token(), headers=allowed))
