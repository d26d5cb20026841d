"""What a worker owes when it begins: what other settings, or a version before this one, left without a job.

May import: the standard library, appliance.core, appliance.jobs, appliance.service, appliance.store.
"""

from datetime import UTC, datetime

from appliance.core.settings import Settings
from appliance.service.jobs import outside
from appliance.store import calendar_sync, database, voicemail


def owe_missing(settings: Settings) -> None:
    """Owe it. Raises StoreError."""
    now, hears = (
        datetime.now(UTC),
        outside.speech_of(settings) is not None and settings.voicemail.written_down,
    )
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            calendar_sync.owe_missing(db, now=now)
            if hears:
                voicemail.owe_unheard(db, now=now)
    finally:
        db.close()
