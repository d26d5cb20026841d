"""What staff ask for in a live call: who asked, for what, and what really became of it.

The admin adds a row and rings (`appliance.core.doorbell`), the bridge acts and writes what came of it.
Functions that write run in a transaction of their caller. May import: the standard library, appliance.core,
appliance.store.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.store import times
from appliance.store.database import Connection
from appliance.store.errors import RowRefused

LATE_S = 10
"""What nobody has begun for so long is not done any more: the call is somewhere else by then."""

LONGEST_S = 120
"""What was begun is settled by then, or whoever began it is dead."""


class What(StrEnum):
    """What is asked for."""

    HANG_UP = "hang up"
    TRANSFER = "transfer"
    TAKE_OVER = "take over"


class State(StrEnum):
    """How far it is."""

    ASKED = "asked"
    UNDER_WAY = "under way"
    """The caller is being told."""
    DONE = "done"
    NOT_DONE = "not done"


class Why(StrEnum):
    """Why it was not done."""

    OVER = "over"
    """The call was over, or the caller hung up first."""
    ELSEWHERE = "elsewhere"
    """It was not with the assistant: in the carrier's menu, or on its way to people, or with them."""
    NO_DEPARTMENT = "no department"
    LATE = "late"
    """The bridge did not take it in time."""


class AlreadyAsked(RowRefused):
    """Somebody has asked for something in this call, and it is not settled yet."""


class CallOver(RowRefused):
    """The call is over."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that was asked for. No department is the front desk; `who` is the name of an account."""

    id: int
    call_id: str
    call_sid: str
    what: What
    department: str
    who: str
    asked_at: str
    state: State
    why: str
    settled_at: str | None

    @property
    def leave(self) -> Disposition:
        """How the call is to go on."""
        if self.what is What.HANG_UP:
            return GOODBYE
        return transfer(self.department) if self.department else PEOPLE

    def late(self, now: str) -> bool:
        """Whether nobody took it in time."""
        return self.state is State.ASKED and self.asked_at < times.moved(now, -LATE_S)


def ask(db: Connection, call_id: str, what: What, *, department: str = "", who: str, at: str) -> None:
    """Ask for something in a call. Raises CallOver or AlreadyAsked."""
    db.execute(
        """
        UPDATE request SET state = 'not done', why = 'late', settled_at = :at
        WHERE call_id = :call_id
            AND (state = 'asked' AND asked_at < :late OR state = 'under way' AND asked_at < :dead)
        """,
        {
            "at": at,
            "call_id": call_id,
            "late": times.moved(at, -LATE_S),
            "dead": times.moved(at, -LONGEST_S),
        },
    )
    asked = db.execute(
        """
        INSERT INTO request (call_id, what, department, who, asked_at, state)
        SELECT id, :what, :department, :who, :at, 'asked' FROM call_log
        WHERE id = :call_id AND ended_at IS NULL
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        {"call_id": call_id, "what": what, "department": department, "who": who, "at": at},
    ).fetchone()
    if asked is not None:
        return
    if db.execute("SELECT 1 FROM call_log WHERE id = ? AND ended_at IS NULL", (call_id,)).fetchone() is None:
        raise CallOver(f"The call {call_id} is over.")
    raise AlreadyAsked(f"Something is asked for in the call {call_id} already.")


def waiting(db: Connection) -> list[Request]:
    """What was asked for and nobody has begun, the oldest first."""
    rows = db.execute(f"{_SELECT} WHERE request.state = 'asked' ORDER BY request.id")
    return [_request(row) for row in rows]


def of_call(db: Connection, call_id: str) -> list[Request]:
    """What was asked for in a call, in order."""
    rows = db.execute(f"{_SELECT} WHERE request.call_id = ? ORDER BY request.id", (call_id,))
    return [_request(row) for row in rows]


def begun(db: Connection, request_id: int) -> None:
    """It is being done."""
    db.execute("UPDATE request SET state = 'under way' WHERE id = ? AND state = 'asked'", (request_id,))


def settle(db: Connection, request_id: int, why: Why | None, *, at: str) -> None:
    """It was done, or was not, and why not."""
    db.execute(
        """
        UPDATE request SET state = :state, why = :why, settled_at = :at
        WHERE id = :id AND state IN ('asked', 'under way')
        """,
        {
            "state": State.DONE if why is None else State.NOT_DONE,
            "why": why or "",
            "at": at,
            "id": request_id,
        },
    )


def sweep(db: Connection, *, at: str) -> None:
    """Settle what a bridge had begun that is dead."""
    db.execute(
        "UPDATE request SET state = 'not done', why = 'late', settled_at = ? WHERE state = 'under way'", (at,)
    )


_SELECT = """
    SELECT request.id, call_id, call_sid, what, department, who, asked_at, state, why, settled_at
    FROM request JOIN call_log ON call_log.id = request.call_id
"""


def _request(row: Any) -> Request:
    return Request(
        row["id"], row["call_id"], row["call_sid"], What(row["what"]), row["department"], row["who"],
        row["asked_at"], State(row["state"]), row["why"], row["settled_at"],
    )  # fmt: skip
