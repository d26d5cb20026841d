"""The support bundle: what helps is in it, and nothing of people."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from appliance.core import boot_changes, known_settings
from appliance.core.examined import Examined, Health
from appliance.core.self_call import Check, Finding, State
from appliance.store import accounts, audit, database, health_looks, office, phones, self_calls, support
from appliance.store.accounts import Role
from appliance.store.audit import Actor, Deed
from appliance.store.database import Connection
from tests.admin import rows

SECRET = "sk-very-secret-4711"
PEOPLE = (
    "Riverside",
    "Ana",
    "Okafor",
    "Waiting room",
    "Dr. Imani Lee",
    "sip.riverside.example",
    "earache",
    "Nurses",
)
"""Words of the clinic, of its people and its patients, which all stand in the box of these tests."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The settings file of a box that has a morning behind it, and secrets."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    rows.fill(folder / "attendant.db")
    path = tmp_path / "attendant.toml"
    path.write_text(
        f'[box]\ndata_dir = "{folder}"\n[asterisk.trunk]\nhost = "sip.riverside.example"\n'
        'user = "ana.ruiz"\ncaller_id = "+12125550100"\n[mail]\nhost = "mail.riverside.example"\n'
        'sender = "Ana@riverside.example"\n[limits]\ncalls_at_once = 6\n[cloud]\nmodel = "gpt-other"\n',
        "utf-8",
    )
    settings = boot_changes.read(path).settings
    known = known_settings.named("cloud.key_file")
    assert known is not None
    boot_changes.set_secret(settings, known, SECRET)
    boot_changes.change(path, {"twilio.sms_from": "+12125550177"}, at=rows.NOW, by="Ana Ruiz")
    return path


def fill(db: Connection) -> None:
    """More of people: in settings, phones, accounts, the audit log, and in what the doctor says."""
    told = {
        "people": ["+12125550188", "473"],
        "address": "12 Ana Street",
        "assistant_notes": "Dr. Imani Lee is in",
    }
    with database.immediate(db):
        for key, value in told.items():
            office.set_value(db, key, value, at=rows.NOW, by="Ben Okafor")
        phones.add(db, "473", "Waiting room", at=rows.NOW)
        accounts.add(db, "Ben Okafor", Role.FRONT_DESK, at=rows.NOW)
        audit.add(
            db,
            Actor("10.0.0.7", 1, "Ana Ruiz", "owner"),
            Deed.ACCOUNT_ADDED,
            at=rows.NOW,
            target="Ben Okafor",
        )
        found = [
            Examined("database", Health.WELL, "/data/attendant.db is up to date"),
            Examined("worker", Health.NOTE, "ring +1 (212) 555-0142 or write to ana@riverside.example"),
            Examined("phones", Health.NOTE, "Waiting room cannot be reached"),
            Examined("calendars", Health.MISSING, "Dr. Imani Lee is not answered"),
        ]
        health_looks.add(db, rows.NOW, 1200, found)
        self_calls.add(
            db, rows.NOW, 900, [Finding(Check.RECOGNITION, State.DEGRADED, "heard: Ana has an earache")]
        )


def parts(sealed: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(sealed)) as file:
        assert file.testzip() is None
        return {name: file.read(name).decode() for name in file.namelist()}


@pytest.fixture
def bundled(file: Path) -> dict[str, Any]:
    """What is in the bundle of that box, by the names of its files."""
    boot = boot_changes.read(file)
    db = database.connect(boot.settings.database)
    try:
        fill(db)
        told = {
            "loop": {"state": "ok", "late_s": 0.0},
            "phones": {
                "state": "front desk unreachable",
                "well": False,
                "told": "... Ana",
                "unreachable": ["473"],
            },
        }
        box = support.Box({"version": "0.1.0"}, boot, office.staff(db), {"bridge": told})
        return parts(support.bundle(db, box, rows.NOW))
    finally:
        db.close()


def test_nothing_of_people_is_in_it(bundled: dict[str, Any]) -> None:
    whole = "\n".join(text for name, text in bundled.items() if name != "README.txt")
    assert [word for word in (*PEOPLE, SECRET, "ana.ruiz", "473", "10.0.0.7") if word in whole] == []
    assert re.findall(r"\+\d|\d{3}\D{0,2}\d{3}\D{0,2}\d{4}", whole.replace(rows.NOW, "")) == []


def test_what_helps_is_in_it(bundled: dict[str, Any]) -> None:
    told = {name: json.loads(text) for name, text in bundled.items() if name.endswith(".json")}
    assert told["about.json"] == {"version": "0.1.0", "made_at": rows.NOW}
    settings = told["settings.json"]
    assert settings["limits.calls_at_once"] == 6
    assert settings["cloud.model"] == "gpt-other"
    assert (settings["asterisk.trunk.host"], settings["asterisk.trunk.from_networks"]) == (
        "set",
        "as it comes",
    )
    assert told["staff.json"]["people"] == "set"
    assert told["staff.json"]["ring_s"] == 20
    assert told["processes.json"]["bridge"]["phones"] == {"state": "front desk unreachable", "well": False}
    findings = told["health.json"]["findings"]
    assert findings[0] == {"part": "database", "health": "ok", "told": "/data/attendant.db is up to date"}
    assert findings[1]["told"] == "ring # or write to #"
    assert findings[2] == {"part": "phones", "health": "note"}
    assert told["self_calls.json"][0]["checks"] == {"recognition": "degraded"}
    assert told["database.json"]["call_log"] == 8
    assert told["jobs.json"] == {}


def test_a_box_that_cannot_read_its_settings_is_told_of_all_the_same(file: Path) -> None:
    boot = boot_changes.read(file)
    db = database.connect(boot.settings.database)
    try:
        told = parts(support.bundle(db, support.Box({}, None, office.staff(db), {}), rows.NOW))
    finally:
        db.close()
    assert json.loads(told["settings.json"]) == "cannot be read"
    assert json.loads(told["health.json"]) == "nobody has looked yet"
