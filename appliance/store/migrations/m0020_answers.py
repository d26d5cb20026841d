"""What became of questions to the documents, and those that nobody could answer, grouped by what they mean.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    "ALTER TABLE citations_log ADD COLUMN confidence REAL NOT NULL DEFAULT 0",
    # Whether anything was answered, and whether what was named as its source had been found.
    "ALTER TABLE citations_log ADD COLUMN answered INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1))",
    "ALTER TABLE citations_log ADD COLUMN verified INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1))",
    "ALTER TABLE citations_log ADD COLUMN named TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE citations_log ADD COLUMN passage INTEGER NOT NULL DEFAULT 0",
    # What somebody thought of the answer: -1 bad, 1 good.
    "ALTER TABLE citations_log ADD COLUMN rating INTEGER NOT NULL DEFAULT 0 CHECK (rating IN (-1, 0, 1))",
    # Questions that mean the same. The embedding is the mean of theirs; without a model it is empty.
    f"""
    CREATE TABLE unanswered_group (
        id INTEGER PRIMARY KEY,
        language TEXT NOT NULL CHECK (language <> ''),
        question TEXT NOT NULL CHECK (question <> ''),
        embedding BLOB,
        model TEXT CHECK (model <> ''),
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'dismissed')),
        state_at TEXT CHECK (state_at {AT}),
        CHECK ((embedding IS NULL) = (model IS NULL))
    ) STRICT
    """,
    "CREATE INDEX unanswered_group_state ON unanswered_group (state, language)",
    # A question goes with its call.
    f"""
    CREATE TABLE unanswered_question (
        id INTEGER PRIMARY KEY,
        group_id INTEGER NOT NULL REFERENCES unanswered_group (id) ON DELETE CASCADE,
        call_id TEXT REFERENCES call_log (id) ON DELETE CASCADE,
        question TEXT NOT NULL CHECK (question <> ''),
        why TEXT NOT NULL CHECK (why IN ('not known', 'bad answer')),
        confidence REAL NOT NULL DEFAULT 0,
        at TEXT NOT NULL CHECK (at {AT})
    ) STRICT
    """,
    "CREATE INDEX unanswered_question_group ON unanswered_question (group_id)",
    "CREATE INDEX unanswered_question_call ON unanswered_question (call_id)",
    "CREATE INDEX unanswered_question_at ON unanswered_question (at)",
    # What a texted link leads to.
    """
    ALTER TABLE text ADD COLUMN about TEXT NOT NULL DEFAULT 'appointment'
        CHECK (about IN ('appointment', 'clinic'))
    """,
)


def apply(db: "Database") -> None:
    """Make the columns and the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
