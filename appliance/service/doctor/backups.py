"""Backups as a doctor sees them: how old the last one is, and whether somebody saw it restored.

May import: the standard library, appliance.backup, appliance.core, appliance.store.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

from appliance.backup import place, standing
from appliance.backup.standing import MISSING, State
from appliance.core.errors import SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.store import backups
from appliance.store.errors import StoreError

PART = "backup"


def examined(settings: Settings, now: datetime | None = None) -> Iterator[Examined]:
    """Look at what they left in the database, and at what they need."""
    backup = settings.backup
    try:
        found = backups.of_file(settings.database)
    except StoreError:
        return  # The database has a line of its own.
    judged = standing.judged(backup, found, now or datetime.now(UTC))
    if judged.state is State.OFF:
        yield note(PART, f"{judged.told} (docs/backup.md).")
        return
    if judged.state is State.OK:
        yield well(PART, judged.told)
    else:
        yield (missing if judged.state in MISSING else note)(PART, _sentence(judged.told))
    if shutil.which(backup.program) is None:
        yield missing("restic", f"{backup.program} is not installed: `apt install restic`.")
    try:
        settings.secret(backup.password_file)
    except SettingsError as exc:
        yield missing("backup password", str(exc))
    else:
        try:
            place.to_be_made(settings)
        except SettingsError as exc:
            yield missing("backup keys", str(exc))


def _sentence(told: str) -> str:
    return told if told.endswith(".") else f"{told}."
