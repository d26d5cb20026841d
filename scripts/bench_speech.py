"""How long callers wait for the speech program when several have finished a sentence at the same moment.

`python -m scripts.bench_speech` starts the real program and asks it as the bridge does. May import: the
standard library, click, numpy, appliance, models.local, scripts.bench.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
import wave
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from models.local.speech_client import SpeechClient, SpeechFailed
from scripts.bench import shapes

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "tests" / "data" / "models" / "whisper-digits-en"
STUB = ROOT / "tests" / "data" / "models" / "piper-stub"
SPOKEN = ROOT / "tests" / "data" / "digits" / "fsdd_7_nicolas.wav"
RATE = 16000
START_S = 120.0
ANSWER_S = 60.0
SENTENCE_S, AT_ONCE = 2.0, 2
TEXT = "You can reach the front desk at any time by pressing zero. "


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    callers: list[int]
    rounds: int
    seconds: float
    within_s: float
    speaking: bool


@dataclass(slots=True)
class Waits:
    """How long the answers took, and how many were refused."""

    ms: list[float] = field(default_factory=list)
    refused: int = 0
    late: int = 0

    def line(self, callers: int) -> str:
        """One row of the table."""
        if not self.ms:
            return f"| {callers} | – | – | – | {self.refused} | {self.late} |"
        p50, p95 = np.percentile(self.ms, (50, 95))
        return f"| {callers} | {p50:.0f} | {p95:.0f} | {max(self.ms):.0f} | {self.refused} | {self.late} |"


def utterance(seconds: float) -> bytes:
    """Speech of this length: one recording over and over."""
    with wave.open(str(SPOKEN)) as file:
        spoken = bytes(file.readframes(file.getnframes()))
    times = int(seconds * RATE * 2 / len(spoken)) + 1
    return (spoken * times)[: int(seconds * RATE) * 2]


@contextmanager
def box(whisper: str, threads: int, waiting_most: int) -> Iterator[Path]:
    """A folder with weights and a settings file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        (models / "voice").mkdir(parents=True)
        for ending in ("onnx", "onnx.json"):
            (models / "voice" / f"en_US-stub.{ending}").symlink_to(STUB / f"en_US-stub.{ending}")
        if whisper in shapes.SHAPES:
            (models / whisper).mkdir()
            shapes.make(models / whisper, whisper, tokens=10, like=DIGITS)
        else:
            (models / whisper).symlink_to(DIGITS if whisper == "digits" else Path(whisper).absolute())
        config = folder / "attendant.toml"
        config.write_text(
            f'[box]\ndata_dir = "{folder}"\n[speech]\nuri = "unix://{folder}/speech.sock"\n'
            f'whisper = "{whisper}"\nwhisper_threads = {threads}\nwaiting_most = {waiting_most}\n'
            'voices = {en = "voice"}\n'
        )
        yield config


@asynccontextmanager
async def program(config: Path) -> AsyncIterator[SpeechClient]:
    """The real program, listening."""
    command = ("-m", "appliance.cli.main", "--config", str(config), "speech")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (config.parent / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=PIPE, stderr=log, env=environment
        )
    try:
        if process.stdout is None:
            raise RuntimeError("the program was started without pipes")
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        if not line:
            raise click.ClickException((config.parent / "log").read_text("utf-8"))
        yield SpeechClient(json.loads(line)["speech"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def ask(client: SpeechClient, pcm: bytes, within_s: float, waits: Waits) -> None:
    """One caller's sentence."""
    began = time.monotonic()
    try:
        await client.recognise(pcm, "en", within_s)
    except SpeechFailed as exc:
        if exc.code not in ("busy", "late"):
            raise
        waits.refused += exc.code == "busy"
        waits.late += exc.code == "late"
        return
    waits.ms.append((time.monotonic() - began) * 1000)


async def speak(client: SpeechClient) -> None:
    """Synthesis without end."""
    while True:
        async for _ in client.synthesise(TEXT * 20, "en", ANSWER_S):
            continue


async def measure(config: Path, plan: Plan) -> None:
    """Print the table."""
    pcm = utterance(plan.seconds)
    async with program(config) as client, asyncio.TaskGroup() as tasks:
        noise = [tasks.create_task(speak(client), name="speaking")] if plan.speaking else []
        click.echo("| callers at once | p50 ms | p95 ms | longest ms | refused | late |")
        click.echo("| --- | --- | --- | --- | --- | --- |")
        for count in plan.callers:
            waits = Waits()
            for _ in range(plan.rounds):
                await asyncio.gather(*(ask(client, pcm, plan.within_s, waits) for _ in range(count)))
            click.echo(waits.line(count))
        for task in noise:
            task.cancel()


async def flat_out(config: Path) -> None:
    """Keep it at work on every core until told to stop; say when it begins, and at the end what was done."""
    loop, stop, waits = asyncio.get_running_loop(), asyncio.Event(), Waits()
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    pcm = utterance(SENTENCE_S)

    async def recognise(client: SpeechClient) -> None:
        while True:
            await ask(client, pcm, ANSWER_S, waits)

    async with program(config) as client, asyncio.TaskGroup() as tasks:
        work = [tasks.create_task(recognise(client)) for _ in range(AT_ONCE)]
        work += [tasks.create_task(speak(client)) for _ in range(AT_ONCE)]
        click.echo(json.dumps({"at_work": len(work)}))
        await stop.wait()
        for task in work:
            task.cancel()
    click.echo(json.dumps({"recognised": len(waits.ms)}))


@click.command()
@click.option("--whisper", default="digits", help="digits, a shape (tiny, base, small), or a folder.")
@click.option("--callers", default="1,2,4,6", help="How many finish a sentence at once, separated by commas.")
@click.option("--rounds", default=20, help="How often each number is tried.")
@click.option("--seconds", default=2.0, help="How long the sentence is.")
@click.option("--within", default=2.0, help="How many seconds they wait.")
@click.option("--threads", default=2, help="Threads of recognition.")
@click.option("--waiting-most", default=3, help="How many may wait.")
@click.option("--speaking", is_flag=True, help="Speak without end all the while.")
@click.option("--flat-out", is_flag=True, help="Measure nothing: be at work until told to stop (SIGTERM).")
def main(whisper: str, callers: str, threads: int, waiting_most: int, within: float, **plan: Any) -> None:
    """Measure how long callers wait for recognition."""
    busy = plan.pop("flat_out")
    made = Plan([int(count) for count in callers.split(",")], within_s=within, **plan)
    with box(whisper, threads, waiting_most) as config:
        asyncio.run(flat_out(config) if busy else measure(config, made))


if __name__ == "__main__":
    main()
