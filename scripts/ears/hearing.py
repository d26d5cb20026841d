"""What our own ear makes of a sound: the detector of a call, fed at once instead of in time.

May import: the standard library, numpy, appliance.core, models.local.
"""

import numpy as np
from numpy.typing import NDArray

from appliance.core.pulse import Pulse
from appliance.core.ulaw import BYTES_PER_MS, FRAME_MS, SILENCE, Gate
from models.local.detector import ListeningRoom, judged
from models.local.silero import Ear, Silero
from models.local.voice_turns import Happened, VoiceTurns

BEAT_FRAMES = 5
AFTER_MS = 4000


def heard(network: Silero, frames: list[bytes], asked_ms: int = 0) -> list[Happened]:
    """All that happened on a line; with `asked_ms` it is listened to closely, as in local mode."""
    line = ListeningRoom(network, Pulse()).detector(lambda _event: None)
    line.attend(asked_ms)
    gate, happened = Gate(), list[Happened]()
    quiet = [SILENCE * (FRAME_MS * BYTES_PER_MS)] * (AFTER_MS // FRAME_MS)
    for number, frame in enumerate([*frames, *quiet], 1):
        line.take(frame, gate.open(frame))
        stretch = line.gathered() if number % BEAT_FRAMES == 0 else None
        if stretch is not None:
            happened += judged(network, stretch)
    return happened


def heard_wide(network: Silero, pcm_16k: NDArray[np.float64]) -> list[Happened]:
    """The same of a recording at 16 kHz, without a line and its gate."""
    ear, turns = Ear(), VoiceTurns()
    whole = np.concatenate((pcm_16k, np.zeros(32_000))).astype(np.float32) / np.float32(32768)
    windows = network.windows_16k(ear, whole)
    found = [turns.window(each.likely, each.loud_db) for each in windows]
    return [event for event in found if event is not None]
