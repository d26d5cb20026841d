"""Requests within a call: a re-INVITE or UPDATE, BYE, REFER and its NOTIFY, and those that change nothing.

May import: the standard library, this package.
"""

from tests.peers.phone import happenings as h
from tests.peers.phone import ringing, transfer
from tests.peers.phone.dialog import ALLOWED
from tests.peers.phone.leg import SDP_HEADER, Leg
from tests.peers.phone.sdp import NothingInCommon
from tests.peers.phone.wire import Incoming

REMARKS = ("INFO", "OPTIONS", "MESSAGE")


def take(leg: Leg, incoming: Incoming) -> None:
    """Answer a request that belongs to this call, and do what it says."""
    request = incoming.request
    if not leg.dialog.in_order(request):
        leg.answer(incoming, 500)
    elif leg.over and request.method != "NOTIFY":
        leg.answer(incoming, 481)
    elif request.method in ("INVITE", "UPDATE"):
        _change(leg, incoming)
    elif request.method == "BYE":
        _bye(leg, incoming)
    elif request.method == "REFER":
        transfer.asked(leg, incoming)
    elif request.method == "NOTIFY":
        transfer.told(leg, incoming)
    elif request.method in REMARKS:
        leg.answer(incoming, 200, (("Allow", ALLOWED),))
        leg.note(h.Asked, request.method, request.body)
    else:
        leg.answer(incoming, 405, (("Allow", ALLOWED),))


def _bye(leg: Leg, incoming: Incoming) -> None:
    leg.answer(incoming, 200)
    if leg.taken and leg.taken.open:
        # They end what they did not even wait for (15.1.2).
        leg.answer(leg.taken, 487)
    told = incoming.request.get("Reason")
    leg.end("them", f"they hung up ({told})" if told else "they hung up")


def _change(leg: Leg, incoming: Incoming) -> None:
    """Another description of their sound: hold, resume, another place or coding (14.2)."""
    request = incoming.request
    if leg.changing or (leg.state != "up" and request.method == "INVITE"):
        leg.answer(incoming, 491)
        return
    theirs = ringing.description_in(request)
    leg.dialog.refresh(request)
    if theirs is None:
        # An INVITE without an offer wants ours; the answer comes with the ACK.
        body = leg.describe() if request.method == "INVITE" else b""
        leg.answer(incoming, 200, (SDP_HEADER,) if body else (), body)
        return
    try:
        body = leg.settle(theirs)
    except NothingInCommon:
        leg.answer(incoming, 488)
        return
    leg.answer(incoming, 200, (SDP_HEADER,), body)
    leg.note(h.Changed, theirs.direction, theirs.where)
