"""What keeps the file quick; outside any transaction.

May import: the standard library, appliance.store.
"""

from appliance.store.database import Connection, translated


def optimise(db: Connection) -> None:
    """Have the engine look again at what its tables hold, where that changed much. Raises StoreError."""
    with translated():
        db.execute("PRAGMA analysis_limit = 1000")
        db.execute("PRAGMA optimize")
        # Readers go on; what they still read stays in the log.
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
