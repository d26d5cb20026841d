"""Our own ear on every call: frames are stored on the loop, judged by the one inference thread.

The loop only appends; every 100 ms what the lines gathered goes to the thread as one batch, and only what
happened comes back. A line that is silent by the gate costs nothing. May import: appliance.core,
models.local.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from queue import Full, Queue

from appliance.core.events import Event
from appliance.core.pulse import Pulse
from appliance.core.ulaw import BYTES_PER_MS
from models.local.silero import Ear, Silero
from models.local.voice_turns import VoiceTurns

log = logging.getLogger(__name__)

BEFORE_FRAMES = 5
BATCHES_MOST = 20
FORGET_MS = 1000

Report = Callable[[Event], None]
Stretch = tuple["LineDetector", bytes, int]


class LineDetector:
    """The ear of one call; implements the port `VoiceDetector`."""

    def __init__(self, room: "ListeningRoom", report: Report) -> None:
        self._room = room
        self.report: Report | None = report
        self.ear = Ear()
        self.turns = VoiceTurns()
        self._audio = bytearray()
        self._before: list[bytes] = []
        self._quiet = 0

    def take(self, ulaw_8k: bytes, loud: bool) -> None:
        """Store a frame: loud ones for the network, quiet ones as a length, the last few as a run-up."""
        if not loud:
            self._before.append(ulaw_8k)
            if len(self._before) > BEFORE_FRAMES:
                self._quiet += len(self._before.pop(0))
            return
        if self._before:
            self._audio += b"".join(self._before)
            self._before.clear()
        self._audio += ulaw_8k

    def gathered(self) -> Stretch | None:
        """What came since the last time as (line, audio, quiet ms before it); None when nothing matters."""
        if not self._audio and not self.turns.speaking:
            return None
        stretch = (self, bytes(self._audio), self._quiet // BYTES_PER_MS)
        self._audio.clear()
        self._quiet = 0
        return stretch

    def close(self) -> None:
        """Report nothing more."""
        self.report = None
        self._room.lines.discard(self)


class ListeningRoom:
    """The inference thread and the lines it listens to."""

    def __init__(self, network: Silero, pulse: Pulse) -> None:
        self.lines: set[LineDetector] = set()
        self.skipped = 0
        self._network = network
        self._pulse = pulse
        self._batches: Queue[list[Stretch] | None] = Queue(BATCHES_MOST)
        self._thread = threading.Thread(target=self._work, name="listening", daemon=True)

    def start(self) -> None:
        """Begin to listen; the results go to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._pulse.members.add(self._beat)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is at."""
        self._pulse.members.discard(self._beat)
        self._batches.put(None)
        self._thread.join(timeout=2)

    def detector(self, report: Report) -> LineDetector:
        """An ear for a call."""
        line = LineDetector(self, report)
        self.lines.add(line)
        return line

    def _beat(self, _now_s: float) -> None:
        batch = [stretch for line in self.lines if (stretch := line.gathered()) is not None]
        if not batch:
            return
        try:
            self._batches.put_nowait(batch)
        except Full:
            # Judging is late by two seconds: better deaf for a moment than wrong about the time.
            self.skipped += 1

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            happened = [(line, event) for stretch in batch for line, event in self._judge(stretch)]
            if happened:
                self._loop.call_soon_threadsafe(_tell, happened)

    def _judge(self, stretch: Stretch) -> list[tuple[LineDetector, Event]]:
        line, audio, quiet_ms = stretch
        found = [line.turns.silence(quiet_ms)] if quiet_ms else []
        if quiet_ms >= FORGET_MS:
            line.ear.forget()
        if audio:
            found += [line.turns.window(likely) for likely in self._network.probabilities(line.ear, audio)]
        return [(line, event) for event in found if event is not None]


def _tell(happened: list[tuple[LineDetector, Event]]) -> None:
    for line, event in happened:
        if line.report is not None:
            line.report(event)
