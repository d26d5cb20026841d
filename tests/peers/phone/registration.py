"""Telling a registrar where the phone is (RFC 3261, 10).

May import: the standard library, this package's address, asking, dialog and message.
"""

from tests.peers.phone.address import Address, Uri, Where
from tests.peers.phone.asking import Asking, Refused
from tests.peers.phone.dialog import new_token
from tests.peers.phone.message import Header, Response

MOST_S = 7200
TOO_BRIEF = 423


class Registration:
    """One phone at one registrar; all its requests are of one row."""

    def __init__(self, asking: Asking, server: Where) -> None:
        self._asking = asking
        self._server = server
        self._call_id, self._tag = new_token(), new_token()
        self._seq = 0

    async def register(self, expires_s: int) -> int:
        """Register (0: no more); for how many seconds it holds. Raise Refused."""
        response = await self._ask(expires_s)
        if response.status == TOO_BRIEF:
            at_least = response.get("Min-Expires")
            if at_least.isdecimal() and expires_s < int(at_least[:6]) <= MOST_S:
                response = await self._ask(int(at_least))
        if not response.good:
            raise Refused("REGISTER", response)
        return self._granted(response, expires_s)

    async def _ask(self, expires_s: int) -> Response:
        me = self._asking.me
        known_as = Address(me.known_as(self._server), me.display)
        headers: tuple[Header, ...] = (
            ("From", str(known_as.with_tag(self._tag))),
            ("To", str(known_as)),
            ("Call-ID", self._call_id),
            ("Expires", str(expires_s)),
        )
        registrar = Uri("", *self._server)
        request = me.request("REGISTER", registrar, headers, self._next_seq())
        exchange = self._asking.begin(request, registrar)
        return (await self._asking.conclude(exchange, self._next_seq))[1]

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _granted(self, response: Response, asked_s: int) -> int:
        """What the registrar made of it: at our contact, or for all."""
        contact = self._asking.me.contact
        for value in response.all("Contact"):
            address = Address.parse(value)
            told = address.param("expires") or ""
            if (address.uri.user, address.uri.where()) == (
                contact.user,
                contact.where(),
            ) and told.isdecimal():
                return int(told[:9])
        told = response.get("Expires")
        return int(told[:9]) if told.isdecimal() else asked_s
