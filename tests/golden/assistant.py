"""The [assistant] section of a golden call: what the realtime service says and what goes wrong with it.

    at the greeting
        says: Good morning.
    when the caller says "what time is it"
        says: Let me look.
        uses: get_business_hours {}
    when the caller is not understood
    after the tools
    when asked again
    at any time
        trouble: fail type=server_error after=2
        only in session 2
        writes slowly
        speaks no faster than a person
    at the door
        trouble: refuse status=401
    in the session
        trouble: error code=invalid_value at=updated
        lasts 64 s

May import: the standard library, this package's format, tests.peers.realtime.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.golden.format import Line
from tests.peers.realtime import Call, Fault, Reply, Script, Turn
from tests.peers.realtime.faults import read_fault

SLOWLY_MS = 400
PERSON, PERSON_MS = 1.1, 100
"""The service's pace when it is no faster than a person, and how much it sends at a time."""
KINDS = (
    "says:",
    "uses:",
    "trouble:",
    "only in session N",
    "lasts N s",
    "writes slowly",
    "speaks no faster than a person",
)
OCCASIONS = {
    "at the greeting": "greeting",
    "after the tools": "tool_output",
    "when asked again": "prompt",
    "at any time": "any",
    "when the caller is not understood": "utterance",
}


@dataclass(slots=True)
class _Entry:
    """One occasion with what belongs to it."""

    line: Line
    says: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    connection: int | None = None
    call_pause_ms: int = 0
    like_a_person: bool = False
    lasts_s: int = 3600

    def turn(self) -> Turn:
        said = re.fullmatch(r'when the caller says "(.*)"', self.line.text)
        occasion = "utterance" if said else OCCASIONS.get(self.line.text)
        if occasion is None:
            raise self.line.wrong(f'no occasion; there are {", ".join(OCCASIONS)}, when the caller says ""')
        words = [*self.says, None, None]
        return Turn(
            occasion,
            (Reply(words[0], words[1], tuple(self.calls)),),
            heard=said[1] if said else None,
            heard_error="unintelligible" if "not understood" in self.line.text else None,
            faults=tuple(self.faults),
            connection=self.connection,
            call_pause_ms=self.call_pause_ms,
            speedup=PERSON if self.like_a_person else None,
            chunk_ms=PERSON_MS if self.like_a_person else None,
        )


def read_assistant(lines: Iterable[Line]) -> Script:
    """The script that a realtime peer plays. Raises GoldenError."""
    entries: list[_Entry] = []
    for line in lines:
        if not line.indented:
            entries.append(_Entry(line))
        elif entries:
            _add(entries[-1], line)
        else:
            raise line.wrong("belongs to no occasion")
    doors = [entry for entry in entries if entry.line.text == "at the door"]
    sessions = [entry for entry in entries if entry.line.text == "in the session"]
    turns = [entry.turn() for entry in entries if entry not in doors + sessions]
    return Script(
        tuple(turns),
        connect=tuple(fault for entry in doors for fault in entry.faults),
        faults=tuple(fault for entry in sessions for fault in entry.faults),
        expires_after_s=min((entry.lasts_s for entry in sessions), default=3600),
        across_connections=True,
    )


def _add(entry: _Entry, line: Line) -> None:
    kind, _, rest = (part.strip() for part in line.text.partition(":"))
    if kind == "says":
        entry.says.append(rest)
    elif kind == "uses":
        name, _, arguments = rest.partition(" ")
        entry.calls.append(Call(name, arguments or "{}"))
    elif kind == "trouble":
        entry.faults.append(read_trouble(rest, line))
    elif kind == "writes slowly":
        entry.call_pause_ms = SLOWLY_MS
    elif kind == "speaks no faster than a person":
        entry.like_a_person = True
    elif found := re.fullmatch(r"only in session (\d)", line.text):
        entry.connection = int(found[1])
    elif found := re.fullmatch(r"lasts (\d+) s", line.text):
        entry.lasts_s = int(found[1])
    else:
        raise line.wrong(f"must be one of {', '.join(KINDS)}")


def read_trouble(text: str, line: Line) -> Fault:
    """A fault of the realtime peer: its kind, then name=value. Raises GoldenError."""
    kind, *pairs = text.split()
    table: dict[str, Any] = {"kind": kind}
    for pair in pairs:
        name, _, value = pair.partition("=")
        table[name] = int(value) if value.isdecimal() else value
    try:
        return read_fault(table)
    except ValueError as exc:
        raise line.wrong(str(exc)) from exc
