"""One visit to the manager interface: log in, ask a few things, leave. For questions that no call waits for.

AsteriskControl keeps a connection for calls; this one says why there is none.
May import: the standard library, appliance.core, ari_bridge.
"""

import asyncio
import itertools
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from appliance.core.errors import CarrierFailed
from ari_bridge.control import Access

ASK_S = 3.0
BANNER = "Asterisk Call Manager/"
LINE_MOST = 64 * 1024
Packet = dict[str, str]
"""The lines of a message; those of one name are joined by line breaks."""


class NoManager(CarrierFailed):
    """Nobody listens there, or it is no manager interface."""


class NotLetIn(CarrierFailed):
    """The manager interface refuses our name or password."""


class ManagerSession:
    """`async with ManagerSession(access) as ami:` is logged in.

    Entering raises NoManager, NotLetIn or another CarrierFailed.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._numbers = itertools.count(1)
        self._events: list[Packet] = []

    async def __aenter__(self) -> Self:
        access = self._access
        try:
            async with asyncio.timeout(ASK_S):
                self._reader, self._writer = await asyncio.open_connection(
                    access.host, access.port, limit=LINE_MOST
                )
        except (OSError, TimeoutError) as exc:
            raise NoManager(f"nobody listens at {access.host}:{access.port}", retry=True) from exc
        with ExitStack() as undo:
            undo.callback(self._writer.close)
            await self._log_in(access)
            undo.pop_all()
        return self

    async def _log_in(self, access: Access) -> None:
        """Raises NoManager, NotLetIn or another CarrierFailed."""
        try:
            async with asyncio.timeout(ASK_S):
                banner = (await self._reader.readline()).decode("utf-8", "replace")
            if not banner.startswith(BANNER):
                raise NoManager(f"what answers at {access.host}:{access.port} is no Asterisk", retry=False)
            answer = await self.ask("Login", Username=access.user, Secret=access.secret, Events="user")
        except (OSError, TimeoutError, ValueError) as exc:
            raise NoManager(f"{access.host}:{access.port} says nothing", retry=True) from exc
        if answer.get("Response") != "Success":
            raise NotLetIn(f"it refuses the password of {access.user!r}", retry=False)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def ask(self, action: str, *, within_s: float = ASK_S, **fields: str) -> Packet:
        """The first packet of the answer, also of a refusal. Raises CarrierFailed when there is none."""
        about = f"q{next(self._numbers)}"
        lines = {"Action": action, "ActionID": about, **fields}
        self._writer.write("".join(f"{name}: {text}\r\n" for name, text in lines.items()).encode() + b"\r\n")
        try:
            async with asyncio.timeout(within_s):
                while (packet := await self._packet()).get("ActionID") != about or "Response" not in packet:
                    self._events.append(packet)
        except (OSError, TimeoutError, ValueError) as exc:
            raise CarrierFailed(f"the PBX does not answer {action}", retry=True) from exc
        return packet

    async def told(self, name: str) -> bool:
        """Whether a user event of this name comes, or has come."""
        try:
            async with asyncio.timeout(ASK_S):
                while not any(each.get("UserEvent") == name for each in self._events):
                    self._events.append(await self._packet())
        except (OSError, TimeoutError, ValueError, CarrierFailed):
            return False
        return True

    async def _packet(self) -> Packet:
        found: Packet = {}
        while True:
            line = (await self._reader.readline()).decode("utf-8", "replace")
            if not line:
                raise CarrierFailed("the PBX closed the connection", retry=True)
            line = line.rstrip("\r\n")
            if not line:
                return found
            name, _, text = line.partition(":")
            text = text.strip()
            found[name] = f"{found[name]}\n{text}" if name in found else text
