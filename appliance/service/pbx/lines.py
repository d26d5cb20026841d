"""Which telephones and which trunk can be reached, as the PBX itself sees them: asked for, and told anew.

What it tells by itself may come in any order, and nothing of it is told again to a bridge that begins anew.
May import: the standard library, appliance.core, appliance.service, ari_bridge.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from appliance.core.errors import CarrierFailed
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk
from appliance.core.staff import Office
from appliance.service.parts import Part
from ari_bridge.ami_events import PhoneState
from ari_bridge.control import AsteriskControl
from ari_bridge.plan import TRUNK

log = logging.getLogger(__name__)

LOOK_S, SETTLE_S = 30.0, 0.5
"""How often it is asked for; how long a change is left to others that come with it."""
AWAY = ("Unavailable", "Invalid", "Unknown")
"""Device states of what cannot be rung."""
REGISTERED = "Registered"
Decided = tuple[Office, tuple[Phone, ...]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the PBX said: the people of that time, what of them can be rung, and how the trunk is."""

    people: tuple[str, ...]
    rung: Mapping[str, bool]
    registered: str
    """The state of the trunk's registration; empty where there is none."""


class PbxLines:
    """Follows them. `phones` says which can be reached; what is not known is not in it."""

    def __init__(
        self, settings: Asterisk, control: AsteriskControl, decided: Callable[[], Awaitable[Decided]]
    ) -> None:
        self._settings = settings
        self._control = control
        self._decided = decided
        self._seen: _Seen | None = None
        self._bell = asyncio.Event()
        self._known: dict[str, bool] = {}

    @property
    def phones(self) -> dict[str, float]:
        """Whether each telephone can be reached, 1 or 0."""
        known = self._known if self._control.connected else {}
        return {phone: float(well) for phone, well in known.items() if phone != TRUNK}

    @property
    def trunk_up(self) -> dict[str, float]:
        """Whether calls can go out over the trunk, and come in: 1 or 0; nothing where it is not known."""
        known = self._has_trunk and self._seen is not None and self._control.connected
        return {"": float(not self._trunk_problem())} if known else {}

    @property
    def _has_trunk(self) -> bool:
        return bool(self._settings.trunk.host) and not self._settings.existing

    def told(self, state: PhoneState | None = None) -> None:
        """The PBX tells of a change, or is there anew: look soon."""
        if state is not None:
            self._known[state.phone] = state.reachable
        self._bell.set()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._bell.wait()
                await asyncio.sleep(SETTLE_S)
            self._bell.clear()
            if self._control.connected:
                await self._tried()

    async def _tried(self) -> None:
        try:
            await self.look()
        except CarrierFailed as exc:
            log.warning("the PBX does not say who can be reached", extra={"problem": str(exc)})

    async def look(self) -> None:
        """Ask once. Raises CarrierFailed or StoreError."""
        office, phones = await self._decided()
        endpoints = await self._listed("PJSIPShowEndpoints", "endpoint")
        asked = (
            await self._listed("PJSIPShowRegistrationsOutbound", "registration") if self._has_trunk else []
        )
        if endpoints is None:
            # A PBX of the clinic's own may have another kind of telephones.
            self._seen = None
            return
        states = {row.get("ObjectName", ""): row.get("DeviceState", "") for row in endpoints}
        names = {TRUNK} if self._has_trunk else set()
        names |= {*_inside(office)} if self._settings.existing else {phone.extension for phone in phones}
        self._known = {name: states.get(name, AWAY[0]) not in AWAY for name in sorted(names)}
        registered = {row.get("ObjectName", ""): row.get("Status", "") for row in asked or []}
        wanted = self._settings.trunk.user
        self._seen = _Seen(
            office.staff.people, dict(self._known), registered.get(TRUNK, "Unregistered") if wanted else ""
        )

    async def _listed(self, action: str, kind: str) -> list[Mapping[str, str]] | None:
        """The rows of this kind in a list; None when the PBX has no such list."""
        try:
            answer = await self._control.act(action)
        except CarrierFailed as exc:
            if exc.retry:
                raise
            return [] if "found" in str(exc) else None
        # A registration brings its password along, as a row of the same name.
        return [row for row in answer if row.get("ObjectType") == kind] if isinstance(answer, list) else []

    # What is shown -------------------------------------------------------------------------------------

    def phones_part(self) -> Part:
        """Whether somebody rings when a caller wants a person, for health."""
        seen = self._seen
        if seen is None or not self._control.connected:
            return Part("not known")
        away = [phone for phone, well in seen.rung.items() if not well and phone != TRUNK]
        more: dict[str, object] = {"unreachable": away} if away else {}
        if not seen.people:
            told = "nobody rings when a caller wants a person: `attendant staff set people '[\"101\"]'`"
            return Part("nobody", False, {**more, "told": told})
        if not any(self._rings(number, seen) for number in seen.people):
            told = (
                f"nobody rings when a caller wants a person: {', '.join(map(_shown, seen.people))} cannot be"
                " reached; is the telephone on, and set up as `attendant phones show` says?"
            )
            return Part("front desk unreachable", False, {**more, "told": told})
        return Part("ok", True, more)

    def _rings(self, number: str, seen: _Seen) -> bool:
        if number.startswith("+"):
            return self._settings.existing or (self._has_trunk and not self._trunk_problem())
        return seen.rung.get(number, False)

    def trunk_part(self) -> Part:
        """How the trunk is, for health."""
        if not self._has_trunk:
            return Part("off")
        if self._seen is None or not self._control.connected:
            return Part("not known")
        problem = self._trunk_problem()
        if not problem:
            return Part("ok")
        return Part(problem, False, {"told": _TOLD[problem].format(host=self._settings.trunk.host)})

    def _trunk_problem(self) -> str:
        """What is the matter with it; empty for nothing."""
        seen = self._seen
        if seen is None:
            return ""
        if seen.registered not in ("", REGISTERED):
            return "refused" if seen.registered == "Rejected" else "not registered"
        return "" if seen.rung.get(TRUNK, True) else "unreachable"


_SEE = "is the internet there, and host of [asterisk.trunk] right?"
_TOLD = {
    "refused": "the provider at {host} refuses our registration, so that no call comes in: correct user and"
    " secret_file of [asterisk.trunk]",
    "not registered": "the provider at {host} does not answer our registration, so that no call comes in: "
    + _SEE,
    "unreachable": "the provider at {host} does not answer, so that no call goes out: " + _SEE,
}


def _inside(office: Office) -> list[str]:
    """The extensions that callers can be put through to."""
    lines = (office.staff.people, *(line.numbers for line in office.departments))
    return [number for numbers in lines for number in numbers if not number.startswith("+")]


def _shown(number: str) -> str:
    """A number as it may stand in a log."""
    return f"...{number[-4:]}" if number.startswith("+") else number
