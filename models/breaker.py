"""Whether the cloud is worth trying: one answer for all calls, so that one outage is found once.

A call that loses the cloud trips it. From then on calls begin with the local assistant, while probes find out
when the cloud is well; those who wait are told. A probe also runs by the hour. May import: appliance.core.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from appliance.core.errors import AttendantError

log = logging.getLogger(__name__)

PROBE_AFTER_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
HOURLY_S = 3600.0
RELAPSE_S = 600.0
"""A cloud that is lost again so soon after it seemed well is left alone for longer each time."""
# What no waiting mends: somebody has to look at the account.
ACCOUNT = frozenset(
    {"status_401", "status_403", "invalid_api_key", "insufficient_quota", "account_deactivated"}
)


class Breaker:
    """`probe` returns when the cloud is well and raises AttendantError when it is not."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        *,
        probe_after_s: tuple[float, ...] = PROBE_AFTER_S,
        every_s: float = HOURLY_S,
        waited: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._probe = probe
        self._after_s = probe_after_s
        self._every_s = every_s
        self._waited = waited
        self._well = asyncio.Event()
        self._well.set()
        self._tripped = asyncio.Event()
        self.reason = ""
        self.trips = 0
        self._row = 0
        self._well_at = -RELAPSE_S
        self._down_at: float | None = None
        self._probe_at: float | None = None

    @property
    def down_s(self) -> float | None:
        """How long the cloud has been away, as far as calls and probes know; None when it is not."""
        return None if self._down_at is None else asyncio.get_running_loop().time() - self._down_at

    @property
    def next_probe_s(self) -> float | None:
        """How long until the next probe while it is tripped; None when one is under way, or it is closed."""
        at = self._probe_at
        return None if at is None else max(0.0, at - asyncio.get_running_loop().time())

    @property
    def closed(self) -> bool:
        """Whether calls may use the cloud."""
        return self._well.is_set()

    def trip(self, reason: str) -> None:
        """A call has lost the cloud."""
        self.trips += 1
        if self._well.is_set():
            say = log.error if reason in ACCOUNT else log.warning
            say("calls go on without the cloud", extra={"reason": reason})
            relapse = asyncio.get_running_loop().time() - self._well_at < RELAPSE_S
            self._row = self._row + 2 if relapse else 0
        self._away(reason)
        self._well.clear()
        self._tripped.set()

    def missed(self, reason: str) -> None:
        """A call that has no other assistant has lost the cloud: that is noted, the next one tries again."""
        self._away(reason)

    def met(self) -> None:
        """A call has the cloud."""
        if self.closed:
            self._down_at, self.reason = None, ""

    def _away(self, reason: str) -> None:
        self.reason = reason
        if self._down_at is None:
            self._down_at = asyncio.get_running_loop().time()

    async def well(self) -> None:
        """Return when the cloud is well."""
        await self._well.wait()

    def looked_at(self) -> "Breaker":
        """The same for a call that is none of a caller's: what it loses, others have still."""
        return _LookedAt(self)

    async def run(self) -> None:
        """Probe by the hour, and again and again while it is tripped; until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._every_s):
                    await self._tripped.wait()
            except TimeoutError:
                if await self._fails():
                    self.trip("hourly probe")
                else:
                    self.met()
                continue
            await self._until_well()

    async def _until_well(self) -> None:
        failures = self._row
        while self._tripped.is_set():
            wait_s = self._after_s[min(failures, len(self._after_s) - 1)]
            self._probe_at = asyncio.get_running_loop().time() + wait_s
            await asyncio.sleep(wait_s)
            self._probe_at = None
            self._waited(wait_s)
            if await self._fails():
                failures += 1
                continue
            self._tripped.clear()
            self._well_at = asyncio.get_running_loop().time()
            self._well.set()
            self.met()
            log.info("the cloud is well again")

    async def _fails(self) -> bool:
        try:
            await self._probe()
        except AttendantError as exc:
            log.info("the cloud does not answer a probe", extra={"problem": str(exc)})
            return True
        return False


class _LookedAt(Breaker):
    """A breaker as a rehearsal has it: it goes by the shared one, and changes nothing there."""

    def __init__(self, shared: Breaker) -> None:
        super().__init__(shared._probe)
        self._well = shared._well

    def trip(self, reason: str) -> None:
        """Only this call has lost the cloud."""
        self.reason = reason

    def missed(self, reason: str) -> None:
        """The same without another assistant."""
        self.reason = reason

    def met(self) -> None:
        """That it has the cloud says nothing of others."""
