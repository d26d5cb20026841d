"""One calendar service as the calls ask it: on a few threads of its own, and not while it is away.

What fails for one calendar of it rests alone; without network or token the whole service does.

A thread that is given up goes on until the time-outs of its sockets end it; so many wait for it, and no more.
May import: the standard library, appliance.core.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from appliance.core.calendar import Calendar, CalendarFailed, Trouble
from appliance.core.errors import AttendantError

log = logging.getLogger(__name__)

T = TypeVar("T")
THREADS = 4
AT_ONCE = 16
"""Those that are served and those that wait; a further one is refused."""
BEGUN_SHARE = 0.5
"""Who waited in our own queue for more than this of the time says nothing about the service."""
FAILURES_MOST = 2
"""So many failures in a row, and it is left alone for a while."""
RESTS_S = (10.0, 20.0, 40.0, 60.0)
AWAY = frozenset({Trouble.AWAY, Trouble.BUSY, Trouble.REFUSED})
"""Troubles that the next one who asks would meet as well."""


class Crowded(CalendarFailed):
    """Too many ask at once: it was not asked, and nothing is known of it."""


@dataclass(slots=True)
class _Rest:
    """How a calendar, or the whole service, has been lately."""

    problem: str = ""
    trouble: Trouble | None = None
    failures: int = 0
    until: float = 0.0
    answered_at: datetime | None = None
    failed_at: datetime | None = None

    def answers(self) -> None:
        """Note that it is well."""
        self.problem, self.trouble, self.failures = "", None, 0
        self.answered_at = datetime.now(UTC)

    def failed(self, failed: CalendarFailed, now: float) -> None:
        """Note it; after a few in a row it is left alone, and the first to ask then finds out."""
        self.problem, self.trouble = str(failed), failed.trouble
        self.failed_at = datetime.now(UTC)
        self.failures += 1
        if self.failures >= FAILURES_MOST:
            rest_s = RESTS_S[min(self.failures - FAILURES_MOST, len(RESTS_S) - 1)]
            self.until = now + max(rest_s, min(failed.wait_s, RESTS_S[-1]))


@dataclass(frozen=True, slots=True)
class Told:
    """How a calendar has been since this process began: `rests_s` is for how long it is left alone yet.

    `answered_at` is when it answered last, `failed_at` when it met the trouble that it has; None for never.
    """

    calendar: str
    answered_at: datetime | None
    failed_at: datetime | None
    trouble: Trouble | None
    problem: str
    rests_s: float


class Line:
    """The way to one calendar service, shared by all calls. `name` is how the settings call it."""

    def __init__(
        self,
        name: str,
        calendar: Calendar,
        *,
        threads: int = THREADS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.calendar = calendar
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, f"calendar-{name}")
        self._room = threading.Semaphore(AT_ONCE)
        self._whole = _Rest()
        self._each: dict[str, _Rest] = {}

    @property
    def problem(self) -> str:
        """What was the matter when it was asked last; empty when all of it answered."""
        return next((rest.problem for rest in (self._whole, *self._each.values()) if rest.problem), "")

    def each(self) -> list[Told]:
        """How each calendar is that was asked; what all of the service meets, each of them meets."""
        now = self._clock()
        return [
            Told(
                f"{self.name}:{calendar}",
                own.answered_at,
                wrong.failed_at if wrong.trouble else None,
                wrong.trouble,
                wrong.problem,
                max(0.0, own.until - now, self._whole.until - now) if wrong.trouble else 0.0,
            )
            for calendar, own in sorted(self._each.items())
            for wrong in [own if own.trouble else self._whole]
            if calendar
        ]

    async def ask(self, verb: Callable[[Calendar], T], within_s: float, calendar: str = "") -> T:
        """What the verb returns of this calendar.

        Raises CalendarFailed, also when that takes longer or it is left alone.
        """
        for rest in (self._whole, self._of(calendar)):
            if self._clock() < rest.until:
                raise CalendarFailed(
                    f"The calendars of {self.name} are left alone: {rest.problem}", Trouble.AWAY
                )
        if not self._room.acquire(blocking=False):
            raise Crowded(f"Too many wait for the calendars of {self.name}.", Trouble.BUSY)
        try:
            given = await self._given(verb, within_s)
        except Crowded:
            raise
        except CalendarFailed as exc:
            self._failed(exc, calendar)
            raise
        for rest in (self._whole, self._of(calendar)):
            rest.answers()
        return given

    async def _given(self, verb: Callable[[Calendar], T], within_s: float) -> T:
        """What the verb returns, on a thread. Raises CalendarFailed alone."""
        asked_at, begun_at = time.monotonic(), list[float]()

        def run() -> T:
            begun_at.append(time.monotonic())
            return verb(self.calendar)

        running = self._pool.submit(run)
        running.add_done_callback(lambda _: self._room.release())
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.wrap_future(running)
        except TimeoutError as exc:
            if not begun_at or begun_at[0] - asked_at > within_s * BEGUN_SHARE:
                told = f"Too many waited for the calendars of {self.name}."
                raise Crowded(told, Trouble.BUSY) from exc
            told = f"The calendars of {self.name} took over {within_s:.1f} s."
            raise CalendarFailed(told, Trouble.AWAY) from exc
        except CalendarFailed:
            raise
        except AttendantError as exc:
            told = f"The calendars of {self.name}: {exc}"
            raise CalendarFailed(told, Trouble.REFUSED, whole=True) from exc
        except Exception as exc:
            # A library's fault at one calendar must take neither the others nor the caller's answer with it.
            log.exception("calendar met a fault", extra={"calendar": self.name})
            told = f"The calendars of {self.name} met a fault ({type(exc).__name__})."
            raise CalendarFailed(told, Trouble.OTHER) from exc

    def _of(self, calendar: str) -> _Rest:
        return self._each.setdefault(calendar, _Rest())

    def _failed(self, failed: CalendarFailed, calendar: str) -> None:
        log.warning("calendar failed", extra={"calendar": self.name, "problem": str(failed)[:300]})
        if failed.trouble in AWAY:
            rest = self._whole if failed.whole else self._of(calendar)
            rest.failed(failed, self._clock())

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
