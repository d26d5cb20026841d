"""Has time pass for jobs whose leases and waits count by the clock since boot, which nobody can put on.

May import: the standard library, appliance.store.
"""

from datetime import timedelta

from appliance.store import database
from appliance.store.database import Connection


def put_on(db: Connection, by: timedelta) -> None:
    """All that waits, or is leased, has waited for so much longer."""
    with database.immediate(db):
        db.execute(
            "UPDATE job SET until_ms = until_ms - :ms, wait_until_ms = wait_until_ms - :ms",
            {"ms": round(by.total_seconds() * 1000)},
        )
