"""Calls of the box to itself: one row for each, kept for three months.

May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.self_call import ALARM_AFTER, Check, Finding, State, overall
from appliance.store.database import Connection

KEPT_DAYS = 92


@dataclass(frozen=True, slots=True)
class SelfCall:
    """One call.

    `failed_in_row` counts the failures since the last that went well; one that looked at nothing ends no row.
    """

    id: int
    began_at: str
    took_ms: int
    state: State
    failed_in_row: int
    findings: tuple[Finding, ...]

    @property
    def alarm(self) -> bool:
        """Whether staff are to be told."""
        return self.failed_in_row >= ALARM_AFTER


def add(db: Connection, began_at: str, took_ms: int, findings: Sequence[Finding]) -> SelfCall:
    """Keep what a call found, and drop those of long ago."""
    state, before = overall(findings), last(db)
    known = before.failed_in_row if before else 0
    in_row = {State.FAILED: known + 1, State.UNCHECKED: known}.get(state, 0)
    db.execute("DELETE FROM self_call WHERE julianday(began_at) < julianday(?) - ?", (began_at, KEPT_DAYS))
    told = [{"check": str(each.check), "state": str(each.state), "told": each.told} for each in findings]
    row = db.execute(
        """
        INSERT INTO self_call (began_at, took_ms, state, failed_in_row, findings)
        VALUES (?, ?, ?, ?, ?) RETURNING *
        """,
        (began_at, took_ms, str(state), in_row, orjson.dumps(told).decode()),
    ).fetchone()
    return _self_call(row)


def last(db: Connection) -> SelfCall | None:
    """The newest; None when there was none."""
    return next(iter(recent(db, 1)), None)


def recent(db: Connection, limit: int = 24) -> list[SelfCall]:
    """The newest, the newest first."""
    rows = db.execute("SELECT * FROM self_call ORDER BY began_at DESC, id DESC LIMIT ?", (limit,))
    return [_self_call(row) for row in rows]


def _self_call(row: Any) -> SelfCall:
    return SelfCall(
        id=row["id"],
        began_at=row["began_at"],
        took_ms=row["took_ms"],
        state=State(row["state"]),
        failed_in_row=row["failed_in_row"],
        findings=tuple(
            Finding(Check(each["check"]), State(each["state"]), each["told"])
            for each in orjson.loads(row["findings"])
        ),
    )
