"""The real speech program as a process on a real socket, and a way to hold, end and look at its children.

May import: the standard library, pytest, models.local.speech_client.
"""

import asyncio
import json
import os
import signal
import sys
import wave
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.local.speech_client import Offer, SpeechClient

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
WEIGHTS = DATA / "models"
WAIT_S = 60.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
VOICES = {"en": "english", "es": "spanish"}
STUBS = {"english": "en_US-stub", "spanish": "es_ES-stub"}


def spoken_digit(name: str) -> bytes:
    """A recording of a digit, at 16 kHz."""
    with wave.open(str(DATA / "digits" / f"fsdd_{name}.wav")) as file:
        return bytes(file.readframes(file.getnframes()))


def models(folder: Path) -> Path:
    """A folder of weights as they are on a box: digits for the ears, tones for the mouth."""
    made = folder / "models"
    made.mkdir()
    (made / "digits").symlink_to(WEIGHTS / "whisper-digits-en")
    for name, stub in STUBS.items():
        (made / name).mkdir()
        for ending in (".onnx", ".onnx.json"):
            (made / name / f"{stub}{ending}").symlink_to(WEIGHTS / "piper-stub" / f"{stub}{ending}")
    return made


def settings(folder: Path, **speech: object) -> Path:
    """A settings file for a program with its socket in this folder."""
    given: dict[str, object] = {
        "uri": f"unix://{folder}/speech.sock",
        "models_dir": str(folder / "models"),
        "whisper": "digits",
        "whisper_threads": 1,
        "synthesise_ms": 4000,
        **speech,
    }
    voices = given.pop("voices", VOICES)
    assert isinstance(voices, Mapping)
    lines = [f"{key} = {json.dumps(value)}" for key, value in given.items()]
    names = ", ".join(f"{language} = {json.dumps(name)}" for language, name in voices.items())
    file = folder / "attendant.toml"
    body = "\n".join([*lines, f"voices = {{{names}}}"])
    file.write_text(f'[box]\ndata_dir = "{folder}"\n[speech]\n{body}\n')
    return file


@dataclass(slots=True)
class Program:
    """One that listens."""

    process: Process
    listening: dict[str, Any]

    @property
    def client(self) -> SpeechClient:
        """A client of it."""
        return SpeechClient(self.listening["speech"])

    def child(self, name: str) -> int:
        """The process that hears (`ears`) or speaks (`mouth`) now."""
        return next(pid for pid in self.children() if f"models.speech.{name}" in _command(pid))

    def children(self) -> list[int]:
        """All of its children."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @contextmanager
    def held(self, name: str) -> Iterator[int]:
        """Have a child stand still for a while."""
        pid = self.child(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield pid
        finally:
            if alive(pid):
                os.kill(pid, signal.SIGCONT)

    async def until(self, met: Callable[[Offer], bool]) -> Offer:
        """Ask what it does until this is met."""
        async with asyncio.timeout(WAIT_S):
            while not met(offer := await self.client.describe(WAIT_S)):
                continue
            return offer

    async def kill(self) -> None:
        """End it without a word, as a lack of memory does."""
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        """Ask it to end; its status."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(WAIT_S):
            return await self.process.wait()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether the process is there and no mere memory of one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def started(config: Path, environment: Mapping[str, str] = MappingProxyType({})) -> Program:
    """Start it, with this in its environment besides, and wait until it listens."""
    log = (config.parent / "speech.log").open("ab")
    with log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "appliance.cli.main", "--config", str(config), "speech"),
            stdout=PIPE,
            stderr=log,
            env={**ENVIRONMENT, **environment},
        )
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        line = await process.stdout.readline()
        if not line:
            await process.wait()
    assert line, (config.parent / "speech.log").read_text()
    return Program(process, json.loads(line))


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Program]:
    """The program, until the test is done with it."""
    program = await started(config)
    try:
        yield program
    finally:
        await program.end()
