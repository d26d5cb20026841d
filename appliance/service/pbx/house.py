"""What the PBX is given: its configuration as files, and the passwords by which it and we know each other.

What is not written whole is not there: a file is replaced by its successor or stays. Blocks: not for the
event loop. May import: the standard library, pydantic, appliance.core, ari_bridge.rendering.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from appliance.core.errors import SettingsError
from appliance.core.files import replace, settle, written
from appliance.core.phones import Phone
from appliance.core.settings import Settings
from appliance.core.staff import Office
from ari_bridge import rendering
from ari_bridge.existing import Piece, snippets
from ari_bridge.plan import Pbx, Places

SECRET_BYTES = 24
SYSTEM = "system_name"
READ, SHARED = 0o2750, 0o2770
"""The PBX has a user of its own in the folder's group: it reads what is ours, and writes where it records."""
FIRST_READ = "asterisk.conf"
"""Written last: the unit of our PBX waits for it, so that none begins with a part of its configuration."""
PROVEN = "etc.good"
"""The last configuration that was taken over, in one file, since one file can be replaced in one step."""
_TEXTS = TypeAdapter(dict[str, str])
FOLDERS = {
    "": READ,
    "etc": READ,
    "etc/sounds": READ,
    "etc/sounds/hold": READ,
    "etc/announcements": READ,
    "music": READ,
    "spool": SHARED,
    "spool/voicemail": SHARED,
    "spool/greetings": SHARED,
}


@dataclass(frozen=True, slots=True)
class House:
    """The folders that are the PBX's and ours together; docs/asterisk-tree.md tells where it sees them."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> "House":
        """As the settings have it."""
        return cls(settings.asterisk_dir)

    @property
    def sounds(self) -> Path:
        """What the PBX says."""
        return self.folder / "etc" / "sounds"

    @property
    def hold(self) -> Path:
        """What callers hear while phones ring: all that lies there."""
        return self.sounds / "hold"

    @property
    def music(self) -> Path:
        """The clinic's own music, of which that is made."""
        return self.folder / "music"

    @property
    def announcements(self) -> Path:
        """Where it lies who calls and why, for the desk."""
        return self.folder / "etc" / "announcements"

    @property
    def voicemail(self) -> Path:
        """Where it records messages."""
        return self.folder / "spool" / "voicemail"

    @property
    def greetings(self) -> Path:
        """Where it records the greetings that staff speak."""
        return self.folder / "spool" / "greetings"

    def made(self) -> None:
        """Make the folders that are missing."""
        for name, mode in FOLDERS.items():
            path = self.folder / name
            if not path.exists():
                path.mkdir(parents=True)
                _opened(path, mode)

    def proven(self) -> dict[str, str] | None:
        """The last configuration that the PBX has taken over whole; None when there was none."""
        try:
            return _TEXTS.validate_json((self.folder / PROVEN).read_bytes())
        except (OSError, ValidationError):
            return None

    def prove(self, texts: Mapping[str, str]) -> None:
        """Keep a configuration that the PBX has taken over: on disk when this returns, all of it or none."""
        replace(self.folder / PROVEN, _TEXTS.dump_json(dict(texts), indent=1), mode=0o600)

    def installed(self) -> dict[str, str]:
        """The configuration as it stands."""
        return {path.name: path.read_text("utf-8") for path in (self.folder / "etc").glob("*.conf")}

    def install(self, texts: Mapping[str, str]) -> None:
        """Write these files, on disk when this returns, and remove all others.

        None is changed before all are written: a full disk leaves what was there. Raises OSError.
        """
        self.made()
        etc, before, parts = self.folder / "etc", self.installed(), []
        try:
            for name in sorted(texts, key=lambda each: each == FIRST_READ):
                if before.get(name) != texts[name]:
                    parts.append((written(etc / name, texts[name].encode(), mode=0o640), etc / name))
        except OSError:
            for part, _ in parts:
                part.unlink(missing_ok=True)
            raise
        for part, path in parts:
            settle(part, path)
        for name in before.keys() - texts.keys():
            (etc / name).unlink(missing_ok=True)


def _opened(path: Path, mode: int) -> None:
    """Open a new folder to the group of the one that it lies in, whatever our umask is."""
    group = path.parent.stat().st_gid
    with suppress(PermissionError):  # we are not in that group: the doctor sees it
        os.chown(path, -1, group)
    try:
        path.chmod(mode)
    except PermissionError:
        # Our unit may not set the bit that hands the group down. `replace` gives it to each file of ours.
        path.chmod(mode & 0o777)


def plan(
    settings: Settings,
    house: House,
    office: Office,
    phones: tuple[Phone, ...],
    local_base: str,
    trunk_addresses: tuple[str, ...] = (),
    tunes: tuple[str, ...] = (),
) -> Pbx:
    """What the configuration is made of; passwords that are missing are made. Raises SettingsError."""
    asterisk = settings.asterisk
    return Pbx(
        places=_places(house) if asterisk.existing else Places(),
        settings=asterisk,
        office=office,
        phones=phones,
        local_base=local_base,
        ami_secret=known_secret(settings, asterisk.ami_secret_file),
        media_secret=known_secret(settings, asterisk.media_secret_file),
        ari_secret=known_secret(settings, asterisk.ari_secret_file),
        trunk_addresses=trunk_addresses,
        tunes=tunes,
        trunk_secret=settings.secret(asterisk.trunk.secret_file) if asterisk.trunk.user else "",
        year=office.staff.day_began(datetime.now(UTC)).year,
        system=_system(house.folder),
    )


def _places(house: House) -> Places:
    """Where things lie for a PBX that is in no tree of its own."""
    folder = house.folder.absolute()
    within = House(folder)
    return Places(
        sounds=str(within.sounds),
        announcements=str(within.announcements),
        spool=str(within.voicemail),
        greetings=str(within.greetings),
    )


def known_secret(settings: Settings, file: Path) -> str:
    """A password between the PBX and us, made when it is missing. Raises SettingsError."""
    folder = settings.secrets_dir
    if not (folder / file).exists():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(folder / file, secrets.token_urlsafe(SECRET_BYTES).encode(), mode=0o600)
        except OSError as exc:
            raise SettingsError([f"The password {folder / file} cannot be made: {exc.strerror}."]) from exc
    return settings.secret(file)


def _system(folder: Path) -> str:
    """The name that begins those of calls: a box set up anew has another, so that no two calls share one."""
    path = folder / SYSTEM
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        House(folder).made()
        name = f"a{secrets.token_hex(4)}"
        replace(path, name.encode(), mode=0o640)
        return name


def rendered(
    settings: Settings,
    house: House,
    office: Office,
    phones: tuple[Phone, ...],
    local_base: str,
    trunk_addresses: tuple[str, ...] = (),
    tunes: tuple[str, ...] = (),
) -> dict[str, str]:
    """The configuration's files. Raises SettingsError."""
    if not settings.asterisk.enabled:
        raise SettingsError(["[asterisk] enabled is false in the settings: nothing is to be rendered."])
    return rendering.rendered(plan(settings, house, office, phones, local_base, trunk_addresses, tunes))


def existing(
    settings: Settings, house: House, office: Office, phones: tuple[Phone, ...], local_base: str
) -> list[Piece]:
    """What a PBX of the clinic's own includes; only missing passwords are written. Raises SettingsError."""
    asterisk = settings.asterisk.model_copy(update={"existing": True})
    asked = settings.model_copy(update={"asterisk": asterisk})
    return snippets(plan(asked, house, office, phones, local_base), str(house.folder.absolute() / "etc"))
