"""Recordings that are deleted for good while the carrier may list them: known by a digest, not taken anew.

May import: the standard library, appliance.store.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from appliance.store import times
from appliance.store.database import Connection


def forget(db: Connection, recording_sid: str, *, now: datetime) -> None:
    """Never take this recording of the carrier's again."""
    db.execute(
        "INSERT OR IGNORE INTO recording_forgotten (digest, at) VALUES (?, ?)",
        (_digest(recording_sid), times.written(now)),
    )


def among(db: Connection, recording_sids: Iterable[str]) -> set[str]:
    """Those of these recordings that are deleted for good."""
    sids = {_digest(sid): sid for sid in recording_sids}
    rows = db.execute(
        "SELECT digest FROM recording_forgotten WHERE digest IN (SELECT value FROM json_each(?))",
        (json.dumps([*sids]),),
    )
    return {sids[row[0]] for row in rows}


def _digest(recording_sid: str) -> str:
    return hashlib.sha256(recording_sid.encode()).hexdigest()
