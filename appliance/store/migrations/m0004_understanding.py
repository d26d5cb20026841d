"""What was understood in a call: wishes, languages, and the sources of answers.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE intent_log (
        id INTEGER PRIMARY KEY,
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        intent TEXT NOT NULL CHECK (intent <> ''),
        meta TEXT NOT NULL CHECK (json_type(meta) = 'object'),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "CREATE INDEX intent_log_call ON intent_log (call_id)",
    "CREATE INDEX intent_log_intent ON intent_log (intent, at)",
    """
    CREATE TABLE language_log (
        id INTEGER PRIMARY KEY,
        call_sid TEXT NOT NULL REFERENCES call_log (call_sid) ON DELETE CASCADE,
        language TEXT NOT NULL CHECK (language <> ''),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "CREATE INDEX language_log_call ON language_log (call_sid)",
    """
    CREATE TABLE citations_log (
        id INTEGER PRIMARY KEY,
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        call_sid TEXT NOT NULL,
        question TEXT NOT NULL,
        language TEXT NOT NULL,
        sources TEXT NOT NULL CHECK (json_type(sources) = 'array'),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "CREATE INDEX citations_log_call ON citations_log (call_id)",
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
