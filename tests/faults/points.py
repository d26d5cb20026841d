"""The points of a call at which the cloud fails: what the caller does, what the cloud says, when it is time.

May import: the standard library, tests.peers, this package's purposes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.faults.purposes import Purpose
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Call, Fault, Reply, Session, Turn

GREETING = "Riverside Family Clinic, good morning. What can I do for you today?"
OPEN = "We are open Monday to Friday from 8 a.m. to 5 p.m."
ABIERTO = "Abrimos de lunes a viernes de las 8 de la mañana a las 5 de la tarde."
FAREWELL = "Thank you for calling Riverside Family Clinic. Have a good day. Goodbye."
WALK_IN = "Yes, we take patients without an appointment in the mornings, as long as there is room."
TO_BILLING = "One moment please, I am connecting you with Billing."
NO_HELP = "Would you like an appointment for that next week?"
"""What a cloud may say to somebody in danger."""
CHEST_PAIN, BREATHLESS = "I am having chest pain", "no puedo respirar"
ASKS_MESSAGE = "Of course. Please tell me your message now, with your name and number."
LIVE = 1.2
"""So much faster than it is played is an answer generated that is to be cut in the middle."""
LATE = Fault("delay", ms=700)

Ripe = Callable[[Session, PhoneCall], object]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a call. `plan` is the caller's, `turns` are the cloud's, `ripe` says that it is reached."""

    name: str
    plan: str
    turns: tuple[Turn, ...]
    ripe: Ripe
    purpose: Purpose = Purpose.HOURS
    box_answers: bool = False
    """Whether no reply of the cloud's is wanted any more."""


def turns_of(point: Point, connection: int) -> tuple[Turn, ...]:
    """The cloud's turns for one of many sessions."""
    return tuple(replace(turn, connection=connection) for turn in (*point.turns, *AGAIN[point.purpose]))


def _sent(kind: str, count: int) -> Ripe:
    return lambda session, _phone: len(session.sent_of(kind)) >= count


def _in_reply(number: int, deltas: int) -> Ripe:
    """In the n-th answer of the session, so many pieces of it being out."""

    def ripe(session: Session, _phone: PhoneCall) -> bool:
        response = session.active
        began = len(session.sent_of("response.created"))
        return response is not None and began == number and response.deltas >= deltas

    return ripe


def _greeting_heard(ms: int) -> Ripe:
    return lambda _session, phone: bool(phone.streams) and len(phone.stream.played_audio) >= ms * 8


def _in_sentence(ms: int) -> Ripe:
    """While the caller speaks the first sentence, so long after its begin."""

    def ripe(_session: Session, phone: PhoneCall) -> bool:
        began = phone.journal.of(h.CallerHeard)
        return bool(began) and phone.line.now_ms - began[0].call_ms >= ms

    return ripe


def in_pause(replies: int) -> Ripe:
    """After so many answers, all of them played."""

    def ripe(session: Session, phone: PhoneCall) -> bool:
        if len(session.sent_of("response.done")) < replies:
            return False
        return len(phone.stream.played_audio) >= sum(len(audio) for audio in session.audio_out.values())

    return ripe


def _tool_returned(session: Session, _phone: PhoneCall) -> bool:
    items = session.received_of("conversation.item.create")
    return any(item["item"]["type"] == "function_call_output" for item in items)


def _later(ripe: Ripe, ms: int) -> Ripe:
    """So long after that."""
    since: dict[str, int] = {}

    def later(session: Session, phone: PhoneCall) -> bool:
        if ripe(session, phone):
            since.setdefault(phone.sid, phone.line.now_ms)
        return phone.line.now_ms - since.get(phone.sid, phone.line.now_ms) >= ms

    return later


def _key_pressed(_session: Session, phone: PhoneCall) -> bool:
    return bool(phone.journal.of(h.KeyPressed))


def _greets(say: str = GREETING, **manner: Any) -> Turn:
    return Turn("greeting", (Reply(say),), **manner)


def _heard(words: str, say: str | None = None, *calls: Call, **manner: Any) -> Turn:
    return Turn("utterance", (Reply(say, calls=calls),), heard=words, **manner)


