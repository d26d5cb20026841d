"""What has become too old: which rows of each kind, how many there are, how many are held, and their end.

Everything that is open on the callback list stays. Functions that write run in a transaction of their caller.
May import: the standard library, orjson, appliance.core.recording_names, appliance.store.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from appliance.core.recording_names import without_ending
from appliance.store import holds, remains, times, voicemail
from appliance.store.database import Connection
from appliance.store.remains import Witness

WITNESSES_MOST = 6
"""Of each kind that a run deletes; the file is searched for each of them."""
WORDS = (
    "('DigitPressed', 'HeardPart', 'Heard', 'Understood', 'MessageRecorded', 'ReplyWorded', 'ToolsAsked',"
    " 'ToolAnswered')"
)
"""The events that hold what was said or keyed."""
_OPEN = """EXISTS (
    SELECT 1 FROM callback_cause AS cause JOIN callback ON callback.id = cause.callback_id
    WHERE {} AND callback.state = 'open' AND cause.void_at IS NULL)"""
_OPEN_CALL = _OPEN.format("cause.call_id = call_log.id")
_OPEN_MESSAGE = _OPEN.format("cause.message_id = message.id")
_OPEN_QUESTION = _OPEN.format("cause.call_id = unanswered_question.call_id")
_RECORDED = "(recording_path IS NOT NULL OR (recording_sid IS NOT NULL AND recording_gone_at IS NULL))"
"""Whether a message has a recording, here or still with the carrier."""
_OVER_CALL = f"ended_at < :before AND ask_at IS NULL AND NOT {_OPEN_CALL}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows of a table are too old at `:before`, which of those are held, and what goes with each."""

    keep: str
    """The name of its days."""
    table: str
    key: str
    old: str
    held: str = "FALSE"
    goes: tuple[str, ...] = ()
    """Statements for a batch of keys, `:keys` as JSON; left out, the rows themselves go."""
    witness: str = "''"
    """Of a row, what could be found again in the file: long, and of no other row."""


