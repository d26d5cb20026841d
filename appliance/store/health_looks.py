"""What the doctor found when it looked: one row a look, of which the latest are kept.

May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from appliance.core.examined import Examined, Health
from appliance.store.database import Connection

KEPT = 50


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything."""

    began_at: str
    took_ms: int
    findings: tuple[Examined, ...]


def add(db: Connection, began_at: str, took_ms: int, findings: Sequence[Examined]) -> None:
    """Keep what was found."""
    told = [{"part": each.part, "health": each.health, "told": each.told} for each in findings]
    db.execute(
        "INSERT INTO health_look (began_at, took_ms, findings) VALUES (?, ?, ?)",
        (began_at, took_ms, orjson.dumps(told).decode()),
    )
    db.execute("DELETE FROM health_look WHERE id <= (SELECT MAX(id) FROM health_look) - ?", (KEPT,))


def last(db: Connection) -> Look | None:
    """The newest; None when nobody has looked yet."""
    row = db.execute("SELECT * FROM health_look ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    findings = orjson.loads(row["findings"])
    return Look(
        row["began_at"],
        row["took_ms"],
        tuple(Examined(each["part"], Health(each["health"]), each["told"]) for each in findings),
    )
