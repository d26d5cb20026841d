"""What of a call left the building, and to whom: told by what the call itself left in the store.

It tells what was kept of it: once the steps of a call are deleted, the cloud is known by its usage alone.
May import: the standard library, appliance.core, appliance.store.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from appliance.core.booking.visits import OWN
from appliance.store import usage, visits
from appliance.store.database import Connection
from appliance.store.usage import UsageRow

TWILIO, CLOUD, TRUNK = "Twilio", "OpenAI", "the telephone provider of the trunk"
CALENDARS = {"google": "Google Calendar", "microsoft": "Microsoft 365"}


CALL_BY_TWILIO = "the call: both numbers and all sound of the line"
CALL_BY_TRUNK = "the call: both numbers and all sound of the caller's line"
RECORDED = "a recorded message ({count} recordings, {seconds} s)"
MENUS = "keys and words that were answered to menus, recognised there"
SOUND = "sound of the caller"
HEARD = "sound of the caller ({heard} tokens) to {model}"
READ = "words: what the clinic told the assistant, and what was said ({read} tokens) to {model}"
HEARD_AND_READ = (
    "sound of the caller ({heard} tokens) and words: what the clinic told the assistant, and what was said"
    " ({read} tokens) to {model}"
)
ASKED = "a request to {model}"
SUMMED_UP = "the text of a message to {model}"
RUNG = "that a call came, told to {count} numbers outside that were rung"
BRIDGED = "a call that was put through to a number outside: all sound of the line"
EMBEDDED = "questions to the documents ({count}) to {model}, to be embedded"
TEXTED = "a text ({kind}) with the number it went to"
STORED = "recorded messages ({count}), to be kept there"
BOOKED = "an appointment: its time, and what its entry shows"
SENTENCES = (
    CALL_BY_TWILIO, CALL_BY_TRUNK, RECORDED, MENUS, SOUND, HEARD, READ, HEARD_AND_READ, ASKED, SUMMED_UP,
    RUNG, BRIDGED, EMBEDDED, TEXTED, STORED, BOOKED,
)  # fmt: skip
"""What is told, with names in braces; whoever shows it in another language puts these into it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What one provider got; `certain` is False where it may have got nothing of it."""

    to: str
    sentence: str
    values: tuple[tuple[str, object], ...] = ()
    certain: bool = True

    @property
    def what(self) -> str:
        """What it got, in a few words."""
        return self.sentence.format(**dict(self.values))


def of_call(db: Connection, call_id: str) -> list[Left]:
    """What left the building in a call, or because of it; nothing for a call that is unknown."""
    call = db.execute("SELECT * FROM call_log WHERE id = ?", (call_id,)).fetchone()
    if call is None:
        return []
    return [
        *_carrier(db, call),
        *_cloud(db, call),
        *_questions(db, call),
        *_summed_up(db, call),
        *_stored(db, call),
        *_texts(db, call),
        *_calendars(db, call),
    ]


def _carrier(db: Connection, call: Any) -> list[Left]:
    if call["carrier"] != "twilio":
        outside = call["from_number"].startswith("+") or not call["from_number"]
        return [*([Left(TRUNK, CALL_BY_TRUNK)] if outside else ()), *_put_through(db, call)]
    found = [Left(TWILIO, CALL_BY_TWILIO)]
    row = db.execute(
        "SELECT count(*), total(seconds) FROM message WHERE call_sid = ? AND recording_sid GLOB 'RE*'",
        (call["call_sid"],),
    ).fetchone()
    if row[0]:
        found.append(Left(TWILIO, RECORDED, (("count", row[0]), ("seconds", int(row[1])))))
    if call["menu_path"]:
        found.append(Left(TWILIO, MENUS))
    return found


def _put_through(db: Connection, call: Any) -> list[Left]:
    """Phones outside that the PBX rang; where phones of the house rang with them, any of them answered."""
    rows = db.execute(
        "SELECT numbers, mixed, answered FROM rung_outside WHERE call_id = ? ORDER BY id", (call["id"],)
    ).fetchall()
    if not rows:
        return []
    found = [Left(TRUNK, RUNG, (("count", max(row[0] for row in rows)),))]
    if taken := [row for row in rows if row[2]]:
        found.append(Left(TRUNK, BRIDGED, certain=not all(row[1] for row in taken)))
    return found


def _questions(db: Connection, call: Any) -> list[Left]:
    """Questions that were sent to be embedded; where no answer came, they may not have got there."""
    rows = db.execute(
        "SELECT model, asked, answered FROM question_sent WHERE call_id = ? ORDER BY model", (call["id"],)
    )
    return [
        Left(CLOUD, EMBEDDED, (("count", asked), ("model", model)), certain=bool(answered))
        for model, asked, answered in rows
    ]


def _cloud(db: Connection, call: Any) -> list[Left]:
    used = usage.of_call(db, call["id"])
    if not used:
        return [Left(CLOUD, SOUND, certain=False)] if _asked_cloud(db, call["id"]) else []
    by_model: dict[str, list[UsageRow]] = defaultdict(list)
    for row in used:
        by_model[row.model].append(row)
    return [_to_model(model, rows) for model, rows in by_model.items()]


def _to_model(model: str, rows: list[UsageRow]) -> Left:
    heard = sum(row.audio_in for row in rows)
    read = sum(row.text_in for row in rows)
    if heard and read:
        return Left(CLOUD, HEARD_AND_READ, (("heard", heard), ("read", read), ("model", model)))
    if heard:
        return Left(CLOUD, HEARD, (("heard", heard), ("model", model)))
    if read:
        return Left(CLOUD, READ, (("read", read), ("model", model)))
    return Left(CLOUD, ASKED, (("model", model),))


def _asked_cloud(db: Connection, call_id: str) -> bool:
    """Whether the cloud was connected though its use was not told: by the events of the call, in order."""
    rows = db.execute(
        """
        SELECT kind, data ->> 'to' FROM call_event
        WHERE call_id = ? AND kind IN ('BrainReady', 'BrainChanged', 'UsageMissed') ORDER BY seq
        """,
        (call_id,),
    )
    for kind, to in rows:
        if kind == "BrainChanged" and to == "local":
            # What began with the local assistant is connected when it changes.
            continue
        return True
    return False


def _summed_up(db: Connection, call: Any) -> list[Left]:
    """Messages whose text was sent to be summed up; where no answer was taken it may not have got there."""
    rows = db.execute(
        """
        SELECT sent_to, max(made_by = sent_to) FROM message_text JOIN message ON message.id = message_id
        WHERE sent_to <> '' AND call_sid = ? GROUP BY sent_to ORDER BY sent_to
        """,
        (call["call_sid"],),
    )
    return [Left(CLOUD, SUMMED_UP, (("model", model),), certain=bool(taken)) for model, taken in rows]


def _stored(db: Connection, call: Any) -> list[Left]:
    """Recordings that were sent to a bucket; where one was not read back it may not have got there."""
    rows = db.execute(
        """
        SELECT place, count(*), count(there_at)
        FROM recording_away AS away JOIN message ON recording_path = away.name
        WHERE call_sid = ? GROUP BY place ORDER BY place
        """,
        (call["call_sid"],),
    )
    return [Left(place, STORED, (("count", sent),), certain=sent == there) for place, sent, there in rows]


def _texts(db: Connection, call: Any) -> list[Left]:
    rows = db.execute(
        """
        SELECT kind, count(*) FROM text
        WHERE call_sid = ? AND state IN ('asked', 'sent', 'delivered') GROUP BY kind ORDER BY kind
        """,
        (call["call_sid"],),
    )
    return [Left(TWILIO, TEXTED, (("kind", kind.replace("_", " ")),)) for kind, _ in rows]


def _calendars(db: Connection, call: Any) -> list[Left]:
    bookable = visits.load(db)
    rows = db.execute(
        "SELECT provider, event_id FROM booking WHERE call_sid = ? AND state <> 'held' ORDER BY id",
        (call["call_sid"],),
    )
    found: dict[Left, None] = {}
    for slug, event_id in rows:
        provider = bookable.provider_of(slug)
        service = OWN if provider is None else provider.calendar.partition(":")[0]
        if service in CALENDARS:
            found[Left(CALENDARS[service], BOOKED, certain=event_id is not None)] = None
    return [*found]
