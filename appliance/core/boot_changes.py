"""Changes a setting of the file from elsewhere than the file: looked at whole, kept beside it, over it.

A process takes settings when it begins, so a change counts from its next start. Blocks: not for the event
loop. May import: the standard library, pydantic, appliance.core.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from appliance.core import changed_settings, known_settings
from appliance.core.changed_settings import Change, Changes
from appliance.core.errors import SettingsError
from appliance.core.files import private_in, replace
from appliance.core.known_settings import Known, Mistake
from appliance.core.settings import Settings, checked, told, written_by_hand

SECRET_MOST = 20_000


class Origin(StrEnum):
    """Where a value is from."""

    DEFAULT = "default"
    FILE = "file"
    CHANGED = "changed"


class WrongValues(SettingsError):
    """Values that cannot be taken; each mistake also by the setting that it is about."""

    def __init__(self, sentences: list[str], found: list[Mistake]) -> None:
        super().__init__(sentences)
        self.found = found


class NoSecret(SettingsError):
    """What was given is no secret of this kind."""


@dataclass(frozen=True, slots=True)
class Boot:
    """The settings as a process finds them that begins now."""

    tree: Mapping[str, Any]
    """What the file says."""
    changes: Changes
    settings: Settings

    def values(self) -> dict[str, Any]:
        """All values, as JSON has them."""
        return self.settings.model_dump(mode="json")

    def origin(self, name: str) -> Origin:
        """Where the value of a setting is from."""
        if name in self.changes.settings:
            return Origin.CHANGED
        try:
            known_settings.value_at(self.tree, name)
        except KeyError:
            return Origin.DEFAULT
        return Origin.FILE


def read(file: Path) -> Boot:
    """The settings as they are now. Raises SettingsError."""
    tree = written_by_hand(file)
    changes = changed_settings.read(checked(tree, str(file)).box.data_dir)
    return Boot(tree, changes, _whole(tree, changes))


def change(file: Path, values: Mapping[str, Any], *, at: str, by: str) -> None:
    """Change these settings, on disk when this returns. Raises SettingsError, of which WrongValues is one."""
    for name in values:
        _changeable(name)
    tree = written_by_hand(file)
    folder = checked(tree, str(file)).box.data_dir
    with changed_settings.held(folder):
        before = changed_settings.read(folder)
        wanted = {name: Change(value, at, by) for name, value in values.items()}
        after = Changes({**before.settings, **wanted}, at)
        taken = _whole(tree, after).model_dump(mode="json")
        as_taken = {name: Change(known_settings.value_at(taken, name), at, by) for name in values}
        changed_settings.write(folder, Changes({**before.settings, **as_taken}, at))


def put_back(file: Path, name: str, *, at: str) -> bool:
    """Have what the file says again; whether there was a change of it. Raises SettingsError.

    It also takes a change away by which no process begins any more.
    """
    tree = written_by_hand(file)
    folder = checked(tree, str(file)).box.data_dir
    with changed_settings.held(folder):
        before = changed_settings.read(folder)
        if name not in before.settings:
            return False
        after = Changes({key: told for key, told in before.settings.items() if key != name}, at)
        try:
            _whole(tree, before)
        except WrongValues:
            pass
        else:
            _whole(tree, after)
        changed_settings.write(folder, after)
        return True


def set_secret(settings: Settings, known: Known, text: str) -> None:
    """Put a secret into its file, on disk when this returns. Raises SettingsError; it never quotes it."""
    path = secret_file(settings, known)
    if path is None or known.secret is None:
        raise SettingsError(
            [f"{known.name} names no file in the secrets folder: set it in the settings file."]
        )
    secret = text.strip()
    plain = secret.replace("\n", "").replace("\r", "") if known.secret.lines else secret
    if not (secret and plain.isascii() and plain.isprintable() and len(secret) <= SECRET_MOST):
        lines = "plain text" if known.secret.lines else "one line of plain text"
        raise NoSecret([f"A secret is {lines}, without accents or spaces that cannot be seen."])
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, secret.encode(), mode=_secret_mode(path.parent))
    except OSError as exc:
        raise SettingsError([f"The secret file {path} cannot be written: {exc.strerror}."]) from exc


def _secret_mode(folder: Path) -> int:
    """The box's user alone reads a secret; what another leaves there, such as the admin, is for the group."""
    return 0o600 if os.geteuid() in (0, folder.stat().st_uid) else private_in(folder)


def secret_file(settings: Settings, known: Known) -> Path | None:
    """The file of a secret, where it lies in the secrets folder itself; None for one that is elsewhere."""
    named: str | None = known_settings.value_at(settings.model_dump(mode="json"), known.name)
    if not named or len(Path(named).parts) != 1 or named == "..":
        return None
    return settings.secrets_dir / named


def _changeable(name: str) -> None:
    known = known_settings.named(name)
    if known is None or known.secret is not None or known.by_hand:
        why = "is no setting" if known is None else "is only set in the settings file"
        raise SettingsError([f"{name} {why}."])


def _whole(tree: Mapping[str, Any], changes: Changes) -> Settings:
    """All settings. Raises WrongValues."""
    try:
        return Settings.model_validate(changes.over(tree))
    except ValidationError as exc:
        raise WrongValues(told(exc, Settings), known_settings.mistakes(exc)) from exc
