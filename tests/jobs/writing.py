"""Two digits that the small network hears, and a worker's hand that writes messages down.

May import: the standard library, numpy, appliance, tests.
"""

import asyncio
from datetime import timedelta

import numpy as np

from appliance.jobs import writing_down
from appliance.jobs.hearing import Speech
from appliance.store import database
from tests.jobs.office import Office, narrow, silence, wav
from tests.speech.program import spoken_digit

ONE, FOUR, EIGHT = (narrow(spoken_digit(name)) for name in ("1_nicolas", "4_jackson", "8_jackson"))
SAID = np.concatenate([FOUR, silence(0.1), EIGHT])
SPOKEN = wav(silence(2), SAID, silence(2))
"""The small network hears two digits that are said together."""


def hearing(clinic: Office, speech: Speech | None, **wishes: object) -> Office:
    settings = clinic.settings(voicemail=wishes)
    return clinic.does(writing_down.writing_down(settings, speech, lambda: clinic.now))


async def works(clinic: Office, patience: timedelta = timedelta(days=30)) -> list[str]:
    """The worker's hand, in a thread of its own as in the worker."""
    path = clinic.folder / "attendant.db"
    clinic.db.close()

    def work_there() -> list[str]:
        clinic.db = database.connect(path)
        try:
            return clinic.works(patience=patience)
        finally:
            clinic.db.close()

    became = await asyncio.to_thread(work_there)
    clinic.db = database.connect(path)
    return became
