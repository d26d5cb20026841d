"""What Asterisk's configuration is made of: what staff decided, and where things lie. Pure.

May import: the standard library, appliance.core.
"""

import re
from dataclasses import dataclass

from appliance.core.errors import SettingsError
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk
from appliance.core.staff import Office

TRUNK = "attendant-trunk"
_SAFE = re.compile(r"[^\x00-\x1f;\[\]]*")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie, as Asterisk sees them."""

    sounds: str = "/etc/asterisk/sounds"
    announcements: str = "/etc/asterisk/announcements"
    """Where it lies who calls and why, for the desk."""
    spool: str = "/var/spool/asterisk/voicemail"
    """Where messages of callers are recorded."""
    greetings: str = "/var/spool/asterisk/greetings"
    """Where staff record a greeting."""


@dataclass(frozen=True, slots=True)
class Pbx:
    """Everything that the configuration is made of."""

    settings: Asterisk
    office: Office
    phones: tuple[Phone, ...]
    local_base: str
    """Where our loopback listener is, such as http://127.0.0.1:8081."""
    ami_secret: str
    media_secret: str
    ari_secret: str
    trunk_secret: str = ""
    trunk_addresses: tuple[str, ...] = ()
    """Where the trunk's host is, if that was found out: Asterisk itself looks only when it reads this."""
    tunes: tuple[str, ...] = ()
    """The clinic's own music, by names that change with its sound; empty where there is none."""
    places: Places = Places()
    year: int = 0
    """That in which this is written: its holidays are in it, and those of the years after it."""
    system: str = "a"
    """Begins the names of calls, so that those of a box that was set up anew are others."""


def one_line(text: str) -> str:
    """A text that stays within its line. Raises SettingsError."""
    if not _SAFE.fullmatch(text):
        raise SettingsError(["The PBX's configuration cannot hold a line break, a semicolon or a bracket."])
    return text
