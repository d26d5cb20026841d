"""The programs of the box as systemd runs them.

May import: the standard library, appliance.service.update.
"""

import shutil
import subprocess
from typing import Protocol

from appliance.service.update.versions import UpdateFailed

UNITS = (
    "attendant-bridge.service",
    "attendant-worker.service",
    "attendant-admin.service",
    "attendant-speech.service",
)
WITHIN_S = 120.0


class Programs(Protocol):
    """Who runs the box's programs."""

    def restart(self) -> None:
        """Have those that run end and begin anew, by what is current now. Raises UpdateFailed."""


class Systemd:
    """The units that are active."""

    def restart(self) -> None:
        """Have them begun anew; one that does not come up is the gate's to see. Raises UpdateFailed."""
        if shutil.which("systemctl") is None:
            raise UpdateFailed("There is no systemctl here: begin the programs anew yourself.")
        running = [unit for unit in UNITS if _systemctl("is-active", "--quiet", unit) == 0]
        # One that has failed in the version before is tried in this one.
        failed = [unit for unit in UNITS if _systemctl("is-failed", "--quiet", unit) == 0]
        if units := [*running, *failed]:
            _systemctl("reset-failed", *units)
            _systemctl("restart", "--no-block", *units)


def _systemctl(*command: str) -> int:
    try:
        done = subprocess.run(  # noqa: S603 -- made here
            ["systemctl", *command],  # noqa: S607 -- the system's own
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise UpdateFailed(f"systemctl {command[0]} did not end well: {exc}.") from exc
    return done.returncode
