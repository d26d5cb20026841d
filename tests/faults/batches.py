"""The batches of the table: which cells are played together on one bridge, and how.

May import: the standard library, tests.peers.realtime, this package.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.calls import SESSION_S, Result, complained, concluded, lead
from tests.faults.ground import Ground, Setup, ground
from tests.faults.points import POINTS, Point, turns_of
from tests.faults.purposes import IN_DANGER
from tests.faults.ways import WAYS, Way
from tests.peers.carrier import PhoneCall
from tests.peers.realtime import Script, Session

FEW = 3
"""Cells of each way that every test run plays; the drill plays all."""
TURN = 3
"""By so many ways a batch is turned against the one before."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A way at a point in the middle of a call."""

    way: Way
    point: Point

    @property
    def can_be(self) -> bool:
        """Whether the way can be met at the point."""
        return not (self.way.of_replies and self.point.box_answers)

    def result(self) -> Result:
        return Result(self.way.name, self.point.name, self.way.told, self._goes_local())

    def _goes_local(self) -> bool | None:
        """Whether the box is to take over; danger it has answered before a cloud is found silent."""
        if self.way.recovers:
            return False
        answered = self.way.told == "by silence" and self.point.purpose in IN_DANGER
        return None if answered else True


@dataclass(frozen=True, slots=True)
class MidCall:
    """Calls that all stand when the first of them loses the cloud; from then on nobody is let in."""

    name: str
    cells: tuple[Cell, ...]

    def script(self) -> Script:
        turns = (turn for place, cell in enumerate(self.cells, 1) for turn in turns_of(cell.point, place))
        return Script(tuple(turns))

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play all of it; how each cell went."""
        script = self.script()
        async with ground(folder, Setup(script, speech, {})) as stage:
            standing = [await self._begin(stage, place, cell) for place, cell in enumerate(self.cells)]
            stage.door.refuse()
            results = await asyncio.gather(
                *(
                    _play(stage, phone, session, cell)
                    for (phone, session), cell in zip(standing, self.cells, strict=True)
                )
            )
            return complained(stage, results)

    async def _begin(self, stage: Ground, place: int, cell: Cell) -> tuple[PhoneCall, Session]:
        """Ring, and wait for the call's own session: the n-th belongs to the n-th call."""
        phone = await stage.ring(place, cell.point.plan)
        return phone, await stage.cloud.session(place + 1, SESSION_S)


async def _play(stage: Ground, phone: PhoneCall, session: Session, cell: Cell) -> Result:
    result = cell.result()
    try:
        fault_ms = await lead(stage, phone, session, cell.point, cell.way)
    except TimeoutError as exc:
        result.wrong.append(f"never came to its point: {exc}")
        phone.hang_up()
        return result
    await concluded(stage, phone, cell.point.purpose, fault_ms, result)
    if not await cell.way.seen(session):
        result.wrong.append(f"the fault did not happen, but {session.befallen}")
    return result


def whole_table(*, namespace: bool) -> Iterator[MidCall]:
    """A batch for each way, with all the points at which it can be met."""
    for way in WAYS:
        if namespace or not way.in_namespace:
            cells = (Cell(way, point) for point in POINTS)
            yield MidCall(way.name, tuple(cell for cell in cells if cell.can_be))


def few(*, namespace: bool) -> Iterator[MidCall]:
    """Batches in which each way comes once, each time at another point."""
    ways = [way for way in WAYS if namespace or not way.in_namespace]
    step = (len(POINTS) - 1) / len(ways)
    for number in range(FEW):
        turned = deque(ways)
        turned.rotate(number * TURN)
        points = (POINTS[int(n * step) + number % 2] for n in range(len(ways)))
        yield MidCall(f"mixed {number + 1}", tuple(map(Cell, turned, points)))
