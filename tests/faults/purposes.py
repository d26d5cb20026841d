"""What a caller rang for, and whether the call was filed with it done.

May import: the standard library, appliance.store, tests.golden.filed, tests.peers.carrier.
"""

from enum import Enum, auto
from pathlib import Path

from appliance.core.dispositions import Outcome
from appliance.core.events import Event, ReplyPlayed, ReplyWorded
from appliance.store import calls, events
from appliance.store.database import connect_readonly
from tests.golden.filed import Filed
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h


class Purpose(Enum):
    """What a caller wants."""

    HOURS = auto()
    HORARIO = auto()
    GOODBYE = auto()
    MESSAGE = auto()
    TRANSFER = auto()
    BY_KEY = auto()
    """The hours, by key, because nothing can be understood."""
    WALK_IN = auto()
    """An answer that only the cloud knows."""
    DANGER = auto()
    """Nothing but help, at once."""
    PELIGRO = auto()


HOURS = "8 a.m. to 5 p.m."
HORARIO = "de las 8 de la mañana a las 5"
WORDS = {
    Purpose.HOURS: HOURS,
    Purpose.BY_KEY: HOURS,
    Purpose.GOODBYE: HOURS,
    Purpose.HORARIO: HORARIO,
    Purpose.WALK_IN: "we take patients without an appointment",
    Purpose.DANGER: "This sounds like an emergency. Please hang up and call 911 now.",
    Purpose.PELIGRO: "Esto parece una emergencia. Cuelgue y llame ahora al 911.",
}
"""What the caller is to be told."""
FILLERS = ("One moment, please.", "Un momento, por favor.")
"""What only says that something is to come: it breaks the silence, and is of no use yet."""
ASKED = ("Please say your name and your message now.", "Of course. Please tell me your message now")
IN_DANGER = frozenset({Purpose.DANGER, Purpose.PELIGRO})
ON_CALL = {
    Purpose.DANGER: "I am also connecting you with our on-call line.",
    Purpose.PELIGRO: "También le comunico con nuestra línea de guardia.",
}
REACHES = frozenset({Purpose.TRANSFER, *IN_DANGER})
"""Purposes that are finished when somebody answers another telephone."""
ENDED_BY_ITSELF = frozenset({Purpose.GOODBYE, *REACHES})
"""Purposes that end the call; of the others the caller has enough and hangs up."""
AGAIN = ("I am sorry, I did not understand.", "I still do not understand.", "Lo siento, no entendí")
"""What is said to a caller who has to say it again."""


def of_use(purpose: Purpose, text: str) -> bool:
    """Whether words of ours serve a caller with this purpose: in danger, nothing but help does."""
    helps = (WORDS[purpose], ON_CALL[purpose]) if purpose in IN_DANGER else ()
    return text in helps if helps else text not in FILLERS


def told(database: Path, call_sid: str, purpose: Purpose) -> bool:
    """Whether a caller who rang for this has it now: words that were heard to their end."""
    db = connect_readonly(database)
    try:
        call = calls.by_sid(db, call_sid)
        whole = None if call is None else calls.whole(db, call.id)
        if whole is None:
            return False
        if purpose is Purpose.MESSAGE:
            return bool(whole.messages)
        happened = [event for _, event in events.replay(db, whole.call.id)]
        played = {event.reply_id for event in happened if isinstance(event, ReplyPlayed)}
        worded = [event for event in happened if isinstance(event, ReplyWorded)]
        return any(WORDS[purpose] in event.text and event.reply_id in played for event in worded)
    finally:
        db.close()


def message_asked_for(database: Path, call_sid: str) -> bool:
    """Whether the caller was asked to speak the message, and has heard that to its end."""
    db = connect_readonly(database)
    try:
        call = calls.by_sid(db, call_sid)
        whole = None if call is None else calls.whole(db, call.id)
        said = [turn.text for turn in whole.turns if not turn.cut] if whole is not None else []
        return any(text.startswith(ASKED) for text in said)
    finally:
        db.close()


def timed(database: Path, call_id: str) -> list[tuple[int, Event]]:
    """What happened in a call and at which ms of it."""
    db = connect_readonly(database)
    try:
        return events.replay(db, call_id)
    finally:
        db.close()


def unfinished(purpose: Purpose, phone: PhoneCall, kept: Filed) -> list[str]:
    """What is missing of the purpose in the call as it was filed."""
    said = [turn.text for turn in kept.turns if turn.speaker == "attendant"]
    again = [] if purpose is Purpose.BY_KEY else [text for text in said if text.startswith(AGAIN)]
    missing = [f"the caller was told: {text}" for text in again]
    words = WORDS.get(purpose, "")
    if words and not any(words in text for text in said):
        missing.append(f"the caller was not told: {words}")
    if purpose is Purpose.GOODBYE and str(kept.call.disposition) != "goodbye":
        missing.append(f"no goodbye: {kept.call.disposition}")
    if purpose is Purpose.MESSAGE and not kept.whole.messages:
        missing.append("no message was kept")
    if purpose in REACHES and not any(d.status == "completed" for d in phone.journal.of(h.DialRang)):
        missing.append("nobody was reached")
    if purpose in IN_DANGER and kept.call.reason != "an emergency":
        missing.append(f"filed with the reason: {kept.call.reason}")
    wanted = Outcome.TRANSFERRED if purpose in REACHES else Outcome.HANDLED
    if kept.call.outcome is not wanted:
        missing.append(f"filed as {kept.call.outcome}: {kept.call.reason}")
    return missing
