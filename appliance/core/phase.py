"""Where a conversation stands, and how long each of its waits may take.

May import: the standard library.
"""

from dataclasses import dataclass
from enum import Enum, auto

YES_OR_NO_MS = 500
SENTENCE_MS = 700
DIGITS_MS = 1_200
"""Silences that end what a caller says, by what they were asked; docs/hearing.md."""


class Phase(Enum):
    """Where a conversation stands."""

    OPENING = auto()
    TALKING = auto()
    LEAVING = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each wait of a conversation may take."""

    first_audio_ms: int = 4000
    reply_due_ms: int = 2500
    probe_ms: int = 1200
    keys_ms: int = 2000
    words_ms: int = 1000
    words_due_ms: int = 1000
    leave_ms: int = 8000
    last_words_ms: int = 2000
    longest_ms: int = 1_200_000
    least_voice_ms: int = 250
    probes: int = 3
    filler_ms: int = 1350
    stop_ms: int = 500
    """How long a silence has lasted when the cloud says that the caller has stopped."""
    fetch_ms: int = 4000
    no_input_ms: int = 8000
    no_input_cloud_ms: int = 12_000
    message_pause_ms: int = 3000
    message_longest_ms: int = 120_000

    def no_input(self, *, local: bool) -> int:
        """How long a caller may be silent, by who asked: the box, or the cloud."""
        return self.no_input_ms if local else self.no_input_cloud_ms
