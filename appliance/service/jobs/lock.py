"""There is one worker, by a lock on a file: whoever does its jobs holds it.

May import: the standard library, appliance.core.
"""

import fcntl
import os
from pathlib import Path

from appliance.core.errors import SettingsError
from appliance.core.files import opened

LOCK = "worker.lock"


def only_one(path: Path) -> int:
    """Be the only worker of this box, until the handle is closed. Raises SettingsError when there is one."""
    try:
        # Made by root's hand, as before a restore, it is the box's user's all the same.
        handle = opened(path, 0o600)
    except OSError as exc:
        raise SettingsError([f"{path} cannot be opened: {exc.strerror}."]) from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(handle)
        raise SettingsError([f"A worker runs already: {path} is locked. There can be one."]) from exc
    return handle
