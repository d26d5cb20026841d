"""restic as a program: run with a repository and its password, ended when asked to, its complaints as ours.

Its answers are JSON; what it complains of is known by its words, which 0.14 and 0.18 share. May import: the
standard library, orjson, appliance.core, appliance.store.backups.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from appliance.core.errors import AttendantError
from appliance.store.backups import Snapshot

TAG = "attendant"
LOOK_S = 0.1
END_S = 20.0
"""How long it may take to let go of the repository when it is told to end."""
ENDING_MOST = 4000
SFTP_COMMAND = "sftp.command="
"""The option by which restic is told how it comes to an SFTP server."""
NO_SFTP = "unable to start the sftp session"
"""What it says when that program has ended at once, whatever that said."""
SSH_S = 15.0
_PATTERN, _ESCAPED = re.compile(r"([*?\[\]\\])"), r"\\\1"
Check = Callable[[], None]
"""Asked between two looks; what it raises ends the program."""


class BackupFailed(AttendantError):
    """Nothing came of it. `again`: whether another try can help without anybody doing something."""

    def __init__(self, problem: str, *, again: bool = True) -> None:
        super().__init__(problem)
        self.again = again


class NoRepository(BackupFailed):
    """There is no repository in that place."""


class WrongPassword(BackupFailed):
    """The repository is not opened by this password."""


class Damaged(BackupFailed):
    """The repository has lost some of what was given to it."""


class InUse(BackupFailed):
    """Another restic works at the repository."""


class Refused(BackupFailed):
    """The service that holds the repository does not take what we show it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What a backup came to: how much there is, and how much the repository had not yet."""

    snapshot: str
    files: int
    bytes: int
    added: int


@dataclass(frozen=True, slots=True)
class Keep:
    """How many are kept."""

    daily: int
    weekly: int
    monthly: int


@dataclass(frozen=True, slots=True)
class Restic:
    """A repository, and how it is opened. Blocks."""

    repository: str
    password_file: Path
    cache: Path
    program: str = "restic"
    access: Mapping[str, str] = field(default_factory=dict)
    """What its environment is to hold beside ours, such as AWS_ACCESS_KEY_ID."""
    options: Sequence[str] = ()
    check: Check = lambda: None

    def make(self) -> None:
        """Make the repository. Raises BackupFailed, also when there is one."""
        try:
            self.see()
        except NoRepository:
            self._run("init")
        else:
            raise BackupFailed(f"There is a repository at {_shown(self.repository)} already.", again=False)

    def see(self) -> None:
        """See that there is one that this password opens. Raises BackupFailed."""
        self._run("cat", "config")

    def free(self) -> None:
        """The same, and take away the lock of a restic that was killed; that of one which lives stays."""
        self._run("unlock")

    def backup(self, stage: Path, host: str, tags: Sequence[str], kind: str = TAG) -> Added:
        """Keep what lies in a stage. Raises BackupFailed."""
        tagged = [part for tag in (kind, *tags) for part in ("--tag", tag)]
        # A link to a file is made anew each night, which changes the time of its inode and nothing else.
        said = self._run("backup", "--json", "--ignore-ctime", "--host", host, *tagged, ".", folder=stage)
        summary = next((each for each in _lines(said) if each.get("message_type") == "summary"), None)
        if summary is None:
            raise BackupFailed("restic ended without saying what it kept.")
        return Added(
            str(summary["snapshot_id"]),
            int(summary["total_files_processed"]),
            int(summary["total_bytes_processed"]),
            int(summary["data_added"]),
        )

    def snapshots(self, kind: str = TAG) -> list[Snapshot]:
        """What was kept, the oldest first. Raises BackupFailed."""
        found = orjson.loads(self._run("snapshots", "--json", "--tag", kind) or b"[]") or []
        read = [
            Snapshot(
                str(each["id"]),
                datetime.fromisoformat(_short_fraction(each["time"])).astimezone(UTC),
                str(each.get("hostname", "")),
                tags=tuple(each["tags"]),
            )
            for each in found
        ]
        told = [replace(each, version=each.tagged("version")) for each in read]
        return sorted(told, key=lambda each: each.at)

    def read(self, snapshot: str, name: str) -> bytes:
        """One file of a snapshot. Raises BackupFailed."""
        return self._run("dump", snapshot, f"/{name}")

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = ()) -> None:
        """Write a snapshot into a folder, all of it or these files only. Raises BackupFailed."""
        chosen = [part for name in only for part in ("--include", f"/{_PATTERN.sub(_ESCAPED, name)}")]
        self._run("restore", snapshot, "--target", str(into), *chosen)

    def forget(self, keep: Keep, host: str) -> None:
        """Forget what is not to be kept of a box; its room is free after `prune`. Raises BackupFailed."""
        wanted = {"daily": keep.daily, "weekly": keep.weekly, "monthly": keep.monthly}
        # The last one is kept in any case. Where a stage lay does not matter; another box's are its own.
        scheme = [
            part for name, number in wanted.items() if number for part in (f"--keep-{name}", str(number))
        ]
        ours = ("--tag", TAG, "--host", host, "--group-by", "")
        self._run("forget", "--json", *ours, "--keep-last", "1", *scheme)

    def prune(self) -> None:
        """Free the room of what was forgotten. Raises BackupFailed."""
        self._run("prune", "--max-unused", "5%")

    def examine(self) -> None:
        """See that the repository is in order. Raises BackupFailed, of which Damaged is one."""
        self._run("check")

    def _run(self, *command: str, folder: Path | None = None) -> bytes:
        """What it prints. Raises BackupFailed, and what `check` raises."""
        if shutil.which(self.program) is None:
            raise BackupFailed(f"{self.program} is not installed: `apt install restic`.", again=False)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            try:
                self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
                running = subprocess.Popen(  # noqa: S603 -- by the settings alone
                    [self.program, *self.options, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=errors,
                    cwd=folder,
                    env=self._environment(),
                    start_new_session=True,
                )
            except OSError as exc:
                raise BackupFailed(f"{self.program} cannot be run: {exc.strerror}.") from exc
            try:
                status = self._waited(running)
            finally:
                _end(running)
            if status != 0:
                said = _ending(errors) or _ending(out)
                if NO_SFTP in said:
                    said = self._ssh_says() or said
                raise told(said, self.repository, status)
            out.seek(0)
            return out.read()

    def _ssh_says(self) -> str:
        """What ssh complains of: restic may go before it has heard that."""
        command = next((each for each in self.options if each.startswith(SFTP_COMMAND)), "")
        words = shlex.split(command.removeprefix(SFTP_COMMAND))
        if not words:
            return ""
        nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(  # noqa: S603 -- by the settings alone
                words,
                stdin=nothing,
                stdout=nothing,
                stderr=pipe,
                timeout=SSH_S,
                check=False,
                errors="replace",
            )
            return done.stderr
        return ""

    def _waited(self, running: subprocess.Popen[bytes]) -> int:
        while True:
            try:
                return running.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                self.check()

    def _environment(self) -> dict[str, str]:
        """Ours without what would have another repository opened, and with what opens this one."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("RESTIC_")}
        return {
            **ours,
            **self.access,
            "RESTIC_REPOSITORY": self.repository,
            "RESTIC_PASSWORD_FILE": str(self.password_file),
            "RESTIC_CACHE_DIR": str(self.cache),
            # Seldom: what it prints of its progress is thrown away.
            "RESTIC_PROGRESS_FPS": "0.05",
            # Memory is the calls' first.
            "GOGC": "20",
        }


