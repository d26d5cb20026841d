"""From speech probabilities to "began to speak", "paused" and "stopped": pure logic with hysteresis.

May import: the standard library, appliance.core, models.local.
"""

from dataclasses import dataclass

from appliance.core.events import VoiceBegan, VoiceCeased, VoicePaused
from models.local.patience import WENT_ON_WITHIN_MS, Patience

WINDOW_MS = 32
PAUSE_MS = 400
FLOOR_FIRST_DB = -60.0
FLOOR_LEAST_DB = -75.0
FLOOR_RISES = 1 / 8
"""Per window: the floor follows what goes on and on within a second."""
CHANGES_DB = 1.5
"""A word that begins does so from a window to the next; tones, and hums that are switched on, do not."""


Happened = VoiceBegan | VoicePaused | VoiceCeased


@dataclass(slots=True)
class VoiceTurns:
    """Takes a probability for each 32 ms of audio, or stretches of silence, in order.

    `at_ms` is where the line stands; a turn begins after `least_windows` likely ones, so that a click is
    none, and ends after `patience_ms` without speech. In the telephone's band the network is unsure of short
    words: what stands out of the line's noise by `stands_out_db`, and is not as even as a tone, needs to be
    only `stands_out_above` likely. With `patience` it is that which says how long a silence ends a turn, and
    pauses of 400 ms are told.
    """

    begins_above: float = 0.55
    ends_below: float = 0.25
    stands_out_above: float = 0.25
    stands_out_db: float = 8.5
    least_windows: int = 2
    patience_ms: int = 600
    patience: Patience | None = None
    at_ms: int = 0
    _floor_db: float = FLOOR_FIRST_DB
    _loud_db: float = FLOOR_FIRST_DB
    _likely: int = 0
    _standing_out: int = 0
    _began_ms: int | None = None
    _last_voice_ms: int = 0
    _pause_told: bool = False
    _taken: bool = False
    """Whether it was our patience that ended the last turn: only then may it have been too short."""

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._began_ms is not None

    def window(self, probability: float, loud_db: float) -> Happened | None:
        """Take the next 32 ms: how likely it is speech, and how loud it is."""
        self.at_ms += WINDOW_MS
        changes, stands_out = self._changes(loud_db), self._stands_out(probability, loud_db)
        self._likely = self._likely + 1 if probability >= self.begins_above else 0
        self._standing_out = self._standing_out + 1 if stands_out else 0
        if self._began_ms is None:
            windows = max(self._likely, self._standing_out if changes else 0)
            return self._begin(self.at_ms - windows * WINDOW_MS) if windows >= self.least_windows else None
        if stands_out or probability >= self.ends_below:
            self._voice(WINDOW_MS)
            return None
        return self._silent()

    def _changes(self, loud_db: float) -> bool:
        before_db, self._loud_db = self._loud_db, loud_db
        return abs(loud_db - before_db) >= CHANGES_DB

    def _stands_out(self, probability: float, loud_db: float) -> bool:
        above_db = loud_db - self._floor_db
        rise_db = above_db * FLOOR_RISES if above_db > 0 else above_db
        self._floor_db = max(self._floor_db + rise_db, FLOOR_LEAST_DB)
        return above_db >= self.stands_out_db and probability >= self.stands_out_above

    def silence(self, ms: int) -> Happened | None:
        """Take a stretch that cannot hold speech."""
        self.at_ms += ms
        self._likely = self._standing_out = 0
        return self._silent()

    def left(self) -> VoiceCeased | None:
        """Nobody listens any more: a turn that has not ended is over for us, and told as a mere noise."""
        if self._began_ms is None:
            return None
        self._began_ms, self._taken = None, False
        return VoiceCeased(self._last_voice_ms, 0)

    def more(self, ms: int) -> None:
        """Take a stretch of a speech that goes on."""
        self.at_ms += ms
        self._voice(ms)

    def _begin(self, began_ms: int) -> VoiceBegan:
        pause_ms = began_ms - self._last_voice_ms
        if self.patience and self._taken and pause_ms <= WENT_ON_WITHIN_MS:
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
            self._began_ms, self._taken = None, self.patience is not None
            return VoiceCeased(self._last_voice_ms, spoke_ms)
        if self.patience and silent_ms >= PAUSE_MS and not self._pause_told:
            self._pause_told = True
            return VoicePaused(self._last_voice_ms, spoke_ms)
        return None
