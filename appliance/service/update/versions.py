"""The versions of the box that lie on the disk, which of them runs, and what a switch has not settled yet.

    ROOT/versions/NAME/bin/attendant    what runs, by its own code and environment
    ROOT/environments/LOCK/             one for each lock file, shared by versions that have the same
    ROOT/current -> versions/NAME       ROOT/previous: the one before

May import: the standard library, appliance.core.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.core import installed
from appliance.core.errors import AttendantError
from appliance.core.files import replace, settle
from appliance.core.installed import COMPLETE, LastUpdate

KEPT = 3
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}")


class UpdateFailed(AttendantError):
    """There is no other version now; the text says of what runs and what to do."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A switch that nobody has judged yet: whoever judged it was killed."""

    came: str
    went: str
    before: str = ""
    """What was previous then, and is again once the switch is taken back."""


@dataclass(frozen=True, slots=True)
class Versions:
    """All of them."""

    root: Path

    def folder(self, name: str) -> Path:
        """Where a version lies. Raises UpdateFailed for what can be no name."""
        if _NAME.fullmatch(name) is None:
            raise UpdateFailed(f"{name[:40]!r} is no version's name.")
        return self.root / "versions" / name

    def environment(self, lock: str) -> Path:
        """Where the environment of a lock file lies."""
        return self.root / "environments" / lock

    def names(self) -> list[str]:
        """Those that are complete, the newest last."""
        return installed.names(self.root)

    def number(self, name: str) -> str:
        """The number of a version as its programs tell it. Raises UpdateFailed when it is not there."""
        try:
            return (self.folder(name) / COMPLETE).read_text("ascii").strip()
        except OSError as exc:
            known = ", ".join(self.names()) or "none"
            raise UpdateFailed(f"There is no version {name} here; there are: {known}.") from exc

    @property
    def current(self) -> str | None:
        """The one that runs."""
        return self._led("current")

    @property
    def previous(self) -> str | None:
        """The one that ran before it."""
        return self._led("previous")

    def switch(self, name: str) -> None:
        """Have another one run when programs are begun anew: in one step, on disk. Raises UpdateFailed."""
        self.number(name)
        before = self.current
        if before is not None and before != name:
            self._lead("previous", before)
        self._lead("current", name)

    def take_back(self, switch: Unsettled) -> None:
        """Have it as before a switch: what came is not what --rollback leads to. Raises UpdateFailed."""
        self.number(switch.went)
        self._lead("current", switch.went)
        if switch.before:
            self._lead("previous", switch.before)
        else:
            with _changing(self.root / "previous"):
                (self.root / "previous").unlink(missing_ok=True)

    def command(self, name: str) -> Path:
        """The `attendant` of a version."""
        return self.folder(name) / "bin" / "attendant"

    def sweep(self) -> None:
        """Remove old versions, what was left half made, and environments that none uses."""
        wanted = {self.current, self.previous, *self.names()[-KEPT:]}
        for path in (self.root / "versions").iterdir():
            if path.name not in wanted:
                shutil.rmtree(path, ignore_errors=True)
        used = {os.path.realpath(path) for path in (self.root / "versions").glob("*/environment")}
        for path in (self.root / "environments").glob("*"):
            if os.path.realpath(path) not in used:
                shutil.rmtree(path, ignore_errors=True)

    @property
    def unsettled(self) -> Unsettled | None:
        """The switch that is not judged; None when all are."""
        try:
            return Unsettled(**json.loads((self.root / "unsettled.json").read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as exc:
            raise UpdateFailed(f"{self.root / 'unsettled.json'} cannot be read: remove it.") from exc

    def unsettle(self, switch: Unsettled) -> None:
        """Note a switch before it is made. Raises UpdateFailed."""
        with _changing(self.root / "unsettled.json"):
            replace(self.root / "unsettled.json", json.dumps(asdict(switch)).encode(), mode=0o644)

    def settle(self) -> None:
        """It is judged. Raises UpdateFailed."""
        with _changing(self.root / "unsettled.json"):
            (self.root / "unsettled.json").unlink(missing_ok=True)

    def note(self, last: LastUpdate) -> None:
        """Keep what came of an update, for the pages. Raises UpdateFailed."""
        with _changing(self.root / installed.LAST):
            installed.note(self.root, last)

    def _led(self, link: str) -> str | None:
        try:
            return Path(os.readlink(self.root / link)).name
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise UpdateFailed(f"{self.root / link} is no link: {exc.strerror}.") from exc

    def _lead(self, link: str, name: str) -> None:
        half = self.root / f".{link}.new"
        with _changing(self.root / link):
            half.unlink(missing_ok=True)
            half.symlink_to(Path("versions", name))
            settle(half, self.root / link)


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """What cannot be changed is told as a sentence. Raises UpdateFailed."""
    try:
        yield
    except OSError as exc:
        raise UpdateFailed(f"{path} cannot be changed: {exc.strerror}. Is it root who updates?") from exc
