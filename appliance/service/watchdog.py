"""Our word to systemd, or to who runs us by its rule: that we listen, that we live, that we stop.

That of life is given by the loop that holds the calls, once a second. A loop that hangs gives none, and a
process that gave none for three seconds is ended and begun anew: meanwhile its calls are with people.
May import: the standard library, appliance.core.
"""

import logging
import socket
from collections.abc import Callable, Mapping

from appliance.core.pulse import Pulse

log = logging.getLogger(__name__)

FEED_S = 1.0


class Runner:
    """Who runs us: told where the environment says so."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        where = environment.get("NOTIFY_SOCKET", "")
        # Of an abstract name systemd writes the first byte as @.
        self._where = f"\0{where[1:]}" if where.startswith("@") else where
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def tell(self, word: str) -> None:
        """One of systemd's words, such as READY=1; that it cannot be told is logged."""
        if not self._where:
            return
        try:
            self._line.sendto(word.encode(), self._where)
        except OSError as exc:
            log.warning("who runs us was not told", extra={"word": word, "problem": str(exc)})

    def close(self) -> None:
        """Tell nothing more."""
        self._line.close()


class Watchdog:
    """Tells who runs us that we live. `fit` is whether we can do our work at all."""

    def __init__(self, environment: Mapping[str, str], pulse: Pulse, fit: Callable[[], bool]) -> None:
        self._runner = Runner(environment)
        self._watched = "WATCHDOG_USEC" in environment
        self._pulse = pulse
        self._fit = fit
        self._fed_at: float | None = None

    def begin(self) -> None:
        """Calls are taken from now on."""
        self._runner.tell("READY=1")
        if self._watched:
            self._pulse.members.add(self._beat)

    def end(self) -> None:
        """We stop, as we were asked to."""
        self._pulse.members.discard(self._beat)
        self._runner.tell("STOPPING=1")
        self._runner.close()

    def _beat(self, now_s: float) -> None:
        if self._fed_at is not None and now_s - self._fed_at < FEED_S:
            return
        self._fed_at = now_s
        if self._fit():
            self._runner.tell("WATCHDOG=1")
        else:
            log.error("we can do our work no more: the watchdog is not fed")
