"""What is looked for of what was deleted, which notice to staff a text is, and what else left in a call.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    # Not the words themselves: they would be in the file again. It goes when they were seen to be gone.
    """
    CREATE TABLE retention_witness (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL REFERENCES retention_run (key) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        start BLOB NOT NULL,
        size INTEGER NOT NULL CHECK (size > 0),
        digest BLOB NOT NULL CHECK (length(digest) = 32)
    ) STRICT
    """,
    "CREATE INDEX retention_witness_run ON retention_witness (run, kind)",
    # Staff are told by it once the carrier has it.
    "ALTER TABLE text ADD COLUMN notice_id INTEGER REFERENCES notice (id) ON DELETE SET NULL",
    "CREATE INDEX text_notice ON text (notice_id) WHERE notice_id IS NOT NULL",
    # Questions that were sent to a model elsewhere to be embedded, and how many of them it answered.
    """
    CREATE TABLE question_sent (
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        model TEXT NOT NULL CHECK (model <> ''),
        asked INTEGER NOT NULL DEFAULT 0,
        answered INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (call_id, model)
    ) STRICT, WITHOUT ROWID
    """,
    # Numbers outside that the PBX rang in a call, over the trunk; `mixed` with phones of the house.
    """
    CREATE TABLE rung_outside (
        id INTEGER PRIMARY KEY,
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        numbers INTEGER NOT NULL CHECK (numbers > 0),
        mixed INTEGER NOT NULL CHECK (mixed IN (0, 1)),
        answered INTEGER NOT NULL CHECK (answered IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX rung_outside_call ON rung_outside (call_id)",
    # What staff key in to record greetings from a telephone outside.
    f"""
    CREATE TABLE greeting_pin (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        salt BLOB NOT NULL,
        hash BLOB NOT NULL,
        set_at TEXT NOT NULL CHECK (set_at {AT})
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the tables and the column."""
    for statement in STATEMENTS:
        db.execute(statement)
