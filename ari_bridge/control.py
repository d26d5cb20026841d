"""The manager interface of Asterisk (AMI): dispositions go out, what became of calls and phones comes in.

panoramisk speaks the protocol and connects anew; the deadlines are ours, since an action that is sent while
there is no connection is never answered.
May import: the standard library, panoramisk, appliance.core, ari_bridge.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from panoramisk import Manager
from panoramisk.actions import Action, Command

from appliance.core.errors import CarrierFailed
from ari_bridge import ami_events
from ari_bridge.ami_events import AmiEvent

log = logging.getLogger(__name__)

ACTION_S = 1.0
ATTEMPT_S = 2.0
AGAIN_S = 1.0
PING_S = 5.0
"""After so long without a word from the PBX it is asked whether it is there."""
NEXT = "ATTENDANT_NEXT"
"""The variable of a channel that holds its disposition; empty is people."""
LEG = "ATTENDANT_LEG"
"""The variable of one whom a desk connected with our leg: its channel."""
CALL, PEER = "ATTENDANT_CALL", "BRIDGEPEER"
"""The variables of a channel that say which call of ours it is of, and with whom it talks."""
EVENTS = (
    *("UserEvent", "ContactStatus", "HangupRequest", "AttendedTransfer", "FullyBooted"),
    *("Hold", "Unhold", "DTMFEnd"),
)


@dataclass(frozen=True, slots=True)
class Access:
    """Where the manager interface is, and who we are there."""

    host: str
    port: int
    user: str
    secret: str


class _Link(Manager):  # type: ignore[misc]
    """panoramisk's connection, which would come back after it was closed, and tells of every attempt."""

    ended = False

    def connect(self, *_arguments: Any, **_options: Any) -> Any:
        """Connect, unless we are done."""
        return None if self.ended else super().connect()

    def ping(self) -> None:
        """Ask nothing: panoramisk does not miss an answer, and would keep each that did not come."""

    def forget(self, action: Action) -> None:
        """Wait no more for an answer; panoramisk would, for good."""
        for name in (action.id, action.action_id):
            self.protocol.responses.pop(name, None)

    def cut(self) -> bool:
        """Give up a connection on which nothing comes; False when there is none. It is made anew."""
        if self.protocol is None or self.protocol.closed:
            return False
        self.protocol.transport.abort()
        return True


