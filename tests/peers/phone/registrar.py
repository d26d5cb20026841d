"""A small registrar that wants proof, for tests of the phone without a switchboard; its nonces get old.

May import: the standard library, this package.
"""

import secrets
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tests.peers.phone.address import Address, Uri, Where
from tests.peers.phone.dialog import new_token
from tests.peers.phone.digest import fields_of, proof
from tests.peers.phone.message import Header, Request, answer
from tests.peers.phone.transaction import Timers
from tests.peers.phone.wire import Incoming, Wire

REALM = "registrar"


class Registrar:
    """`async with Registrar({"desk1": "secret"}) as registrar:` it answers at `registrar.where` until left.

    REGISTER is answered when it is proven; any other request, proven by a proxy's rules, with `status`. Not
    entered, it answers what a phone hands to it. `unknown_first`: before each challenge stands
    one that nobody can meet.
    """

    def __init__(
        self,
        passwords: Mapping[str, str],
        *,
        algorithm: str = "MD5",
        qop: bool = True,
        nonce_uses: int = 100,
        at_least_s: int = 0,
        status: int = 404,
        unknown_first: bool = True,
        timers: Timers | None = None,
    ) -> None:
        self.passwords = dict(passwords)
        self.contacts: dict[str, Uri] = {}
        """Where each user is."""
        self.proven: list[Request] = []
        """The requests that were proven, in order."""
        self.challenges = 0
        self.stale = 0
        """How many challenges said that the nonce was too old."""
        self._algorithm, self._qop, self._nonce_uses = algorithm, qop, nonce_uses
        self._at_least_s, self._status = at_least_s, status
        self._unknown_first = unknown_first
        self._timers = timers or Timers()
        self._nonces: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        self.wire = Wire(self, self._timers, None)
        self.where = await self.wire.open("127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.close()

    def forget_nonces(self) -> None:
        """Every nonce is too old from now on."""
        self._nonces = dict.fromkeys(self._nonces, self._nonce_uses)

    # What its socket tells

    def asked(self, incoming: Incoming) -> None:
        """A request came."""
        request = incoming.request
        registering = request.method == "REGISTER"
        value = request.get("Authorization" if registering else "Proxy-Authorization")
        fields = fields_of(value) if value else {}
        if not fields or not self._right(fields, request):
            self._challenge(incoming, 401 if registering else 407, stale=False)
        elif not self._in_turn(fields):
            self._challenge(incoming, 401 if registering else 407, stale=True)
        else:
            self.proven.append(request)
            if registering:
                self._register(incoming)
            else:
                incoming.respond(answer(request, self._status, tag=new_token()))

    def acknowledged(self, request: Request, invite: Incoming | None) -> None:
        """Nothing follows from it."""

    def unacknowledged(self, incoming: Incoming) -> None:
        """Nothing follows from it."""

    def garbage(self, data: bytes, source: Where, problem: str) -> None:
        """Nothing follows from it."""

    def _right(self, fields: Mapping[str, str], request: Request) -> bool:
        needed = {"username", "realm", "nonce", "uri", "response"} | (
            {"nc", "cnonce"} if self._qop else set()
        )
        if not needed <= set(fields) or fields["username"] not in self.passwords:
            return False
        as_asked = (fields["realm"], fields["uri"]) == (REALM, request.uri)
        same_way = ("qop" in fields) == self._qop and fields.get("algorithm", "MD5") == self._algorithm
        if not as_asked or not same_way:
            return False
        return fields["response"] == proof(fields, self.passwords[fields["username"]], request.method)

    def _in_turn(self, fields: Mapping[str, str]) -> bool:
        """Whether the nonce is ours, has uses left, and was counted right."""
        used = self._nonces.get(fields["nonce"], self._nonce_uses) + 1
        if used > self._nonce_uses or (self._qop and int(fields["nc"], 16) != used):
            return False
        self._nonces[fields["nonce"]] = used
        return True

    def _challenge(self, incoming: Incoming, status: int, *, stale: bool) -> None:
        nonce = secrets.token_hex(8)
        self._nonces[nonce] = 0
        self.challenges += 1
        self.stale += stale
        value = f'Digest realm="{REALM}", nonce="{nonce}", algorithm={self._algorithm}, opaque="o \\" o"'
        value += ', qop="auth,auth-int"' if self._qop else ""
        value += ", stale=true" if stale else ""
        name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
        unknown = (name, 'Digest realm="x", nonce="x", algorithm=SHA3')
        headers: list[Header] = [unknown] * self._unknown_first + [(name, value)]
        incoming.respond(answer(incoming.request, status, tag=new_token(), headers=headers))

    def _register(self, incoming: Incoming) -> None:
        request = incoming.request
        asked_s = int(request.get("Expires") or "3600")
        if 0 < asked_s < self._at_least_s:
            headers = [("Min-Expires", str(self._at_least_s))]
            incoming.respond(answer(request, 423, tag=new_token(), headers=headers))
            return
        user = request.called.uri.user
        contact = Address.parse(request.get("Contact"))
        if asked_s:
            self.contacts[user] = contact.uri
        else:
            self.contacts.pop(user, None)
        headers = [("Contact", f"<{contact.uri}>;expires={asked_s}")] if asked_s else []
        incoming.respond(answer(request, 200, tag=new_token(), headers=headers))
