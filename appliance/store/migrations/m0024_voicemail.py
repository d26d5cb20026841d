"""What a spoken message says, as it was written down; and who rang, and hung up without a word.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    "ALTER TABLE message ADD COLUMN hang_up INTEGER NOT NULL DEFAULT 0 CHECK (hang_up IN (0, 1))",
    """
    CREATE TABLE message_text (
        message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'written', 'no_speech', 'not_written', 'failed')),
        problem TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL DEFAULT '',
        language TEXT NOT NULL DEFAULT '',
        confidence REAL CHECK (confidence BETWEEN 0 AND 1),
        words TEXT NOT NULL DEFAULT '[]' CHECK (json_type(words) = 'array'),
        sound_ms INTEGER CHECK (sound_ms >= 0),
        stored_ms INTEGER CHECK (stored_ms >= 0),
        kept TEXT NOT NULL DEFAULT '[]' CHECK (json_type(kept) = 'array'),
        whole INTEGER NOT NULL DEFAULT 1 CHECK (whole IN (0, 1)),
        summary TEXT NOT NULL DEFAULT '',
        urgency TEXT NOT NULL DEFAULT '' CHECK (urgency IN ('', 'normal', 'urgent', 'emergency')),
        because TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL DEFAULT '',
        number TEXT NOT NULL DEFAULT '',
        number_said INTEGER NOT NULL DEFAULT 0 CHECK (number_said IN (0, 1)),
        made_by TEXT NOT NULL DEFAULT '',
        original TEXT CHECK (original <> ''),
        changed_at TEXT NOT NULL CHECK (changed_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    # What was told of before, and is still with the carrier.
    """
    INSERT INTO job (key, kind, payload, state, tries, owed_at)
    SELECT 'fetch_recording:' || recording_sid, 'fetch_recording',
        json_object('recording_sid', recording_sid), 'queued', 24, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    FROM message WHERE kind = 'voicemail' AND recording_path IS NULL
    """,
    # And what nobody has dealt with yet is written down, too.
    """
    INSERT INTO job (key, kind, payload, state, tries, owed_at)
    SELECT 'write_down:' || id, 'write_down', json_object('message_id', id),
        'queued', 48, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    FROM message WHERE recording_path IS NOT NULL AND handled_at IS NULL
    """,
)


def apply(db: "Database") -> None:
    """Make the table, and owe what is missing."""
    for statement in STATEMENTS:
        db.execute(statement)
