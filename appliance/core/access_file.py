"""A secret file with the keys of a service, a line each as NAME=VALUE, such as AWS_ACCESS_KEY_ID=...

May import: the standard library, appliance.core.
"""

import re
from pathlib import Path

from appliance.core.errors import SettingsError

BUCKET_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
"""What opens a bucket."""


def read(path: Path, allowed: re.Pattern[str], told: str) -> dict[str, str]:
    """What stands in it; `told` says what may. Raises SettingsError."""
    try:
        lines = path.read_text("utf-8").splitlines()
        readable_by_all = path.stat().st_mode & 0o007
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError([f"The secret file {path} cannot be read: {exc}."]) from exc
    if readable_by_all:
        raise SettingsError([f"The secret file {path} can be read by everybody: chmod 600 it."])
    found = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not name or name.startswith("#"):
            continue
        if not equals or allowed.fullmatch(name) is None:
            raise SettingsError([f"{path}: a line is NAME=VALUE, and {told}."])
        found[name] = value
    return found
