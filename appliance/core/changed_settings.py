"""Settings that were changed at the box itself: a file beside the one that the IT person writes, and over it.

It lies in the data folder and is replaced whole, so that a process that begins finds all of a change or none.
Blocks: not for the event loop. May import: the standard library, appliance.core.errors, appliance.core.files.
"""

import copy
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from appliance.core.errors import SettingsError
from appliance.core.files import opened, private_in, replace

FILE = "changed_settings.json"
LOCK = "changed_settings.lock"
LOCKED_S, LOOK_AGAIN_S = 5.0, 0.05
"""How long to wait for somebody else's change, and how often to look meanwhile."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one setting was changed to, as JSON has it; when and by whom."""

    value: Any
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Changes:
    """All of them by the settings' names, such as `cloud.model`."""

    settings: Mapping[str, Change] = field(default_factory=dict)
    at: str = ""
    """When the last one was made or taken back."""

    def over(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """The tree of a settings file with these in it."""
        whole = copy.deepcopy(dict(tree))
        for name, change in self.settings.items():
            *sections, key = name.split(".")
            section = whole
            for each in sections:
                section = section.setdefault(each, {})
            section[key] = change.value
        return whole


def read(folder: Path) -> Changes:
    """What was changed at this box. Raises SettingsError when that cannot be told."""
    path = folder / FILE
    try:
        tree = json.loads(path.read_text("utf-8"))
        return Changes({name: Change(**told) for name, told in tree["settings"].items()}, str(tree["at"]))
    except FileNotFoundError:
        return Changes()
    except OSError as exc:
        raise SettingsError([f"The changed settings {path} cannot be read: {exc.strerror}."]) from exc
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise SettingsError(
            [f"The changed settings {path} are damaged: mend them, or remove the file."]
        ) from exc


def write(folder: Path, changes: Changes) -> None:
    """Keep these, on disk when this returns. Raises SettingsError; then all is as it was."""
    tree = {"at": changes.at, "settings": {name: asdict(told) for name, told in changes.settings.items()}}
    path = folder / FILE
    try:
        replace(path, json.dumps(tree, indent=1, sort_keys=True).encode(), mode=private_in(folder))
    except OSError as exc:
        raise SettingsError([f"The changed settings {path} cannot be written: {exc.strerror}."]) from exc


def _lock(handle: int) -> None:
    """Have the lock within some seconds. Raises SettingsError."""
    until = time.monotonic() + LOCKED_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                said = "Somebody else is changing settings at this moment: try again in a minute."
                raise SettingsError([said]) from None
            time.sleep(LOOK_AGAIN_S)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else changes them meanwhile. Raises SettingsError."""
    path = folder / LOCK
    try:
        handle = opened(path, private_in(folder))
    except OSError as exc:
        raise SettingsError(
            [f"The changed settings beside {path} cannot be written: {exc.strerror}."]
        ) from exc
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)
