"""The sound of one call: its socket, its mouth on the 20 ms clock, its ear.

May import: the standard library, this package's address, codec, hearing, line, mouth, sdp and sound, the
carrier peer's ticker, the realtime peer's bell.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.peers.carrier.ticker import Ticker
from tests.peers.phone.address import Where
from tests.peers.phone.codec import CODECS
from tests.peers.phone.hearing import Hearing, KeyHeard
from tests.peers.phone.line import Line
from tests.peers.phone.mouth import Mouth, Told
from tests.peers.phone.sdp import Description
from tests.peers.realtime.bell import Bell


class Media:
    """Hears from the beginning, sends as soon as both sides are known and for as long as both want it."""

    def __init__(
        self, ip: str, codec: str, bell: Bell, *, told: Told, key_heard: Callable[[KeyHeard], None]
    ) -> None:
        self.hearing = Hearing(time.monotonic(), key_heard)
        self.mouth = Mouth(CODECS[codec](), None, told)
        self.silent = False
        """Send no RTP at all, as a phone behind a closed door."""
        self.theirs: Description | None = None
        self.sent = 0
        """Packets so far."""
        self._ip = ip
        self._bell = bell
        self._may_send = False
        self._stack = ExitStack()
        self._ear = Line(ip, self._take)
        self._lips = self._ear

    @property
    def where(self) -> Where:
        """Where it hears."""
        return self._ear.where

    @property
    def sends_from(self) -> Where:
        """Where its packets come from: where it hears, unless it was moved."""
        return self._lips.where

    def start(self, ticker: Ticker) -> None:
        """Let the 20 ms begin."""
        self._stack.enter_context(ticker.calling(self._tick))

    def agree(self, ours: Description, theirs: Description, *, sending: bool) -> None:
        """Go on as both descriptions say; `sending` is False before the call is answered."""
        self.theirs = theirs
        self.hearing.events = ours.events if ours.events is not None else theirs.events
        name = next((each for each in theirs.codecs if each in ours.codecs), self.mouth.codec.name)
        codec = self.mouth.codec if name == self.mouth.codec.name else CODECS[name]()
        self.mouth.speak_as(codec, theirs.events)
        wanted = "send" in ours.direction and not theirs.on_hold and theirs.where[1] != 0
        self._may_send = sending and wanted

    def move_ear(self) -> None:
        """Hear, and speak, at another port from now on; what still comes to the old one is heard too."""
        self._leave(self._ear)
        self._ear = self._lips = Line(self._ip, self._take)

    def move_lips(self) -> None:
        """Speak from another port than the one that is announced."""
        if self._lips is not self._ear:
            self._leave(self._lips)
        self._lips = Line(self._ip, self._take)

    def close(self) -> None:
        """The call is over."""
        self._may_send = False
        self._stack.close()
        self._ear.close()
        self._lips.close()

    def _leave(self, line: Line) -> None:
        self._stack.callback(line.close)

    def _tick(self) -> None:
        if self._may_send and not self.silent and self.theirs:
            self._lips.send(self.mouth.tick(), self.theirs.where)
            self.sent += 1
        else:
            self.mouth.skip()
        self._bell.ring()

    def _take(self, data: bytes, at_s: float, source: Where) -> None:
        self.hearing.take(data, at_s, source)
        self._bell.ring()
