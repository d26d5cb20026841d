"""Keeps a bridge up as systemd does by systemd/attendant-bridge.service: ends one that hangs, begins it anew.

The bridge tells once a second that it lives, from the loop that holds the calls. One that has told nothing
for three seconds is aborted (it says where it hung), and killed a second later.
May import: the standard library, scripts.loopback_box.
"""

import asyncio
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from scripts.loopback_box import BoxFailed, LoopbackBox

WATCHDOG_S = 3.0
ABORT_S = 1.0
RESTART_S = 0.25
_numbers = itertools.count(1)


@asynccontextmanager
async def supervised(box: LoopbackBox, told: Callable[[str], None] = lambda _: None) -> AsyncIterator[None]:
    """Start a box that is prepared, and keep its bridge up at the same ports until this is left."""
    name = f"attendant-supervised-{os.getpid()}-{next(_numbers)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear:
        ear.bind(f"\0{name}")
        box.environment = {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": str(int(WATCHDOG_S * 1_000_000))}
        async with box:
            box.keep_ports()
            try:
                async with asyncio.TaskGroup() as tasks:
                    keeping = tasks.create_task(_keep(box, ear, told), name="keep the bridge up")
                    try:
                        yield
                    finally:
                        keeping.cancel()
            except BaseExceptionGroup as several:
                # What went wrong meanwhile is no fault of the keeping, and passes as it is.
                if len(several.exceptions) > 1:
                    raise
                raise several.exceptions[0] from None


async def _keep(box: LoopbackBox, ear: socket.socket, told: Callable[[str], None]) -> None:
    while True:
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(_end_when_it_hangs(box, ear, told), name="watchdog")
            status = await box.ended()
            watch.cancel()
        told(f"The bridge ended with status {status}; it is started again.")
        await asyncio.sleep(RESTART_S)
        try:
            await box.start()
        except BoxFailed as exc:
            told(f"The bridge did not begin:\n{exc}")


async def _end_when_it_hangs(box: LoopbackBox, ear: socket.socket, told: Callable[[str], None]) -> None:
    loop, stopping = asyncio.get_running_loop(), False
    while not stopping:
        try:
            async with asyncio.timeout(WATCHDOG_S):
                stopping = b"STOPPING=1" in await loop.sock_recv(ear, 4096)
        except TimeoutError:
            break
    else:
        return
    told(f"The bridge has told nothing for {WATCHDOG_S:g} s; it is ended.")
    for number in (signal.SIGABRT, signal.SIGCONT):
        box.signal(number)
    await asyncio.sleep(ABORT_S)
    box.signal(signal.SIGKILL)
