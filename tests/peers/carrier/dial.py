"""<Dial>: other telephones ring as the table of destinations says, and the caller talks with the first.

May import: the standard library, this package.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf

from tests.peers.carrier import happenings as h
from tests.peers.carrier.call import Dialled, Document, PhoneCall, Rung
from tests.peers.carrier.network import Destination, Number, VoiceRecording, new_sid
from tests.peers.carrier.record import finish_beside, keep, result_of
from tests.peers.carrier.stage import CallerLeft, CallUpdated, Stage
from tests.peers.carrier.twiml import Verb
from tests.peers.carrier.ulaw import FRAME_MS, SILENCE

E164 = r"\+[1-9][0-9]{6,14}"
HELLO_S = 1.0
INVALID_NUMBER, INVALID_CALLER_ID = 13224, 13214
UNKNOWN = Destination.failed()


@dataclass(slots=True)
class Leg:
    """One telephone that rings for the caller."""

    noun: Verb
    number: str
    destination: Destination
    sid: str = field(default_factory=lambda: new_sid("CA"))
    status: str = "no-answer"
    over: bool = False
    books: Rung = field(default_factory=lambda: Rung("", ""))


@dataclass(slots=True)
class Outcome:
    """How the dialling went, as the action is told."""

    leg: Leg
    status: str
    talked_ms: int = 0
    bridged: bool = False


async def dial(stage: Stage, verb: Verb) -> Document | None:
    """Dial, talk, and go where the action says; without action, on to the next verb."""
    caller_id = verb.get("callerId", stage.call.caller)
    legs = [_leg(stage, noun) for noun in verb.children or (Verb("Number", {}, verb.text, ()),)]
    outcome = Outcome(legs[0], "failed")
    try:
        if _may_show(stage, verb):
            await _dial(stage, verb, legs, outcome)
        else:
            stage.call.trouble(INVALID_CALLER_ID, f"callerId {caller_id} is not ours and not verified")
    except CallerLeft:
        outcome.status = "completed" if outcome.bridged else "canceled"
        _write_down(stage, legs, outcome, caller_id)
        stage.call.status = "completed"
        if verb.get("action"):
            await stage.post(stage.action(verb, _result(stage, verb, outcome)))
        raise
    except CallUpdated:
        _write_down(stage, legs, outcome, caller_id)
        raise
    _write_down(stage, legs, outcome, caller_id)
    result = _result(stage, verb, outcome)
    return stage.action(verb, result) if verb.get("action") else None


def _leg(stage: Stage, noun: Verb) -> Leg:
    number = re.sub(r"[ ()-]", "", noun.text)
    destination = stage.network.destinations.get(number, UNKNOWN)
    if not re.fullmatch(E164, number) or number not in stage.network.destinations:
        stage.call.trouble(INVALID_NUMBER, f"{number} cannot be reached")
        destination = UNKNOWN
    leg = Leg(noun, number, destination)
    leg.books = Rung(leg.sid, number)
    stage.call.rung.append(leg.books)
    return leg


def _may_show(stage: Stage, verb: Verb) -> bool:
    shown = verb.get("callerId", stage.call.caller)
    allowed = {stage.call.caller, *stage.network.numbers, *stage.network.verified_caller_ids}
    return shown in allowed


async def _dial(stage: Stage, verb: Verb, legs: list[Leg], outcome: Outcome) -> None:
    rounds = [[leg] for leg in legs] if verb.flag("sequential", False) else [legs]
    for ringing in rounds:
        if await _ring(stage, verb, ringing, outcome):
            await _talk(stage, verb, outcome)
            return
    outcome.status = _worst(leg.status for leg in legs)


async def _ring(stage: Stage, verb: Verb, legs: list[Leg], outcome: Outcome) -> bool:
    """Let telephones ring together until one is answered, or none will be."""
    timeout_s = verb.number("timeout", 30)
    passed_s = 0.0
    for leg in legs:
        _tell(stage, leg, "initiated")
        _tell(stage, leg, "ringing")
    outcome.leg = legs[0]
    for leg in sorted(legs, key=lambda leg: leg.destination.answers_after_s):
        after_s = leg.destination.answers_after_s
        if after_s > timeout_s:
            break
        await stage.pass_s(after_s - passed_s)
        passed_s = after_s
        outcome.leg = leg
        leg.status = leg.destination.outcome
        if leg.status != "completed":
            _finish(stage, leg, leg.status)
        elif await _accepts(stage, leg):
            _cancel_others(stage, legs, leg)
            return True
        else:
            _finish(stage, leg, "no-answer")
    if any(leg.status == "no-answer" for leg in legs):
        await stage.pass_s(max(0.0, timeout_s - passed_s))
    for leg in legs:
        _finish(stage, leg, leg.status)
    return False


async def _accepts(stage: Stage, leg: Leg) -> bool:
    """Whether whoever answered takes the call: asked by TwiML of their own, if the noun has a URL."""
    if not leg.noun.get("url"):
        return True
    number = Number(stage.resolve(leg.noun.get("url")))
    callee = PhoneCall(
        stage.network,
        caller=stage.call.caller,
        called=leg.number,
        plan=leg.destination.plan,
        number=number,
        direction="outbound-dial",
        sid=leg.sid,
        extra={"ParentCallSid": stage.call.sid},
    )
    document = Document(number.voice_url, leg.noun.get("method", "POST"), purpose="screening")
    accepted = await stage.screener(stage, callee, document)
    await stage.pass_s(callee.line.now_ms / 1000)
    return accepted


def _cancel_others(stage: Stage, legs: list[Leg], answered: Leg) -> None:
    for leg in legs:
        if leg is not answered:
            _finish(stage, leg, "canceled")


def _finish(stage: Stage, leg: Leg, status: str, talked_ms: int = 0) -> None:
    """A telephone rings or talks no more; what it came to first counts."""
    if not leg.over:
        leg.over, leg.status = True, status
        leg.books.status, leg.books.talked_s = status, talked_ms // 1000
        _tell(stage, leg, "completed", CallDuration=str(talked_ms // 1000))


async def _talk(stage: Stage, verb: Verb, outcome: Outcome) -> None:
    call, leg = stage.call, outcome.leg
    call.answer()
    _tell(stage, leg, "answered")
    leg.books.status = "in-progress"
    outcome.status, outcome.bridged = "completed", True
    began_ms = call.line.now_ms
    longest_s = min(leg.destination.talks_s, verb.number("timeLimit", 14400))
    if leg.destination.talks_s == inf and "timeLimit" not in verb.attributes:
        longest_s = inf
    try:
        await _bridge(stage, longest_s, verb.flag("hangupOnStar", False))
        if not leg.destination.hangs_up_first and longest_s == leg.destination.talks_s:
            call.left = True
            raise CallerLeft
    finally:
        outcome.talked_ms = call.line.now_ms - began_ms
        _finish(stage, leg, "completed", outcome.talked_ms)


async def _bridge(stage: Stage, longest_s: float, star_ends: bool) -> None:
    """The two talk: whoever answered says hello, then it is between them."""
    began_ms = stage.call.line.now_ms
    while not stage.call.line.caller.idle:
        passed_s = (stage.call.line.now_ms - began_ms) / 1000
        if passed_s >= longest_s:
            return
        acts = await stage.tick(talking=passed_s < HELLO_S)
        if star_ends and acts.key == "*":
            return
    await stage.pass_s(longest_s - (stage.call.line.now_ms - began_ms) / 1000)


def _worst(statuses: Iterable[str]) -> str:
    seen = set(statuses)
    return seen.pop() if len(seen) == 1 else "no-answer" if "no-answer" in seen else "busy"


def _write_down(stage: Stage, legs: list[Leg], outcome: Outcome, caller_id: str) -> None:
    for leg in legs:
        _finish(stage, leg, "canceled")
    talked_s = outcome.talked_ms // 1000
    stage.call.journal.note(h.DialRang, outcome.leg.number, outcome.status, talked_s)
    numbers = tuple(leg.number for leg in legs)
    stage.call.dials.append(Dialled(numbers, outcome.status, talked_s, caller_id))


def _result(stage: Stage, verb: Verb, outcome: Outcome) -> dict[str, str]:
    result = {
        "DialCallStatus": outcome.status,
        "DialCallSid": outcome.leg.sid,
        "DialBridged": str(outcome.bridged).lower(),
    }
    if not outcome.bridged:
        return result
    result["DialCallDuration"] = str(outcome.talked_ms // 1000)
    if verb.get("record", "do-not-record") != "do-not-record":
        silence = SILENCE * (outcome.talked_ms // FRAME_MS)
        recording = VoiceRecording(new_sid("RE"), stage.call.sid, silence, "DialVerb")
        keep(stage, recording)
        finish_beside(stage, verb, recording)
        result |= result_of(stage, recording)
    return result


def _tell(stage: Stage, leg: Leg, event: str, **more: str) -> None:
    if event not in leg.noun.get("statusCallbackEvent", "completed").split():
        return
    statuses = {"answered": "in-progress", "completed": leg.status}
    extra = {
        "CallSid": leg.sid,
        "ParentCallSid": stage.call.sid,
        "Direction": "outbound-dial",
        "CallStatus": statuses.get(event, event),
        "To": leg.number,
        "Called": leg.number,
        "CallbackSource": "call-progress-events",
        **more,
    }
    method = leg.noun.get("statusCallbackMethod", "POST")
    stage.tell_beside(f"dialled {event}", leg.noun.get("statusCallback"), method, extra)
