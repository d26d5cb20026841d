"""What is asked of a version before it may stay: its programs answer, stay up, and are as well as before.

May import: the standard library, appliance.core, appliance.service.update.
"""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core.settings import Settings

ASK_S = 3.0
LOOK_S = 0.5
START_S = 90.0
"""How long a program may take to answer for the first time."""
PATIENCE_S = 15.0
"""For so long it may be late, or not answer: a busy machine is no fault of a version."""
PASSING = frozenset({"loop"})
"""Parts that pass as they come; whether a program is fit tells enough of them."""
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What a program said of itself."""

    version: str
    since: str
    fit: bool
    """Whether it can do its work at all."""
    well: Mapping[str, bool]
    """Its parts, and whether they are well."""
    calls: int
    """How many calls it holds."""


def ask(port: int) -> Told | None:
    """Ask a program at its loopback port; None when it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read(1_000_000))
        parts: dict[str, dict[str, Any]] = told["parts"]
        return Told(
            str(told["version"]),
            str(told["since"]),
            answer.status == http.client.OK,
            {name: bool(part.get("well", True)) for name, part in parts.items()},
            int(parts.get("calls", {}).get("live", 0)),
        )
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Gate:
    """The programs by their names and loopback ports, and how they were before."""

    ports: Mapping[str, int]
    before: Mapping[str, Told]
    start_s: float = START_S

    @classmethod
    def of(cls, settings: Settings, start_s: float = START_S) -> "Gate":
        """Those that answer now."""
        known = {"bridge": settings.listen.local_port, "worker": settings.listen.worker_port}
        told = {name: ask(port) for name, port in known.items() if port}
        before = {name: each for name, each in told.items() if each is not None}
        return cls({name: known[name] for name in before}, before, start_s)

    def judged(self, number: str, within_s: float, sleep: Sleep = time.sleep) -> str:
        """Watch the programs for so long once they answer; what is wrong, or nothing."""
        first, problem = self._answered(number, sleep)
        if problem:
            return problem
        until, last, ill = time.monotonic() + within_s, first, dict[str, float]()
        while time.monotonic() < until or ill:
            sleep(LOOK_S)
            for name, port in self.ports.items():
                told = ask(port)
                if told is not None and told.fit:
                    ill.pop(name, None)
                    last[name] = told
                elif time.monotonic() - ill.setdefault(name, time.monotonic()) > PATIENCE_S:
                    return (
                        f"the {name} {'does not answer any more' if told is None else 'cannot do its work'}"
                    )
                if told is not None and told.since != first[name].since:
                    return f"the {name} ended, and was begun anew"
        return self._worse(last)

    def _worse(self, last: Mapping[str, Told]) -> str:
        """The parts that are not well now, and were before."""
        return "; ".join(
            f"{part} of the {name} is not well, and was before"
            for name, told in last.items()
            for part, well in told.well.items()
            if part not in PASSING and not well and self.before[name].well.get(part, True)
        )

    def _answered(self, number: str, sleep: Sleep) -> tuple[dict[str, Told], str]:
        """What the programs of that number say first, or what is wrong."""
        until, seen = time.monotonic() + self.start_s, ""
        found: dict[str, Told] = {}
        while True:
            for name, port in self.ports.items():
                told = ask(port)
                if told is not None and told.fit and told.version == number and self._anew(name, told):
                    found[name] = told
                elif told is not None:
                    seen = f" ({told.version} answers)"
            if found.keys() == self.ports.keys():
                return found, ""
            if time.monotonic() > until:
                late = ", ".join(sorted(self.ports.keys() - found.keys()))
                return found, f"{late} did not come up within {self.start_s:g} s{seen}"
            sleep(LOOK_S)

    def _anew(self, name: str, told: Told) -> bool:
        """Whether it is another process than before."""
        before = self.before[name]
        return (told.since, told.version) != (before.since, before.version)
