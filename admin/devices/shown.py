"""The desk phones as the bridge hears of them from the PBX, and what is typed into a telephone.

Pure. May import: the standard library, admin, appliance.core.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from admin.today.asking import Told
from admin.tongue import later
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk

ANY = ("0.0.0.0", "::")  # noqa: S104 -- compared with, not listened on
STATES: Mapping[str, tuple[str, str]] = {
    "there": ("good", later("Can be rung")),
    "away": ("bad", later("Not registered")),
    "unknown": ("plain", later("Not known just now")),
}
SILENT = ("", "not known")
"""States of the bridge's part `phones` in which it knows nothing of any."""


@dataclass(frozen=True, slots=True)
class Device:
    """One desk phone, and whether it can be rung: a key of `STATES`."""

    phone: Phone
    state: str


def devices(phones: Iterable[Phone], bridge: Told) -> list[Device]:
    """All of them as they are, as far as that is known."""
    part: Mapping[str, Any] = bridge.parts.get("phones", {})
    known = bridge.there and str(part.get("state", "")) not in SILENT
    away = part.get("unreachable", [])
    gone = {*map(str, away)} if isinstance(away, list) else set()
    return [
        Device(each, ("away" if each.extension in gone else "there") if known else "unknown")
        for each in phones
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is typed into a telephone."""

    server: str
    port: int
    user: str
    password: str

    @property
    def text(self) -> str:
        """The same for a camera: lines to copy from."""
        return (
            f"SIP server: {self.server}\nPort: {self.port} (UDP)\n"
            f"User name: {self.user}\nPassword: {self.password}"
        )


def sheet(phone: Phone, asterisk: Asterisk, address: str) -> Sheet:
    """How a telephone is set up; `address` is the box's, for a PBX that listens on all of them."""
    server = address if asterisk.sip_host in ANY else asterisk.sip_host
    return Sheet(server, asterisk.sip_port, phone.extension, phone.secret)
