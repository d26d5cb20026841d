"""The journal of a call: what happened, in order, to be waited for and looked through.

May import: the standard library, this package's happenings.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tests.peers.carrier.happenings import Happening

H = TypeVar("H", bound=Happening)
Watch = tuple[Callable[[Happening], bool], asyncio.Future[Happening]]


class Journal:
    """Keeps happenings; `clock` says the call's own time, `watcher` sees each one at once."""

    def __init__(self, clock: Callable[[], int], watcher: Callable[[Happening], None]) -> None:
        self.entries: list[Happening] = []
        self._clock = clock
        self._watcher = watcher
        self._watches: list[Watch] = []

    def __iter__(self) -> Iterator[Happening]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def note(self, kind: Callable[..., H], *values: Any) -> H:
        """Write down a happening of this kind, now."""
        entry = kind(*values, at_s=time.monotonic(), call_ms=self._clock())
        self.entries.append(entry)
        self._watcher(entry)
        if self._watches:
            self._tell(entry)
        return entry

    def of(self, kind: type[H]) -> list[H]:
        """All happenings of this kind."""
        return [entry for entry in self.entries if isinstance(entry, kind)]

    def first(self, kind: type[H]) -> H:
        """The first of this kind, which must be there."""
        return self.of(kind)[0]

    async def wait_for(
        self,
        kind: type[H],
        such: Callable[[H], bool] = lambda _: True,
        *,
        timeout_s: float = 10.0,
        count: int = 1,
    ) -> H:
        """Wait until the journal holds `count` happenings of this kind that are such; the last of them."""

        def fits(entry: Happening) -> bool:
            return isinstance(entry, kind) and such(entry)

        fitting: list[Any] = [entry for entry in self.entries if fits(entry)]
        async with asyncio.timeout(timeout_s):
            while len(fitting) < count:
                fitting.append(await self._next(fits))
        found: H = fitting[count - 1]
        return found

    async def _next(self, fits: Callable[[Happening], bool]) -> Happening:
        watch: Watch = (fits, asyncio.get_running_loop().create_future())
        self._watches.append(watch)
        try:
            return await watch[1]
        finally:
            self._watches.remove(watch)

    def _tell(self, entry: Happening) -> None:
        for fits, found in self._watches:
            if not found.done() and fits(entry):
                found.set_result(entry)
