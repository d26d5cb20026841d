"""The knowledge base as the staff gave it; the index that searches it is a file of its own.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE knowledge_doc (
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
        title TEXT NOT NULL CHECK (title <> ''),
        language TEXT NOT NULL CHECK (language <> ''),
        content TEXT NOT NULL,
        changed_at TEXT NOT NULL CHECK (changed_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    # An embedding means nothing without the model that made it.
    """
    CREATE TABLE knowledge_chunk (
        doc_id INTEGER NOT NULL REFERENCES knowledge_doc (id) ON DELETE CASCADE,
        idx INTEGER NOT NULL CHECK (idx >= 0),
        text TEXT NOT NULL,
        embedding BLOB,
        model TEXT CHECK (model <> ''),
        PRIMARY KEY (doc_id, idx),
        CHECK ((embedding IS NULL) = (model IS NULL))
    ) STRICT
    """,
    "CREATE INDEX knowledge_chunk_unembedded ON knowledge_chunk (doc_id) WHERE embedding IS NULL",
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
