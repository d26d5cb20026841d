"""From speech probabilities to "began to speak", "paused" and "stopped": pure logic with hysteresis.

May import: the standard library, appliance.core, models.local.
"""

from dataclasses import dataclass

from appliance.core.events import VoiceBegan, VoiceCeased
from models.local.patience import WENT_ON_WITHIN_MS, Patience

WINDOW_MS = 32
PAUSE_MS = 400


@dataclass(frozen=True, slots=True)
class VoicePaused:
    """The caller has been silent since `at_ms` of the call, after `spoke_ms` of voice, and may go on."""

    at_ms: int
    spoke_ms: int


Happened = VoiceBegan | VoicePaused | VoiceCeased


@dataclass(slots=True)
class VoiceTurns:
    """Takes a probability for each 32 ms of audio, or stretches of silence, in order.

    `at_ms` is where the line stands; a turn begins after `least_windows` likely ones, so that a click is
    none, and ends after `patience_ms` without speech. With `patience` it is that which says how long, and
    pauses of 400 ms are told.
    """

    begins_above: float = 0.5
    ends_below: float = 0.35
    least_windows: int = 2
    patience_ms: int = 600
    patience: Patience | None = None
    at_ms: int = 0
    _likely: int = 0
    _began_ms: int | None = None
    _last_voice_ms: int = 0
    _pause_told: bool = False

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._began_ms is not None

    def window(self, probability: float) -> Happened | None:
        """Take the next 32 ms."""
        self.at_ms += WINDOW_MS
        if probability >= self.begins_above:
            self._likely += 1
            if self._began_ms is None and self._likely >= self.least_windows:
                return self._begin(self.at_ms - self._likely * WINDOW_MS)
            if self._began_ms is not None:
                self._voice(WINDOW_MS)
            return None
        if probability >= self.ends_below and self._began_ms is not None:
            self._voice(WINDOW_MS)
            return None
        self._likely = 0
        return self._silent()

    def silence(self, ms: int) -> Happened | None:
        """Take a stretch that cannot hold speech."""
        self.at_ms += ms
        self._likely = 0
        return self._silent()

    def more(self, ms: int) -> None:
        """Take a stretch of a speech that goes on."""
        self.at_ms += ms
        self._voice(ms)

    def _begin(self, began_ms: int) -> VoiceBegan:
        pause_ms = began_ms - self._last_voice_ms
        if self.patience and self._last_voice_ms and pause_ms <= WENT_ON_WITHIN_MS:
            self.patience.went_on(pause_ms)
        self._began_ms, self._last_voice_ms, self._pause_told = began_ms, self.at_ms, False
        return VoiceBegan(began_ms)

    def _voice(self, ms: int) -> None:
        if self.patience:
            self.patience.went_on(self.at_ms - ms - self._last_voice_ms)
        self._last_voice_ms, self._pause_told = self.at_ms, False

    def _silent(self) -> VoicePaused | VoiceCeased | None:
        if self._began_ms is None:
            return None
        silent_ms, spoke_ms = self.at_ms - self._last_voice_ms, self._last_voice_ms - self._began_ms
        if silent_ms >= (self.patience.ms if self.patience else self.patience_ms):
            self._began_ms = None
            return VoiceCeased(self._last_voice_ms, spoke_ms)
        if self.patience and silent_ms >= PAUSE_MS and not self._pause_told:
            self._pause_told = True
            return VoicePaused(self._last_voice_ms, spoke_ms)
        return None
