"""What a page may ask of the box: its settings, the time, and the database, shortly.

May import: flask, appliance.core, appliance.store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from flask import Flask, current_app

from appliance.core import installed
from appliance.core.settings import Settings
from appliance.store import database
from appliance.store.database import Connection

T = TypeVar("T")
WRITE_BUSY_MS = 2000


@dataclass(frozen=True, slots=True)
class Box:
    """The box, as the pages know it. `now` gives the time as the store writes it."""

    settings: Settings
    now: Callable[[], str]
    file: Path
    """The settings file."""
    began_at: str
    """Since when the pages are there."""
    versions: Path = installed.ROOT
    """Where the versions of the box lie."""

    @property
    def recordings(self) -> Path:
        """The folder of recorded voicemails."""
        return self.settings.box.data_dir / "recordings"

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read that sees one state of the database. Raises StoreError."""
        db = database.connect_readonly(self.settings.database)
        try:
            with database.snapshot(db):
                return query(db)
        finally:
            db.close()

    def write(self, change: Callable[[Connection], T]) -> T:
        """The value of a change, on disk when this returns. Raises StoreError."""
        db = database.connect(self.settings.database, busy_ms=WRITE_BUSY_MS)
        try:
            with database.immediate(db):
                return change(db)
        finally:
            db.close()


def attach(app: Flask, box: Box) -> None:
    """Give an application its box."""
    app.extensions["box"] = box


def box_of(app: Flask) -> Box:
    """The box of an application."""
    return cast(Box, app.extensions["box"])


def the_box() -> Box:
    """The box of the application that answers this request."""
    return box_of(current_app)
