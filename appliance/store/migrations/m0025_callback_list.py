"""The callback list: who is to be called back and why, what was done about it, and who was told of it.

May import: the standard library.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
# Which kinds of texts there are is not the schema's to say any more. A check cannot be dropped, so both
# tables are made anew with all that they have by now; the one that refers to the other goes first, as its
# rows would go with the other's.
_KINDS = re.compile(r"CHECK\s*\(\s*kind IN \([^)]*\)\s*\)")
_BEFORE = (
    "INSERT INTO text_anew SELECT * FROM text",
    "INSERT INTO booking_link_anew SELECT * FROM booking_link",
    "DROP TABLE booking_link",
    "DROP TABLE text",
    "ALTER TABLE text_anew RENAME TO text",
    "ALTER TABLE booking_link_anew RENAME TO booking_link",
)


def _any_kind(db: "Database") -> None:
    """Make the table of texts anew, without its check of kinds, and the one that refers to it."""
    text, link = (_sql(db, "table", name)[0] for name in ("text", "booking_link"))
    indexes = [sql for name in ("text", "booking_link") for sql in _sql(db, "index", name)]
    text = re.sub(
        r"^CREATE TABLE \W?text\W", "CREATE TABLE text_anew ", _KINDS.sub("CHECK (kind <> '')", text)
    )
    link = re.sub(r"^CREATE TABLE \W?booking_link\W", "CREATE TABLE booking_link_anew ", link)
    link = re.sub(r"REFERENCES \W?text\W", "REFERENCES text_anew ", link)
    for statement in (text, link, *_BEFORE, *indexes):
        db.execute(statement)


def _sql(db: "Database", kind: str, table: str) -> list[str]:
    """How a table, or each index of it, was made."""
    rows = db.execute(
        "SELECT sql FROM sqlite_schema WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
        (kind, table),
    )
    return [row[0] for row in rows.fetchall()]


# Whom a message asks to call, where that is a number outside.
_WHOM = """
    CASE WHEN number GLOB '+[1-9]*' AND substr(number, 2) NOT GLOB '*[^0-9]*'
              AND length(number) BETWEEN 8 AND 16 THEN number
         WHEN caller GLOB '+[1-9]*' AND substr(caller, 2) NOT GLOB '*[^0-9]*'
              AND length(caller) BETWEEN 8 AND 16 THEN caller
         ELSE '' END
