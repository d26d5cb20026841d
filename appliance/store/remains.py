"""Whether what was deleted is gone from the file itself: it is written anew, and then looked through.

`secure_delete` overwrites rows, but not the copies of them that the engine leaves in its pages when it moves
rows about, nor the values that it keeps as statistics. Nothing here runs in a transaction of its caller.
May import: the standard library, appliance.store.
"""

import hashlib
import mmap
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.store import database, errors
from appliance.store.database import Connection

SPARE = 1_000_000
"""Bytes that stay free beside a second copy of the database."""
WITNESS_LEAST, WITNESS_MOST = 12, 40
"""Letters of a witness: fewer say nothing, and more may lie in two pages."""
START = 6
"""So many bytes of it are searched for; what lies behind them is told by its digest."""


@dataclass(frozen=True, slots=True)
class Witness:
    """By what a piece of text is known again without being kept: its beginning, its length, its digest."""

    start: bytes
    size: int
    digest: bytes

    @classmethod
    def of(cls, piece: str) -> "Witness":
        """The witness of a whole piece."""
        content = piece.encode()
        return cls(content[:START], len(content), hashlib.sha256(content).digest())


def rewritten(db: Connection, path: Path) -> bool:
    """Write the file anew, without anything that was deleted; False while a reader keeps the old one.

    Nobody else can write meanwhile, which takes about a second for 100 MB. Raises DiskFull where there is not
    as much room again, before anything is begun: who fills a disk keeps everybody from writing.
    """
    if not emptied(db, path):
        return False
    needed, disk = path.stat().st_size + SPARE, os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize < needed:
        raise errors.DiskFull(
            f"The disk is full: to write the database anew takes {needed // 1_000_000 + 1} MB."
        )
    with database.translated():
        # Samples of numbers and names, of which the next optimisation makes new ones.
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'").fetchone():
            db.execute("DELETE FROM sqlite_stat4")
        db.execute("VACUUM")
        return emptied(db, path)


def emptied(db: Connection, path: Path) -> bool:
    """Have all of the write-ahead log in the file, and the log empty; False when a reader is at it."""
    with database.translated():
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    log = path.with_name(f"{path.name}-wal")
    return not busy and (not log.exists() or log.stat().st_size == 0)


def witness(text: str) -> Witness | None:
    """The part of a text that is looked for; None where it is too short."""
    line = max(text.splitlines(), key=len, default="")[:WITNESS_MOST]
    return Witness.of(line) if len(line) >= WITNESS_LEAST else None


def found(db: Connection, path: Path, witnesses: Iterable[Witness]) -> int:
    """How many of these are in the file still though no row has them. Raises OSError or StoreError."""
    return sum(not _in_rows(db, piece) for piece in _in_file(path, {*witnesses}))


def _in_file(path: Path, witnesses: set[Witness]) -> set[str]:
    """The pieces that are in the file."""
    files = [path, path.with_name(f"{path.name}-wal")]
    left: set[str] = set()
    for file in files:
        if not file.exists() or not file.stat().st_size:
            continue
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            left |= {piece.decode() for each in witnesses if (piece := _piece(content, each))}
    return left


def _piece(content: mmap.mmap, witness: Witness) -> bytes:
    """What a witness is of, as it stands there; empty when it does not."""
    at = content.find(witness.start)
    while at >= 0:
        piece = content[at : at + witness.size]
        if hashlib.sha256(piece).digest() == witness.digest:
            return piece
        at = content.find(witness.start, at + 1)
    return b""


def holding(db: Connection, number: str) -> dict[str, int]:
    """How many rows of ours hold a telephone number, by table; one that is longer is another."""
    whole = re.compile(rf"{re.escape(number)}(?![0-9])")
    return Counter(
        table
        for table, row in _rows(db, number)
        if not table.startswith("sqlite_") and any(whole.search(str(each)) for each in row)
    )


def _in_rows(db: Connection, text: str) -> bool:
    """Whether a row of any table has this text in it, rightly."""
    return next(_rows(db, text), None) is not None


def _rows(db: Connection, text: str) -> Iterator[tuple[str, Any]]:
    """The rows that have this text in them, each with its table.

    What a virtual table keeps is no row: words that are in the search alone are a copy that was left.
    """
    with database.translated():
        tables = db.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        for (table,) in tables.fetchall():
            names = [row[1] for row in db.execute(f"PRAGMA table_info('{table}')")]
            wanted = " OR ".join(f'instr("{name}", :text)' for name in names)
            for row in db.execute(f'SELECT * FROM "{table}" WHERE {wanted}', {"text": text}):
                yield table, row
