"""Calling somebody: the INVITE and what it is answered, taking it back, the ACK (RFC 3261, 13.2 and 9.1).

May import: the standard library, this package.
"""

from collections.abc import Iterable

from tests.peers.phone import happenings as h
from tests.peers.phone import sdp
from tests.peers.phone.dialog import cancel_of
from tests.peers.phone.leg import SDP_HEADER, Leg
from tests.peers.phone.message import BadMessage, Header, Response
from tests.peers.phone.wire import Exchange


def invite(leg: Leg, headers: Iterable[Header] = ()) -> None:
    """Send the INVITE."""
    request = leg.dialog.request("INVITE", (*headers, SDP_HEADER), leg.describe())
    leg.invite = request
    leg.placed = leg.begin(request)
    leg.placed.transaction.acknowledges = not leg.faults.no_ack
    leg.note(h.Dialled, str(leg.dialog.target))


async def see_through(leg: Leg) -> None:
    """Take every answer to the INVITE, to the final one."""
    exchange, response = await _final(leg)
    if response.good:
        _take(leg, exchange, response)
    elif leg.cancelled:
        leg.end("us", "cancelled", response.status)
    else:
        leg.end("nobody" if response.status == 408 else "them", _reason(response), response.status)


async def _final(leg: Leg) -> tuple[Exchange, Response]:
    exchange = leg.placed
    if exchange is None:
        raise RuntimeError("nothing was placed")
    while True:
        response = await exchange.next()
        if not response.final:
            _progress(leg, exchange, response)
            continue
        repeated = leg.owner.asking.once_more(exchange, response, leg.dialog.next_seq)
        if repeated is None or leg.cancelled:
            return exchange, response
        exchange = leg.placed = repeated
        leg.invite = exchange.request
        exchange.transaction.acknowledges = not leg.faults.no_ack


def _progress(leg: Leg, exchange: Exchange, response: Response) -> None:
    if leg.cancelled and not leg.cancel_sent:
        _take_back(leg, exchange)
    if response.called.tag:
        leg.dialog.confirm(response)
    _listen(leg, response)
    if response.status > 100:
        leg.note(h.Ringing, response.status)


def _listen(leg: Leg, response: Response) -> None:
    """Go by a description in an answer; one that cannot be read is as none."""
    if not response.body:
        return
    try:
        leg.agree(sdp.parse(response.body))
    except BadMessage:
        leg.reason = "their description cannot be read"


def _take(leg: Leg, exchange: Exchange, response: Response) -> None:
    leg.dialog.confirm(response)
    leg.acknowledge(exchange)
    if leg.over or leg.cancelled:
        # The 200 crossed our CANCEL: it is up, and has to be ended as such.
        leg.begin(leg.dialog.request("BYE"))
        leg.end("us", "cancelled", response.status)
        return
    _listen(leg, response)
    leg.comes_up()


def take_back(leg: Leg) -> None:
    """Cancel the INVITE; before anything was answered there is nothing to cancel yet (9.1)."""
    leg.cancelled = True
    if leg.placed and leg.placed.transaction.state == "proceeding" and not leg.cancel_sent:
        _take_back(leg, leg.placed)


def _take_back(leg: Leg, exchange: Exchange) -> None:
    leg.cancel_sent = True
    wire = leg.owner.asking.wire
    wire.hurry(exchange)
    wire.begin(cancel_of(exchange.request), exchange.peer)


def _reason(response: Response) -> str:
    told = response.get("Reason")
    return f"{response.reason} ({told})" if told else response.reason
