"""Being called: ringing as the manner says, answering, refusing, being cancelled (RFC 3261, 13.3 and 9.2).

May import: the standard library, this package.
"""

from tests.peers.phone import happenings as h
from tests.peers.phone import sdp
from tests.peers.phone.leg import SDP_HEADER, Leg
from tests.peers.phone.manner import Manner
from tests.peers.phone.message import BadMessage, Message, Request
from tests.peers.phone.sdp import NothingInCommon
from tests.peers.phone.wire import Incoming

KNOWN_EXTENSIONS = frozenset({"replaces"})


def unknown_extensions(request: Request) -> list[str]:
    """What the request needs of us and does not get."""
    return [name for name in request.all("Require") if name.lower() not in KNOWN_EXTENSIONS]


def description_in(message: Message) -> sdp.Description | None:
    """The offer or answer in a message; raise BadMessage for another kind of body."""
    if not message.body:
        return None
    kind = message.get("Content-Type").partition(";")[0].strip().lower()
    if kind != sdp.MEDIA_TYPE:
        raise BadMessage(f"a body of {kind[:40]!r}")
    return sdp.parse(message.body)


async def ring(leg: Leg, manner: Manner) -> None:
    """Do with the call what the manner says; it may be over, or answered by a test, before that."""
    if leg.taken and leg.taken.open:
        leg.answer(leg.taken, 100)
    if manner.early:
        be_heard_early(leg)
    elif manner.says_ringing:
        say_ringing(leg)
    if manner.answers_after_s is None:
        return
    try:
        await leg.wait_for(lambda: leg.state != "rung", manner.answers_after_s)
    except TimeoutError:
        if manner.refuses is None:
            answer(leg)
        else:
            refuse(leg, manner.refuses)


def say_ringing(leg: Leg) -> None:
    """Say 180."""
    if leg.state == "rung" and leg.taken:
        leg.answer(leg.taken, 180)
        leg.note(h.Ringing, 180)


def be_heard_early(leg: Leg) -> None:
    """Say 183, and be heard from now on."""
    if leg.state == "rung" and leg.taken and _describe(leg):
        leg.answer(leg.taken, 183, (SDP_HEADER,), leg.described)
        if leg.offered and leg.ours:
            leg.media.agree(leg.ours, leg.offered, sending=True)
        leg.note(h.Ringing, 183)


def answer(leg: Leg) -> None:
    """Take the call; with nothing in common it is refused (488)."""
    if leg.state == "rung" and leg.taken and _describe(leg):
        leg.answer(leg.taken, 200, (SDP_HEADER,), leg.described)
        leg.comes_up()


def _describe(leg: Leg) -> bool:
    """Say how we are heard, once: what was told early is told again. Whether there is a way."""
    try:
        leg.described = leg.described or (leg.settle(leg.offered) if leg.offered else leg.describe())
    except NothingInCommon as exc:
        refuse(leg, 488, str(exc))
        return False
    return True


def refuse(leg: Leg, status: int, reason: str = "") -> None:
    """Do not take it."""
    if leg.state == "rung" and leg.taken:
        leg.answer(leg.taken, status)
        leg.end("us", reason or f"refused with {status}", status)


def cancelled(leg: Leg, cancel: Incoming) -> None:
    """They took their INVITE back; one that was answered already stays so."""
    leg.answer(cancel, 200)
    if leg.state == "rung" and leg.taken:
        leg.answer(leg.taken, 487)
        told = cancel.request.get("Reason")
        leg.end("them", f"cancelled ({told})" if told else "cancelled", 487)


def acknowledged(leg: Leg, ack: Request) -> None:
    """An ACK may bear the answer to an offer that we made."""
    description = description_in(ack)
    if description:
        leg.agree(description)


def unacknowledged(leg: Leg) -> None:
    """Our 200 never had an ACK: the call ends (13.3.1.4)."""
    if leg.state == "up":
        leg.begin(leg.dialog.request("BYE"))
        leg.end("nobody", "our answer was never acknowledged")
