"""Commands that an update runs aside: they give way to calls, and say nothing unless they fail.

May import: the standard library, appliance.service.update.versions.
"""

import subprocess

from appliance.service.update.versions import UpdateFailed

GIVING_WAY = ("nice", "-n", "15")
"""Calls go on while a version is made and tried, and come first."""
SAID_MOST = 300


def quietly(command: list[str], problem: str, within_s: float) -> None:
    """Run one. Raises UpdateFailed with the problem and the end of what it said."""
    try:
        done = subprocess.run(  # noqa: S603 -- made here
            [*GIVING_WAY, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise UpdateFailed(f"{problem}: {exc}. What runs goes on.") from exc
    if done.returncode:
        said = " ".join(done.stdout.split())[-SAID_MOST:]
        raise UpdateFailed(f"{problem}: {said}. What runs goes on.")
