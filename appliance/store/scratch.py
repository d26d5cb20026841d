"""A database apart, in which a rehearsal may write whatever a call writes: nobody else looks into it.

It begins with what staff decided and the appointments, and with nothing of any call. What a draft
would decide is decided in it, but for documents, which are in an index. May import: the standard library,
appliance.store.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from appliance.store import database, drafted, times
from appliance.store.database import Connection
from appliance.store.migrations import migrate

FOLDER = "rehearsals"
WHOLE = ("business_config", "department", "provider", "visit_type", "own_event", "texting")
"""Tables that are taken as they are."""
BOOKINGS_S = 400 * 24 * 3600
"""Appointments of so long ago still say that somebody is a patient."""
BY = "draft"


@dataclass(frozen=True, slots=True)
class Effect:
    """What would have been done: a message to staff, an appointment, one that is cancelled."""

    kind: str
    what: str


@contextmanager
def opened(data_dir: Path, real: Path, draft: Mapping[str, object], *, at: str) -> Iterator[Path]:
    """A database of its own, and gone afterwards, whatever happens. Raises StoreError or SettingsError."""
    folder = data_dir / FOLDER / secrets.token_hex(8)
    folder.mkdir(mode=0o700, parents=True)
    try:
        path = folder / "attendant.db"
        path.touch(mode=0o600)
        path.write_bytes(_empty())
        db = database.connect(path)
        try:
            # No row here outlives a power cut that matters.
            db.execute("PRAGMA synchronous = OFF")
            _fill(db, real, at)
            with database.immediate(db):
                drafted.decide(db, draft, at=at, by=BY)
        finally:
            db.close()
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(data_dir: Path) -> None:
    """Remove what a process that was killed has left."""
    shutil.rmtree(data_dir / FOLDER, ignore_errors=True)


def effects(db: Connection, since: str) -> list[Effect]:
    """What would have been done in the call that began then, in order."""
    told = [
        Effect("message", ": ".join(filter(None, (row["subject"], row["body"]))))
        for row in db.execute("SELECT subject, body FROM message ORDER BY id")
    ]
    rows = db.execute(
        """
        SELECT state = 'cancelled' OR cancel_asked_at IS NOT NULL AS goes, visit, provider, starts_at, patient
        FROM booking WHERE changed_at >= ? AND state IN ('promised', 'booked', 'cancelled') ORDER BY id
        """,
        (since,),
    )
    for row in rows:
        what = ", ".join(filter(None, (row["visit"], row["provider"], row["starts_at"], row["patient"])))
        told.append(Effect("cancelled" if row["goes"] else "booked", what))
    return told


def cost_usd(db: Connection) -> float:
    """What the cloud cost in it, as far as prices are known."""
    return float(db.execute("SELECT COALESCE(SUM(cost_usd), 0) FROM call_log").fetchone()[0])


@cache
def _empty() -> bytes:
    """A database without a row, made once in a process."""
    with tempfile.TemporaryDirectory(prefix="attendant-") as folder:
        path = Path(folder) / "attendant.db"
        migrate(path)
        # Nothing is left beside the file once it is closed.
        database.connect(path).close()
        return path.read_bytes()


def _fill(db: Connection, real: Path, at: str) -> None:
    """Take over what staff decided, and appointments without the calls that they are of."""
    db.execute("ATTACH DATABASE ? AS real", (f"{real.absolute().as_uri()}?mode=ro",))
    try:
        with database.immediate(db):
            for table in WHOLE:
                whole = ", ".join(_columns(db, table))
                db.execute(f"INSERT INTO main.{table} ({whole}) SELECT {whole} FROM real.{table}")
            names = _columns(db, "booking")
            taken = ", ".join("NULL" if name == "call_id" else name for name in names)
            db.execute(
                f"INSERT INTO main.booking ({', '.join(names)}) SELECT {taken} FROM real.booking"
                " WHERE ends_at > ? AND state IN ('held', 'promised', 'booked')",
                (times.moved(at, -BOOKINGS_S),),
            )
            db.execute(
                """
                INSERT INTO main.booking_cell (provider, cell, booking_id)
                SELECT provider, cell, booking_id FROM real.booking_cell
                WHERE booking_id IN (SELECT id FROM main.booking)
                """
            )
    finally:
        db.execute("DETACH DATABASE real")


def _columns(db: Connection, table: str) -> list[str]:
    """Those that we know; a database of a later version may have more."""
    return [row["name"] for row in db.execute(f"PRAGMA main.table_info({table})")]
