"""What two telephones know of each other in a call: tags, sequence numbers, routes, targets (RFC 3261, 12).

Sans-I/O. May import: the standard library, this package's address, message and transaction.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.peers.phone.address import Address, BadMessage, Uri, Via, Where
from tests.peers.phone.message import Header, Request, Response
from tests.peers.phone.transaction import MAGIC

ALLOWED = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, MESSAGE, NOTIFY, REFER"
AGENT = "phone-peer"
FIRST_SEQ = 1


def new_token() -> str:
    """For tags, branches and names of calls."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Me:
    """The telephone, as it names itself in messages."""

    user: str
    where: Where
    display: str = ""

    @property
    def contact(self) -> Uri:
        return Uri(self.user, *self.where)

    def via(self) -> Header:
        """A hop with a new branch."""
        params = (("branch", MAGIC + new_token()), ("rport", None))
        return "Via", str(Via(*self.where, params))

    def known_as(self, domain: Where) -> Uri:
        """Its address of record at a server."""
        host, port = domain
        return Uri(self.user, host, None if port == 5060 else port)

    def request(
        self, method: str, uri: Uri, headers: Iterable[Header], seq: int, body: bytes = b""
    ) -> Request:
        """A request with what each must have; From, To and Call-ID stand in `headers`."""
        standard = (
            self.via(),
            ("Max-Forwards", "70"),
            *headers,
            ("CSeq", f"{seq} {method}"),
            ("User-Agent", AGENT),
        )
        own = (
            ()
            if method in ("ACK", "BYE", "CANCEL")
            else (("Contact", f"<{self.contact}>"), ("Allow", ALLOWED))
        )
        return Request(method=method, uri=str(uri), headers=(*standard, *own), body=body)


def again(request: Request, me: Me, seq: int) -> Request:
    """The same once more, as a transaction of its own."""
    return request.having(me.via(), ("CSeq", f"{seq} {request.method}"))


def cancel_of(invite: Request) -> Request:
    """What takes an INVITE back while it rings (9.1): of its branch, with nothing but what names it."""
    kept = [pair for pair in invite.headers if pair[0] in ("Via", "Route", "From", "To", "Call-ID")]
    headers = (*kept[:], ("Max-Forwards", "70"), ("CSeq", f"{invite.seq} CANCEL"))
    return Request(method="CANCEL", uri=invite.uri, headers=headers)


@dataclass(slots=True)
class Dialog:
    """One side's view of it."""

    me: Me
    call_id: str
    local: Address
    remote: Address
    target: Uri
    """Where the other side wants its requests."""
    peer: Where
    """The socket that was last known to reach it."""
    routes: tuple[Address, ...] = ()
    local_seq: int = FIRST_SEQ
    remote_seq: int | None = None

    @classmethod
    def to_call(cls, me: Me, local: Uri, target: Uri, peer: Where) -> "Dialog":
        """Before the first INVITE: the other side has no tag yet."""
        mine = Address(local, me.display, (("tag", new_token()),))
        return cls(me, new_token(), mine, Address(target), target, peer, local_seq=FIRST_SEQ - 1)

    @classmethod
    def of_invite(cls, me: Me, invite: Request, source: Where) -> "Dialog":
        """Of an INVITE that came; raise BadMessage when it does not say where its sender is."""
        if invite.contact is None:
            raise BadMessage("INVITE without Contact")
        return cls(
            me,
            invite.call_id,
            invite.called.with_tag(new_token()),
            invite.caller,
            invite.contact,
            source,
            tuple(Address.parse(value) for value in invite.all("Record-Route")),
            local_seq=FIRST_SEQ - 1,
            remote_seq=invite.seq,
        )

    def confirm(self, response: Response) -> None:
        """An answer to our first INVITE makes it whole (12.1.2)."""
        self.remote = response.called
        self.target = response.contact or self.target
        self.routes = tuple(Address.parse(value) for value in reversed(response.all("Record-Route")))

    def refresh(self, message: Request | Response) -> None:
        """A re-INVITE or UPDATE, or the answer to ours, moves the target (12.2)."""
        self.target = message.contact or self.target

    def is_of(self, request: Request) -> bool:
        """Whether a request of theirs belongs to it."""
        return (
            request.call_id == self.call_id
            and request.called.tag == self.local.tag
            and request.caller.tag == self.remote.tag
        )

    def in_order(self, request: Request) -> bool:
        """Whether a request of theirs comes in its turn; the turn moves on (12.2.2)."""
        if self.remote_seq is not None and request.seq <= self.remote_seq:
            return False
        self.remote_seq = request.seq
        return True

    def next_seq(self) -> int:
        self.local_seq += 1
        return self.local_seq

    def request(
        self, method: str, headers: Iterable[Header] = (), body: bytes = b"", seq: int | None = None
    ) -> Request:
        """The next request of ours; `seq` only for an ACK, which bears its INVITE's."""
        uri, routes = self._way()
        named = (
            *(("Route", str(route)) for route in routes),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            *headers,
        )
        return self.me.request(method, uri, named, self.next_seq() if seq is None else seq, body)

    def _way(self) -> tuple[Uri, tuple[Address, ...]]:
        """Request-URI and Route headers; a strict first proxy gets the request to itself (12.2.1.1)."""
        if not self.routes or self.routes[0].uri.loose:
            return self.target, self.routes
        first, *others = self.routes
        return replace(first.uri, headers=""), (*others, Address(self.target))

    @property
    def next_hop(self) -> Uri:
        """Where a request of ours goes first."""
        return self.routes[0].uri if self.routes else self.target


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog that an INVITE is to take the place of (RFC 3891), as its receiver knows it."""

    call_id: str
    local_tag: str
    remote_tag: str

    @classmethod
    def parse(cls, value: str) -> "Replaces":
        call_id, *pieces = [piece.strip() for piece in value.split(";")]
        named = dict(piece.partition("=")[::2] for piece in pieces)
        if not call_id or "to-tag" not in named or "from-tag" not in named:
            raise BadMessage(f"no Replaces: {value[:80]!r}")
        return cls(call_id, named["to-tag"], named["from-tag"])

    def means(self, dialog: Dialog) -> bool:
        mine = (dialog.call_id, dialog.local.tag, dialog.remote.tag)
        return mine == (self.call_id, self.local_tag, self.remote_tag)


def replacing(dialog: Dialog) -> str:
    """The value of a Replaces that asks the other side of this dialog to let it go."""
    return f"{dialog.call_id};to-tag={dialog.remote.tag};from-tag={dialog.local.tag}"
