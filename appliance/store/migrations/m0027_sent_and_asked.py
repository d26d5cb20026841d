"""To whom the text of a message was sent; and questions that nobody could answer go without leaving words.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    "ALTER TABLE message_text ADD COLUMN sent_to TEXT NOT NULL DEFAULT ''",
    "UPDATE message_text SET sent_to = made_by WHERE made_by <> 'rules'",
    # A group is called by the first of its questions: when that goes, by the next, and with the last it goes.
    """
    CREATE TRIGGER unanswered_question_gone AFTER DELETE ON unanswered_question BEGIN
        UPDATE unanswered_group
        SET question = COALESCE(
            (SELECT question FROM unanswered_question WHERE group_id = OLD.group_id ORDER BY at, id LIMIT 1),
            question)
        WHERE id = OLD.group_id AND question = OLD.question;
        DELETE FROM unanswered_group
        WHERE id = OLD.group_id AND id NOT IN (SELECT group_id FROM unanswered_question);
    END
    """,
    "DELETE FROM unanswered_group WHERE id NOT IN (SELECT group_id FROM unanswered_question)",
)


def apply(db: "Database") -> None:
    """Make the column and the trigger."""
    for statement in STATEMENTS:
        db.execute(statement)
