"""The script of a peer: what it says and does, turn by turn, from a TOML file a person can read.

May import: faults, voices.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tests.peers.realtime.faults import Fault, read_faults
from tests.peers.realtime.voices import Source

OCCASIONS = ("greeting", "utterance", "tool_output", "prompt", "timeout", "out_of_band", "any")
"""greeting: the first response, with nothing said yet. prompt: a later one asked for out of the blue.
timeout: the caller was silent too long. out_of_band: `conversation: none`. any: the first five."""

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: str = "{}"
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One response: what is spoken, a second message, then the calls."""

    say: str | None = None
    then_say: str | None = None
    calls: tuple[Call, ...] = ()
    tone_ms: int | None = None
    """Speak a tone of this length instead of the words."""
    audio: Path | None = None
    """Speak this `.wav` or `.ulaw` file instead of the words."""

    def sources(self) -> list[Source]:
        """What is to be heard, message by message."""
        first = Source(self.say or "", self.tone_ms, self.audio)
        second = Source(self.then_say or "")
        return [source for source in (first, second) if source != Source("")]


@dataclass(frozen=True, slots=True)
class Turn:
    """When it happens, what the caller was heard to say, and the responses that follow."""

    on: str
    replies: tuple[Reply, ...] = (Reply(),)
    """The second and later ones start right after the one before is done."""
    heard: str | None = None
    heard_error: str | None = None
    """The transcription fails with this code."""
    heard_after_ms: int = 150
    heard_delta_ms: int = 0
    """Between two words of what was heard; 0 is all at once."""
    faults: tuple[Fault, ...] = ()
    repeat: bool = False
    connection: int | None = None
    """Only in the n-th session of the peer, from 1."""
    speedup: float | None = None
    chunk_ms: int | None = None
    call_pause_ms: int = 0
    """Between two pieces of the arguments of a call."""


@dataclass(frozen=True, slots=True)
class Script:
    """The turns, in order, and the settings of the whole peer."""

    turns: tuple[Turn, ...] = ()
    connect: tuple[Fault, ...] = ()
    """Faults of the coming connections, one each in order, before anything is said."""
    faults: tuple[Fault, ...] = ()
    """Armed in every session."""
    fallback: str = "I am sorry, could you say that again?"
    """Said when no turn fits."""
    voice: str = "synth"
    speedup: float = 8.0
    chunk_ms: int = 200
    expires_after_s: float = 3600.0
    across_connections: bool = False
    """A turn used up in one session is used up for the next as well."""
    extra_fields: bool = False
    """Deltas carry a field that the published types do not have, as those of the service do."""
    late_rate_limits: bool = False
    """`rate_limits.updated` comes after `response.done` instead of after `response.created`."""

    @staticmethod
    def read(path: Path) -> "Script":
        """Read a script file; the files it names lie beside it."""
        return Script.parse(path.read_text(), path.parent)

    @staticmethod
    def parse(text: str, folder: Path = SCRIPTS) -> "Script":
        table = tomllib.loads(text)
        given: dict[str, Any] = {
            "turns": tuple(_turn(turn, folder) for turn in table.pop("turn", [])),
            "connect": read_faults(table.pop("connect", [])),
            "faults": read_faults(table.pop("fault", [])),
        }
        return Script(**given, **_known(Script, table))

    def replies(self) -> list[Reply]:
        """Everything that may have to be spoken."""
        return [Reply(say=self.fallback), *(reply for turn in self.turns for reply in turn.replies)]


def _turn(table: dict[str, Any], folder: Path) -> Turn:
    follow_up = table.pop("follow_up", [])
    faults = read_faults(table.pop("faults", []) + ([table.pop("fault")] if "fault" in table else []))
    mine = {key: table.pop(key) for key in [*table] if key in _REPLY_KEYS}
    replies = tuple(_reply(reply, folder) for reply in [mine, *follow_up])
    turn = Turn(**_known(Turn, table), replies=replies, faults=faults)
    if turn.on not in OCCASIONS:
        raise ValueError(f"on = {turn.on!r}, expected one of {', '.join(OCCASIONS)}")
    return turn


def _reply(table: dict[str, Any], folder: Path) -> Reply:
    calls = tuple(Call(**_known(Call, call)) for call in table.pop("calls", []))
    audio = folder / table.pop("audio") if "audio" in table else None
    return Reply(**_known(Reply, table), calls=calls, audio=audio)


_REPLY_KEYS = {entry.name for entry in fields(Reply)}


def _known(kind: type[Any], table: Mapping[str, Any]) -> dict[str, Any]:
    names = {entry.name for entry in fields(kind)}
    if strange := sorted(set(table) - names):
        raise ValueError(f"{kind.__name__} has no {', '.join(strange)}; it has {', '.join(sorted(names))}")
    return dict(table)


@dataclass(slots=True)
class Cursor:
    """How far the script has come."""

    script: Script
    connection: int = 1
    used: set[int] = field(default_factory=set)
    heard: set[int] = field(default_factory=set)

    def take(self, occasion: str) -> Turn | None:
        """The first turn not used up that fits; None when there is none."""
        for place, turn in enumerate(self.script.turns):
            if place not in self.used and self._fits(turn, occasion):
                if not turn.repeat:
                    self.used.add(place)
                return turn
        return None

    def coming(self) -> Turn | None:
        """The turn that will answer the utterance being spoken."""
        return self._unheard()[1]

    def hear(self) -> Turn | None:
        """The same, and its utterance is over."""
        place, turn = self._unheard()
        if turn and not turn.repeat:
            self.heard.add(place)
        return turn

    def _unheard(self) -> tuple[int, Turn | None]:
        for place, turn in enumerate(self.script.turns):
            if place not in self.heard | self.used and self._fits(turn, "utterance"):
                return place, turn
        return -1, None

    def _fits(self, turn: Turn, occasion: str) -> bool:
        if turn.connection not in (None, self.connection):
            return False
        return turn.on == occasion or (turn.on == "any" and occasion != "out_of_band")
