"""Entries of the callback list as they are shown: why, what was left, by when, and what was done about them.

May import: the standard library, admin.tongue, admin.words, appliance.core, appliance.store.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.tongue import Tongue, later
from admin.words import Words
from appliance.core.callbacks import Cause, Urgency
from appliance.core.staff import Office
from appliance.store import callback_causes, message_corrections, message_texts, messages, times
from appliance.store.callback_rows import Done, Entry, State
from appliance.store.database import Connection
from appliance.store.message_corrections import Correction
from appliance.store.message_texts import MessageText
from appliance.store.messages import Message

SAID_MOST = 240
"""So many letters of what was left stand in the list."""

CAUSES = {
    Cause.EMERGENCY: later("Spoke of danger and reached nobody"),
    Cause.VOICEMAIL: later("Left a voicemail"),
    Cause.MESSAGE: later("Left a message"),
    Cause.CALL_BACK: later("Asked to be called"),
    Cause.TRANSFER: later("Nobody picked up"),
    Cause.CUT_OFF: later("The call broke off"),
    Cause.HANG_UP: later("Hung up early"),
    Cause.BOOKING: later("About an appointment"),
    Cause.TEXT: later("About a text"),
    Cause.QUESTION: later("Asked what the documents do not say"),
}
URGENCIES = {
    Urgency.EMERGENCY: later("Emergency?"),
    Urgency.URGENT: later("Urgent"),
    Urgency.NORMAL: later("Not urgent"),
}
STEPS = {
    "cause": later("New: {note}"),
    "presses": later("Presses more now: {note}"),
    "void": later("One reason counts no more: {note}"),
    "merged": later("Put together with another entry of the same caller"),
    "taken": later("Taken"),
    "given back": later("Given back"),
    "note": later("Note: {note}"),
    "attempt": later("Called, and not reached"),
    "not tried": later("That try was a mistake"),
    "put off": later("Put off: due {note}"),
    "done": later("Done"),
    "undone": later("Not done after all"),
    "rota begun": later("Who is on call is rung: {note}"),
    "rung": later("Rung: {note}"),
    "rota over": later("Ringing who is on call is over: {note}"),
}
"""What happened to an entry, by its name in the history."""

KNOWN_NOTES = {
    "taken": later("taken"),
    "nobody": later("nobody took it"),
    "not needed": later("not needed any more"),
    "urgent": later("urgent"),
    "emergency": later("emergency"),
    "the caller has reached a person": later("the caller has reached a person"),
    "the caller has left a message": later("the caller has left a message"),
    "the call came to its end": later("the call came to its end"),
    "nobody speaks in it": later("nobody speaks in it"),
}
"""Notes of the box itself."""


@dataclass(frozen=True, slots=True)
class Card:
    """An entry in the list. `said` is what the caller left last, in this language if it is known.

    `by_machine` is the machine's text that something of it rests on, unless staff have put that right.
    """

    entry: Entry
    causes: list[str]
    said: str
    language: str = ""
    by_machine: MessageText | None = None
    by_assistant: bool = False
    """Whether it is in an assistant's words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry's history; `note` is what somebody wrote beside it."""

    at: str
    by: str
    said: str
    note: str


def cards(db: Connection, entries: Sequence[Entry], tongue: Tongue) -> list[Card]:
    """Entries as they stand in the list."""
    ids = [message_id for entry in entries for message_id in _counting(entry)]
    texts, corrections = message_texts.of_messages(db, ids), message_corrections.of_messages(db, ids)
    return [_card(db, entry, causes(entry, tongue), texts, corrections) for entry in entries]


def _card(
    db: Connection,
    entry: Entry,
    why: list[str],
    texts: Mapping[int, MessageText],
    corrections: Mapping[int, Correction],
) -> Card:
    left = _counting(entry)
    message = messages.one(db, left[0]) if left else None
    if message is None:
        return Card(entry, why, "")
    heard = [texts[each] for each in left if each in texts and each not in corrections]
    by_machine = next((text for text in heard if _rests_on(text, entry, message)), None)
    correction, text = corrections.get(message.id), texts.get(message.id)
    if correction is not None:
        return Card(entry, why, _short(correction.text), by_machine=by_machine)
    language, worded = text.language if text else "", bool(message.told.words)
    return Card(entry, why, _said(message, text), language, by_machine, worded)


def _counting(entry: Entry) -> list[int]:
    """The messages for which somebody is to be called, the latest first."""
    ids = (each.message_id for each in reversed(entry.causes) if not each.void_why)
    return list(dict.fromkeys(each for each in ids if each is not None))


def _rests_on(text: MessageText, entry: Entry, message: Message) -> bool:
    """Whether what is shown of an entry, with its latest message, is from this text."""
    named = bool(entry.name) and text.name == entry.name
    called = text.number_said and text.number == entry.to_dial
    return bool(text.text) and (text.message_id == message.id or named or called)


def causes(entry: Entry, tongue: Tongue) -> list[str]:
    """Why somebody is to be called back; what came more than once, with how often."""
    counted = Counter(each.cause for each in entry.causes if not each.void_why)
    return [
        tongue(CAUSES[cause]) if often == 1 else f"{often} × {tongue(CAUSES[cause])}"
        for cause, often in counted.items()
    ]


def messages_of(db: Connection, entry: Entry) -> list[Message]:
    """What the caller left, the latest first."""
    ids = [each.message_id for each in reversed(entry.causes) if each.message_id is not None]
    found = (messages.one(db, message_id) for message_id in dict.fromkeys(ids))
    return [message for message in found if message is not None]


def when(entry: Entry, office: Office, now: str, words: Words) -> str:
    """By when somebody is to be called; or who called them, and when."""
    tongue = words.tongue
    if entry.into is not None:
        return tongue(STEPS["merged"])
    if entry.ended_at is not None:
        done_at = words.moment(times.written(entry.ended_at), office, now)
        return tongue("Done by {name}, {time}", name=person(entry.ended_by, tongue), time=done_at)
    due_at = words.moment(times.written(entry.due_at), office, now)
    if entry.overdue(times.read(now)):
        return tongue("Overdue since {time}", time=due_at)
    return tongue("Due {time}", time=due_at)


def person(name: str, tongue: Tongue) -> str:
    """Who did something; the box itself has no name."""
    return tongue("the box") if name in ("", callback_causes.BOX) else name


def history(done: Sequence[Done], office: Office, now: str, words: Words) -> list[Line]:
    """What happened to an entry, the latest first."""
    return [
        Line(
            times.written(each.at),
            person(each.by, words.tongue),
            *_step(each, office, now, words),
        )
        for each in reversed(done)
    ]


def _step(done: Done, office: Office, now: str, words: Words) -> tuple[str, str]:
    """What happened, and what somebody wrote beside it."""
    sentence = STEPS.get(done.what, done.what)
    if "{note}" in sentence:
        return words.tongue(sentence, note=_note(done, office, now, words)), ""
    return words.tongue(sentence), "" if done.what == "merged" else done.note


def _note(done: Done, office: Office, now: str, words: Words) -> str:
    if done.what == "put off":
        return words.moment(done.note, office, now)
    if done.what == "cause" and done.note in list(Cause):
        return words.tongue(CAUSES[Cause(done.note)])
    return done.note if done.what == "note" else words.tongue(KNOWN_NOTES.get(done.note, done.note))


def _said(message: Message, text: MessageText | None) -> str:
    """What was left, in a line or two."""
    told = "" if message.told.call_back else message.subject
    parts = (text.summary or text.text,) if text is not None and text.text else (told, message.body)
    return _short(" · ".join(part for part in parts if part))


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= SAID_MOST else f"{said[: SAID_MOST - 1].rstrip()}…"


def is_open(entry: Entry) -> bool:
    """Whether somebody still has to be called."""
    return entry.state is State.OPEN
