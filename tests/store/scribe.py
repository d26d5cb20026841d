"""A process that writes promised rows until it is stopped, and prints each one once it is promised.

Run by tests: `python -m tests.store.scribe DATABASE PREFIX [LARGEST_FILE]`. With the size, in bytes, no file
may grow beyond it: a disk that is full. Lines: `+ id` acknowledged, `! sentence` refused.
"""

import asyncio
import os
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from appliance.core.dispositions import Disposition, Kind
from appliance.core.errors import StoreRefused
from appliance.core.events import HeardPart
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import calls
from appliance.store.call_log import StoredCallLog
from appliance.store.writer import Writer

AT = "2026-11-24T09:00:00.000Z"


def say(line: str) -> None:
    """One line in one write, so that a kill cannot tear it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def hold_calls(writer: Writer, prefix: str) -> None:
    """Begin one call after another, each with events and a turn, and leave a disposition for it."""
    log = StoredCallLog(writer, prefix)
    number = 0
    while True:
        call_id = f"{prefix}-{number}"
        await log.opened(call_id, CallOffered(f"CA{call_id}", "", "", "twilio"), AT)
        for place in range(5):
            log.happened(call_id, place * 100, HeardPart(f"u{place}", "I would like to " * 8))
            log.turn(call_id, place, Speaker.CALLER, "I would like to", final=True, cut=False)
        try:
            await log.leave(call_id, Disposition(Kind.TRANSFER, f"d{number}"))
        except StoreRefused as exc:
            say(f"! {exc}")
            return
        say(f"+ {call_id}")
        number += 1


async def main(path: Path, prefix: str, largest: int | None) -> None:
    """Write until stopped or refused; then, when told to by a line, with room again."""
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    writer = Writer(path)
    say("ready")
    async with asyncio.TaskGroup() as tasks:
        for hand in range(3):
            tasks.create_task(hold_calls(writer, f"{prefix}{hand}"), name=f"hand {hand}")
    say(f"trouble {writer.trouble}")
    await asyncio.to_thread(sys.stdin.readline)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await writer.promise(lambda db: calls.begin(db, "again", CallOffered("CA-again", "", "", "twilio"), AT))
    say("+ again")
    say(f"left {await writer.close()} dropped {writer.counts.dropped} failed {writer.counts.failed}")


def write_to(out: Connection, path: Path, prefix: str) -> None:
    """The same in a child that was forked, which prints to this pipe."""
    os.dup2(out.fileno(), sys.stdout.fileno())
    asyncio.run(main(path, prefix, None))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else None))
