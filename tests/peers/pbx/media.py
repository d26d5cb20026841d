"""A call of the PBX with us: its channel on a real socket, a caller who speaks, presses keys, hangs up.

May import: the standard library, aiohttp, tests.peers.
"""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from tests.peers.pbx.channel import FRAME_MS, Channel
from tests.peers.realtime.bell import Bell

T = TypeVar("T")
SILENCE = b"\xff"
NORMAL = 1000


class PbxCall:
    """`async with PbxCall(url, password, variables) as call:` holds the caller's side until it is left.

    `heard` is what the caller heard, frame by frame with its time. Without `rtp` the phone sends nothing.
    """

    def __init__(
        self,
        url: str,
        password: str,
        variables: Mapping[str, str],
        *,
        coding: str = "ulaw",
        user: str = "attendant",
    ) -> None:
        self.channel = Channel(coding)
        self.heard: list[tuple[float, bytes]] = []
        self.rtp = True
        self.closed_with: int | None = None
        self._url = url
        self._auth = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
        self._variables = dict(variables)
        self._says = b""
        self._bell = Bell()
        self._tasks: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        headers = {"Authorization": self._auth}
        try:
            self._ws = await self._http.ws_connect(self._url, headers=headers, protocols=("media",))
        except BaseException:
            await self._http.close()
            raise
        self.channel.start(self._variables)
        self._work = [
            asyncio.get_running_loop().create_task(self._listen()),
            asyncio.get_running_loop().create_task(self._beat()),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._work:
            task.cancel()
        await asyncio.wait(self._work)
        await self._ws.close()
        await self._http.close()

    # The caller ------------------------------------------------------------------------------------------

    def say(self, audio: bytes) -> None:
        """Speak, after what is being spoken."""
        self._says += audio

    def press(self, digit: str) -> None:
        """Press a key."""
        self.channel.press(digit)

    async def hang_up(self) -> None:
        """The caller is gone: Asterisk closes its socket as after any normal end."""
        await self._ws.close(code=NORMAL)

    async def wait_for(self, met: Callable[[], T], timeout_s: float = 10.0) -> T:
        """Wait, beat by beat, until this is true; return what it returned."""
        return await self._bell.wait_for(met, timeout_s, self._story)

    def _story(self) -> str:
        return f"{len(self.heard)} frames heard, closed with {self.closed_with}"

    @property
    def over(self) -> bool:
        """Whether our side has let go."""
        return self.closed_with is not None

    # The channel -----------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for message in self._ws:
            self.channel.take(message.data)
            await self._tell()
        self.closed_with = self._ws.close_code or 0
        self._bell.ring()

    async def _beat(self) -> None:
        due_s = time.monotonic()
        while not self._ws.closed:
            due_s += FRAME_MS / 1000
            await asyncio.sleep(due_s - time.monotonic())
            frame = self.channel.tick()
            if frame is not None:
                self.heard.append((time.monotonic(), frame))
            size = self.channel.frame
            said, self._says = self._says[:size], self._says[size:]
            try:
                await self._tell()
                if said or self.rtp:
                    await self._ws.send_bytes(said.ljust(size, SILENCE))
            except (aiohttp.ClientError, ConnectionError):
                return
            self._bell.ring()

    async def _tell(self) -> None:
        said, self.channel.said = self.channel.said, []
        for text in said:
            await self._ws.send_str(text)
        if self.channel.hung_up or self.channel.broken:
            await self._ws.close(code=NORMAL)
