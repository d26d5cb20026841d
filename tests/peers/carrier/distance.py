"""How far the carrier is from the box: what goes over a media stream takes its time, and keeps its order.

Both ends of a stream are in the peer's hands, so it holds back what it sends before it goes into the socket,
and what it received before it obeys. A round trip is half there and half back; jitter is up to so much more,
drawn anew for each message. As with TCP a message never overtakes another: it waits for a late one before it.

May import: the standard library.
"""

import asyncio
import random
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MOST_MS = 5000


@dataclass(frozen=True, slots=True)
class Distance:
    """The way between the carrier and the box."""

    round_trip_ms: float = 0.0
    jitter_ms: float = 0.0

    @property
    def one_way_s(self) -> float:
        """The least that a message is on its way."""
        return self.round_trip_ms / 2000

    @property
    def longest_s(self) -> float:
        """The most that a round trip takes, unless it waits for another."""
        return (self.round_trip_ms + 2 * self.jitter_ms) / 1000


def milliseconds(text: str) -> float:
    """A part of a distance, as somebody typed it."""
    ms = float(text)
    if not 0 <= ms <= MOST_MS:
        raise ValueError(text)
    return ms


class Way(Generic[T]):
    """One direction of a stream: what is put in comes out later, in order. A seed repeats its jitter."""

    def __init__(self, distance: Distance, seed: int) -> None:
        self._distance = distance
        self._drawn = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self._travels: asyncio.Queue[tuple[float, T]] = asyncio.Queue()
        self._last_s = 0.0

    def put(self, thing: T) -> None:
        """Send it on its way, now."""
        late_s = self._distance.one_way_s + self._drawn.uniform(0, self._distance.jitter_ms) / 1000
        self._last_s = max(self._last_s, self._loop.time() + late_s)
        self._travels.put_nowait((self._last_s, thing))

    async def get(self) -> T:
        """Wait until the next arrives."""
        arrives_s, thing = await self._travels.get()
        left_s = arrives_s - self._loop.time()
        if left_s > 0:
            await asyncio.sleep(left_s)
        return thing

    @property
    def waiting(self) -> int:
        """How many have arrived, or are on the way."""
        return self._travels.qsize()