"""
STATEMENTS = (
    f"""
    CREATE TABLE callback (
        id INTEGER PRIMARY KEY,
        -- Whom to call (E.164); empty where nobody knows.
        number TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        urgency INTEGER NOT NULL CHECK (urgency IN (0, 1, 2)),
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'merged')),
        into_id INTEGER REFERENCES callback (id) ON DELETE CASCADE,
        due_at TEXT NOT NULL CHECK (due_at {AT}),
        owner TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        -- When somebody last did something about it; nothing that has come since then presses more.
        touched_at TEXT CHECK (touched_at {AT}),
        first_at TEXT NOT NULL CHECK (first_at {AT}),
        last_at TEXT NOT NULL CHECK (last_at {AT}),
        ended_at TEXT CHECK (ended_at {AT}),
        ended_by TEXT NOT NULL DEFAULT '',
        CHECK ((ended_at IS NULL) = (state = 'open')),
        CHECK ((into_id IS NOT NULL) = (state = 'merged'))
    ) STRICT
    """,
    # Merged per caller: there cannot be two that are open.
    "CREATE UNIQUE INDEX callback_caller ON callback (number) WHERE state = 'open' AND number <> ''",
    "CREATE INDEX callback_open ON callback (urgency, due_at, id) WHERE state = 'open'",
    "CREATE INDEX callback_due ON callback (due_at) WHERE state = 'open'",
    "CREATE INDEX callback_number ON callback (number) WHERE number <> ''",
    "CREATE INDEX callback_ended ON callback (ended_at) WHERE ended_at IS NOT NULL",
    "CREATE INDEX callback_into ON callback (into_id) WHERE into_id IS NOT NULL",
    f"""
    CREATE TABLE callback_cause (
        id INTEGER PRIMARY KEY,
        callback_id INTEGER NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
        -- What it is of, such as `message 17`: told twice it is one cause.
        once TEXT NOT NULL UNIQUE CHECK (once <> ''),
        kind TEXT NOT NULL CHECK (kind <> ''),
        urgency INTEGER NOT NULL CHECK (urgency IN (0, 1, 2)),
        at TEXT NOT NULL CHECK (at {AT}),
        call_sid TEXT NOT NULL DEFAULT '',
        call_id TEXT REFERENCES call_log (id) ON DELETE SET NULL,
        message_id INTEGER REFERENCES message (id) ON DELETE SET NULL,
        void_at TEXT CHECK (void_at {AT}),
        void_why TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX callback_cause_of ON callback_cause (callback_id)",
    "CREATE INDEX callback_cause_call ON callback_cause (call_sid) WHERE call_sid <> ''",
    "CREATE INDEX callback_cause_call_id ON callback_cause (call_id) WHERE call_id IS NOT NULL",
    "CREATE INDEX callback_cause_message ON callback_cause (message_id) WHERE message_id IS NOT NULL",
    f"""
    CREATE TABLE callback_event (
        id INTEGER PRIMARY KEY,
        callback_id INTEGER NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
        at TEXT NOT NULL CHECK (at {AT}),
        by TEXT NOT NULL DEFAULT '',
        what TEXT NOT NULL CHECK (what <> ''),
        note TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX callback_event_of ON callback_event (callback_id, id)",
    # Messages that nobody has dealt with begin the list. Those of one caller are one entry.
    f"""
    INSERT INTO callback (number, name, urgency, due_at, first_at, last_at)
    SELECT number, MAX(name), MIN(urgency), MIN(at), MIN(at), MAX(at)
    FROM (
        SELECT id, created_at AS at, name, CASE urgent WHEN 1 THEN 1 ELSE 2 END AS urgency,
            {_WHOM} AS number
        FROM message WHERE handled_at IS NULL
    )
    GROUP BY CASE number WHEN '' THEN 'message ' || id ELSE number END ORDER BY MIN(id)
    """,
    # Of the nameless there are as many entries as messages, made in the same order.
    f"""
    INSERT INTO callback_cause (callback_id, once, kind, urgency, at, call_sid, call_id, message_id)
    SELECT callback.id, 'message ' || told.id, told.kind, told.urgency, told.created_at, told.call_sid,
        told.call_id, told.id
    FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY whom ORDER BY id) AS place
        FROM (
            SELECT id, kind, call_sid, call_id, created_at, CASE urgent WHEN 1 THEN 1 ELSE 2 END AS urgency,
                {_WHOM} AS whom
            FROM message WHERE handled_at IS NULL
        )
    ) AS told
    JOIN (SELECT id, number, ROW_NUMBER() OVER (PARTITION BY number ORDER BY id) AS place FROM callback)
        AS callback ON callback.number = told.whom AND (told.whom <> '' OR callback.place = told.place)
    """,
    """
    UPDATE callback_cause SET kind = 'call_back'
    WHERE message_id IN (SELECT id FROM message WHERE call_back)
    """,
    """
    INSERT INTO callback_event (callback_id, at, what, note)
    SELECT callback_id, at, 'cause', kind FROM callback_cause ORDER BY id
    """,
    # Who was told that callbacks are overdue, each word once.
    f"""
    CREATE TABLE notice (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE CHECK (key <> ''),
        channel TEXT NOT NULL CHECK (channel IN ('email', 'text', 'webhook', 'rota')),
        receivers TEXT NOT NULL CHECK (json_type(receivers) = 'array'),
        overdue INTEGER NOT NULL CHECK (overdue >= 1),
        emergencies INTEGER NOT NULL CHECK (emergencies >= 0),
        oldest_minutes INTEGER NOT NULL CHECK (oldest_minutes >= 0),
        made_at TEXT NOT NULL CHECK (made_at {AT}),
        -- How many of the receivers were told, and when the last of them was.
        sent INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
        sent_at TEXT CHECK (sent_at {AT})
    ) STRICT
    """,
    "CREATE INDEX notice_made ON notice (made_at)",
    f"""
    CREATE TABLE callback_told (
        callback_id INTEGER NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
        -- A step tells of an entry once for each time at which it was due.
        due_at TEXT NOT NULL CHECK (due_at {AT}),
        step TEXT NOT NULL CHECK (step <> ''),
        notice_id INTEGER NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
        PRIMARY KEY (callback_id, due_at, step)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX callback_told_notice ON callback_told (notice_id)",
    # The on-call rota: a run for one entry, and each telephone that was rung.
    f"""
    CREATE TABLE rota_run (
        id INTEGER PRIMARY KEY,
        callback_id INTEGER NOT NULL REFERENCES callback (id) ON DELETE CASCADE,
        people TEXT NOT NULL CHECK (json_type(people) = 'array'),
        began_at TEXT NOT NULL CHECK (began_at {AT}),
        ended_at TEXT CHECK (ended_at {AT}),
        became TEXT NOT NULL DEFAULT '' CHECK (became IN ('', 'taken', 'nobody', 'not needed')),
        taken_by TEXT NOT NULL DEFAULT '',
        CHECK ((ended_at IS NULL) = (became = ''))
    ) STRICT
    """,
    "CREATE UNIQUE INDEX rota_run_open ON rota_run (callback_id) WHERE ended_at IS NULL",
    "CREATE INDEX rota_run_of ON rota_run (callback_id)",
    f"""
    CREATE TABLE rota_ring (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES rota_run (id) ON DELETE CASCADE,
        -- Stands in the address that the carrier asks what to say.
        key TEXT NOT NULL UNIQUE CHECK (length(key) = 32),
        place INTEGER NOT NULL CHECK (place >= 0),
        name TEXT NOT NULL,
        number TEXT NOT NULL CHECK (number <> ''),
        call_sid TEXT NOT NULL DEFAULT '',
        asked_at TEXT NOT NULL CHECK (asked_at {AT}),
        answered_at TEXT CHECK (answered_at {AT}),
        ended_at TEXT CHECK (ended_at {AT}),
        became TEXT NOT NULL DEFAULT '',
        CHECK ((ended_at IS NULL) = (became = '')),
        UNIQUE (run_id, place)
    ) STRICT
    """,
    "CREATE INDEX rota_ring_open ON rota_ring (asked_at) WHERE ended_at IS NULL",
    # What may not be deleted, whatever its age: of one number, or of one call.
    f"""
    CREATE TABLE legal_hold (
        id INTEGER PRIMARY KEY,
        number TEXT NOT NULL DEFAULT '',
        call_id TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL CHECK (reason <> ''),
        by TEXT NOT NULL,
        since TEXT NOT NULL CHECK (since {AT}),
        released_at TEXT CHECK (released_at {AT}),
        released_by TEXT NOT NULL DEFAULT '',
        CHECK ((number = '') <> (call_id = ''))
    ) STRICT
    """,
    "CREATE UNIQUE INDEX legal_hold_open ON legal_hold (number, call_id) WHERE released_at IS NULL",
    # What retention did: counts of what went, and whether that was seen to be gone.
    f"""
    CREATE TABLE retention_run (
        id INTEGER PRIMARY KEY,
        -- A run that is begun again, because its process was killed, goes on counting.
        key TEXT NOT NULL UNIQUE CHECK (key <> ''),
        what TEXT NOT NULL CHECK (what IN ('retention', 'erase')),
        by TEXT NOT NULL DEFAULT '',
        began_at TEXT NOT NULL CHECK (began_at {AT}),
        gone TEXT NOT NULL DEFAULT '{{}}' CHECK (json_type(gone) = 'object'),
        held TEXT NOT NULL DEFAULT '{{}}' CHECK (json_type(held) = 'object'),
        verified_at TEXT CHECK (verified_at {AT}),
        problem TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX retention_run_open ON retention_run (id) WHERE verified_at IS NULL",
    # Since when its recording is deleted: it is not fetched again.
    f"ALTER TABLE message ADD COLUMN recording_gone_at TEXT CHECK (recording_gone_at {AT})",
)


def apply(db: "Database") -> None:
    """Make the tables, and begin the list."""
    _any_kind(db)
    for statement in STATEMENTS:
        db.execute(statement)
