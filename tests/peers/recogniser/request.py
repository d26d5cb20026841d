"""What the peer was asked, to be looked at by tests.

May import: the standard library, this package's library and sound.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.peers.recogniser.library import Match
from tests.peers.recogniser.sound import Look, look, samples

Outcome = Literal["asked", "answered", "cancelled", "fault", "wrong"]
"""asked: not answered yet. cancelled: the client closed the connection first. fault: it went wrong as told.
wrong: the client did not keep to the protocol."""


@dataclass(slots=True)
class Asked:
    """One request, as far as it has come."""

    connection: int
    language: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    """What `transcribe` carried."""
    rate: int = 0
    width: int = 2
    channels: int = 1
    audio: bytearray = field(default_factory=bytearray)
    whole: bool = False
    """All audio has come."""
    at_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    """By the loop's clock, when it was asked and when it was over."""
    over_s: float = 0.0
    outcome: Outcome = "asked"
    problem: str = ""
    matches: list[Match] = field(default_factory=list)
    text: str | None = None
    """What was answered."""

    @property
    def length_ms(self) -> int:
        """How much audio has come."""
        per_s = self.rate * self.width * self.channels
        return len(self.audio) * 1000 // per_s if per_s else 0

    def of_format(self, data: Mapping[str, Any]) -> None:
        """Take note of how the audio is sampled; it must stay so."""
        named = (int(data["rate"]), int(data["width"]), int(data["channels"]))
        if self.rate and named != (self.rate, self.width, self.channels):
            raise ValueError(f"the audio changes to {named} in the middle")
        if named[0] < 8000 or named[1] not in (1, 2, 4) or named[2] < 1:
            raise ValueError(f"audio of {named} cannot be heard")
        self.rate, self.width, self.channels = named

    def look(self) -> Look:
        """How the audio looks."""
        return look(samples(bytes(self.audio), self.width, self.channels), self.rate)
