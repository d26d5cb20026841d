"""One child and those who wait for it: asked one thing at a time, started again when it ends.

A crash (or a child that is stuck, which is killed) costs the question that it was at; those who wait go on
waiting. One that cannot use its weights is not started again. May import: appliance.core, models.speech,
models.wyoming_wire.
"""

import asyncio
import logging
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass, field
from typing import Any

import orjson
from wyoming.event import Event

from appliance.core.errors import WireError
from models import wyoming_wire as wire
from models.speech.refused import Refused
from models.speech.turns import Pace, Turns

log = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
BOUNDS = wire.Bounds(payload=64 * 1024 * 1024)
LOAD_S = 120.0
STOP_S = 2.0
# A child is stuck when it takes so many times its warm-up, and no less than this.
STUCK_LEAST_S, STUCK_TIMES = 5.0, 10
# What a network has worked with goes back to the machine at once: its largest matrix has 70 MB, and a heap of
# several arenas, whose bounds grow with what is asked of it, keeps 40 MB more. Lower bounds cost time.
GIVES_BACK = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "16000000",
    "MALLOC_TRIM_THRESHOLD_": "16000000",
}
# A piece of a recording is as much as the network takes at once, and everything goes before it.
BACKGROUND_STUCK_S = 30.0
# Pauses before the next start, by the number of ends without an answer in between.
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
# From this pause on nobody waits for it.
LONG_PAUSE_S = 2.0


@dataclass(eq=False, slots=True)
class Job:
    """A question, and who waits for the answer."""

    question: Event
    live: bool
    answer: "asyncio.Future[Event]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def settle(self, answer: Event) -> None:
        """Give the answer; it is thrown away when nobody waits any more."""
        if self.answer.done():
            return
        if answer.type == "error":
            self.answer.set_exception(Refused("text", str(answer.data.get("text", ""))))
        else:
            self.answer.set_result(answer)

    def refuse(self, refused: Refused) -> None:
        """Say that there will be none."""
        if not self.answer.done():
            self.answer.set_exception(refused)


class Child:
    """Runs `python -m MODULE` and asks it. `run` is to be a task of whoever owns it."""

    def __init__(self, module: str, told: dict[str, Any], threads: int, turns: Turns[Job]) -> None:
        self.name = module.rpartition(".")[2]
        self.ready: dict[str, Any] | None = None
        self.problem = ""
        self.hopeless = False
        self.settled = asyncio.Event()
        self._pace = Pace()
        self._command = (sys.executable, "-m", module, orjson.dumps(told).decode())
        self._environment = {
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "OPENBLAS_NUM_THREADS": "1",
            **GIVES_BACK,
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "PYTHONUTF8": "1",
        }
        self._turns = turns
        self._came = asyncio.Event()
        self._answered = 0
        self._ends = 0

    @property
    def usable(self) -> bool:
        """Whether it is worth waiting for an answer."""
        return not self.problem

    def room(self, *, live: bool) -> bool:
        """Whether one more may wait."""
        return self._turns.room(live=live)

    @property
    def load(self) -> dict[str, int]:
        """How much it has to do: whether it is at work, and how many wait."""
        return {"at_work": int(self._pace.at_work), "waiting": len(self._turns)}

    def expected_s(self, *, live: bool) -> float:
        """When one more would be answered, at best."""
        return self._pace.expected_s(self._turns.ahead(live=live), time.monotonic())

    async def ask(self, question: Event, *, live: bool = True, first: bool = False) -> Event:
        """Wait for the turn and the answer. Raises Refused. Cancelling gives the turn up."""
        if not self.usable:
            raise Refused("unavailable", self.problem)
        if not first and not self.room(live=live):
            raise Refused("busy", f"{len(self._turns)} wait already")
        job = Job(question, live)
        self._turns.add(job, live=live, first=first)
        self._came.set()
        try:
            return await job.answer
        finally:
            self._turns.drop(job)

    def do_without(self, problem: str) -> None:
        """Never start it: what it would load cannot be used."""
        self.problem, self.hopeless = f"weights: {problem}", True
        self.settled.set()

    async def run(self) -> None:
        """Keep it alive until cancelled."""
        while not self.hopeless:
            before = self._answered
            status = await self._life()
            if status > 0 and not self.ready:
                # It ended by itself over its weights, and would again.
                self.problem = self.problem or f"weights: {self.name} could not load them"
                self.hopeless = True
            self.ready = None
            self._ends = 0 if self._answered > before else self._ends + 1
            pause = PAUSES_S[min(self._ends, len(PAUSES_S) - 1)]
            log.error("a child ended", extra={"child": self.name, "status": status, "pause_s": pause})
            if self.problem or pause >= LONG_PAUSE_S:
                self._give_up()
            if not self.hopeless:
                self.settled.set()
                await asyncio.sleep(pause)

    def _give_up(self) -> None:
        """Let nobody wait."""
        self.problem = self.problem or f"{self.name} ends again and again"
        self.settled.set()
        for job in self._turns.everybody():
            job.refuse(Refused("unavailable", self.problem))

    async def _life(self) -> int:
        """From its start to its end; its status."""
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, env=self._environment
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                serving = tasks.create_task(self._serve(process), name=f"{self.name} questions")
                status = await process.wait()
                serving.cancel()
            return status
        finally:
            await _ended(process)

    async def _serve(self, process: Process) -> None:
        """Have it load, then ask it what is waiting. Its end cancels this."""
        line = _Answers(process)
        hello = await line.next(LOAD_S)
        if hello.type != "ready":
            self.problem = f"weights: {hello.data.get('text', hello.type)}"
            return
        self.ready, self.problem = hello.data, ""
        log.info("a child is ready", extra={"child": self.name, "took_ms": hello.data["took_ms"]})
        self.settled.set()
        stuck_s = max(STUCK_LEAST_S, STUCK_TIMES * hello.data["took_ms"] / 1000)
        while True:
            job = await self._next()
            answered = self._answered
            self._pace.begin(time.monotonic())
            try:
                line.send(job.question)
                job.settle(await line.next(stuck_s if job.live else max(stuck_s, BACKGROUND_STUCK_S)))
                self._answered += 1
            finally:
                self._pace.end(time.monotonic(), done=self._answered > answered)
                job.refuse(Refused("crashed", f"{self.name} ended over this"))

    async def _next(self) -> Job:
        while (job := self._turns.next()) is None:
            self._came.clear()
            await self._came.wait()
        return job


class _Answers:
    """The pipes to one child. One that talks nonsense, or not at all, is killed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._events = wire.EventReader(BOUNDS)
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child was started without pipes")
        self._in, self._out = process.stdin, process.stdout

    def send(self, question: Event) -> None:
        self._in.write(wire.packed(question))

    async def next(self, within_s: float) -> Event:
        """The next answer. Without one it waits for the end of the process, and thereby to be cancelled."""
        try:
            async with asyncio.timeout(within_s):
                while received := await self._out.read(READ_BYTES):
                    for event in self._events.feed(received):
                        return event
        except (TimeoutError, WireError, ConnectionError) as exc:
            log.error("a child is stuck", extra={"problem": type(exc).__name__})
            _kill(self._process)
        never: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        return await never


def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()


async def _ended(process: Process) -> None:
    """End it: it goes by itself when its pipe is closed, or else is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        _kill(process)
        await process.wait()
