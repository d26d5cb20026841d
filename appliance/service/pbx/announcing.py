"""Who calls, and why, as a sound for the desk that is rung: it hears that before it takes the call.

A desk that answers sooner than the sound is made hears that there is a caller, and no more.
May import: the standard library, appliance.core, appliance.languages, appliance.service, models.local.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from appliance.core.files import replace
from appliance.core.staff import Office
from appliance.core.story import Speaker, Turn
from appliance.languages import prompts
from appliance.service.known_call import Brief
from appliance.service.pbx.house import House
from models.local.mouth import Mouth

log = logging.getLogger(__name__)

WAITING_MOST = 100
KEPT_S = 600.0
SWEEP_S = 60.0
LEAST_WORDS = 3
WORDS_MOST = 30


class Announcer:
    """Makes the sounds one after the other. `brief` tells of a call, None when it is not known."""

    def __init__(
        self, house: House, mouth: Callable[[], Mouth], brief: Callable[[str], Brief | None]
    ) -> None:
        self._folder = house.announcements
        self._mouth = mouth
        self._brief = brief
        self._asked: asyncio.Queue[tuple[str, str]] = asyncio.Queue(WAITING_MOST)

    def ask(self, call_sid: str, department: str) -> None:
        """A department is about to be rung for this call."""
        try:
            self._asked.put_nowait((call_sid, department))
        except asyncio.QueueFull:
            log.warning("a call is put through without an announcement")

    async def sweep(self) -> None:
        """Remove what nobody will hear any more, again and again."""
        while True:
            await asyncio.to_thread(_swept, self._folder, time.time() - KEPT_S)
            await asyncio.sleep(SWEEP_S)

    async def run(self) -> None:
        """Make what is asked for, until cancelled."""
        while True:
            call_sid, department = await self._asked.get()
            # One of an earlier department would be the wrong one.
            await asyncio.to_thread((self._folder / f"{call_sid}.ulaw").unlink, missing_ok=True)
            brief = self._brief(call_sid)
            if brief is not None:
                await self._made(call_sid, text(brief, department), brief.office)

    async def _made(self, call_sid: str, said: str, office: Office) -> None:
        language = office.staff.language.partition("-")[0]
        sound = b"".join([piece async for piece in self._mouth().speak(said, language)])
        if sound:
            await asyncio.to_thread(replace, self._folder / f"{call_sid}.ulaw", sound, mode=0o640)


def text(brief: Brief, department: str) -> str:
    """What the desk is told: for whom the call is, who rings, and the caller's last words of some length."""
    office = brief.office
    said = prompts.prompts(office.staff.language.partition("-")[0])
    line = office.department(department)
    name = line.name if line else office.staff.business_name
    first = (
        said.said("screen_number", department=name, number=brief.caller)
        if brief.caller
        else said.said("screen_withheld", department=name)
    )
    words = _reason(brief.story)
    return f"{first} {said.said('screen_words', words=words)}" if words else first


def _reason(story: tuple[Turn, ...]) -> str:
    """The caller's last words that may be a reason; "yes" is none."""
    for turn in reversed(story):
        words = turn.text.split()
        if turn.speaker is Speaker.CALLER and len(words) >= LEAST_WORDS:
            return " ".join(words[:WORDS_MOST])
    return ""


def _swept(folder: Path, before_s: float) -> None:
    """Nobody hears those any more."""
    for path in folder.glob("*.ulaw"):
        if path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)
