"""Documents as they come: from where, how far they are read, their versions; passages with their headings.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
DAY = "GLOB '????-??-??'"
STATEMENTS = (
    *(
        f"ALTER TABLE knowledge_doc ADD COLUMN {column}"
        for column in (
            # A file that was given, a page that is fetched, or text that was written here.
            "source TEXT NOT NULL DEFAULT 'text' CHECK (source IN ('file', 'page', 'text'))",
            "url TEXT NOT NULL DEFAULT ''",
            "file_name TEXT NOT NULL DEFAULT ''",
            # The file's name among those that wait to be read; empty when none does.
            "upload TEXT NOT NULL DEFAULT ''",
            # Of the file or page as it was read last.
            "sha256 TEXT NOT NULL DEFAULT ''",
            "etag TEXT NOT NULL DEFAULT ''",
            "last_modified TEXT NOT NULL DEFAULT ''",
            f"reviewed_on TEXT CHECK (reviewed_on {DAY})",
            "state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'ready', 'failed'))",
            "problem TEXT NOT NULL DEFAULT ''",
            # Counts what is told to callers, not how often it was read.
            "version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0)",
            f"read_at TEXT CHECK (read_at {AT})",
            # What staff said of it, which counts more than what stands in it.
            "given_title TEXT",
            "given_language TEXT",
            "given_reviewed TEXT",
        )
    ),
    *(
        f"ALTER TABLE knowledge_chunk ADD COLUMN {column}"
        for column in (
            # Kept by a passage that stays what it is, and never given to another.
            "id INTEGER",
            # The way to it, outermost first, as JSON.
            "heading TEXT NOT NULL DEFAULT '[]'",
            "kind TEXT NOT NULL DEFAULT 'text'",
            "question TEXT",
            "language TEXT NOT NULL DEFAULT ''",
            # Of what is embedded.
            "hash TEXT NOT NULL DEFAULT ''",
        )
    ),
    "UPDATE knowledge_chunk SET id = rowid",
    "CREATE UNIQUE INDEX knowledge_chunk_id ON knowledge_chunk (id)",
    # Every change of what is known takes a number, and so does every passage.
    """
    CREATE TABLE knowledge_sequence (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        last INTEGER NOT NULL
    ) STRICT
    """,
    "INSERT INTO knowledge_sequence SELECT 1, coalesce(max(id), 0) FROM knowledge_chunk",
)


def apply(db: "Database") -> None:
    """Add the columns, and the table of the last number."""
    for statement in STATEMENTS:
        db.execute(statement)
