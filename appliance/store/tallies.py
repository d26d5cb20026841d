"""Counts by the office's days: calls, what was wanted and asked, how quick it was, what it cost.

Triggers count, when something is written down; nobody who writes can forget it. A count names nobody, so it
stays when the calls behind it are deleted. May import: the standard library, appliance.store.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from appliance.store.database import Connection


class What(StrEnum):
    """What is counted, each by names of its own."""

    OUTCOME = "outcome"
    """Calls that are over, by how they were filed."""
    HOUR = "hour"
    """The same, by the hour in which they began: 00 to 23."""
    LED = "led"
    """The same, by where the assistant led them and how they were filed: `transfer:billing unanswered`."""
    COST = "cost"
    """The same, by whether all of the cost is `known`; the sum is in US dollars."""
    WISH = "wish"
    """Calls in which something was wanted: as it was understood, keyed, or by what the assistant did."""
    LANGUAGE = "language"
    QUESTION = "question"
    """Questions to the documents: `sure`, `unsure`, `unknown`; and `bad`, once somebody said so."""
    DOCUMENT = "document"
    """Answers that rest on a document, by its slug."""
    UNANSWERED = "unanswered"
    """Questions that were asked in vain, by why."""
    ANSWER = "answer"
    """Answers of the assistant, by milliseconds that they took at most: `00800`; slower ones are `99999`."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many on a day; `usd` is the sum of what they cost."""

    day: date
    name: str
    count: int
    usd: float = 0.0


def by_day(db: Connection, what: What, since: date, until: date) -> list[Tally]:
    """The counts of each day from the first to the last of these, in order."""
    rows = db.execute(
        """
        SELECT day, name, count, usd FROM tally
        WHERE what = ? AND day BETWEEN ? AND ? AND count > 0 ORDER BY day, name
        """,
        (what, since.isoformat(), until.isoformat()),
    )
    return [Tally(date.fromisoformat(row[0]), row[1], row[2], row[3]) for row in rows]


def by_weekday(db: Connection, since: date, until: date) -> dict[tuple[int, int], int]:
    """How many calls began on each weekday (Monday is 0) in each hour."""
    found: Counter[tuple[int, int]] = Counter()
    for each in by_day(db, What.HOUR, since, until):
        found[each.day.weekday(), int(each.name)] += each.count
    return dict(found)


def titles(db: Connection) -> dict[str, str]:
    """The titles of the documents that there are, by their slugs."""
    return dict(db.execute("SELECT slug, title FROM knowledge_doc"))


def first_day(db: Connection) -> date | None:
    """The first day of which there is a call; None as long as there is none."""
    row = db.execute("SELECT min(day) FROM tally WHERE what = ?", (What.OUTCOME,)).fetchone()
    return None if row[0] is None else date.fromisoformat(row[0])


def uncount_answers(db: Connection, call_id: str) -> None:
    """The answers of a call are measured anew: those of before count no more."""
    db.execute(
        """
        UPDATE tally SET count = count - gone.answers
        FROM (
            SELECT day, up_to, count(*) AS answers FROM answer_took WHERE call_id = ? GROUP BY day, up_to
        ) AS gone
        WHERE what = 'answer' AND tally.day = gone.day AND tally.name = gone.up_to
        """,
        (call_id,),
    )


def uncount_bad_answer(db: Connection, question_id: int) -> None:
    """An answer that was called bad by mistake counts as none; its question is still there."""
    db.execute(
        """
        UPDATE tally SET count = count - 1
        WHERE what = 'unanswered' AND name = 'bad answer' AND day = (
            SELECT substr(office_hour, 1, 10)
            FROM unanswered_question JOIN call_log ON call_log.id = call_id
            WHERE unanswered_question.id = ?)
        """,
        (question_id,),
    )
