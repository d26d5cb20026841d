"""The box in plain words: what the doctor found, which programs run, and how much room there is.

May import: the standard library, admin, appliance.backup, appliance.core, appliance.store.
"""

import os
import platform
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from admin.today.asking import Told
from admin.tongue import later
from appliance import VERSION
from appliance.backup.standing import State as Standing
from appliance.core import known_settings
from appliance.core.boot_changes import Boot, secret_file
from appliance.core.examined import Examined, Health
from appliance.core.installed import Came
from appliance.core.self_call import Check, State
from appliance.core.settings import Settings
from appliance.store import times
from appliance.store.backups import What
from appliance.store.database import ENGINE

BRIDGE, WORKER, PAGES = later("Calls (bridge)"), later("After calls (worker)"), later("These pages (admin)")
UNITS: Mapping[str, str] = {
    BRIDGE: "attendant-bridge",
    WORKER: "attendant-worker",
    PAGES: "attendant-admin",
}
PARTS: Mapping[str, str] = {
    "database": later("Database"),
    "disk": later("Disk"),
    "bridge": later("Bridge"),
    "worker": later("Worker"),
    "cloud key": later("Key of the cloud"),
    "Twilio token": later("Token of Twilio"),
    "trunk password": later("Password of the trunk"),
    "weights": later("Models of speech"),
    "speech": later("Speech program"),
    "voice of last resort": later("Voice of last resort"),
    "sentences": later("Fixed sentences"),
    "front desk": later("Front desk"),
    "callbacks": later("Callbacks"),
    "retention": later("Deleting what is old"),
    "system's log": later("The system's own log"),
    "self-call": later("Self-call"),
    "passwords": later("Passwords of Asterisk"),
    "manager interface": later("Manager interface of Asterisk"),
    "permissions": later("Permissions of Asterisk"),
    "version": later("Version of Asterisk"),
    "media port": later("Sound from Asterisk"),
    "sounds": later("Sentences for Asterisk"),
    "modules": later("Modules of Asterisk"),
    "dialplan": later("Dialplan"),
    "cloud": later("Cloud"),
    "calendars": later("Calendars"),
    "phones": later("Desk phones"),
    "trunk": later("Trunk"),
    "backup": later("Backup"),
    "restic": later("Program for backups"),
    "backup password": later("Password of the backups"),
    "packages": later("Packages"),
    "ports": later("Ports"),
    "alerts": later("Alerts"),
    "clock": later("Clock"),
    "name servers": later("Name servers"),
    "cloud session": later("Session with the cloud"),
    "cloud prices": later("Prices of the cloud"),
    "Twilio numbers": later("Numbers at Twilio"),
    "address": later("Way from Twilio to the box"),
    "public certificate": later("Certificate of the address"),
    "mail server": later("Mail server"),
    "backup keys": later("Keys of the place of backups"),
    "recordings elsewhere": later("Recordings elsewhere"),
    "second box": later("A second box"),
}
"""What the doctor looks at; what is not here is shown as it is called."""
STATES: Mapping[State, tuple[str, str]] = {
    State.OK: ("good", later("All is well")),
    State.DEGRADED: ("care", later("Served, by less than is configured")),
    State.FAILED: ("bad", later("Not served as it should be")),
    State.UNCHECKED: ("plain", later("Nothing could be looked at")),
}
COPIES: Mapping[Standing, tuple[str, str]] = {
    Standing.OK: ("good", later("All is well")),
    Standing.NEVER: ("care", later("There is none yet")),
    Standing.OLD: ("bad", later("Too old")),
    Standing.FAILING: ("bad", later("The last one failed")),
    Standing.PARTLY: ("bad", later("Something is not in the last one")),
    Standing.UNVERIFIED: ("care", later("Not restored for a test for long")),
    Standing.OFF: ("care", later("Nothing is backed up")),
}
WHAT: Mapping[What, str] = {
    What.BACKUP: later("Backup of the box"),
    What.VERIFICATION: later("Restored for a test"),
}
LOOK_INTO, BRING_BACK = (
    "attendant restore --backup ID --into /tmp/look",
    "scripts/restore --backup ID --replace",
)
UPDATE, ROLL_BACK = "scripts/update ~/attendant-VERSION", "scripts/update --rollback"
CAME: Mapping[Came, tuple[str, str]] = {
    Came.RUNS: ("good", later("It runs.")),
    Came.TAKEN_BACK: ("bad", later("It was not well, and was taken back.")),
    Came.FAILED: ("care", later("It did not come about.")),
}
CHECKS: Mapping[Check, str] = {
    Check.GATE: later("The way in"),
    Check.GREETING: later("Greeting"),
    Check.KEYS: later("Keys"),
    Check.VOICEMAIL: later("Voicemail"),
    Check.SYNTHESIS: later("Speaking"),
    Check.RECOGNITION: later("Understanding"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the doctor found, what presses most first."""

    missing: list[Examined]
    notes: list[Examined]
    well: list[Examined]


def found(findings: Iterable[Examined]) -> Found:
    """Sort it."""
    of: dict[Health, list[Examined]] = {health: [] for health in Health}
    for each in findings:
        of[each.health].append(each)
    return Found(of[Health.MISSING], of[Health.NOTE], of[Health.WELL])


def written(at: datetime) -> str:
    """A time as templates take times."""
    return times.written(at)


def part(name: str) -> str:
    """What a part is called here."""
    return PARTS.get(name, name)


@dataclass(frozen=True, slots=True)
class Program:
    """One of our programs: `behind` when it began before a setting changed, or is of another version."""

    name: str
    unit: str
    tone: str
    version: str
    since: str
    behind: bool

    @property
    def other(self) -> bool:
        """Whether another version of it runs than of these pages."""
        return bool(self.version) and self.version != VERSION


def programs(bridge: Told, worker: Told, began_at: str, changed_at: str) -> list[Program]:
    """What runs."""
    pages = Told(there=True, version=VERSION, since=began_at)
    return [
        _program(name, told, changed_at)
        for name, told in ((BRIDGE, bridge), (WORKER, worker), (PAGES, pages))
    ]


def _program(name: str, told: Told, changed_at: str) -> Program:
    tone = "plain" if not told.asked else "good" if told.there else "care" if told.late else "bad"
    behind = bool(told.since and changed_at) and times.read(told.since) < times.read(changed_at)
    return Program(name, UNITS[name], tone, told.version, told.since, behind)


def changed_at(boot: Boot) -> str:
    """When a setting of the box, or a secret, was last changed here; empty for never."""
    found = [boot.changes.at] if boot.changes.at else []
    for section in known_settings.boot():
        for known in section.settings:
            if known.secret is not None and not known.secret.made:
                path = secret_file(boot.settings, known)
                if path is not None and path.exists():
                    found.append(times.written(datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    return max(found, default="")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the programs run on."""

    system: str
    python: str
    engine: str
    processors: int
    up_since: str
    free_mb: int
    total_mb: int
    database_mb: float
    index_mb: float

    def about(self) -> dict[str, str]:
        """The same for whoever helps."""
        return {
            "version": VERSION,
            "system": self.system,
            "machine": platform.machine(),
            "python": self.python,
            "sqlite": self.engine,
            "processors": str(self.processors),
            "up_since": self.up_since,
            "disk_free_mb": str(self.free_mb),
            "disk_total_mb": str(self.total_mb),
            "database_mb": f"{self.database_mb:.1f}",
            "index_mb": f"{self.index_mb:.1f}",
        }


def machine(settings: Settings, now: str) -> Machine:
    """Look at it; it is quick."""
    disk = shutil.disk_usage(settings.box.data_dir)
    return Machine(
        _system(),
        platform.python_version(),
        ENGINE,
        os.cpu_count() or 1,
        _up_since(now),
        disk.free // 1_000_000,
        disk.total // 1_000_000,
        _mb(settings.database),
        _mb(settings.knowledge_index),
    )


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _up_since(now: str) -> str:
    """When the machine was started; empty where it does not say."""
    try:
        up_s = float(Path("/proc/uptime").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return ""
    return times.written(times.read(now) - timedelta(seconds=up_s))


def _mb(database: Path) -> float:
    """What a database takes, with what is not yet settled in it."""
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(path.stat().st_size for path in files if path.exists()) / 1e6
