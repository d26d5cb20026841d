"""A clinic's box with something of everything in it, and a repository beside it.

May import: the standard library, appliance, tests.jobs.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.backup import place
from appliance.cli.main import main
from appliance.core import settings as boot
from appliance.core.settings import Settings
from appliance.store import database, documents
from appliance.store.documents import Given, Source
from tests.jobs.long_ago import Past

FILES: Mapping[str, bytes] = {
    "greetings/menu.wav": b"how staff greet",
    "knowledge/uploads/0123.pdf": b"%PDF-1.7 waits to be read",
    "languages/notes.txt": b"about languages of our own\n",
    "secrets/openai_api_key": b"sk-none\n",
    "asterisk/spool/voicemail/new.wav": b"a message that nobody has filed",
    "asterisk/music/own.wav": b"music of the clinic",
    "changed_settings.json": b'{"at": "2026-11-27T08:00:00.000Z", "settings": {}}',
}
"""What is to come back beside database and recordings, with what is in it."""
LEFT_OUT = (
    "models/whisper/model.bin",
    "knowledge/index.db",
    "secrets/admin_session_key",
    "asterisk/etc/a.conf",
)
"""What can be made or fetched again."""


@dataclass
class Clinic:
    """All of it."""

    folder: Path
    repository: Path

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.past = Past(self.data)
        self.file = self.folder / "attendant.toml"
        self.file.write_text(
            f'[box]\ndata_dir = "{self.data}"\n[listen]\nlocal_port = 0\nadmin_port = 0\nworker_port = 0\n'
            f'[backup]\nrepository = "{self.repository}"\n',
            "utf-8",
        )
        for name, content in FILES.items():
            self.put(name, content)
        for name in LEFT_OUT:
            self.put(name, b"made again")
        for days in (1, 2, 40):
            self.past.rang(days, handled=days > 1)
        with database.immediate(self.past.db):
            given = Given("parking", Source.TEXT, content="# Parking\n\nBehind the house.", title="Parking")
            documents.give(self.past.db, given, at="2026-11-26T09:00:00.000Z")
        place.password_made(self.settings)

    @property
    def settings(self) -> Settings:
        return boot.load(self.file)

    def put(self, name: str, content: bytes) -> None:
        path = self.data / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    db = database.connect_readonly(path)
    try:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: sorted(
                (tuple(row) for row in db.execute(f'SELECT * FROM "{name}"')),  # noqa: S608
                key=repr,
            )
            for name in names
        }
    finally:
        db.close()


def contents(folder: Path) -> dict[str, bytes]:
    """All files in a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def backed_up(file: Path) -> None:
    """Back a box up by the command, in a process that may become another user's."""
    main.main(["--config", str(file), "backup", "now"], standalone_mode=False)


def child() -> int:
    """The process of the restic that runs now; 0 when none does."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text("utf-8", "replace").partition("(")[2].rpartition(")")
        except OSError:
            continue
        if name == "restic" and int(rest.split()[1]) == os.getpid():
            return int(stat.parent.name)
    return 0