RULES: Mapping[str, Rule] = {
    "transcripts": Rule(
        "transcripts",
        "call_log",
        "id",
        f"""{_OVER_CALL} AND (
            EXISTS (SELECT 1 FROM transcript WHERE transcript.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM citations_log WHERE citations_log.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM intent_log WHERE intent_log.call_id = call_log.id AND meta <> '{{}}')
            OR EXISTS (SELECT 1 FROM call_event
                       WHERE call_event.call_id = call_log.id AND kind IN {WORDS}))""",
        holds.CALL,
        (
            "DELETE FROM transcript WHERE call_id IN (SELECT value FROM json_each(:keys))",
            "DELETE FROM citations_log WHERE call_id IN (SELECT value FROM json_each(:keys))",
            "UPDATE intent_log SET meta = '{}' WHERE call_id IN (SELECT value FROM json_each(:keys))",
            f"""
            DELETE FROM call_event WHERE call_id IN (SELECT value FROM json_each(:keys)) AND kind IN {WORDS}
            """,
        ),
        "(SELECT max(text) FROM transcript WHERE transcript.call_id = call_log.id AND speaker = 'caller')",
    ),
    "voicemail's text": Rule(
        "transcripts",
        "message_text",
        "message_id",
        f"""(text <> '' OR EXISTS (
            SELECT 1 FROM message_correction AS own
            WHERE own.message_id = message_text.message_id))
        AND EXISTS (
            SELECT 1 FROM message
            WHERE message.id = message_id AND created_at < :before AND NOT {_OPEN_MESSAGE})""",
        f"EXISTS (SELECT 1 FROM message WHERE message.id = message_id AND {holds.MESSAGE})",
        (
            """
            UPDATE message_text SET text = '', words = '[]', summary = '', because = ''
            WHERE message_id IN (SELECT value FROM json_each(:keys))
            """,
            "DELETE FROM message_correction WHERE message_id IN (SELECT value FROM json_each(:keys))",
        ),
        "text",
    ),
    "words beside messages": Rule(
        "transcripts",
        "message",
        "id",
        f"words <> '' AND created_at < :before AND NOT {_OPEN_MESSAGE}",
        holds.MESSAGE,
        ("UPDATE message SET words = '' WHERE id IN (SELECT value FROM json_each(:keys))",),
        "words",
    ),
    "questions without an answer": Rule(
        "questions",
        "unanswered_question",
        "id",
        f"at < :before AND NOT {_OPEN_QUESTION}",
        f"EXISTS (SELECT 1 FROM call_log WHERE call_log.id = unanswered_question.call_id AND {holds.CALL})",
        witness="question",
    ),
    "steps of calls": Rule(
        "logs",
        "call_log",
        "id",
        f"""{_OVER_CALL} AND (
            EXISTS (SELECT 1 FROM call_event WHERE call_event.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM call_timing WHERE call_timing.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM intent_log WHERE intent_log.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM call_wish WHERE call_wish.call_id = call_log.id)
            OR EXISTS (SELECT 1 FROM language_log WHERE language_log.call_sid = call_log.call_sid))""",
        holds.CALL,
        (
            "DELETE FROM call_event WHERE call_id IN (SELECT value FROM json_each(:keys))",
            "DELETE FROM call_timing WHERE call_id IN (SELECT value FROM json_each(:keys))",
            "DELETE FROM intent_log WHERE call_id IN (SELECT value FROM json_each(:keys))",
            "DELETE FROM call_wish WHERE call_id IN (SELECT value FROM json_each(:keys))",
            """
            DELETE FROM language_log WHERE call_sid IN (
                SELECT call_sid FROM call_log WHERE id IN (SELECT value FROM json_each(:keys)))
            """,
        ),
    ),
    "codes dialled": Rule("logs", "code_dialled", "rowid", "at < :before"),
    "notices": Rule("logs", "notice", "id", "made_at < :before"),
    "calls": Rule("calls", "call_log", "id", _OVER_CALL, holds.CALL, witness="call_sid"),
    "messages": Rule(
        "messages",
        "message",
        "id",
        f"COALESCE(handled_at, created_at) < :before AND NOT {_RECORDED} AND NOT {_OPEN_MESSAGE}",
        holds.MESSAGE,
        witness="body",
    ),
    "callbacks": Rule("messages", "callback", "id", "state = 'done' AND ended_at < :before", holds.CALLBACK),
    "texts": Rule(
        "texts",
        "text",
        "id",
        """owed_at < :before AND changed_at < :before AND until_at < :before
        AND state NOT IN ('owed', 'asked')""",
        holds.TEXT,
    ),
    "own calendar": Rule("bookings", "own_event", "event_id", "ends_at < :before", holds.OWN_EVENT),
    "audit": Rule("audit", "audit", "id", "at < :before"),
    "appointments": Rule("bookings", "booking", "id", "ends_at < :before", holds.BOOKING, witness="title"),
}
"""In this order: what belongs to something goes before it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is too old: whose it is, and its name in the folder of recordings."""

    table: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    """One time that something was deleted, in numbers; `verified_at` is when it was seen to be gone."""

    id: int
    key: str
    what: str
    by: str
    began_at: str
    gone: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    verified_at: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was deleted and nobody has seen to be gone yet: how far each run had come, and its witnesses."""

    gone: Mapping[str, str]
    witnesses: tuple[Witness, ...]

    @property
    def anything(self) -> bool:
        """Whether anything was deleted at all."""
        return any(gone != "{}" for gone in self.gone.values())


def rules(db: Connection) -> dict[str, Rule]:
    """The rules whose tables there are."""
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return {name: rule for name, rule in RULES.items() if rule.table in tables}


def count(db: Connection, rule: Rule, before: datetime) -> tuple[int, int]:
    """How many are too old and go, and how many of them stay because they are held."""
    row = db.execute(
        f"SELECT total(NOT {rule.held}), total({rule.held}) FROM {rule.table} WHERE {rule.old}",
        {"before": times.written(before)},
    ).fetchone()
    return int(row[0]), int(row[1])


def candidates(db: Connection, name: str, before: datetime, *, limit: int) -> list[object]:
    """The keys of some rows of a kind that are too old, for `delete`. A read: it holds nobody up."""
    rule = RULES[name]
    rows = db.execute(
        f"""
        SELECT {rule.key} FROM {rule.table} WHERE {rule.old} AND NOT {rule.held}
        ORDER BY {rule.key} LIMIT :limit
        """,
        {"before": times.written(before), "limit": limit},
    )
    return [row[0] for row in rows]


def delete(db: Connection, name: str, keys: Sequence[object], before: datetime, run: str) -> None:
    """Delete those of these rows that are too old still, count them, and keep witnesses of some."""
    rule = RULES[name]
    rows = db.execute(
        f"""
        SELECT {rule.key}, {rule.witness} FROM {rule.table}
        WHERE {rule.key} IN (SELECT value FROM json_each(:keys)) AND {rule.old} AND NOT {rule.held}
        """,
        {"before": times.written(before), "keys": orjson.dumps([*keys]).decode()},
    ).fetchall()
    itself = f"DELETE FROM {rule.table} WHERE {rule.key} IN (SELECT value FROM json_each(:keys))"
    going = orjson.dumps([row[0] for row in rows]).decode()
    for statement in rule.goes or (itself,):
        db.execute(statement, {"keys": going})
    if rows:
        counted(db, run, name, len(rows))
        witnessed(db, run, name, (row[1] for row in rows if row[1]))


_MESSAGES_RECORDED = f"""
    SELECT 'message', id, COALESCE(recording_path, recording_sid) FROM message
    WHERE {_RECORDED} AND NOT {_OPEN_MESSAGE} AND {{held}}
      AND (created_at < :before OR handled_at < :done_before
           OR (recording_path IS NULL AND COALESCE(handled_at, created_at) < :unfetched_before))
