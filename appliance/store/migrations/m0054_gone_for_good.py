"""What is deleted stays away: turns leave the search, and recordings of the carrier's are not taken anew.

May import: appliance.store.migrations.
"""

from typing import TYPE_CHECKING

from appliance.store.migrations.m0033_call_search import refreshed

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # Of the carrier's id of a recording.
    """
    CREATE TABLE recording_forgotten (
        digest TEXT PRIMARY KEY CHECK (length(digest) = 64),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT, WITHOUT ROWID
    """,
    # All turns of a call go together, so its words are read anew once and not with each of two thousand.
    # Where the call itself goes, its entry goes by another trigger.
    f"""
    CREATE TRIGGER searched_turn_gone AFTER DELETE ON transcript
    WHEN EXISTS (SELECT 1 FROM call_log WHERE id = OLD.call_id AND ended_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM transcript WHERE call_id = OLD.call_id)
    BEGIN {refreshed("OLD.call_id")} END
    """,
    # Calls whose turns went before there was this.
    """
    UPDATE call_search SET (said, facts) = (
        SELECT words.said, words.facts FROM call_place JOIN call_words AS words USING (call_id)
        WHERE call_place.id = call_search.rowid
    )
    WHERE said <> '' AND rowid IN (
        SELECT id FROM call_place
        WHERE NOT EXISTS (SELECT 1 FROM transcript WHERE transcript.call_id = call_place.call_id))
    """,
)


def apply(db: "Database") -> None:
    """Have it so, and mend what is there."""
    for statement in STATEMENTS:
        db.execute(statement)
