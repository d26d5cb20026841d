"""A caller's plan: what somebody does with a telephone, one step a line.

    wait for reply            until the agent was heard and then quiet for 600 ms
    wait for speech           until the agent has begun to be heard, for more than 120 ms
    wait heard 1200           until 1200 ms of the agent's current reply were played
    wait 1.5                  seconds
    say brooklyn.wav          play a recording into the telephone
    say brooklyn as hello     the same; a recogniser of the carrier's understands "hello"
    press 9#                  keys, 100 ms each
    leave message jfk.wav     wait for a recording to begin (the beep), then say it
    hang up

A wait for the agent may end in `within 10`: seconds after which the caller gives up and hangs up (30).
Empty lines and lines with # in front count for nothing. Pure. May import: the standard library.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

PATIENCE_S = 30.0


class BadPlan(ValueError):
    """A line that is no step."""


@dataclass(frozen=True, slots=True)
class Say:
    """Play a recording; `transcript` is what the carrier's recogniser makes of it, None the true words."""

    recording: str
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Press these keys, one after the other."""

    keys: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Be silent for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForReply:
    """Listen until the agent was heard and has then been quiet for 600 ms."""

    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class WaitForSpeech:
    """Listen until the agent begins to be heard."""

    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class WaitHeard:
    """Listen until so many ms of the agent's current reply were played."""

    ms: int
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Wait until the line records, then play a recording."""

    recording: str
    within_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class HangUp:
    """Put the telephone down."""


Step = Say | Press | Wait | WaitForReply | WaitForSpeech | WaitHeard | LeaveMessage | HangUp
Plan = tuple[Step, ...]


def read_plan(text: str) -> Plan:
    """Read a plan from the text of its file."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(read_step(line) for line in lines if line and not line.startswith("#"))


def as_plan(plan: str | Iterable[Step | str]) -> Plan:
    """A plan from whatever a test wrote: a text, or steps and lines mixed."""
    if isinstance(plan, str):
        return read_plan(plan)
    return tuple(read_step(step) if isinstance(step, str) else step for step in plan)


def read_step(line: str) -> Step:
    words, within_s = _patience(line)
    for pattern, build in _PATTERNS:
        if found := re.fullmatch(pattern, words):
            step = build(found, within_s)
            if step is not None:
                return step
    raise BadPlan(f"not a step of a plan: {line[:80]!r}")


def _patience(line: str) -> tuple[str, float]:
    found = re.fullmatch(r"((?:wait|leave) .*?) within (\d+(?:\.\d+)?)", line)
    return (found[1], float(found[2])) if found else (line, PATIENCE_S)


_PATTERNS = (
    (r"say (\S+)(?: as (.*))?", lambda f, _: Say(f[1], f[2])),
    (r"press ([0-9*#]+)", lambda f, _: Press(f[1])),
    (r"wait (\d+(?:\.\d+)?)", lambda f, _: Wait(float(f[1]))),
    (r"wait for reply", lambda _, s: WaitForReply(s)),
    (r"wait for speech", lambda _, s: WaitForSpeech(s)),
    (r"wait heard (\d+)", lambda f, s: WaitHeard(int(f[1]), s)),
    (r"leave message (\S+)", lambda f, s: LeaveMessage(f[1], s)),
    (r"hang up", lambda *_: HangUp()),
)