"""
_BOOKINGS_RECORDED = """
    SELECT 'booking', id, recording FROM booking WHERE recording <> '' AND ends_at < :before AND {held}
"""


@dataclass(frozen=True, slots=True)
class RecordedBefore:
    """Before when a recording must have been left to be too old; None: never.

    `done`: the same of when its message was dealt with, `unfetched`: of one that never came here.
    """

    left: datetime | None
    done: datetime | None
    unfetched: datetime | None


def recordings(db: Connection, too_old: RecordedBefore, *, held: bool = False, limit: int) -> list[Recording]:
    """Recordings that are too old, or with `held` those of them that stay because they are held.

    One that was not fetched has the carrier's name for it.
    """
    values = {
        "before": "" if too_old.left is None else times.written(too_old.left),
        "done_before": "" if too_old.done is None else times.written(too_old.done),
        "unfetched_before": "" if too_old.unfetched is None else times.written(too_old.unfetched),
        "limit": limit,
    }
    negated = "" if held else "NOT "
    of_messages = _MESSAGES_RECORDED.format(held=f"{negated}{holds.MESSAGE}")
    of_bookings = _BOOKINGS_RECORDED.format(held=f"{negated}{holds.BOOKING}")
    rows = db.execute(f"{of_messages} UNION ALL {of_bookings} LIMIT :limit", values)
    return [Recording(*row) for row in rows]


def recording_gone(db: Connection, recording: Recording, run: str, now: datetime, *, delete: bool) -> None:
    """The file is deleted: nothing says any more that there is one, and it is not fetched again.

    One that never was is not taken anew either, and with `delete` it goes at the carrier.
    """
    if recording.table == "booking":
        db.execute("UPDATE booking SET recording = '' WHERE id = ?", (recording.id,))
    else:
        sid = db.execute(
            """
            UPDATE message SET recording_path = NULL, recording_gone_at = ? WHERE id = ?
            RETURNING COALESCE(recording_sid, '')
            """,
            (times.written(now), recording.id),
        ).fetchone()[0]
        if recording.name == sid:
            voicemail.let_go(db, sid, delete=delete, now=now)
    counted(db, run, "recordings", 1)


def known(db: Connection) -> set[str]:
    """The names of all recordings that rows know of, without endings."""
    rows = db.execute(
        """
        SELECT recording_path FROM message WHERE recording_path IS NOT NULL
        UNION SELECT recording_sid FROM message WHERE recording_sid IS NOT NULL AND recording_gone_at IS NULL
        UNION SELECT recording FROM booking WHERE recording <> ''
        """
    )
    return {without_ending(str(name)) for (name,) in rows}


def begin(db: Connection, key: str, what: str, *, by: str, now: datetime) -> Run:
    """Begin to count what is deleted; begun already, go on."""
    db.execute(
        """
        INSERT INTO retention_run (key, what, by, began_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (key) DO NOTHING
        """,
        (key, what, by, times.written(now)),
    )
    return _run(db.execute("SELECT * FROM retention_run WHERE key = ?", (key,)).fetchone())


def counted(db: Connection, run: str, name: str, number: int) -> None:
    """So many of a kind are gone, and nobody has seen it yet: also of a run that was seen before."""
    row = db.execute("SELECT gone FROM retention_run WHERE key = ?", (run,)).fetchone()
    gone = Counter(orjson.loads(row[0]))
    gone[name] += number
    db.execute(
        "UPDATE retention_run SET gone = ?, verified_at = NULL WHERE key = ?",
        (orjson.dumps(gone).decode(), run),
    )


def witnessed(db: Connection, run: str, name: str, texts: Iterable[str]) -> None:
    """Keep by what some of the texts that are being deleted are known again, until they are seen to be gone.

    It is in the transaction that deletes them: whoever goes on after a kill knows what to look for.
    """
    kept = db.execute("SELECT count(*) FROM retention_witness WHERE run = ? AND kind = ?", (run, name))
    room = max(0, WITNESSES_MOST - int(kept.fetchone()[0]))
    for each in [found for text in texts if (found := remains.witness(text))][:room]:
        db.execute(
            "INSERT INTO retention_witness (run, kind, start, size, digest) VALUES (?, ?, ?, ?, ?)",
            (run, name, each.start, each.size, each.digest),
        )


def ended(db: Connection, run: str, held: Mapping[str, int], problem: str) -> None:
    """All that was to go is gone; what stays, and why it was not seen to be gone."""
    db.execute(
        "UPDATE retention_run SET held = ?, problem = ? WHERE key = ?",
        (orjson.dumps(dict(held)).decode(), problem, run),
    )


def unseen(db: Connection) -> Unseen:
    """What is to be seen to be gone from the file: by this run and by those before it."""
    runs = db.execute("SELECT key, gone FROM retention_run WHERE verified_at IS NULL").fetchall()
    witnesses = db.execute("SELECT start, size, digest FROM retention_witness").fetchall()
    return Unseen({row[0]: row[1] for row in runs}, tuple(Witness(*row) for row in witnesses))


def seen(db: Connection, what: Unseen, now: datetime) -> None:
    """It is gone, and its witnesses go, too; a run that has deleted more meanwhile stays unseen."""
    for key, gone in what.gone.items():
        found = db.execute(
            "UPDATE retention_run SET verified_at = ? WHERE key = ? AND gone = ? RETURNING key",
            (times.written(now), key, gone),
        ).fetchone()
        if found is not None:
            db.execute("DELETE FROM retention_witness WHERE run = ?", (key,))


def unverified(db: Connection) -> bool:
    """Whether something was deleted that nobody has seen to be gone from the file."""
    row = db.execute("SELECT 1 FROM retention_run WHERE verified_at IS NULL AND gone <> '{}' LIMIT 1")
    return row.fetchone() is not None


def runs(db: Connection, limit: int = 10) -> list[Run]:
    """What was deleted, the latest first."""
    rows = db.execute("SELECT * FROM retention_run ORDER BY id DESC LIMIT ?", (limit,))
    return [_run(row) for row in rows]


def _run(row: Any) -> Run:
    return Run(
        id=row["id"],
        key=row["key"],
        what=row["what"],
        by=row["by"],
        began_at=row["began_at"],
        gone=orjson.loads(row["gone"]),
        held=orjson.loads(row["held"]),
        verified_at=row["verified_at"],
        problem=row["problem"],
    )
