"""Keeps the PBX's configuration as staff decided: tried after each change, and taken back when refused.

What the PBX has taken over whole is kept beside (`House.proven`). What it has not stands in its files only
while it is tried: so whoever begins anew meanwhile, the PBX or we, comes up with the good one.
May import: the standard library, appliance.core, appliance.service, appliance.store, ari_bridge,
models.local.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from appliance.core.errors import AttendantError, CarrierFailed
from appliance.core.phones import Phone
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.service.greetings import Greetings
from appliance.service.parts import Part
from appliance.service.pbx import music, sounds, trunk_hosts
from appliance.service.pbx.house import House, rendered
from appliance.service.pbx.trial import Trial
from appliance.store import office as office_rows
from appliance.store import phones as phone_rows
from appliance.store.database import Connection
from appliance.store.reader import Reader
from ari_bridge.control import AsteriskControl
from ari_bridge.rendering import mark_of
from models.local.mouth import Mouth

log = logging.getLogger(__name__)

LOOK_S = 2.0
AGAIN_S, AGAIN_MOST_S = 2.0, 120.0
"""When a trial that came to no verdict is made again; the pause doubles each time."""
SPEAKS_AGAIN_S = 60.0
DOOR = "manager.conf"
"""What is another here lets us in by another door: it cannot be tried by the old one."""
Decided = tuple[Office, tuple[Phone, ...]]


def decided(db: Connection) -> Decided:
    """What the configuration is made of."""
    return office_rows.load(db), tuple(phone_rows.phones(db))


class PbxKeeper:
    """Looks every two seconds whether staff decided anew. `control` is the connection to the PBX."""

    def __init__(
        self,
        settings: Settings,
        house: House,
        reader: Reader,
        mouth: Callable[[], Mouth],
        control: AsteriskControl,
        trial: Trial,
        greetings: Greetings,
        *,
        again_s: float = AGAIN_S,
    ) -> None:
        self._settings = settings
        self._house = house
        self._reader = reader
        self._mouth = mouth
        self._control = control
        self._trial = trial
        self._greetings = greetings
        self._decided: Decided | None = None
        self._tunes: tuple[str, ...] = ()
        self._year = 0
        """That whose holidays are in it: a new one has others."""
        self._wanted: Mapping[str, str] = {}
        self._owed = False
        """Whether the PBX has to read anew, whatever it says that it has read."""
        self._pause_s = self._again_s = again_s
        self._not_before_s = 0.0
        self.unread = False
        """Whether the PBX may not have read what it is to have."""
        self.local_base = ""
        self.refused = ""
        self.spoken = False
        """Whether there are sentences that the PBX can play."""
        self._spoken: Office | None = None
        self._speaks_again_s = 0.0

    async def run(self) -> None:
        """Keep it until cancelled."""
        while True:
            await self.look()
            await self._speak()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Write what changed, and have it read. Raises AttendantError when it cannot be written at all."""
        now = await self._reader.run(decided)
        year = now[0].staff.day_began(datetime.now(UTC)).year
        tunes = await asyncio.to_thread(music.names, self._house)
        if (now, year, tunes) != (self._decided, self._year, self._tunes):
            await self.install(now)
            self._decided, self._year = now, year
        due = self.unread and self._control.connected
        if due and asyncio.get_running_loop().time() >= self._not_before_s:
            await self._tried(now)

    async def install(self, now: Decided) -> None:
        """Make the configuration of an office, and see that what lies there meanwhile is good."""
        office, phones = now
        await asyncio.to_thread(sounds.without_words, self._house)
        self._wanted = await asyncio.to_thread(self._rendered, office, phones)
        self._not_before_s, self._pause_s = 0.0, self._again_s
        self.unread = await asyncio.to_thread(self._laid_out) or self.unread

    def _rendered(self, office: Office, phones: tuple[Phone, ...]) -> Mapping[str, str]:
        addresses = trunk_hosts.known(self._house) if self._settings.asterisk.trunk.host else ()
        self._tunes = music.names(self._house)
        return rendered(self._settings, self._house, office, phones, self.local_base, addresses, self._tunes)

    def look_anew(self) -> None:
        """What the configuration is made of has changed elsewhere: make it again."""
        self._decided = None

    def _laid_out(self) -> bool:
        """Lay out what can be left there until it is tried; whether there is something to try."""
        proven, installed = self._house.proven(), self._house.installed()
        # What is neither is of a trial that somebody's end cut short.
        untried = proven is None or proven.get(DOOR) != self._wanted.get(DOOR)
        meanwhile = self._wanted if proven is None or untried else proven
        if installed != meanwhile:
            self._house.install(meanwhile)
        return self._wanted not in (proven, installed) or installed != meanwhile

    async def _speak(self) -> None:
        """Have the sentences spoken that staff decided: beside the calls, since that takes its time."""
        clock = asyncio.get_running_loop().time
        if self._decided is None or self._decided[0] == self._spoken or clock() < self._speaks_again_s:
            return
        office = self._decided[0]
        missing = await sounds.rendered(self._house, office, self._mouth(), self._greetings.sound)
        self.spoken = True
        if missing:
            log.warning("sentences of the PBX have no voice", extra={"names": missing})
            self._speaks_again_s = clock() + SPEAKS_AGAIN_S
        else:
            self._spoken = office

    async def _tried(self, now: Decided) -> None:
        """Have the PBX read what is wanted; what it refuses gives way to what it had. One at a time."""
        proven = await asyncio.to_thread(self._house.proven)
        try:
            problem = await self._read(self._wanted, now)
            if problem and proven is not None and proven != self._wanted:
                log.error("the PBX refused its configuration", extra={"problem": problem})
                # What is missing of the good one is no news, and there is none that is better.
                await self._read(proven, now)
        except (CarrierFailed, OSError) as exc:
            await asyncio.to_thread(self._back, proven)
            self._wait(str(exc))
            return
        if not problem and proven != self._wanted:
            try:
                await asyncio.to_thread(self._house.prove, self._wanted)
            except OSError as exc:
                self._wait(str(exc))
                return
        self.refused, self.unread = problem, False
        self._pause_s = self._again_s

    async def _read(self, texts: Mapping[str, str], now: Decided) -> str:
        """Lay this out and have it read; what is missing then. Raises CarrierFailed."""
        if await asyncio.to_thread(self._house.installed) != texts:
            self._owed = True
            await asyncio.to_thread(self._house.install, texts)
        reload, self._owed = self._owed, True
        problem = await self._trial.problem(mark_of(texts), *now, reload=reload)
        self._owed = False
        return problem

    def _back(self, proven: Mapping[str, str] | None) -> None:
        """No verdict: whoever begins anew before the next trial finds what is known to be good."""
        door = self._wanted.get(DOOR)
        if proven is not None and proven.get(DOOR) == door and self._house.installed() != proven:
            self._house.install(proven)

    def _wait(self, why: str) -> None:
        log.warning(
            "the PBX has not read its configuration yet", extra={"problem": why, "again_s": self._pause_s}
        )
        self._not_before_s = asyncio.get_running_loop().time() + self._pause_s
        self._pause_s = min(2 * self._pause_s, AGAIN_MOST_S)

    def part(self) -> Part:
        """How the PBX is, for health."""
        if self.refused:
            told = (
                f"the PBX refused what staff decided last ({self.refused}), and what was there before holds:"
                " change it, or see Asterisk's log"
            )
            return Part("configuration refused", False, {"problem": self.refused, "told": told})
        if not self._control.connected:
            told = "the PBX's manager interface does not let us in: is Asterisk running?"
            return Part("not connected", False, {"told": told})
        return Part("ok") if self.spoken else Part("speaking its sentences")


async def prepared(keeper: PbxKeeper, local_base: str) -> None:
    """Write the configuration before calls are taken; what cannot be written now is tried again."""
    keeper.local_base = local_base
    try:
        await keeper.look()
    except (AttendantError, OSError) as exc:
        log.error("the PBX's configuration is not written", extra={"problem": str(exc)})
