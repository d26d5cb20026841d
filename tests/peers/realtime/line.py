"""The socket of one session: frames in and out, pauses in real time, and the accidents of a line.

May import: session, faults, aiohttp.
"""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator

import orjson
from aiohttp import ClientConnectionError, WSMsgType, web

from tests.peers.realtime.faults import Fault
from tests.peers.realtime.session import Session

FULL_BYTES = 1_000_000
"""When so much is unsent, replies wait for the client to read."""
PING_EVERY_S = 20.0
FLOOD_AT_ONCE, FLOOD_S = 60, 0.02

Frame = tuple[WSMsgType, bytes]


class Line:
    """Runs one session over one WebSocket; nothing of it is left when `run` returns."""

    def __init__(self, socket_response: web.WebSocketResponse, request: web.Request) -> None:
        self._ws, self._request = socket_response, request
        self._outbox: deque[Frame | Fault] = deque()
        self._ready, self._drained, self._reading = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._reading.set()
        self._unsent_bytes = 0
        self._mute = self._ending = False
        self._tasks = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, session: Session) -> None:
        async with self._tasks:
            writer = self._tasks.create_task(self._write(), name=f"session {session.number} writer")
            self.begin(self._ping(), f"session {session.number} ping")
            try:
                session.open()
                await self._read(session)
            finally:
                self._mute = True
                # A writer that is closing the line ends by itself, after the client's answer.
                for task in self._running if self._ending else (writer, *self._running):
                    task.cancel()
        session.ended(self._ws.close_code)

    async def _read(self, session: Session) -> None:
        while True:
            await self._reading.wait()
            message = await self._ws.receive()
            if message.type is WSMsgType.TEXT:
                session.take(message.data)
            elif message.type is WSMsgType.BINARY:
                session.take_binary()
            elif message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return

    # What a session asks of it

    def push(self, frame: bytes) -> bool:
        return self._queue((WSMsgType.TEXT, frame))

    def begin(self, steps: Iterator[float], name: str) -> Callable[[], None]:
        """Take the steps one after the other, with the pauses they ask for; returns how to stop."""
        task = self._tasks.create_task(self._drive(steps), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

        def stop() -> None:
            task.cancel()

        return stop

    def act(self, fault: Fault) -> bool:
        """Let it go wrong; whether it did: a line that is silent or at its end is not so again."""
        mute = self._mute
        match fault.kind:
            case "silence":
                self._mute = True
            case "freeze":
                self._mute = True
                self._reading.clear()
            case "garbage":
                self._queue((WSMsgType.TEXT, b'{"type": "response.output_audio.delta", "delta'))
            case "binary":
                self._queue((WSMsgType.BINARY, bytes(160)))
            case "huge":
                padded = {"type": "response.padding", "event_id": "event_0", "padding": "x" * fault.size}
                self._queue((WSMsgType.TEXT, orjson.dumps(padded)))
            case "flood":
                self.begin(self._flood(), "flood")
            case "close" | "drop" | "reset":
                # A silent line can still be closed.
                self._mute = mute = self._ending
                self._queue(fault)
                self._mute = self._ending = True
        return not mute

    def thaw(self) -> None:
        """Let a frozen line see that it is closed."""
        self._reading.set()

    def _queue(self, frame: Frame | Fault) -> bool:
        if self._mute:
            return False
        self._outbox.append(frame)
        if not isinstance(frame, Fault):
            self._unsent_bytes += len(frame[1])
        self._ready.set()
        return True

    # Tasks

    def _ping(self) -> Iterator[float]:
        while True:
            yield PING_EVERY_S
            self._queue((WSMsgType.PING, b"ping"))

    def _flood(self) -> Iterator[float]:
        event = orjson.dumps({"type": "rate_limits.updated", "event_id": "event_0", "rate_limits": []})
        while True:
            for _ in range(FLOOD_AT_ONCE):
                self._queue((WSMsgType.TEXT, event))
            yield FLOOD_S

    async def _drive(self, steps: Iterator[float]) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        for pause_s in steps:
            if self._unsent_bytes > FULL_BYTES:
                self._drained.clear()
                await self._drained.wait()
            due_s = max(due_s, loop.time() - 1) + pause_s
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._outbox:
                frame = self._outbox.popleft()
                if isinstance(frame, Fault):
                    await self._end(frame)
                    return
                self._unsent_bytes -= len(frame[1])
                if not await self._send(frame):
                    return
            self._drained.set()

    async def _send(self, frame: Frame) -> bool:
        try:
            await self._ws.send_frame(frame[1], frame[0])
        except (ClientConnectionError, ConnectionError):
            self._mute = True
            self._drained.set()
            return False
        return True

    async def _end(self, fault: Fault) -> None:
        if fault.kind == "close":
            await self._ws.close(code=fault.close_code, message=fault.reason.encode())
        elif fault.kind == "drop" and self._request.transport is not None:
            self._request.transport.close()
        else:
            reset(self._request)


def reset(request: web.Request) -> None:
    """Cut the connection with a TCP reset, as a crashed machine or an impatient firewall does."""
    if request.transport is not None:
        raw = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
