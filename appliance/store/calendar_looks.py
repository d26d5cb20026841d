"""How each calendar answered when it was asked last: one row for each that somebody has.

May import: the standard library, orjson, appliance.core.calendar, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from appliance.core.calendar import CalendarFailed, Trouble
from appliance.store.database import Connection

PROBLEM_LENGTH = 500


@dataclass(frozen=True, slots=True)
class CalendarLook:
    """When a calendar was asked, what was wrong, and when it answered last; empty for never, or nothing."""

    at: str
    answered_at: str = ""
    trouble: Trouble | None = None
    problem: str = ""


def keep(db: Connection, at: str, found: Mapping[str, CalendarFailed | None]) -> None:
    """Keep what became of asking all calendars there are; those that are none any more are forgotten."""
    for calendar, failed in found.items():
        db.execute(
            """
            INSERT INTO calendar_look (calendar, at, answered_at, trouble, problem)
            VALUES (:calendar, :at, :answered_at, :trouble, :problem)
            ON CONFLICT (calendar) DO UPDATE
            SET at = excluded.at, answered_at = COALESCE(excluded.answered_at, answered_at),
                trouble = excluded.trouble, problem = excluded.problem
            """,
            {
                "calendar": calendar,
                "at": at,
                "answered_at": at if failed is None else None,
                "trouble": "" if failed is None else str(failed.trouble),
                "problem": "" if failed is None else (str(failed) or str(failed.trouble))[:PROBLEM_LENGTH],
            },
        )
    db.execute(
        "DELETE FROM calendar_look WHERE calendar NOT IN (SELECT value FROM json_each(?))",
        (orjson.dumps([*found]).decode(),),
    )


def all_of_them(db: Connection) -> dict[str, CalendarLook]:
    """The looks by the calendars' names, such as `google:lee@clinic.example`."""
    rows = db.execute("SELECT calendar, at, answered_at, trouble, problem FROM calendar_look")
    return {
        row["calendar"]: CalendarLook(
            row["at"],
            row["answered_at"] or "",
            Trouble(row["trouble"]) if row["trouble"] else None,
            row["problem"],
        )
        for row in rows
    }
