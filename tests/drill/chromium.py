"""A headless Chromium, driven by its DevTools protocol over one websocket.

May import: the standard library, aiohttp, numpy, av.
"""

import asyncio
import base64
import io
import itertools
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import av
import numpy as np
from numpy.typing import NDArray

WAIT_S = 60.0
HERE = ("127.0.0.1", "localhost")
FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--mute-audio",
    "--remote-debugging-port=0", "--lang=en-US",
)  # fmt: skip
# Keys that write nothing, or not what they are called: their number, and what they write.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}
CONTROL = 2

# A narrow tab grows with what is too wide for it, so the width that was asked for is the measure.
OVERFLOWING = """
[...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > WIDTH + 0.5
        || (each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1))
    .map(each => each.tagName)
    .concat(document.documentElement.scrollWidth > WIDTH ? ['the page'] : [])
"""


class BrowserFailed(Exception):
    """Chromium did not do what was asked."""


@dataclass(slots=True)
class Tab:
    """One page of the browser."""

    socket: aiohttp.ClientWebSocketResponse
    complaints: list[str] = field(default_factory=list)
    """What the browser itself found wrong, such as a policy that was broken; errors that a script wrote."""
    outside: list[str] = field(default_factory=list)
    """Addresses on other machines that were asked for anything."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _loads: int = 0
    _width: int = 800

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result. Raises BrowserFailed."""
        number = next(self._numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(WAIT_S):
            while (said := await self._next()).get("id") != number:
                pass
        if "error" in said:
            raise BrowserFailed(f"{method}: {said['error']}")
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded. Raises BrowserFailed."""
        before = self._loads
        gone = await self.ask("Page.navigate", url=url)
        if "errorText" in gone:
            raise BrowserFailed(f"{url}: {gone['errorText']}")
        await self.loaded(before)

    async def loaded(self, before: int) -> None:
        """Wait for one load more than there were before."""
        async with asyncio.timeout(WAIT_S):
            while self._loads == before:
                await self._next()

    @property
    def loads(self) -> int:
        """How many pages have been loaded, and files."""
        return self._loads

    async def run(self, script: str) -> Any:
        """The value of an expression of JavaScript, awaited when it is a promise. Raises BrowserFailed."""
        done = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise BrowserFailed(f"{script[:60]}: {done['exceptionDetails']}")
        return done["result"].get("value")

    async def click(self, x: float, y: float) -> None:
        """Press the mouse's button at a place of what is seen, and let go of it."""
        await self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def key(self, key: str) -> None:
        """Press a key, and let go of it: Tab, Enter, or one that writes itself."""
        number, text = KEYS.get(key, (0, key))
        named = {"key": key, "windowsVirtualKeyCode": number, "text": text, "unmodifiedText": text}
        await self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **named)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **named)

    async def mark_all(self) -> None:
        """Mark all of the field that has the cursor, as Control and A do."""
        named = {"key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "modifiers": CONTROL}
        await self.ask("Input.dispatchKeyEvent", type="rawKeyDown", commands=["selectAll"], **named)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **named)

    async def look(self, width: int, *, dark: bool) -> None:
        """Be so wide, and prefer light or dark."""
        self._width = width
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        await self.ask("Emulation.setEmulatedMedia", features=[scheme, still])
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    async def overflowing(self) -> list[str]:
        """The elements that reach over the right edge."""
        found: list[str] = await self.run(OVERFLOWING.replace("WIDTH", str(self._width)))
        return found

    async def picture(self) -> bytes:
        """The whole page as a PNG."""
        shot = await self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    async def _next(self) -> dict[str, Any]:
        said: dict[str, Any] = await self.socket.receive_json()
        match said.get("method"):
            case "Page.loadEventFired" | "Page.downloadWillBegin":
                self._loads += 1
            case "Log.entryAdded" if said["params"]["entry"]["level"] == "error":
                self.complaints.append(said["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(said["params"]["exceptionDetails"])[:400])
            case "Runtime.consoleAPICalled" if said["params"]["type"] in ("error", "assert"):
                self.complaints.append(str(said["params"]["args"])[:400])
            case "Network.requestWillBeSent":
                self._asked(said["params"]["request"]["url"])
            case "Network.webSocketCreated":
                self._asked(said["params"]["url"])
        return said

    def _asked(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, *HERE):
            self.outside.append(url)


def pixels(png: bytes) -> NDArray[np.uint8]:
    """A PNG as rows of red, green and blue."""
    with av.open(io.BytesIO(png), "r") as container:
        frame = next(container.decode(video=0))
    return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


@asynccontextmanager
async def chromium(folder: Path, *more: str) -> AsyncIterator[Tab]:
    """A browser of its own with one empty tab; its profile and log lie in the folder. `more` are flags."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise BrowserFailed("There is no Chromium here; ./scripts/dev drill installs it.")
    profile = folder / "profile"
    command = [program, *FLAGS, *more, f"--user-data-dir={profile}", "about:blank"]
    if os.geteuid() == 0:
        command.append("--no-sandbox")  # it refuses to start as root otherwise
    with (folder / "chromium.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=subprocess.PIPE)
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(WAIT_S):
            address = await _debugging_address(process)
            async with http.get(f"http://{address}/json/list") as answer:
                target = next(each for each in await answer.json() if each["type"] == "page")
            async with http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Log", "Runtime", "Network"):
                    await tab.ask(f"{domain}.enable")
                yield tab
                assert tab.outside == [], "no page asks anything of another machine"
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _debugging_address(process: asyncio.subprocess.Process) -> str:
    """Where the protocol is spoken, as Chromium tells on its standard error."""
    told: list[str] = []
    while process.stderr is not None and (
        line := (await process.stderr.readline()).decode("utf-8", "replace")
    ):
        told.append(line)
        if "DevTools listening on ws://" in line:
            return line.split("ws://")[1].split("/")[0]
    raise BrowserFailed("Chromium did not start: " + "".join(told)[-2000:])
