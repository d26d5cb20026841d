"""Speech told by its loudness alone, for a box whose network cannot be used: better than to be deaf.

It takes every loud sound for speech, so it serves the local assistant only, which can ask again: no cloud is
given up by it, and no turn of the cloud's ended. May import: models.local, numpy.
"""

import numpy as np

from models.local.doubling import linear
from models.local.silero import Ear, Window, loud_db

LOUD_DB = -35.0
"""The vowels of recorded callers have -12 to -28 dB, an office full of people mostly stays below -38."""


class Loudness:
    """Stands where the network would."""

    def windows(self, ear: Ear, ulaw_8k: bytes) -> list[Window]:
        """What each whole 32 ms of what was given so far sounds like."""
        given = ear.windows(np.repeat(linear(ulaw_8k), 2))
        if given is None:
            return []
        return [Window(float(each >= LOUD_DB), each) for each in loud_db(given)]
