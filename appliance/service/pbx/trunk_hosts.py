"""Where the trunk's provider calls from: its host looked up again and again, as Asterisk does only once.

What was found is kept on disk, so that calls come in also when there is no name server as the box begins.
A look-up that hangs has a thread of its own. May import: the standard library, pydantic, appliance.core,
appliance.service.
"""

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pydantic import TypeAdapter, ValidationError

from appliance.core.files import replace
from appliance.core.settings import Trunk
from appliance.service.pbx.house import House

log = logging.getLogger(__name__)

FILE = "trunk_addresses"
AGAIN_S = 300.0
KEPT_S = 86_400.0
"""A provider may give out a few of its many addresses at a time: one counts for a day after it was told."""
MOST = 64
_SEEN = TypeAdapter(dict[str, float])
LookUp = Callable[[str], set[str]]


def looked_up(host: str) -> set[str]:
    """The addresses of a host. Blocks; raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    return {str(address[4][0]) for address in found}


def known(house: House) -> tuple[str, ...]:
    """The addresses that were found last, in order; empty when none ever were. Blocks."""
    return tuple(sorted(_read(house)))


def _read(house: House) -> dict[str, float]:
    try:
        return _SEEN.validate_json((house.folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return {}


class TrunkHosts:
    """Keeps them; `changed` is told when there are others."""

    def __init__(
        self,
        trunk: Trunk,
        house: House,
        changed: Callable[[], None],
        look_up: LookUp = looked_up,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = trunk.host.partition(":")[0]
        self._needed = bool(self._host) and not trunk.from_networks and not _is_address(self._host)
        self._house = house
        self._changed = changed
        self._look_up = look_up
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="trunk")

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            if self._needed:
                await self.look()
            await asyncio.sleep(AGAIN_S)

    async def look(self) -> None:
        """Look once; without an answer what is known stays."""
        loop = asyncio.get_running_loop()
        try:
            if await loop.run_in_executor(self._thread, self._kept):
                self._changed()
        except OSError as exc:
            log.warning("the trunk's host is not found", extra={"host": self._host, "problem": str(exc)})

    def _kept(self) -> bool:
        """Look, and keep what is found; whether it is something else."""
        found, now = self._look_up(self._host), self._now()
        before = _read(self._house)
        seen = {each: at for each, at in before.items() if at > now - KEPT_S} | dict.fromkeys(found, now)
        latest = sorted(seen, key=lambda each: seen[each], reverse=True)[:MOST]
        seen = {each: seen[each] for each in latest}
        self._house.made()
        replace(self._house.folder / FILE, _SEEN.dump_json(seen), mode=0o600)
        return seen.keys() != before.keys()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
