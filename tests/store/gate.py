"""A job that holds a writer's thread, so that a test decides what waits behind it."""

import asyncio
import threading

from appliance.store.database import Connection
from appliance.store.writer import Writer


class Gate:
    """A job that holds the writer's thread until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, db: Connection) -> None:
        self.reached.set()
        assert self.opened.wait(10)


async def held(writer: Writer) -> Gate:
    """The writer's thread, held inside a transaction."""
    gate = Gate()
    writer.submit(gate)
    assert await asyncio.to_thread(gate.reached.wait, 10)
    return gate