_TOLD: tuple[tuple[tuple[str, ...], type[BackupFailed], str, bool], ...] = (
    # What a service says comes first: restic goes on to ask whether there is a repository at all.
    (
        (
            "access key id you provided does not exist",
            "signature we calculated does not match",
            "signaturedoesnotmatch",
            "invalidaccesskeyid",
            "permission denied (publickey",
            "too many authentication failures",
            "access denied.",
            "401 unauthorized",
            "403 forbidden",
        ),
        Refused,
        "{at} refuses the keys that it was shown ({said}): are those of [backup] access_file or ssh_key_file"
        " right, and may they write there?",
        False,
    ),
    (
        ("bucket does not exist", "nosuchbucket"),
        NoRepository,
        "There is no such bucket at {at}: make it there, or spell it right.",
        False,
    ),
    (
        ("the difference between the request time", "requesttimetooskewed"),
        Refused,
        "The clock of this box is wrong, and {at} refuses it: `timedatectl` shows it.",
        True,
    ),
    (
        ("didn't find section in config file",),
        BackupFailed,
        "The configuration of rclone ([backup] rclone_config) knows no such name as in {at}.",
        False,
    ),
    (
        ("certificate signed by unknown authority", "certificate is not trusted", "certificate has expired"),
        BackupFailed,
        "The certificate of {at} is not trusted ({said}).",
        False,
    ),
    (
        ("host key verification failed",),
        Refused,
        "The key of {at} is not in [backup] ssh_known_hosts: `ssh-keyscan` prints it; compare it, add it.",
        False,
    ),
    (
        (
            "no such host",
            "could not resolve",
            "connection refused",
            "no route to host",
            "i/o timeout",
            "network is unreachable",
            "timed out",
            "connection reset",
        ),
        BackupFailed,
        "{at} cannot be reached ({said}).",
        True,
    ),
    (
        ("wrong password", "no key found"),
        WrongPassword,
        "The password does not open the repository {at}: is it that of another?",
        False,
    ),
    (
        (
            "is there a repository at the following location",
            "unable to open config file",
            "repository does not exist",
        ),
        NoRepository,
        "There is no repository at {at}: is the disk plugged in and mounted, and is the place spelt right?"
        " `attendant backup init` makes a new one.",
        True,
    ),
    (("no space left on device", "disk quota exceeded"), BackupFailed, "The place {at} is full.", True),
    (
        ("already locked", "unable to create lock"),
        InUse,
        "Another restic works at {at}: it is tried again.",
        True,
    ),
    (
        ("permission denied", "read-only file system", "access denied"),
        BackupFailed,
        "{at} may not be written to: whose is it? Under systemd its folder also has to be in ReadWritePaths"
        " (docs/backup.md).",
        True,
    ),
    (
        (
            "repository contains errors",
            "does not match",
            "ciphertext verification failed",
            "not found in repository",
            "not found in index",
            "integrity",
            "is damaged",
            "load <",
            "loadblob",
            "loadtree",
        ),
        Damaged,
        "The repository {at} is damaged ({said}): docs/backup.md tells what to do; begin a new one.",
        False,
    ),
)