HOURS_TOOL = Call("get_business_hours", '{"language": "en"}')
BILLING_TOOL = Call("transfer_to_department", '{"department": "billing"}')
MESSAGE_TOOL = Call(
    "take_message",
    '{"subject": "Test results", "body": "please call me back about my test results", "number": "caller_id"}',
)
END_TOOL = Call("end_call", '{"reason": "done"}')

AGAIN: dict[Purpose, tuple[Turn, ...]] = {
    Purpose.HOURS: (
        Turn("tool_output", (Reply(OPEN),)),
        Turn("prompt", (Reply(OPEN),), repeat=True),
        _heard("what are your hours", OPEN, repeat=True),
    ),
    Purpose.HORARIO: (
        Turn("prompt", (Reply(ABIERTO),), repeat=True),
        _heard("cuál es el horario", ABIERTO, repeat=True),
    ),
    Purpose.BY_KEY: (),
    Purpose.WALK_IN: (_heard("do you take walk in patients", WALK_IN),),
    Purpose.GOODBYE: (
        Turn("prompt", (Reply(FAREWELL, calls=(END_TOOL,)),), repeat=True),
        _heard("goodbye", FAREWELL, END_TOOL, repeat=True),
    ),
    Purpose.TRANSFER: (
        Turn("tool_output", (Reply(TO_BILLING),)),
        Turn("prompt", (Reply(TO_BILLING, calls=(BILLING_TOOL,)),), repeat=True),
        _heard("billing department", None, BILLING_TOOL, repeat=True),
    ),
    Purpose.DANGER: (
        Turn("prompt", (Reply(NO_HELP),), repeat=True),
        _heard(CHEST_PAIN, NO_HELP, repeat=True),
    ),
    Purpose.PELIGRO: (
        Turn("prompt", (Reply(NO_HELP),), repeat=True),
        _heard(BREATHLESS, NO_HELP, repeat=True),
    ),
    Purpose.MESSAGE: (
        Turn("tool_output", (Reply("I have written that down."),)),
        Turn("prompt", (Reply(ASKS_MESSAGE),)),
        _heard("please call me back about my test results, at this number", None, MESSAGE_TOOL),
        Turn("any", (Reply("Very well."),), repeat=True),
    ),
}
"""What a cloud that goes on after all says to the rest of the call."""

ASK_HOURS = "say say_en_hours\nwait 40"
TELL_DANGER = "say say_en_chest_pain\nwait 40"
SPOKEN_MESSAGE = """
leave message say_en_call_back within 60
press #
wait for speech
wait 2
press 1
wait for speech
wait 2
press 1
wait for speech
wait 2
press 1
wait for speech
wait 2
press 2
wait 40
"""
"""It is right, without a name, to this number, and can wait. Where no word was heard two keys are enough."""
LEAVE_MESSAGE = f"say say_en_leave_message\n{SPOKEN_MESSAGE}"

