"""Our own ear on every call: frames are stored on the loop, judged by the one inference thread.

The loop only appends; what a line gathered goes to the thread a few times a second, the lines spread over
that time, and only what happened comes back. A line that is silent by the gate costs nothing, and one in the
middle of its speech is judged every other time, as long as it does not fall silent. Where the cloud's own
ear is enough, a line is listened to only while the local assistant attends.
May import: appliance.core, models.local.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

from appliance.core.events import Event
from appliance.core.pulse import Pulse
from appliance.core.ulaw import BYTES_PER_MS
from models.local.patience import Patience
from models.local.silero import Ear, Window
from models.local.voice_turns import Happened, VoiceTurns

log = logging.getLogger(__name__)

BEFORE_FRAMES = 5
WAITING_MOST = 2000
FORGET_MS = 1000
NICE = 15
GATHER_MS = 320
ATTENDING_MS = 160
SURELY = 0.8
LEFT_MS = -1
"""In place of a stretch's silence: the line is listened to no more."""

Report = Callable[[Event], None]
Stretch = tuple["LineDetector", bytes, int]


class Judge(Protocol):
    """What tells speech from the rest."""

    def windows(self, ear: Ear, ulaw_8k: bytes) -> list[Window]:
        """What each whole 32 ms of what was given so far sounds like."""


class LineDetector:
    """The ear of one call; implements the port `VoiceDetector`."""

    def __init__(self, room: "ListeningRoom", report: Report) -> None:
        self._room = room
        self.report: Report | None = report
        self.ear = Ear()
        self.turns = VoiceTurns()
        self._patience = Patience()
        self.sure = False
        self._gather = GATHER_MS * BYTES_PER_MS
        self._falls_silent = False
        self._audio = bytearray()
        self._before: list[bytes] = []
        self._quiet = 0
        self._listens = room.always
        if self._listens:
            room.enter(self)

    def take(self, ulaw_8k: bytes, loud: bool) -> None:
        """Store a frame: loud ones for the network, quiet ones as a length, the last few as a run-up."""
        if not self._listens:
            self._quiet += len(ulaw_8k)
            return
        self._falls_silent = not loud
        if not loud:
            self._before.append(ulaw_8k)
            if len(self._before) > BEFORE_FRAMES:
                self._quiet += len(self._before.pop(0))
            return
        if self._before:
            self._audio += b"".join(self._before)
            self._before.clear()
        self._audio += ulaw_8k

    def attend(self, asked_ms: int) -> None:
        """Listen closely: pauses are told, and sooner; 0 is to listen as before.

        What is asked counts from the next moment on; what was learnt of the caller's pauses stays.
        """
        self._patience.asked_ms = asked_ms
        self.turns.patience = self._patience if asked_ms else None
        self._gather = (ATTENDING_MS if asked_ms else GATHER_MS) * BYTES_PER_MS
        if not self._room.always:
            self._listen(bool(asked_ms))

    def _listen(self, listens: bool) -> None:
        """Begin to listen, or stop; what was not judged yet has passed all the same."""
        self._listens = listens
        if listens:
            self._room.enter(self)
            return
        self._room.leave(self)
        self._quiet += len(self._audio) + sum(map(len, self._before))
        self._audio.clear()
        self._before.clear()
        self._room.judge((self, b"", LEFT_MS))

    def gathered(self) -> Stretch | None:
        """What came since the last time as (line, audio, quiet ms before it); None when nothing matters."""
        waits = not self._falls_silent and len(self._audio) < self._gather
        if waits or not (self._audio or self.turns.speaking):
            return None
        stretch = (self, bytes(self._audio), self._quiet // BYTES_PER_MS)
        self._audio.clear()
        self._quiet = 0
        return stretch

    def beat(self, _now_s: float) -> None:
        """Give the thread what came."""
        stretch = self.gathered()
        if stretch is not None and not self._room.judge(stretch):
            # What was not heard has passed all the same.
            self._quiet += len(stretch[1]) + stretch[2] * BYTES_PER_MS

    def close(self) -> None:
        """Report nothing more."""
        self.report = None
        self._room.leave(self)


class ListeningRoom:
    """The inference thread and the lines it listens to: `always`, or only while they attend."""

    def __init__(self, judge: Judge, pulse: Pulse, *, always: bool = True) -> None:
        self.always = always
        self.skipped = 0
        self.faults = 0
        self._judge = judge
        self._pulse = pulse
        self._waiting: SimpleQueue[Stretch | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="listening", daemon=True)

    def start(self) -> None:
        """Begin to listen; the results go to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it is at."""
        self._waiting.put(None)
        self._thread.join(timeout=2)

    @property
    def alive(self) -> bool:
        """Whether the thread is there to listen."""
        return self._thread.is_alive()

    def detector(self, report: Report) -> LineDetector:
        """An ear for a call."""
        return LineDetector(self, report)

    def enter(self, line: LineDetector) -> None:
        """Listen to a line from now on."""
        self._pulse.members.add(line.beat)

    def leave(self, line: LineDetector) -> None:
        """Listen to a line no more."""
        self._pulse.members.discard(line.beat)

    def judge(self, stretch: Stretch) -> bool:
        """Have a stretch judged; not when too many wait: better deaf for a moment than late with all."""
        if self._waiting.qsize() >= WAITING_MOST:
            self.skipped += 1
            return False
        self._waiting.put(stretch)
        return True

    def _work(self) -> None:
        _step_back()
        while (stretch := self._waiting.get()) is not None:
            try:
                happened = judged(self._judge, stretch)
            except Exception:  # noqa: BLE001 - one stretch of one call: the thread listens for all of them
                self._fault()
                continue
            if happened:
                self._loop.call_soon_threadsafe(_tell, stretch[0], happened)

    def _fault(self) -> None:
        self.faults += 1
        if self.faults == 1:
            log.exception("a stretch could not be judged; further ones are only counted")


def judged(judge: Judge, stretch: Stretch) -> list[Happened]:
    """What happened on a line in a stretch of it."""
    line, audio, quiet_ms = stretch
    turns, found = line.turns, list[Happened | None]()
    if quiet_ms == LEFT_MS:
        found.append(turns.left())
    elif quiet_ms:
        found.append(turns.silence(quiet_ms + (line.ear.forget() if quiet_ms >= FORGET_MS else 0)))
    if audio and not quiet_ms and line.sure and len(audio) >= GATHER_MS * BYTES_PER_MS:
        # In the middle of a speech the next moment is speech as well; the one after it is judged again.
        line.sure = False
        turns.more(len(audio) // BYTES_PER_MS)
    elif audio:
        windows = judge.windows(line.ear, audio)
        found += [turns.window(each.likely, each.loud_db) for each in windows]
        line.sure = turns.speaking and min((each.likely for each in windows[-3:]), default=0.0) >= SURELY
    return [event for event in found if event is not None]


def _step_back() -> None:
    """Give this thread less of the processor than the loop: frames are in a hurry, judging is not."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    except OSError as exc:
        log.info("the listening thread keeps its priority", extra={"problem": str(exc)})


def _tell(line: LineDetector, happened: list[Happened]) -> None:
    for event in happened:
        if line.report is not None:
            line.report(event)
