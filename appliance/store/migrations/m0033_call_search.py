"""Calls are found by what was said in them, by numbers, outcomes and languages: one index of words for all.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

SUFFIXES = " || ' ' || ".join(f"substr(replace(from_number, '+', ''), -{length})" for length in range(3, 13))
"""A number by its ends: whatever is typed of it is the beginning of one of them."""

TABLES = (
    # By the time at which the call began, so that the order of places is that of calls.
    """
    CREATE TABLE call_place (
        id INTEGER PRIMARY KEY NOT NULL,
        call_id TEXT NOT NULL UNIQUE REFERENCES call_log (id) ON DELETE CASCADE
    ) STRICT
    """,
    """
    CREATE VIRTUAL TABLE call_search USING fts5(said, facts, tokenize = 'unicode61 remove_diacritics 2')
    """,
    # What is deleted is to be gone from the file, and not only not to be found.
    "INSERT INTO call_search (call_search, rank) VALUES ('secure-delete', 1)",
    f"""
    CREATE VIEW call_words AS
    SELECT
        id AS call_id,
        CASE WHEN ended_at IS NULL THEN '' ELSE
            COALESCE((
                SELECT group_concat(text, char(10)) FROM (
                    SELECT text FROM transcript
                    WHERE transcript.call_id = call_log.id AND speaker IN ('caller', 'attendant')
                    ORDER BY place
                )
            ), '')
            || COALESCE((
                SELECT char(10) || group_concat(
                    subject || char(10) || body || char(10) || COALESCE(message_text.text, ''), char(10)
                )
                FROM message LEFT JOIN message_text ON message_text.message_id = message.id
                WHERE message.call_id = call_log.id
            ), '')
        END AS said,
        COALESCE('is' || outcome, '') || ' ' || COALESCE((
            SELECT group_concat(DISTINCT 'in' || replace(language, '-', ''))
            FROM language_log WHERE language_log.call_sid = call_log.call_sid
        ), '') || ' ' || {SUFFIXES} AS facts
    FROM call_log
    """,
)

PLACE = """
    INSERT OR IGNORE INTO call_place (id, call_id)
    SELECT COALESCE(
        (SELECT max(id) + 1 FROM call_place WHERE id >= base AND id < base + 1000000), base
    ), call_id
    FROM (
        SELECT min(CAST(round(unixepoch(:at, 'subsec') * 1000) AS INTEGER), 9000000000000) * 1000000 AS base,
            :id AS call_id
    )
"""


def refreshed(call_id: str) -> str:
    """The statement that has the words of a call read anew."""
    return f"""
        UPDATE call_search
        SET (said, facts) = (SELECT said, facts FROM call_words WHERE call_id = {call_id})
        WHERE rowid = (SELECT id FROM call_place WHERE call_id = {call_id});
    """


OF_THE_MESSAGE = "(SELECT call_id FROM message WHERE id = NEW.message_id)"
TRIGGERS = {
    "call_begun AFTER INSERT ON call_log": f"""
        {PLACE.replace(":at", "NEW.started_at").replace(":id", "NEW.id")};
        INSERT INTO call_search (rowid, said, facts)
        SELECT id, said, facts FROM call_place JOIN call_words USING (call_id) WHERE call_id = NEW.id;
    """,
    "call_refiled AFTER UPDATE OF outcome, from_number ON call_log": refreshed("NEW.id"),
    "call_gone AFTER DELETE ON call_place": "DELETE FROM call_search WHERE rowid = OLD.id;",
    # A turn that comes when its call is filed already; those before it are read when it is.
    """turn_late_new AFTER INSERT ON transcript
       WHEN EXISTS (SELECT 1 FROM call_log WHERE id = NEW.call_id AND ended_at IS NOT NULL)""": refreshed(
        "NEW.call_id"
    ),
    """turn_late_changed AFTER UPDATE OF text ON transcript
       WHEN EXISTS (SELECT 1 FROM call_log WHERE id = NEW.call_id AND ended_at IS NOT NULL)""": refreshed(
        "NEW.call_id"
    ),
    "message_came AFTER INSERT ON message": refreshed("NEW.call_id"),
    "message_changed AFTER UPDATE OF call_id, subject, body ON message": refreshed("NEW.call_id"),
    "message_gone AFTER DELETE ON message": refreshed("OLD.call_id"),
    "message_written AFTER INSERT ON message_text": refreshed(OF_THE_MESSAGE),
    "message_rewritten AFTER UPDATE OF text ON message_text": refreshed(OF_THE_MESSAGE),
}


def apply(db: "Database") -> None:
    """Make the index, have it kept, and fill it with the calls that there are."""
    for statement in TABLES:
        db.execute(statement)
    for call_id, at in db.execute("SELECT id, started_at FROM call_log ORDER BY started_at, id").fetchall():
        db.execute(PLACE, {"id": call_id, "at": at})
    db.execute(
        """
        INSERT INTO call_search (rowid, said, facts)
        SELECT call_place.id, said, facts FROM call_place JOIN call_words USING (call_id)
        ORDER BY call_place.id
        """
    )
    for head, body in TRIGGERS.items():
        name, _, when = head.partition(" ")
        db.execute(f"CREATE TRIGGER searched_{name} {when} BEGIN {body} END")
