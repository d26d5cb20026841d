"""A real Asterisk for one test, out of the shared tree, on this machine's network.

It sees the tree as the product's unit shows it: nothing in there can be written, its settings and what it
writes lie in the test's own folder. It is the first process of a namespace, so nothing of it outlives it; its
mounts are its own as well. Takes root. May import: the standard library.
"""

import asyncio
import itertools
import os
import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

BOOT_S = 10.0
CLI_S = 10.0
END_S = 10.0

_ENTER = """
set -e
tree=$1 box=$2
mount --bind "$tree" "$box/root"
mount -o remount,bind,ro "$box/root"
mount -t proc proc "$box/root/proc"
mount --rbind /dev "$box/root/dev"
mount -t tmpfs tmpfs "$box/root/tmp"
mount --bind "$box/etc" "$box/root/etc/asterisk"
for each in lib spool log; do mount --bind "$box/$each" "$box/root/var/$each/asterisk"; done
mount --bind "$box/run" "$box/root/run/asterisk"
for each in resolv.conf hosts; do mount --bind "/etc/$each" "$box/root/etc/$each"; done
exec chroot "$box/root" /usr/sbin/asterisk -f
"""
_APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
_numbers = itertools.count(1)


class PbxFailed(Exception):
    """Asterisk did not do what was asked."""


class Pbx:
    """`async with Pbx(...)` runs it from fully booted to gone.

    `config_files` are those of /etc/asterisk, text by name. What it wrote stays in `folder`.
    """

    def __init__(self, folder: Path, config_files: Mapping[str, str], tree: Path) -> None:
        self.folder = folder
        self.etc = folder / "etc"
        """Its settings, to be changed before a reload or a restart."""
        self._files = config_files
        self._tree = tree
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        for part in ("root", "etc", "lib", "spool", "log", "run"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        for name, text in self._files.items():
            (self.etc / name).write_text(text, "utf-8")
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def pid(self) -> int:
        """The number of Asterisk's process on this machine. Raises PbxFailed when there is none."""
        process = self._running()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            return int(children.read_text().split()[0])
        except (OSError, IndexError) as exc:
            raise PbxFailed("it does not run") from exc

    async def cli(self, command: str, timeout_s: float = CLI_S) -> str:
        """What Asterisk's command line answers. Raises PbxFailed when it does not, or not in time."""
        asked = await asyncio.create_subprocess_exec(
            *("nsenter", f"--target={self.pid}", "--mount", "--root", "--wd"),
            *("/usr/sbin/asterisk", "-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(timeout_s):
                answer, _ = await asked.communicate()
        except TimeoutError as exc:
            raise PbxFailed(f"no answer to {command!r} in {timeout_s:g} s") from exc
        finally:
            if asked.returncode is None:
                asked.kill()
                await asked.wait()
        if asked.returncode != 0:
            raise PbxFailed(f"{command!r}: status {asked.returncode}")
        return answer.decode("utf-8", "replace").strip()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to Asterisk: SIGKILL, SIGSTOP, SIGCONT. Raises PbxFailed when it does not run."""
        os.kill(self.pid, number)

    async def ended(self) -> None:
        """Wait until it is gone, with all that it had started. Raises PbxFailed when that takes too long."""
        try:
            async with asyncio.timeout(END_S):
                await self._running().wait()
        except TimeoutError as exc:
            raise PbxFailed(f"still there after {END_S:g} s") from exc

    async def restart(self) -> None:
        """Kill it if it runs, start it again with the files as they are now, wait until it has booted."""
        await self._end()
        await self._start()

    def log(self) -> str:
        """All that it has logged since the folder is there."""
        lines = self.folder / "log/messages.log"
        return lines.read_text("utf-8", "replace") if lines.exists() else ""

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise PbxFailed("it was not started")
        return self._process

    async def _start(self) -> None:
        shutil.rmtree(self.folder / "run")  # a socket of before
        (self.folder / "run").mkdir()
        name = f"attendant-pbx-{os.getpid()}-{next(_numbers)}"
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as word,
            (self.folder / "log/printed").open("wb") as printed,
        ):
            word.bind(f"\0{name}")
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig=KILL", "--", *_APART),
                *("bash", "-c", _ENTER, "enter", self._tree, self.folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=printed,
                stderr=asyncio.subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "HOME": "/var/lib/asterisk", "NOTIFY_SOCKET": f"@{name}"},
            )
            await self._booted(word)

    async def _booted(self, word: socket.socket) -> None:
        """Wait for what Asterisk tells systemd when it has fully booted."""
        try:
            async with asyncio.timeout(BOOT_S), asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self._fail_when_ended(), name="the end of Asterisk")
                while b"READY=1" not in await asyncio.get_running_loop().sock_recv(word, 4096):
                    pass
                watch.cancel()
        except (TimeoutError, ExceptionGroup) as exc:
            printed = (self.folder / "log/printed").read_text("utf-8", "replace")
            raise PbxFailed(f"it did not boot:\n{printed[-2000:]}{self.log()[-2000:]}") from exc

    async def _fail_when_ended(self) -> None:
        status = await self._running().wait()
        raise PbxFailed(f"it ended with status {status}")

    async def _end(self) -> None:
        """Leave no process. The kernel ends the namespace with Asterisk, and then its parent."""
        if self._process is None or self._process.returncode is not None:
            return
        try:
            self.signal(signal.SIGKILL)
        except PbxFailed:  # it was only about to start
            self._process.kill()
        await self.ended()
