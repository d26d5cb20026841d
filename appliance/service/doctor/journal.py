"""The system's own log as a doctor sees it: whether it forgets what the clinic's logs forget.

It is the machine's, and systemd-journald keeps it: here its configuration is read, as its manual tells.
May import: the standard library, appliance.core.
"""

import re
from collections.abc import Iterator
from configparser import ConfigParser, Error
from datetime import timedelta
from pathlib import Path

from appliance.core.examined import Examined, note, well
from appliance.core.keeping import KeepDays

LIVES = Path("run/systemd/system")
"""There where systemd runs the machine."""
FOLDERS = (Path("usr/lib/systemd"), Path("usr/local/lib/systemd"), Path("run/systemd"), Path("etc/systemd"))
"""Where its configuration lies: a file hides those of the same name in the folders before."""
ADVICE = "put systemd/journald.conf where docs/retention.md says"
_PART = re.compile(r"(\d+)\s*([A-Za-z]*)\s*")
_UNITS = {
    "s": ("", "s", "sec", "second", "seconds"),
    "min": ("m", "min", "minute", "minutes"),
    "h": ("h", "hr", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
    "month": ("M", "month", "months"),
    "y": ("y", "year", "years"),
}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "month": 2_629_800, "y": 31_557_600}
_LONG = {name: _SECONDS[unit] for unit, names in _UNITS.items() for name in names}


def examined(keep: KeepDays, root: Path = Path("/")) -> Iterator[Examined]:
    """Hold how long the system's log is kept against `keep_days`; nothing where no systemd keeps one."""
    if not (root / LIVES).exists():
        return
    told = _retention(root)
    longest = span(told)
    if not longest:
        yield note("system's log", f"it is kept for as long as there is room: {ADVICE}.")
    elif keep.logs and longest > timedelta(days=keep.logs):
        kept = f"it is kept for {told} (MaxRetentionSec), longer than the {keep.logs} days of keep_days"
        yield note("system's log", f"{kept}: set it lower, in /etc/systemd/journald.conf.d/attendant.conf.")
    else:
        yield well("system's log", f"is kept for {told} at most")


def span(told: str) -> timedelta:
    """How long a span of systemd's is, such as `90day` or `1month 2w`; none for what it would not read."""
    parts = _PART.findall(told)
    if "".join(f"{number}{unit}" for number, unit in parts) != told.replace(" ", ""):
        return timedelta(0)
    return timedelta(seconds=sum(int(number) * _LONG.get(unit, 0) for number, unit in parts))


def _retention(root: Path) -> str:
    """The last word on it: drop-ins go before the file itself, in the order of their names."""
    drop_ins: dict[str, Path] = {}
    for folder in FOLDERS:
        drop_ins |= {path.name: path for path in (root / folder / "journald.conf.d").glob("*.conf")}
    files = [path for folder in FOLDERS if (path := root / folder / "journald.conf").exists()][-1:]
    told = ""
    for path in (*files, *(drop_ins[name] for name in sorted(drop_ins))):
        reader = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
        try:
            reader.read_string(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, Error):
            # journald passes over what it cannot read as well.
            continue
        told = reader.get("Journal", "MaxRetentionSec", fallback=told)
    return told.strip()
