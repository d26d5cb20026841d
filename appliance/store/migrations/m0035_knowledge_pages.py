"""What pages of documents, citations and jobs need: counts of changes, an index to search questions by.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

WATCHED = {
    "knowledge": ("knowledge_doc", "knowledge_chunk"),
    "jobs": ("job",),
}
"""The tables of each subject (see m0032)."""


def apply(db: "Database") -> None:
    """Have each change of what is watched counted, and make the index."""
    for subject, tables in WATCHED.items():
        db.execute("INSERT INTO version (subject, count) VALUES (?, 1)", (subject,))
        for table in tables:
            for change in ("INSERT", "UPDATE", "DELETE"):
                db.execute(
                    f"CREATE TRIGGER {table}_watched_{change.lower()} AFTER {change} ON {table} BEGIN"  # noqa: S608 -- ours
                    f" UPDATE version SET count = count + 1 WHERE subject = '{subject}'; END"
                )
    # It holds all that questions are chosen by, so that none of the wide rows is read for it.
    db.execute(
        "CREATE INDEX citations_log_shown ON citations_log (language, question, answered, verified, rating)"
    )
