"""How each part of the bridge is, by what is known already: for `/healthz` and for the gauges of `/metrics`.

Nothing is asked of anybody here. May import: the standard library, appliance.core, models.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.core.standing import Standing
from models.breaker import Breaker

log = logging.getLogger(__name__)
ABSENT, WITHOUT_WEIGHTS = "unreachable", "unavailable"
"""Words of the speech client for a program that is not there, and for one that lacks its weights."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part's state in a word or two. `well` is false when callers get less than what is configured."""

    state: str
    well: bool = True
    more: Mapping[str, object] = field(default_factory=dict)


Reading = Callable[[], Part]


def fixed(state: str, *, well: bool = True) -> Reading:
    """A part whose state does not change while the process lives."""
    part = Part(state, well)
    return lambda: part


def secret(settings: Settings, file: Path, without: str) -> str | None:
    """A secret; where it cannot be had None, and a warning of what the box does without."""
    try:
        return settings.secret(file)
    except SettingsError as exc:
        log.warning(without, extra={"problem": str(exc)})
        return None


def written(at: datetime) -> str:
    """A time as people and programs read it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ago(seconds: float) -> str:
    """The time so many seconds ago."""
    return written(datetime.now(UTC) - timedelta(seconds=seconds))


def cloud(breaker: Breaker, *, capped: bool) -> Part:
    """The cloud as the calls find it. `next_probe_s` is missing while a probe, or a call, finds out."""
    down_s, due_s = breaker.down_s, breaker.next_probe_s
    if down_s is not None:
        soon = {} if due_s is None else {"next_probe_s": round(due_s, 1)}
        return Part("down", False, {"since": ago(down_s), "reason": breaker.reason, **soon})
    return Part("over the daily cap", False) if capped else Part("ok")


def carrier(standing: Standing) -> Part:
    """The carrier's REST service, by what became of the last request."""
    return _asked(standing, "failing")


def speech(standing: Standing) -> Part:
    """A speech program, by what became of the last request."""
    words = {ABSENT: "absent", WITHOUT_WEIGHTS: "without weights"}
    return _asked(standing, words.get(standing.problem, "not answering"))


def _asked(standing: Standing, ill: str) -> Part:
    if standing.at is None:
        return Part("not asked yet")
    asked: dict[str, object] = {"asked": written(standing.at)}
    if standing.failing_since is None:
        return Part("ok", True, asked)
    since = written(standing.failing_since)
    return Part(ill, False, {"since": since, "problem": standing.problem, **asked})
