"""What may be sent to whoever helps with a box: how it is built, how it is set, and how it goes.

Nothing gets in that anybody said, wrote or typed: what is told is numbers, yes and no, and words of lists
that are ours; of all other settings only whether they are set. May import: the standard library, orjson,
appliance.core, appliance.store.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core import known_settings
from appliance.core.boot_changes import Boot
from appliance.core.known_settings import Kind, Known
from appliance.core.staff import StaffSettings
from appliance.store import health_looks, job_counts, self_calls, times
from appliance.store.database import Connection

OPEN_KINDS = frozenset({Kind.NUMBER, Kind.YES_NO, Kind.CHOICE})
OPEN = frozenset(
    {
        "cloud.model", "cloud.transcription_model", "speech.whisper", "knowledge.embeddings",
        "knowledge.openai_model", "voicemail.cloud_model", "language", "time_zone",
    }
)  # fmt: skip
"""Texts that name a thing and nobody."""
TOLD = frozenset(
    {
        "database", "disk", "worker", "weights", "speech", "voice of last resort", "sentences",
        "system's log", "cloud key", "Twilio token", "trunk password", "passwords", "manager interface",
        "permissions", "version", "modules", "dialplan", "ARI", "media port", "sounds", "packages", "ports",
        "clock", "cloud session", "cloud prices", "public certificate",
    }
)  # fmt: skip
"""Parts of which the doctor says nothing of people; of the others stands whether they are well."""
SELF_CALLS = 24
README = """What whoever helps needs to know of this box, and nothing of people.

about.json       versions, the machine, room on the disk
settings.json    settings of the box: numbers, yes and no, choices; of all others whether they are set
staff.json       the same of what staff decide
processes.json   what bridge and worker say of their parts
health.json      what `attendant doctor` found last
self_calls.json  how the last calls of the box to itself went
jobs.json        jobs in numbers
database.json    tables and how many rows each has

No telephone numbers, names, messages, recordings, transcripts, passwords or keys are in it, and no logs.
"""
_NUMBER = re.compile(r"\+?\d(?:[\s().\-/]*\d){5,}")
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Box:
    """What of a box is outside of its database; `boot` is None where its settings cannot be read."""

    about: Mapping[str, str]
    boot: Boot | None
    staff: StaffSettings
    processes: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Of each process its parts, as it tells of them."""


def bundle(db: Connection, box: Box, now: str) -> bytes:
    """All of it, as a ZIP file."""
    sealed = io.BytesIO()
    with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", README)
        for name, told in _parts(db, box, now).items():
            file.writestr(f"{name}.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return sealed.getvalue()


def _parts(db: Connection, box: Box, now: str) -> dict[str, Any]:
    boot = box.boot
    of_box = [each for section in known_settings.boot() for each in section.settings]
    values = box.staff.model_dump(mode="json")
    counts = job_counts.counts(db, times.read(now))
    return {
        "about": {**box.about, "made_at": now},
        "settings": "cannot be read" if boot is None else _settings(of_box, boot.values()),
        "staff": _settings(known_settings.staff(), values),
        "processes": {
            name: {part: _plain(told) for part, told in parts.items()}
            for name, parts in box.processes.items()
        },
        "health": _health(db),
        "self_calls": [_self_call(each) for each in self_calls.recent(db, SELF_CALLS)],
        "jobs": {
            kind: {str(state): number for state, number in states.items()}
            for kind, states in counts.by_kind.items()
        },
        "database": _tables(db),
    }


def _settings(settings: Iterable[Known], values: Mapping[str, Any]) -> dict[str, Any]:
    told = {}
    for known in settings:
        value = known_settings.value_at(values, known.name)
        if known.kind in OPEN_KINDS or known.name in OPEN:
            told[known.name] = value
        else:
            told[known.name] = "as it comes" if value == known.default else "set" if value else "empty"
    return told


def _plain(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part's state, which is a word of ours, and its figures."""
    figures = {key: value for key, value in part.items() if isinstance(value, bool | int | float)}
    return {"state": str(part.get("state", "")), **figures}


def _health(db: Connection) -> Any:
    look = health_looks.last(db)
    if look is None:
        return "nobody has looked yet"
    found = [
        {
            "part": each.part,
            "health": each.health,
            **({"told": _masked(each.told)} if each.part in TOLD else {}),
        }
        for each in look.findings
    ]
    return {"began_at": look.began_at, "took_ms": look.took_ms, "findings": found}


def _self_call(each: self_calls.SelfCall) -> dict[str, Any]:
    checks = {str(finding.check): finding.state for finding in each.findings}
    return {"began_at": each.began_at, "took_ms": each.took_ms, "state": each.state, "checks": checks}


def _tables(db: Connection) -> dict[str, int]:
    names = [
        str(row[0])
        for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        )
    ]
    return {name: int(db.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]) for name in names}


def _masked(text: str) -> str:
    """A sentence of ours without what could be a number to ring or an address to write to."""
    return _NUMBER.sub("#", _ADDRESS.sub("#", text))
