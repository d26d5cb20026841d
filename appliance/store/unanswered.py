"""Questions that nobody could answer, or not well, in groups that mean the same; kept without who asked them.

A group has the mean embedding of its questions; without a model those with the same words are one. Every
function that writes is to run in a transaction of its own. May import: the standard library, numpy,
appliance.core, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.core.masking import masked
from appliance.core.sources import stems
from appliance.store import callback_calls, citations, tallies, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

Float32 = NDArray[np.float32]

ALIKE = 0.68
"""So near two questions mean the same."""
SHARED = 0.6
"""So much of their words the same questions share, where no model tells."""
GROUPS_MOST = 2000
"""So many groups of a language are looked at, the latest first."""


class Why(StrEnum):
    """Why a question is kept."""

    NOT_KNOWN = "not known"
    BAD_ANSWER = "bad answer"


class State(StrEnum):
    """What has become of a group."""

    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Missed:
    """A question as it was asked; `model` made the `embedding`, and both may be missing."""

    question: str
    language: str
    why: Why
    confidence: float = 0.0
    call_id: str | None = None
    embedding: Float32 | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that mean the same: the first of them, how often they were asked, and when first and last."""

    id: int
    language: str
    question: str
    state: State
    times: int
    bad_answers: int
    first_at: str
    last_at: str


def keep(db: Connection, missed: Missed, at: datetime) -> int:
    """Keep a question in the group that means the same, or in one of its own; the group's id.

    A group that was answered or dismissed takes no more: asked again, it is open again as another. What
    nobody knew puts its caller onto the callback list.
    """
    question = _kept(missed.question)
    found = _alike(db, question, missed)
    group = _opened(db, question, missed) if found is None else found
    row = db.execute(
        """
        INSERT INTO unanswered_question (group_id, call_id, question, why, confidence, at)
        VALUES (?, (SELECT id FROM call_log WHERE id = ?), ?, ?, ?, ?) RETURNING id
        """,
        (group, missed.call_id, question, missed.why, missed.confidence, times.written(at)),
    ).fetchone()
    if missed.call_id is not None and missed.why is Why.NOT_KNOWN:
        callback_calls.unanswered(db, int(row[0]), missed.call_id, at)
    if found is not None and missed.embedding is not None:
        _moved(db, found, missed.embedding)
    return group


def disliked(
    db: Connection, answer_id: int, at: datetime, embedding: Float32 | None = None, model: str = ""
) -> int:
    """Somebody thinks an answer of the citations' log bad: keep that, and its question; the group's id.

    Raises NoSuchRow.
    """
    row = citations.rate(db, answer_id, -1)
    why = Why.BAD_ANSWER
    missed = Missed(row.question, row.language, why, row.confidence, row.call_id, embedding, model)
    return keep(db, missed, at)


def disliked_no_more(db: Connection, answer_id: int) -> None:
    """Whoever thought an answer bad was mistaken: its question goes from its group, while that is open.

    The group's mean stays: a question more or less moves it little. Raises NoSuchRow.
    """
    row = citations.rate(db, answer_id, 0)
    found = db.execute(
        """
        SELECT q.id FROM unanswered_question AS q JOIN unanswered_group AS g ON g.id = q.group_id
        WHERE q.call_id = ? AND q.why = ? AND q.question = ? AND g.state = ?
        ORDER BY q.id DESC LIMIT 1
        """,
        (row.call_id, Why.BAD_ANSWER, _kept(row.question), State.OPEN),
    ).fetchone()
    if found is not None:
        tallies.uncount_bad_answer(db, found["id"])
        # A group of which it was the only question goes with it.
        db.execute("DELETE FROM unanswered_question WHERE id = ?", (found["id"],))


def _kept(question: str) -> str:
    """A question as it is kept: without who asked it, and never empty."""
    return masked(question) or "…"


def _opened(db: Connection, question: str, missed: Missed) -> int:
    vector = None if missed.embedding is None else missed.embedding.astype(np.float32).tobytes()
    row = db.execute(
        """
        INSERT INTO unanswered_group (language, question, embedding, model) VALUES (?, ?, ?, ?) RETURNING id
        """,
        (missed.language, question, vector, missed.model if vector else None),
    ).fetchone()
    return int(row[0])


