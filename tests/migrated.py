"""Databases with our schema, migrated once for a test run and copied.

May import: the standard library, appliance.
"""

import tempfile
from functools import cache
from pathlib import Path

from appliance.store import database
from appliance.store.migrations import migrate


@cache
def _whole() -> bytes:
    with tempfile.TemporaryDirectory(prefix="attendant-schema-") as folder:
        file = Path(folder) / "attendant.db"
        migrate(file)
        # Nothing is left beside the file.
        database.connect(file).close()
        return file.read_bytes()


def migrated(file: Path) -> Path:
    """A new database file, as `migrate` would make it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(_whole())
    return file