def told(said: str, repository: str, status: int) -> BackupFailed:
    """Our error for what it complained of."""
    low = said.lower()
    at = _shown(repository)
    line = next((each.strip() for each in said.splitlines() if each.strip()), f"status {status}")[:200]
    for words, kind, sentence, again in _TOLD:
        if any(word in low for word in words):
            return kind(sentence.format(at=at, said=line), again=again)
    return BackupFailed(f"restic failed at {at}: {line}")


def _shown(repository: str) -> str:
    """A place as it may be shown: rest:https://user:password@host/ holds a password."""
    scheme, slashes, rest = repository.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if slashes else repository


def _lines(said: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in said.splitlines() if line.startswith(b"{")]


def _short_fraction(at: str) -> str:
    """Its times have nanoseconds, which Python 3.11 does not read."""
    head, dot, tail = at.partition(".")
    digits = "".join(c for c in tail if c.isdigit() or c in "+-Z:")
    cut = next((place for place, c in enumerate(digits) if c in "+-Z"), len(digits))
    return f"{head}{dot}{digits[:cut][:6].ljust(6, '0')}{digits[cut:]}" if dot else at


def _ending(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - ENDING_MOST))
    return file.read().decode("utf-8", "replace")


def _end(running: subprocess.Popen[bytes]) -> None:
    """Have it end, should it run: kindly first, so that it leaves no lock; then with what it began."""
    if running.poll() is not None:
        return
    running.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(END_S)
        return
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