def _alike(db: Connection, question: str, missed: Missed) -> int | None:
    rows = db.execute(
        """
        SELECT id, question, embedding, model FROM unanswered_group
        WHERE state = 'open' AND language = ? ORDER BY id DESC LIMIT ?
        """,
        (missed.language, GROUPS_MOST),
    ).fetchall()
    if missed.embedding is not None:
        near = _nearest(rows, missed.embedding, missed.model)
        if near is not None:
            return near
    own = stems(question)
    return next((int(row[0]) for row in rows if _share(own, stems(row[1])) >= SHARED), None)


def _nearest(rows: Sequence[Any], embedding: Float32, model: str) -> int | None:
    known = [row for row in rows if row[3] == model and len(row[2]) == embedding.nbytes]
    if not known:
        return None
    means = np.frombuffer(b"".join(row[2] for row in known), np.float32).reshape(len(known), -1)
    likeness = means @ embedding / np.maximum(np.linalg.norm(means, axis=1), 1e-9)
    best = int(likeness.argmax())
    return int(known[best][0]) if likeness[best] >= ALIKE else None


def _share(own: set[str], other: set[str]) -> float:
    return len(own & other) / len(own | other) if own | other else 1.0


def _moved(db: Connection, group: int, embedding: Float32) -> None:
    """The group's mean moves towards one more question."""
    row = db.execute(
        """
        SELECT embedding, (SELECT count(*) FROM unanswered_question WHERE group_id = unanswered_group.id)
        FROM unanswered_group WHERE id = ?
        """,
        (group,),
    ).fetchone()
    if row[0] is None or len(row[0]) != embedding.nbytes:
        return
    mean = np.frombuffer(row[0], np.float32)
    moved = mean + (embedding - mean) / max(int(row[1]), 1)
    db.execute("UPDATE unanswered_group SET embedding = ? WHERE id = ?", (moved.tobytes(), group))


def groups(db: Connection, state: State = State.OPEN, language: str = "", limit: int = 100) -> list[Group]:
    """Groups in this state, of one language or of all, those first that were asked most and latest."""
    rows = db.execute(
        f"{_SELECT} WHERE g.state = ? AND (? = '' OR g.language = ?) {_GROUPED} LIMIT ?",
        (state, language, language, limit),
    )
    return [_group(row) for row in rows]


def counts(db: Connection) -> dict[State, int]:
    """How many groups there are in each state that has any."""
    rows = db.execute("SELECT state, COUNT(*) FROM unanswered_group GROUP BY state")
    return {State(state): number for state, number in rows}


def group(db: Connection, group_id: int) -> Group:
    """A group by its id. Raises NoSuchRow."""
    row = db.execute(f"{_SELECT} WHERE g.id = ? {_GROUPED}", (group_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no unanswered question {group_id}.")
    return _group(row)


def questions(db: Connection, group_id: int, limit: int = 50) -> list[str]:
    """The questions of a group in the callers' words, each once, the latest first."""
    rows = db.execute(
        """
        SELECT question FROM unanswered_question WHERE group_id = ?
        GROUP BY question ORDER BY max(at) DESC LIMIT ?
        """,
        (group_id, limit),
    )
    return [str(row[0]) for row in rows]


def settle(db: Connection, group_id: int, state: State, at: datetime) -> Group:
    """A group is answered, dismissed or open again; the group. Raises NoSuchRow."""
    db.execute(
        "UPDATE unanswered_group SET state = ?, state_at = ? WHERE id = ?",
        (state, times.written(at), group_id),
    )
    return group(db, group_id)


_SELECT = """
SELECT g.id, g.language, g.question, g.state, count(q.id), sum(q.why = 'bad answer'), min(q.at), max(q.at)
FROM unanswered_group AS g JOIN unanswered_question AS q ON q.group_id = g.id
"""
_GROUPED = "GROUP BY g.id ORDER BY count(q.id) DESC, max(q.at) DESC"


def _group(row: Any) -> Group:
    group_id, language, question, state, *rest = row
    return Group(group_id, language, question, State(state), *rest)
