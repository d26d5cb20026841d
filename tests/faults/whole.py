"""The whole table, or the few cells of it that every test run plays, as results.

May import: the standard library, scripts.loopback_box, tests.warm, this package.
"""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

from scripts.loopback_box import LoopbackBox
from tests.faults.alone import BridgeAlone, Deaf
from tests.faults.batches import few, whole_table
from tests.faults.calls import Result
from tests.faults.comeback import Comeback
from tests.faults.doors import AtLanguage, AtStart, LaterOn
from tests.faults.network import inside, prepare
from tests.faults.speech import speech_program
from tests.faults.ways import DOOR_WAYS
from tests.warm.nursery import Nursery

LARGE_AT_ONCE, SMALL_AT_ONCE = 1, 2
"""Batches of many calls, and of a few, that two cores play at once and in time."""


class Batch(Protocol):
    """Calls that are played together on one bridge."""

    @property
    def name(self) -> str:
        """What fails in them."""

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play them; how each went."""


def _small(*, all_of_it: bool) -> Iterator[Batch]:
    """Batches of a few calls."""
    if all_of_it:
        found = [way for way in DOOR_WAYS if not way.nameless]
        yield from map(LaterOn, found)
        yield from map(AtLanguage, found)
    yield from (AtStart(way) for way in DOOR_WAYS if inside() or not way.nameless)
    yield from (Deaf(number) for number in (signal.SIGKILL, signal.SIGSTOP, None))
    yield BridgeAlone()
    yield from (Comeback(from_start=True), Comeback(from_start=False))


async def play(folder: Path, *, all_of_it: bool) -> list[Result]:
    """Play the batches; the network has to be that of a namespace of our own, or some ways are left out."""
    if inside():
        await prepare()
    large = [*(whole_table if all_of_it else few)(namespace=inside())]
    at_once = asyncio.Semaphore(LARGE_AT_ONCE), asyncio.Semaphore(SMALL_AT_ONCE)
    async with AsyncExitStack() as stack:
        nursery = Nursery(folder)
        stack.callback(nursery.close)
        LoopbackBox.begin = nursery.begin
        speech = await stack.enter_async_context(speech_program())

        async def one(batch: Batch, number: int, seat: asyncio.Semaphore) -> list[Result]:
            async with seat:
                return await batch.play(folder / str(number), speech)

        played = await asyncio.gather(
            *(one(batch, number, at_once[0]) for number, batch in enumerate(large)),
            *(
                one(batch, number, at_once[1])
                for number, batch in enumerate(_small(all_of_it=all_of_it), len(large))
            ),
        )
    return [result for results in played for result in results]
