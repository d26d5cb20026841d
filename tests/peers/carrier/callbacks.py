"""Status callbacks of one call: in order and one after the other, unless a fault says otherwise.

May import: the standard library, this package.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from tests.peers.carrier.stage import Stage

STATUS_OF = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
Callback = tuple[str, Mapping[str, str]]


class Callbacks:
    """Collects what is to be told and tells it beside the call; `close()` tells the rest."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._queue: asyncio.Queue[Callback | None] = asyncio.Queue()
        self._number = 0
        stage.tasks.create_task(self._run(), name=f"{stage.call.sid} callbacks")

    def add(self, event: str) -> None:
        """An event of the call's progress."""
        call = self._stage.call
        if (
            event not in call.number.status_events
            or not call.number.status_callback
            or call.faults.no_callbacks
        ):
            return
        extra = {
            "CallStatus": STATUS_OF.get(event, call.status),
            "Timestamp": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._number),
        }
        self._number += 1
        if event == "completed":
            minutes = -(-call.duration_s // 60)
            extra |= {
                "CallDuration": str(call.duration_s),
                "Duration": str(minutes),
                "SipResponseCode": "200",
            }
        self._queue.put_nowait((event, extra))

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def _run(self) -> None:
        faults = self._stage.call.faults
        held: list[Callback] = []
        while (callback := await self._queue.get()) is not None:
            if faults.reversed_callbacks:
                held.insert(0, callback)
            else:
                await self._post(*callback)
        for callback in held:
            await self._post(*callback)

    async def _post(self, event: str, extra: Mapping[str, str]) -> None:
        url = self._stage.call.number.status_callback
        for _ in range(2 if self._stage.call.faults.double_callbacks else 1):
            await self._stage.tell(f"status {event}", url, "POST", extra)
