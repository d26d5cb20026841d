"""The key that signs session cookies: made by the box itself, readable by it alone, never shown.

May import: the standard library, appliance.core.errors.
"""

import os
import secrets
import tempfile
from pathlib import Path

from appliance.core.errors import SettingsError

NAME = "admin_session_key"


def session_key(folder: Path) -> bytes:
    """The key in the secrets folder, made when there is none. Raises SettingsError."""
    path = folder / NAME
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
        open_to_others = path.stat().st_mode & 0o077
    except OSError as exc:
        raise SettingsError([f"The key of the admin's sessions, {path}, cannot be had: {exc}."]) from exc
    if open_to_others:
        raise SettingsError([f"The secret file {path} can be read by others: chmod 600 it."])
    if len(key) < 64:
        raise SettingsError([f"The secret file {path} is damaged: remove it, and a new one is made."])
    return key


def _make(path: Path) -> None:
    """Write it whole before it has its name: of two processes that start together, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)
    except FileExistsError:
        return
    finally:
        Path(half).unlink()
