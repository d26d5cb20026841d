"""How quick a call was: derived from its events, when it is over.

May import: the standard library, appliance.core.events, appliance.store.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.store import tallies
from appliance.store.database import Connection

ANSWERED = "answered"
"""From the offer of the call to our audio being connected."""

GREETING = "greeting"
"""From being connected to the first audio of the first reply."""

RESPONSE = "response"
"""From the end of the caller's speech to the first audio of the reply, one for each such turn."""

_SPEECH_ENDS = ("SpeechStopped", "VoiceCeased")
_SPEECH_BEGINS = ("SpeechStarted", "VoiceBegan")


@dataclass(frozen=True, slots=True)
class Timing:
    """A span that ended at `at_ms` of the call and took `ms`."""

    name: str
    at_ms: int
    ms: int


def derived(stream: Iterable[tuple[int, str]]) -> list[Timing]:
    """The timings of a call, from its events as (at_ms, kind) in order."""
    timings: list[Timing] = []
    answered_ms: int | None = None
    greeted = False
    silent_ms: int | None = None
    for at_ms, kind in stream:
        if kind == "CallAnswered" and answered_ms is None:
            answered_ms = at_ms
            timings.append(Timing(ANSWERED, at_ms, max(0, at_ms)))
        elif kind in _SPEECH_ENDS:
            # Two ears can report the same end: what counts is when the caller really fell silent.
            silent_ms = at_ms if silent_ms is None else silent_ms
        elif kind in _SPEECH_BEGINS:
            silent_ms = None
        elif kind == "ReplyQueued":
            if silent_ms is not None:
                timings.append(Timing(RESPONSE, at_ms, max(0, at_ms - silent_ms)))
            elif not greeted and answered_ms is not None:
                timings.append(Timing(GREETING, at_ms, max(0, at_ms - answered_ms)))
            greeted, silent_ms = True, None
    return timings


def settle(db: Connection, call_id: str) -> None:
    """Derive the timings of a call from its stored events, in place of what was derived before."""
    stream = db.execute("SELECT at_ms, kind FROM call_event WHERE call_id = ? ORDER BY seq", (call_id,))
    found = derived((row[0], row[1]) for row in stream)
    if of_call(db, call_id):
        tallies.uncount_answers(db, call_id)
    db.execute("DELETE FROM call_timing WHERE call_id = ?", (call_id,))
    for seq, timing in enumerate(found, start=1):
        db.execute(
            "INSERT INTO call_timing (call_id, seq, name, at_ms, ms) VALUES (?, ?, ?, ?, ?)",
            (call_id, seq, timing.name, timing.at_ms, timing.ms),
        )


def of_call(db: Connection, call_id: str) -> list[Timing]:
    """The timings of a call, in order."""
    rows = db.execute("SELECT name, at_ms, ms FROM call_timing WHERE call_id = ? ORDER BY seq", (call_id,))
    return [Timing(*row) for row in rows]
