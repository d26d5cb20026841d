"""From speech probabilities to "began to speak" and "stopped": pure logic with hysteresis.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass

from appliance.core.events import VoiceBegan, VoiceCeased, VoiceEvent

WINDOW_MS = 32


@dataclass(slots=True)
class VoiceTurns:
    """Takes a probability for each 32 ms of audio, or stretches of silence, in order.

    `at_ms` is where the line stands; a turn begins after `least_windows` likely ones, so that a click is
    none, and ends after `patience_ms` without speech.
    """

    begins_above: float = 0.5
    ends_below: float = 0.35
    least_windows: int = 2
    patience_ms: int = 600
    at_ms: int = 0
    _likely: int = 0
    _began_ms: int | None = None
    _last_voice_ms: int = 0

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._began_ms is not None

    def window(self, probability: float) -> VoiceEvent | None:
        """Take the next 32 ms."""
        self.at_ms += WINDOW_MS
        if probability >= self.begins_above:
            self._likely += 1
            self._last_voice_ms = self.at_ms
            if self._began_ms is None and self._likely >= self.least_windows:
                self._began_ms = self.at_ms - self._likely * WINDOW_MS
                return VoiceBegan(self._began_ms)
            return None
        if probability >= self.ends_below and self._began_ms is not None:
            self._last_voice_ms = self.at_ms
            return None
        self._likely = 0
        return self._over()

    def silence(self, ms: int) -> VoiceEvent | None:
        """Take a stretch that cannot hold speech."""
        self.at_ms += ms
        self._likely = 0
        return self._over()

    def more(self, ms: int) -> None:
        """Take a stretch of a speech that goes on."""
        self.at_ms += ms
        self._last_voice_ms = self.at_ms

    def _over(self) -> VoiceEvent | None:
        if self._began_ms is None or self.at_ms - self._last_voice_ms < self.patience_ms:
            return None
        spoke_ms = self._last_voice_ms - self._began_ms
        self._began_ms = None
        return VoiceCeased(self._last_voice_ms, spoke_ms)
