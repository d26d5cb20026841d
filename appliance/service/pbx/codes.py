"""What desk phones have done by a code: the clinic closed for today, opened again, its greeting recorded.

Everything is on disk before it is said. A recording is judged and brought to our loudness, and kept only as
staff heard it played back.
May import: the standard library, appliance.core, appliance.languages, appliance.service,
appliance.store, ari_bridge.codes.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, assert_never

from appliance.core.files import replace
from appliance.languages.folders import code_of
from appliance.service.greeting_sound import NotRecorded, judged, kept_said
from appliance.service.greetings import Greetings, in_use
from appliance.service.pbx.house import House
from appliance.store import codes, office
from appliance.store.database import Connection
from appliance.store.writer import Writer
from ari_bridge.codes import CodeDialled, Wish

T = TypeVar("T")
log = logging.getLogger(__name__)

KEPT_S = 600.0
SWEEP_S = 60.0


class DeskCodes:
    """Does what a phone of the house asks for, and says by the name of a sentence what was done."""

    def __init__(self, house: House, writer: Writer, greetings: Greetings) -> None:
        self._house = house
        self._writer = writer
        self.greetings = greetings
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def done(self, asked: CodeDialled, ends_s: float) -> str:
        """Do it; when this returns it is on disk. After `ends_s` of the loop's clock it is not done any more.

        Raises AttendantError or OSError when it is not done, StoreUnsure when nobody can say.
        """
        now, phone = self.now(), asked.phone
        match asked.wish:
            case Wish.CLOSE:
                return await self._promise(lambda db: _closed(db, phone, now), ends_s)
            case Wish.REOPEN:
                await self._promise(lambda db: codes.reopen(db, phone, now=now), ends_s)
                return "open"
            case Wish.GREETING:
                return "ready"
            case Wish.CHECK:
                async with asyncio.timeout_at(ends_s):
                    return await asyncio.to_thread(self._judged, asked.name)
            case Wish.KEEP:
                return await self._keep(asked, now, ends_s)
            case Wish.SPOKEN:
                await self._promise(lambda db: _used(db, asked, "", now), ends_s)
                return "spoken"
            case _:
                assert_never(asked.wish)

    async def _promise(self, job: Callable[[Connection], T], ends_s: float) -> T:
        within_s = max(0.0, ends_s - asyncio.get_running_loop().time())
        return await self._writer.promise(job, within_s=within_s, unless_cancelled=True)

    def _judged(self, name: str) -> str:
        """What is to be said of a recording; one that is well is laid where it can be heard."""
        path = self._house.greetings / f"{name}.wav"
        found = judged(path)
        path.unlink(missing_ok=True)
        if found.sound:
            replace(self._heard(name), found.sound, mode=0o640)
        return found.said

    def _heard(self, name: str) -> Path:
        return self._house.announcements / f"{name}.ulaw"

    async def _keep(self, asked: CodeDialled, now: datetime, ends_s: float) -> str:
        """Keep what was heard."""
        staff = await self._promise(office.staff, ends_s)
        language = asked.greeting.partition("-")[0] or code_of(staff.language)
        try:
            async with asyncio.timeout_at(ends_s):
                sound = await asyncio.to_thread(self._heard(asked.name).read_bytes)
                name = await self.greetings.keep(language, sound, in_use(staff))
        except FileNotFoundError as exc:
            raise NotRecorded("Nothing was recorded in this call that could be kept.") from exc
        return await self._promise(lambda db: _kept(db, asked, name, now), ends_s)

    async def sweep(self) -> None:
        """Remove recordings of which nothing came, again and again."""
        while True:
            await asyncio.to_thread(_swept, self._house.greetings, time.time() - KEPT_S)
            await asyncio.sleep(SWEEP_S)


def _closed(db: Connection, phone: str, now: datetime) -> str:
    """Close for today; what callers hear of it."""
    codes.close_today(db, phone, now=now)
    return "closed" if office.load(db).staff.greeting_closed else "closed_usual"


def _used(db: Connection, asked: CodeDialled, name: str, now: datetime) -> None:
    """Have a recording heard in the place that it is for; empty: what is there is spoken."""
    if asked.greeting:
        codes.use_voicemail(db, asked.phone, asked.greeting, name, now=now)
    else:
        codes.use_greeting(db, asked.phone, name, now=now)


def _kept(db: Connection, asked: CodeDialled, name: str, now: datetime) -> str:
    """Have a recording heard; when callers do hear it."""
    _used(db, asked, name, now)
    return kept_said(office.staff(db), asked.greeting)


def _swept(folder: Path, before_s: float) -> None:
    for path in folder.glob("*.wav"):
        with suppress(FileNotFoundError):  # it was judged meanwhile
            if path.stat().st_mtime < before_s:
                path.unlink()
