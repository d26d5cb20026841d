"""A toy box and a carrier peer that know each other, for the tests of the peer.

May import: the standard library, this package.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.peers.carrier.call import PhoneCall
from tests.peers.carrier.network import Number
from tests.peers.carrier.peer import CarrierPeer
from tests.peers.carrier.plan import Step
from tests.peers.carrier.toy_box import MediaSocket, Talk, ToyBox

CALLER = "+15551230001"
CALLED = "+15559870002"
STREAM = '<Connect><Stream url="wss://box.example.test/media"/></Connect>'


@dataclass(slots=True)
class Stand:
    """Both ends, and short words for what tests do with them."""

    box: ToyBox
    peer: CarrierPeer

    async def ring(self, plan: str | Iterable[Step | str] = (), **more: Any) -> PhoneCall:
        return await self.peer.ring(caller=CALLER, called=CALLED, plan=plan, **more)

    async def call(self, voice: str = "", plan: str | Iterable[Step | str] = (), **more: Any) -> PhoneCall:
        """A whole call, answered by these verbs."""
        if voice:
            self.box.twiml("/voice", voice)
        call = await self.ring(plan, **more)
        return await call.done()

    async def stream(self, talk: Talk, plan: str = "", after: str = "<Hangup/>", **more: Any) -> PhoneCall:
        """A whole call with a media stream that the box drives so."""
        self.box.talk = talk
        return await self.call(STREAM + after, plan, **more)

    def setup(self, **changed: Any) -> None:
        """Change how our number is set up at the carrier."""
        setup = {"voice_url": f"{ToyBox.PUBLIC}/voice", **changed}
        self.peer.network.numbers[CALLED] = Number(**setup)

    def media(self) -> MediaSocket:
        return self.box.sockets[-1]


@asynccontextmanager
async def open_stand(**setup: Any) -> AsyncIterator[Stand]:
    """Both ends, open; what is given beyond is for the peer."""
    box = ToyBox()
    async with box.open(), CarrierPeer(addresses={ToyBox.PUBLIC: box.local}, **setup) as peer:
        stand = Stand(box, peer)
        stand.setup()
        yield stand