class AsteriskControl:
    """One connection, kept up. `heard` is told what Asterisk says, `begun` that there is a connection."""

    def __init__(
        self,
        access: Access,
        heard: Callable[[AmiEvent], Awaitable[None]],
        begun: Callable[[], Awaitable[None]],
        read: Callable[[Mapping[str, str]], AmiEvent | None] = ami_events.read,
        ping_s: float = PING_S,
        again_s: float = AGAIN_S,
    ) -> None:
        self._access = access
        self._heard = heard
        self._begun = begun
        self._read = read
        self._ping_s, self._again_s = ping_s, again_s
        self._owed_s: float | None = None
        """When `begun` is to be told again (by the loop's clock), because what it asked was not answered."""
        self._manager: _Link | None = None
        self._inbox: asyncio.Queue[AmiEvent | None] = asyncio.Queue(1000)
        self.connected = False
        self.dropped = 0
        """What was told and had no room."""
        self._begun_once = False

    async def __aenter__(self) -> Self:
        access = self._access
        told = logging.getLogger("panoramisk")
        # That it is gone we say ourselves, once.
        told.setLevel(logging.CRITICAL)
        self._manager = manager = _Link(
            host=access.host,
            port=access.port,
            username=access.user,
            secret=access.secret,
            reconnect_timeout=ATTEMPT_S,
            on_login=self._logged_in,
            on_disconnect=self._disconnected,
            log=told,
        )
        for event in EVENTS:
            manager.register_event(event, self._event)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._manager is not None:
            self._manager.ended = True
            self._manager.close()

    async def run(self) -> None:
        """Connect, and pass on what is told, one after the other."""
        assert self._manager is not None  # noqa: S101 -- set by __aenter__
        if not self._begun_once:
            self._begun_once = True
            self._manager.connect()
        clock = asyncio.get_running_loop().time
        while True:
            try:
                async with asyncio.timeout(self._ping_s if self._owed_s is None else self._again_s):
                    event = await self._inbox.get()
            except TimeoutError:
                await self._look()
            else:
                await (self._begin() if event is None else self._heard(event))
            if self.connected and self._owed_s is not None and clock() >= self._owed_s:
                await self._begin()

    async def _begin(self) -> None:
        """Tell that a connection stands; what could not be found out then is owed, and found out soon."""
        self._owed_s = None
        try:
            await self._begun()
        except CarrierFailed as exc:
            log.warning("the PBX did not say what became of its calls", extra={"problem": str(exc)})
            self._owed_s = asyncio.get_running_loop().time() + self._again_s

    async def _look(self) -> None:
        """After a while without a word: give up a connection on which nobody answers, or lets us in."""
        assert self._manager is not None  # noqa: S101 -- set by __aenter__
        try:
            await self.act("Ping")
        except CarrierFailed as exc:
            if self._manager.cut():
                log.warning("the PBX's manager interface does not answer", extra={"problem": str(exc)})

    def _logged_in(self, _manager: Manager) -> None:
        self.connected = True
        self._put(None)

    def _disconnected(self, _manager: Manager, _problem: object) -> None:
        if self.connected:
            log.warning("the PBX's manager interface is gone")
        self.connected = False

    def _event(self, _manager: Manager, message: Mapping[str, str]) -> None:
        event = self._read(message)
        if event is not None:
            self._put(event)

    def _put(self, event: AmiEvent | None) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self.dropped += 1
            if event is None:
                self._owed_s = 0.0

    @property
    def awaited(self) -> int:
        """How many answers of the PBX are waited for, each counted once or twice."""
        return 0 if self._manager is None or self._manager.protocol is None else len(self._manager.responses)

    async def leave(self, channel: str, told: str) -> None:
        """Tell the dialplan of a channel where its call goes next. Raises CarrierFailed."""
        await self.act("Setvar", Channel=channel, Variable=NEXT, Value=told)

    async def connected_with(self, channel: str, leg: str) -> None:
        """Tell the dialplan of a channel that it is one of our legs it talks with. Raises CarrierFailed."""
        await self.act("Setvar", Channel=channel, Variable=LEG, Value=leg)

    async def bring_back(self, channel: str) -> bool:
        """Have a caller come back to us, unless somebody talks with them by now. Raises CarrierFailed."""
        if await self._variable(channel, PEER):
            return False
        await self.act("Redirect", Channel=channel, Context="attendant", Exten="back", Priority="1")
        return True

    async def free_from_hold(self, channel: str) -> None:
        """Lead a caller on to people who is on hold, if it is a call of ours. Raises CarrierFailed."""
        if await self._variable(channel, CALL):
            await self.act("Redirect", Channel=channel, Context="attendant-zero", Exten="held", Priority="1")

    async def _variable(self, channel: str, name: str) -> str:
        answer = await self.act("Getvar", Channel=channel, Variable=name)
        return str(answer.get("Value", ""))

    async def kept(self, family: str, key: str) -> str:
        """What the PBX's database holds there; empty for nothing. Raises CarrierFailed."""
        try:
            answer = await self.act("DBGet", Family=family, Key=key)
        except CarrierFailed as exc:
            if exc.retry:
                raise
            return ""
        return next((str(row["Val"]) for row in answer if "Val" in row), "")

    async def family(self, family: str) -> dict[str, str]:
        """All that the PBX's database holds in a family, by its keys. Raises CarrierFailed."""
        answer = await self.act("DBGetTree", Family=family)
        rows = answer if isinstance(answer, list) else []
        return {str(row["Key"]).removeprefix(f"/{family}/"): str(row["Val"]) for row in rows if "Val" in row}

    async def drop(self, family: str, key: str = "") -> None:
        """Have that database forget it, or a whole family, if it is there. Raises CarrierFailed."""
        try:
            await self.act("DBDel" if key else "DBDelTree", Family=family, Key=key)
        except CarrierFailed as exc:
            if exc.retry:
                raise

    async def act(self, action: str, *, within_s: float = ACTION_S, **fields: str) -> Any:
        """Have something done. Raises CarrierFailed when it is refused, or not answered in time."""
        if self._manager is None or not self.connected:
            raise CarrierFailed("the PBX's manager interface is not connected", retry=True)
        sent = (Command if "Command" in fields else Action)({"Action": action, **fields})
        try:
            async with asyncio.timeout(within_s):
                answer = await self._manager.send_action(sent)
        except TimeoutError as exc:
            self._manager.forget(sent)
            raise CarrierFailed(f"the PBX did not answer {action} in time", retry=True) from exc
        first = answer[0] if isinstance(answer, list) else answer
        if not first.success:
            raise CarrierFailed(f"the PBX refused {action}: {str(first.message)[:80]}", retry=False)
        return answer
