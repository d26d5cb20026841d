"""The program: warms its children up, listens, and lets go of everything in order.

May import: appliance.core, models.local.espeak, models.speech, third-party packages.
"""

import asyncio
import logging
import os
import signal
import socket
import stat
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import orjson
import uvloop
from wyoming.error import Error

from appliance.core.errors import SettingsError
from appliance.core.pulse import Pulse
from appliance.core.settings import Settings
from models import wyoming_wire as wire
from models.local.espeak import PROGRAM
from models.speech.at_hand import problem_with, recognition
from models.speech.connection import Connection, Services
from models.speech.recognition import Recognition
from models.speech.requests import Held
from models.speech.synthesis import Synthesis

log = logging.getLogger(__name__)

CONNECTIONS_MOST = 32
HELD_MOST = 64 * 1024 * 1024
BACKLOG = 64


class Told(Protocol):
    """Who runs us, such as systemd: told that we listen, that our loop beats, and that we stop."""

    def begin(self) -> None:
        """We listen."""

    def end(self) -> None:
        """We stop."""


Telling = Callable[[Pulse], Told]


class Listener:
    """Takes connections, a bounded number of them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()

    async def arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one; the stream server runs this as a task of the connection."""
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= CONNECTIONS_MOST:
            log.warning("too many connections")
            writer.write(wire.packed(Error("too many connections", "busy").event()))
            writer.close()
            return
        self._tasks.add(task)
        try:
            await Connection(self._services, reader, writer).run()
        finally:
            self._tasks.discard(task)

    async def close(self) -> None:
        """Close all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Program:
    """All parts of it."""

    def __init__(self, settings: Settings, telling: Telling) -> None:
        speech, folder = settings.speech, settings.models_dir.absolute()
        self._speech = speech
        self._pulse = Pulse()
        self._told = telling(self._pulse)
        self._whisper, problem = recognition(speech.whisper, folder)
        self._recognition = Recognition(
            folder / self._whisper, speech.whisper_threads, speech.waiting_most, speech.recognise_ms
        )
        if problem:
            self._recognition.child.do_without(problem)
        wanted = speech.voices if speech.piper else {}
        voices = {language: name for language, name in wanted.items() if not problem_with(name, folder)}
        self._synthesis = Synthesis(voices, folder, speech.piper_threads, speech.synthesise_ms)

    async def run(self) -> None:
        """Serve until asked to stop. Raises SettingsError when it cannot listen."""
        with ExitStack() as stack:
            bound = bind(stack, self._speech.uri)
            with suppress(asyncio.CancelledError):
                _cancelled_by_signals()
                async with asyncio.TaskGroup() as tasks:
                    for child in (self._recognition.child, self._synthesis.child):
                        tasks.create_task(child.run(), name=child.name)
                    await self._serve(bound)
        log.info("stopped")

    async def _serve(self, bound: socket.socket) -> None:
        await self._recognition.child.settled.wait()
        await self._synthesis.child.settled.wait()
        services = Services(self._whisper, self._recognition, self._synthesis, Held(HELD_MOST))
        listener = Listener(services)
        start = asyncio.start_unix_server if bound.family == socket.AF_UNIX else asyncio.start_server
        server = await start(listener.arrived, sock=bound, backlog=BACKLOG)
        self._pulse.start()
        self._told.begin()
        try:
            said = self._listening(bound)
            log.info("listening", extra=said)
            print(orjson.dumps(said).decode(), flush=True)
            await asyncio.get_running_loop().create_future()
        finally:
            self._told.end()
            self._pulse.stop()
            server.close()
            await listener.close()

    def _listening(self, bound: socket.socket) -> dict[str, object]:
        """Where, and with what."""
        where, uri = urlsplit(self._speech.uri), self._speech.uri
        if where.scheme == "tcp":
            uri = f"tcp://{where.hostname}:{bound.getsockname()[1]}"
        heard = self._whisper if self._recognition.languages else None
        return {"speech": uri, "recognition": heard, "voices": [*self._synthesis.speaking, PROGRAM]}


def _cancelled_by_signals() -> None:
    """Have the running task cancelled when the process is asked to end."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("this runs in a task")
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def bind(stack: ExitStack, uri: str) -> socket.socket:
    """The socket, to which nobody can connect yet. Raises SettingsError when it cannot be had."""
    where = urlsplit(uri)
    try:
        if where.scheme == "unix":
            return _bind_unix(stack, Path(where.path))
        bound = stack.enter_context(socket.socket())
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((where.hostname, where.port))
    except (OSError, ValueError) as exc:
        raise SettingsError([f"[speech] {uri} cannot be listened on: {exc}."]) from exc
    return bound


def _bind_unix(stack: ExitStack, path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    _remove_stale(path)
    bound = stack.enter_context(socket.socket(socket.AF_UNIX))
    # Its group may connect; others never, not even for the moment between two calls.
    before = os.umask(0o117)
    try:
        bound.bind(str(path))
    finally:
        os.umask(before)
    stack.callback(path.unlink, missing_ok=True)
    return bound


def _remove_stale(path: Path) -> None:
    """Remove what a killed program left; raise OSError for anything else that is there."""
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise FileExistsError(f"{path} is there and is no socket")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(str(path)) == 0:
            raise FileExistsError(f"another program listens on {path}")
    path.unlink()


def run(settings: Settings, telling: Telling) -> None:
    """Run the speech program until it is told to stop. Raises AttendantError when it cannot begin."""
    uvloop.run(Program(settings, telling).run())
