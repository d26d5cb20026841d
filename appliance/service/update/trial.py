"""A version is tried beside the one that runs: its bridge comes up over a copy of the books, reaching none.

No account, no cloud, no telephones, no speech: whatever the copy says is owed is sent by nobody. May import:
the standard library, appliance.core, appliance.store, appliance.service.update.
"""

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from appliance.core.settings import Settings
from appliance.service.update import gate
from appliance.service.update.commands import GIVING_WAY, quietly
from appliance.service.update.versions import UpdateFailed
from appliance.store import copying, database, trials

READY_S = 90.0
END_S = 20.0
WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""It is not to go on over the copy when we are killed."""
SETTINGS = """
[box]
data_dir = {data}
[listen]
public_port = 0
local_port = 0
[cloud]
enabled = false
"""


def tried(command: Path, file: Path, settings: Settings, number: str) -> None:
    """See that a version takes the settings and the books, and comes up well. Raises UpdateFailed."""
    read = [str(command), "--config", str(file), "check"]
    quietly(read, "The new version does not take the settings", READY_S)
    trials.sweep(settings.box.data_dir)
    with trials.folder(settings.box.data_dir) as scratch:
        copying.copy(settings.database, scratch / settings.database.name)
        written = scratch / "trial.toml"
        written.write_text(SETTINGS.format(data=json.dumps(str(scratch))), "utf-8")
        owner = settings.box.data_dir.stat()
        if os.geteuid() == 0:
            for path in (scratch, *scratch.iterdir()):
                os.chown(path, owner.st_uid, owner.st_gid)
        _comes_up(command, written, number, owner if os.geteuid() == 0 and owner.st_uid else None)
        if found := database.faults(scratch / settings.database.name):
            raise UpdateFailed(f"The new version damages a copy of the books: {found[0]}. What runs goes on.")


def _comes_up(command: Path, file: Path, number: str, owner: os.stat_result | None) -> None:
    """Begin its bridge, and ask it how it is. Raises UpdateFailed."""
    with (file.parent / "log").open("w+b") as log:
        running = subprocess.Popen(  # noqa: S603 -- a version that was laid ready
            [*GIVING_WAY, *WITH_US, str(command), "--config", str(file), "bridge"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=file.parent,
            env={name: value for name, value in os.environ.items() if name not in _OURS},
            user=owner.st_uid if owner else None,
            group=owner.st_gid if owner else None,
            extra_groups=[] if owner else None,
        )
        late = threading.Timer(READY_S, running.kill)
        late.start()
        try:
            line = running.stdout.readline() if running.stdout else b""
            fit = _fit(_port(line), number)
        finally:
            late.cancel()
            _end(running)
        if not fit:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 600))
            said = " ".join(log.read().decode("utf-8", "replace").split())
            raise UpdateFailed(
                f"The new version does not come up: {said or 'it says nothing'}. What runs goes on."
            )


def _port(line: bytes) -> int:
    """Where it says that it listens; 0 when it says nothing of the kind."""
    try:
        return int(json.loads(line)["local"])
    except (ValueError, KeyError, TypeError):
        return 0


def _fit(port: int, number: str) -> bool:
    """Whether it says that it can do its work, before long: it has just begun, on a busy machine."""
    until = time.monotonic() + gate.PATIENCE_S
    while True:
        told = gate.ask(port)
        if told is not None and told.fit and told.version == number:
            return True
        if told is None or time.monotonic() > until:
            return False
        time.sleep(gate.LOOK_S)


_OURS = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY"})


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(END_S)
    running.kill()
    running.wait()
    if running.stdout:
        running.stdout.close()


def room(settings: Settings) -> None:
    """See that there is room for the copies. Raises UpdateFailed."""
    needed = 2 * settings.database.stat().st_size + 50_000_000 if settings.database.exists() else 0
    free = shutil.disk_usage(settings.box.data_dir).free
    if free < needed:
        raise UpdateFailed(
            f"The disk is too full: {needed // 1_000_000} MB are needed, {free // 1_000_000} are free."
        )
