"""A real bridge at which somebody rehearses, and what its box had on the disk before.

May import: the standard library, aiohttp, appliance, scripts.loopback_box, tests.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from appliance.core.rehearsal import Mode, Step
from appliance.jobs import typed_rehearsal
from appliance.jobs.typed_rehearsal import State
from appliance.store import accounts, database, rehearsal_tokens, times
from appliance.store.accounts import Role
from appliance.store.rehearsal_tokens import Ticket
from scripts.loopback_box import LoopbackBox

ORIGIN = "https://attendant.lan"
NOT_LOOKED_AT = frozenset({"rehearsal_token", "rehearsal_spent", "bookmark"})
"""The only tables that a rehearsal may write, and where it stands how far the carrier's books were read."""
WAIT_S = 20.0
SCRIPT = """
[[turn]]
on = "greeting"
say = "Good morning."
repeat = true

[[turn]]
on = "utterance"
heard = "what time is it"
calls = [{ name = "get_business_hours", arguments = "{}" }]
repeat = true

[[turn]]
on = "tool_output"
say = "We are open from eight to five."
repeat = true

[[turn]]
on = "prompt"
say = "You typed something."
repeat = true
"""
"""What the cloud says to whoever speaks or types."""
SILENCE = b"\xff" * 160


def account(box: LoopbackBox, name: str = "Ana Ruiz") -> int:
    """Somebody who may rehearse."""
    db = database.connect(box.database)
    try:
        known = next((each for each in accounts.every(db) if each.name == name), None)
        return (known or accounts.add(db, name, Role.OWNER, at=times.utc_now())).id
    finally:
        db.close()


def token(box: LoopbackBox, mode: Mode, account_id: int | None = None, **more: Any) -> str:
    """A token, as the admin makes one."""
    db = database.connect(box.database)
    try:
        with database.immediate(db):
            return rehearsal_tokens.add(db, Ticket(account_id, mode, **more), at=times.utc_now())
    finally:
        db.close()


def everything(box: LoopbackBox) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the box, but for those that are written beside calls."""
    db = database.connect_readonly(box.database)
    try:
        found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [row[0] for row in found if row[0] not in NOT_LOOKED_AT]
        return {
            name: [tuple(row) for row in db.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 -- our own
            for name in names
        }
    finally:
        db.close()


async def typed(box: LoopbackBox, *steps: Step, **more: Any) -> State:
    """A rehearsal that is typed turn by turn, up to after these steps."""

    def play() -> State:
        state = typed_rehearsal.begin(box.ports["local"], token(box, Mode.TYPED, **more))
        for each in steps:
            state = typed_rehearsal.do(box.ports["local"], state.name, each)
        return state

    return await asyncio.to_thread(play)


async def does(box: LoopbackBox, state: State, *steps: Step) -> State:
    """The same rehearsal after more steps."""

    def play() -> State:
        now = state
        for each in steps:
            now = typed_rehearsal.do(box.ports["local"], state.name, each)
        return now

    return await asyncio.to_thread(play)


def said(state: State, speaker: str = "attendant") -> list[str]:
    """What was said, turn by turn."""
    turns = {each["place"]: each for each in state.told if each["told"] == "turn"}
    return [str(each["text"]) for _, each in sorted(turns.items()) if each["speaker"] == speaker]


@dataclass(slots=True)
class Browser:
    """A page at its socket: it keeps what it is told, plays at once, and speaks when a test does."""

    socket: aiohttp.ClientWebSocketResponse
    told: list[Mapping[str, Any]] = field(default_factory=list)
    sound: bytearray = field(default_factory=bytearray)
    plays: bool = True
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take what comes until the box closes."""
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.sound += message.data
            else:
                await self._take(orjson.loads(message.data))
            self._news.set()
        self._news.set()

    async def _take(self, what: Mapping[str, Any]) -> None:
        if "mark" in what:
            if self.plays:
                await self.send(what)
        elif "told" in what:
            self.told.append(what)

    async def send(self, what: Mapping[str, Any]) -> None:
        await self.socket.send_str(orjson.dumps(what).decode())

    async def until(self, told: str, count: int = 1) -> Mapping[str, Any]:
        """Wait until this was told so often; the last of them."""
        async with asyncio.timeout(WAIT_S):
            while len(found := [each for each in self.told if each["told"] == told]) < count:
                assert not self.socket.closed, (told, self.told)
                self._news.clear()
                await self._news.wait()
        return found[count - 1]


@asynccontextmanager
async def browser(
    box: LoopbackBox, mode: Mode, word: str, origin: str = ORIGIN, **manner: Any
) -> AsyncIterator[Browser]:
    """A page that has opened its socket and given its token."""
    url = f"{box.local_base}/rehearse?mode={mode}"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, headers={"Origin": origin}) as socket:
        page = Browser(socket, **manner)
        await page.send({"token": word})
        async with asyncio.TaskGroup() as tasks:
            ears = tasks.create_task(page.listen(), name="page")
            yield page
            await socket.close()
            ears.cancel()


def kinds(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was told, by its kind."""
    return [str(each["told"]) for each in told]
