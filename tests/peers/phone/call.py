"""One call of the phone, as a test holds it: what can be done with it, and what happened and was heard.

May import: the standard library, this package, the carrier peer's journal.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from tests.peers.carrier.journal import Journal
from tests.peers.phone import placing, ringing, transfer
from tests.peers.phone.address import Address, Uri
from tests.peers.phone.asking import Refused
from tests.peers.phone.hearing import Hearing, Listening
from tests.peers.phone.leg import SDP_HEADER, By, Leg, Transfer
from tests.peers.phone.listening import Condition
from tests.peers.phone.media import Media
from tests.peers.phone.message import Request
from tests.peers.phone.mouth import KEY_MS
from tests.peers.phone.ringing import description_in
from tests.peers.phone.sdp import Direction
from tests.peers.phone.sound import NARROW_HZ, WIDE_HZ, Pcm, as_pcm, read_wav, write_wav

T = TypeVar("T")
WAIT_S = 10.0
TALK_S = 60.0
"""How long something may be said before it is a mistake to wait for it."""


class NotAnswered(Exception):
    """The call was over before anybody answered; `status` is what SIP says of it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class CallOver(Exception):
    """The call was over before what was waited for."""


class PhoneCall:
    """A call, from its INVITE to its end. Every wait has an end; its error says where the call stands."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    # What it is

    @property
    def outgoing(self) -> bool:
        return self._leg.outgoing

    @property
    def journal(self) -> Journal:
        """What happened (see happenings), each with `at_s`."""
        return self._leg.journal

    @property
    def hearing(self) -> Hearing:
        """What was heard, packet by packet."""
        return self._leg.media.hearing

    @property
    def media(self) -> Media:
        """Its sound: sockets, what was sent."""
        return self._leg.media

    @property
    def leg(self) -> Leg:
        """The call as the phone's own parts see it."""
        return self._leg

    @property
    def ringing(self) -> bool:
        """Whether the called phone rings, by its word (or, called, ours), and nobody has answered."""
        waiting = self._leg.state in ("calling", "rung")
        return waiting and any(type(entry).__name__ == "Ringing" for entry in self.journal)

    @property
    def up(self) -> bool:
        """Whether both sides can talk."""
        return self._leg.state == "up"

    @property
    def over(self) -> bool:
        return self._leg.over

    @property
    def status(self) -> int:
        """The final status of the INVITE: 200 answered, 486 busy, ...; 0 before it."""
        return self._leg.status

    @property
    def reason(self) -> str:
        """Why it ended, in words; the Reason header is in it if one came."""
        return self._leg.reason

    @property
    def ended_by(self) -> By | None:
        return self._leg.ended_by

    @property
    def held(self) -> bool:
        """Whether the other side does not want to hear us now."""
        theirs = self._leg.media.theirs
        return theirs is not None and theirs.on_hold

    @property
    def codec(self) -> str:
        return self._leg.codec

    @property
    def rate_hz(self) -> int:
        """The rate of what is said and heard: 8000, with G.722 16000."""
        return self._leg.media.mouth.codec.rate_hz

    @property
    def invite(self) -> Request | None:
        """The INVITE, ours or theirs, with all its headers."""
        return self._leg.invite

    @property
    def transferred_to(self) -> "PhoneCall | None":
        """The call that we placed because the other side asked us to."""
        new = self._leg.transferred_to
        return PhoneCall(new) if new else None

    # Who calls, as the phone's display shows it

    @property
    def caller_name(self) -> str:
        return self._caller.display

    @property
    def caller_number(self) -> str:
        return self._caller.uri.number

    @property
    def asserted(self) -> Address | None:
        """P-Asserted-Identity."""
        value = self._said("P-Asserted-Identity")
        return Address.parse(value) if value else None

    @property
    def diversion(self) -> Address | None:
        """Diversion: from whom the call was passed on."""
        value = self._said("Diversion")
        return Address.parse(value) if value else None

    @property
    def _caller(self) -> Address:
        return self._leg.dialog.local if self.outgoing else self._leg.dialog.remote

    def _said(self, name: str) -> str:
        return self._leg.invite.get(name) if self._leg.invite else ""

    # How it gets on

    async def rang(self, timeout_s: float = WAIT_S) -> Self:
        """Wait until the called phone rings."""
        await self._leg.wait_for(lambda: self.ringing or self._leg.was_up or self.over, timeout_s)
        if self.over and not self._leg.was_up:
            raise NotAnswered(self.status, self.reason)
        return self

    async def answered(self, timeout_s: float = WAIT_S) -> Self:
        """Wait until it is up; raise NotAnswered when it is over instead."""
        await self._leg.wait_for(lambda: self._leg.was_up or self.over, timeout_s)
        if not self._leg.was_up:
            raise NotAnswered(self.status, self.reason)
        return self

    async def ended(self, timeout_s: float = WAIT_S) -> Self:
        """Wait until it is over."""
        await self._leg.wait_for(lambda: self.over, timeout_s)
        return self

    async def until(self, predicate: Callable[[], T], timeout_s: float = WAIT_S) -> T:
        """Wait, event by event and every 20 ms, until the predicate is true; return what it returned."""
        return await self._leg.wait_for(predicate, timeout_s)

    def answer(self) -> None:
        """Take it, now."""
        ringing.answer(self._leg)

    def refuse(self, status: int = 603) -> None:
        """Do not take it."""
        ringing.refuse(self._leg, status)

    async def hang_up(self) -> None:
        """End it, whatever its state: BYE, CANCEL, or 603. Waits for the answer as long as SIP does."""
        leg = self._leg
        if leg.state == "up":
            exchange = leg.begin(leg.dialog.request("BYE"))
            leg.end("us", "hung up")
            await leg.owner.asking.conclude(exchange, leg.dialog.next_seq)
        elif leg.state == "calling":
            placing.take_back(leg)
            await leg.wait_for(lambda: leg.over, 2 * leg.owner.asking.wire.timers.give_up_s)
        else:
            ringing.refuse(leg, 603)

    def vanish(self) -> None:
        """Lose power: no BYE, no sound, and deaf for whatever else comes of this call."""
        self._leg.owner.asking.wire.forget(self._leg.dialog.call_id)
        self._leg.end("us", "vanished")

    # Talking and hearing

    def say(self, sound: Pcm | bytes) -> None:
        """Say this behind what is being said: samples of `rate_hz`, or mu-law at 8 kHz."""
        self._leg.media.mouth.say(as_pcm(sound, self.rate_hz))

    def say_wav(self, path: Path) -> None:
        """Say what is in a WAV file of 16 bits, at any rate."""
        self.say(read_wav(path, self.rate_hz))

    def be_silent(self) -> None:
        """Break off what is being said."""
        self._leg.media.mouth.be_silent()

    async def said(self, timeout_s: float = TALK_S) -> None:
        """Wait until all of it, and every key, was sent."""
        mouth = self._leg.media.mouth
        await self._leg.wait_for(lambda: mouth.idle or self.over, timeout_s)
        if not mouth.idle:
            raise CallOver(self._leg.story())

    def press(self, keys: str, ms: int = KEY_MS) -> None:
        """Press keys one after the other, each for so long (RFC 4733)."""
        self._leg.media.mouth.press(keys, ms)

    async def hear(
        self, condition: Condition, timeout_s: float = WAIT_S, *, since_s: float | None = None
    ) -> object:
        """Listen until the condition is true (see listening); return what it returned.

        What was heard before now does not count, unless `since_s` (time.monotonic(); 0: the beginning) says
        from when on it does. Raise CallOver when the call ends first.
        """
        since_s = time.monotonic() if since_s is None else since_s

        def met() -> object:
            found = condition(Listening(self.hearing, since_s, time.monotonic()))
            if not found and self.over:
                raise CallOver(self._leg.story())
            return found

        return await self._leg.wait_for(met, timeout_s)

    @property
    def digits(self) -> str:
        """The keys that the other side pressed."""
        return self.hearing.digits

    def heard_8k(self) -> Pcm:
        """All that was heard, on the ear's clock: ms 0 is the INVITE, as in the journal's `call_ms`."""
        return self.hearing.heard(NARROW_HZ)

    def heard_16k(self) -> Pcm:
        """The same at 16 kHz."""
        return self.hearing.heard(WIDE_HZ)

    def save_wav(self, path: Path) -> None:
        """Write what was heard into a file, at the rate of the call."""
        write_wav(path, self.hearing.heard(self.rate_hz), self.rate_hz)

    # Changing it

    async def hold(self) -> None:
        """Put the other side on hold."""
        await self._change("sendonly")
        self._leg.holding = True

    async def resume(self) -> None:
        """Take it off hold."""
        await self._change("sendrecv")
        self._leg.holding = False

    async def move(self, *, telling: bool = True) -> None:
        """Hear and speak at another port, by a re-INVITE; without telling, only speak from another one."""
        if telling:
            self._leg.media.move_ear()
        else:
            self._leg.media.move_lips()
        await self._change("sendonly" if self._leg.holding else "sendrecv")

    async def ask(self, method: str, body: bytes = b"", content_type: str = "text/plain") -> int:
        """Send INFO, OPTIONS, MESSAGE or the like within the call; the final status."""
        headers = (("Content-Type", content_type),) if body else ()
        return (await self._leg.ask(method, headers, body))[1].status

    async def _change(self, direction: Direction) -> None:
        leg = self._leg
        leg.changing = True
        try:
            exchange, response = await leg.ask("INVITE", (SDP_HEADER,), leg.describe(direction))
        finally:
            leg.changing = False
        if not response.good:
            raise Refused("INVITE", response)
        leg.dialog.refresh(response)
        leg.acknowledge(exchange)
        theirs = description_in(response)
        if theirs:
            leg.agree(theirs)

    # Passing it on

    async def refer(self, target: str, timeout_s: float = WAIT_S) -> Transfer:
        """Have the other side call somebody else (blind). Waits for the 202 and for how that call got on.

        We stay in this call: hang up afterwards. Raise Refused when they do not want to.
        """
        return await transfer.refer(self._leg, self._leg.owner.uri_of(target), None, timeout_s)

    async def refer_to(self, other: "PhoneCall", timeout_s: float = WAIT_S) -> Transfer:
        """Connect the other sides of two calls of ours (attended)."""
        dialog = other.leg.dialog
        target = Uri(dialog.target.user, dialog.target.host, dialog.target.port)
        return await transfer.refer(self._leg, target, dialog, timeout_s)
