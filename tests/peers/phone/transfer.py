"""Passing a call on by REFER, and being passed on (RFC 3515, RFC 3891), and what is told of the new call.

May import: the standard library, this package.
"""

from collections.abc import Iterator
from urllib.parse import quote, unquote

from tests.peers.phone import happenings as h
from tests.peers.phone.address import Address, BadMessage, Uri
from tests.peers.phone.asking import Refused
from tests.peers.phone.dialog import Dialog, replacing
from tests.peers.phone.leg import Leg, Transfer
from tests.peers.phone.message import REASONS, Header
from tests.peers.phone.wire import Incoming

FRAGMENT = "message/sipfrag;version=2.0"
PASSED_ON = ("Replaces",)
"""Headers that a Refer-To may put into the new INVITE."""
LONGEST_S = 200.0
"""How long a new call may ring; its own timers end it before that."""


async def refer(leg: Leg, target: Uri, consulted: Dialog | None, timeout_s: float) -> Transfer:
    """Ask the other side to call somebody instead; wait for what it is told at the end. Raise Refused.

    The call goes on: who transfers hangs up by themselves. With `consulted` the new call takes the place of
    ours with that party.
    """
    headers = f"Replaces={quote(replacing(consulted), safe='')}" if consulted else ""
    wanted = Uri(target.user, target.host, target.port, target.params, headers, target.scheme)
    asked = leg.transfer = Transfer(str(target))
    by = ("Referred-By", f"<{leg.dialog.local.uri}>")
    _, response = await leg.ask("REFER", (("Refer-To", f"<{wanted}>"), by))
    asked.accepted = response.status
    if not response.good:
        raise Refused("REFER", response)
    await leg.wait_for(lambda: asked.over or leg.over, timeout_s)
    return asked


def told(leg: Leg, incoming: Incoming) -> None:
    """A NOTIFY: of the call that we asked for, if it says so."""
    request = incoming.request
    leg.answer(incoming, 200)
    if leg.transfer is None or request.get("Event").partition(";")[0].strip().lower() != "refer":
        return
    first = request.body.split(b"\r\n")[0].split()
    if len(first) > 1 and first[0].upper() == b"SIP/2.0" and first[1].isdigit():
        status = int(first[1][:3])
        leg.transfer.told.append(status)
        leg.note(h.TransferTold, status)
    ended = request.get("Subscription-State").lower().startswith("terminated")
    leg.transfer.over = leg.transfer.over or ended or leg.transfer.status >= 200
    leg.bell.ring()


def asked(leg: Leg, incoming: Incoming) -> None:
    """A REFER: take it, and place the call."""
    request = incoming.request
    if len(request.all("Refer-To")) != 1:
        leg.answer(incoming, 400)
        return
    uri = Address.parse(request.get("Refer-To")).uri
    headers = [*_headers_of(uri), *(("Referred-By", by) for by in request.all("Referred-By"))]
    leg.answer(incoming, 202)
    target = Uri(uri.user, uri.host, uri.port, uri.params, "", uri.scheme)
    leg.note(h.TransferAsked, str(target))
    leg.owner.start(_go_over(leg, str(target), headers), f"transfer to {target.user}")


def _headers_of(uri: Uri) -> Iterator[Header]:
    for pair in uri.headers.split("&") if uri.headers else ():
        name, equals, value = pair.partition("=")
        known = next((each for each in PASSED_ON if each.lower() == name.lower()), None)
        plain = unquote(value)
        if known and equals:
            if "\r" in plain or "\n" in plain:
                raise BadMessage("a header of two lines")
            yield known, plain


async def _go_over(leg: Leg, target: str, headers: list[Header]) -> None:
    """Call the other one, and tell whoever asked how that gets on."""
    await _tell(leg, 100, "active;expires=60")
    new = leg.transferred_to = leg.owner.place(target, headers)
    try:
        await new.wait_for(lambda: new.was_up or new.over, LONGEST_S)
    except TimeoutError:
        new.end("us", "rang for too long", 408)
    await _tell(leg, 200 if new.was_up else new.status or 500, "terminated;reason=noresource")


async def _tell(leg: Leg, status: int, state: str) -> None:
    """A NOTIFY; who hung up meanwhile may still be told, and may not care."""
    headers = (("Event", "refer"), ("Subscription-State", state), ("Content-Type", FRAGMENT))
    line = f"SIP/2.0 {status} {REASONS.get(status, 'Something Else')}\r\n"
    await leg.ask("NOTIFY", headers, line.encode())