POINTS = (
    Point(
        "during goodbye",
        "wait for reply\nsay say_en_hours\nwait for reply\nsay say_en_goodbye\nwait 60",
        (
            _greets(),
            _heard("what are your hours", OPEN),
            _heard("goodbye", FAREWELL, END_TOOL, speedup=LIVE),
        ),
        _in_reply(3, 4),
        Purpose.GOODBYE,
    ),
    Point(
        "between two replies",
        "wait for reply\nsay say_en_hours\nwait for reply\nwait 2\nsay say_en_billing\nwait 60",
        (_greets(), _heard("what are your hours", OPEN)),
        in_pause(2),
        Purpose.TRANSFER,
    ),
    Point(
        "in a barge-in",
        f"wait for reply\nsay say_en_question\nwait for speech\nwait heard 1000\n{ASK_HOURS}",
        (_greets(), _heard("do you take walk in patients", WALK_IN), _heard("what are your hours", OPEN)),
        _sent("input_audio_buffer.speech_started", 2),
    ),
    Point(
        "while a transfer is announced",
        "wait for reply\nsay say_en_billing\nwait 60",
        (
            _greets(),
            _heard("billing department", None, BILLING_TOOL),
            Turn("tool_output", (Reply(TO_BILLING),), speedup=LIVE),
        ),
        _in_reply(3, 3),
        Purpose.TRANSFER,
    ),
    Point(
        "in a reply",
        f"wait for reply\n{ASK_HOURS}",
        (_greets(), _heard("what are your hours", OPEN, speedup=LIVE)),
        _in_reply(2, 4),
    ),
    Point(
        "in a reply that asks for a message",
        f"wait for reply\n{LEAVE_MESSAGE}",
        (_greets(), _heard("I want to leave a message", ASKS_MESSAGE, speedup=LIVE)),
        _in_reply(2, 4),
        Purpose.MESSAGE,
    ),
    Point(
        "while a tool is asked for",
        f"wait for reply\n{ASK_HOURS}",
        (_greets(), _heard("what are your hours", None, HOURS_TOOL, call_pause_ms=300)),
        _sent("response.function_call_arguments.delta", 2),
    ),
    Point(
        "after a tool, before its answer",
        f"wait for reply\n{ASK_HOURS}",
        (
            _greets(),
            _heard("what are your hours", None, HOURS_TOOL),
            Turn("tool_output", (Reply(OPEN),), faults=(Fault("delay", ms=2200),)),
        ),
        _later(_tool_returned, 1000),
    ),
    Point(
        "while the box answers danger",
        f"wait for reply\n{TELL_DANGER}",
        (_greets(), _heard(CHEST_PAIN, NO_HELP, faults=(LATE,))),
        _later(_sent("conversation.item.input_audio_transcription.completed", 1), 800),
        Purpose.DANGER,
        box_answers=True,
    ),
    Point(
        "right after danger was told",
        f"wait for reply\n{TELL_DANGER}",
        (_greets(), _heard(CHEST_PAIN, NO_HELP, faults=(LATE,), heard_after_ms=1500)),
        _sent("input_audio_buffer.speech_stopped", 1),
        Purpose.DANGER,
    ),
    Point(
        "while danger is told",
        f"wait for reply\n{TELL_DANGER}",
        (_greets(), _heard(CHEST_PAIN, NO_HELP)),
        _in_sentence(500),
        Purpose.DANGER,
    ),
    Point(
        "while danger is told in Spanish",
        "wait for reply\nsay say_es_no_puedo_respirar\nwait 40",
        (_greets(), _heard(BREATHLESS, NO_HELP)),
        _in_sentence(500),
        Purpose.PELIGRO,
    ),
    Point(
        "just before danger is told",
        f"wait for reply\nwait 1\n{TELL_DANGER}",
        (_greets(), _heard(CHEST_PAIN, NO_HELP)),
        in_pause(1),
        Purpose.DANGER,
    ),
    Point(
        "right after the caller's sentence",
        f"wait for reply\n{ASK_HOURS}",
        (_greets(), _heard("what are your hours", OPEN, faults=(LATE,))),
        _sent("input_audio_buffer.speech_stopped", 1),
    ),
    Point(
        "in the caller's sentence",
        f"wait for reply\n{ASK_HOURS}",
        (_greets(), _heard("what are your hours", OPEN)),
        _in_sentence(500),
    ),
    Point(
        "in a Spanish caller's sentence",
        "wait for reply\nsay say_es_horario\nwait 40",
        (_greets(), _heard("cuál es el horario", ABIERTO)),
        _in_sentence(500),
        Purpose.HORARIO,
    ),
    Point(
        "while keys are pressed",
        "wait for reply\npress 1\nwait 40",
        (_greets(),),
        _key_pressed,
    ),
    Point(
        "in the greeting",
        f"wait for speech\nwait 3\n{ASK_HOURS}",
        (_greets(speedup=LIVE), Turn("prompt", (Reply(GREETING),))),
        _greeting_heard(1000),
    ),
    Point(
        "before the greeting",
        f"wait for speech\nwait 2\n{ASK_HOURS}",
        (_greets(faults=(LATE,)), Turn("prompt", (Reply(GREETING),))),
        _sent("response.created", 1),
    ),
)
"""In the order in which their calls begin: those that fail early come last, so that no call finds the cloud
lost before its own point."""
