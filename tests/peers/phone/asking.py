"""Sending requests as somebody who can prove who they are: challenged, a request goes again with an answer.

May import: the standard library, this package's address, dialog, digest, message and wire.
"""

from collections.abc import Callable

from tests.peers.phone.address import Uri, Where
from tests.peers.phone.dialog import Me, again
from tests.peers.phone.digest import Credentials
from tests.peers.phone.message import Request, Response
from tests.peers.phone.wire import Exchange, Wire

MOST_TRIES = 4
NextSeq = Callable[[], int]


class Refused(Exception):
    """A request of ours got a final answer that is no success."""

    def __init__(self, method: str, response: Response) -> None:
        super().__init__(f"{method}: {response.status} {response.reason}")
        self.status = response.status
        self.reason = response.reason


class Asking:
    """What every request of a phone goes through."""

    def __init__(self, wire: Wire, me: Me, credentials: Credentials, otherwise: Where) -> None:
        self.wire = wire
        self.me = me
        self._credentials = credentials
        self._otherwise = otherwise

    def begin(self, request: Request, hop: Uri, otherwise: Where | None = None) -> Exchange:
        """Send a request on its first hop, proven as far as proof was asked for before."""
        peer = self.wire.where(hop, otherwise or self._otherwise)
        return self.wire.begin(self._credentials.signed(request), peer)

    def once_more(self, exchange: Exchange, response: Response, next_seq: NextSeq) -> Exchange | None:
        """Send it again when the answer was a challenge that we can meet; else None."""
        if response.status not in (401, 407):
            return None
        if not self._credentials.refused(exchange.request, response):
            return None
        repeated = again(exchange.request, self.me, next_seq())
        return self.wire.begin(self._credentials.signed(repeated), exchange.peer)

    async def conclude(self, exchange: Exchange, next_seq: NextSeq) -> tuple[Exchange, Response]:
        """Wait for the final answer; the exchange that got it, and the answer."""
        for _ in range(MOST_TRIES):
            response = await exchange.final()
            repeated = self.once_more(exchange, response, next_seq)
            if repeated is None:
                break
            exchange = repeated
        return exchange, response
