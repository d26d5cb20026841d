"""Where the settings have copies of the box go, as restic is to be asked for it.

May import: the standard library, appliance.core, appliance.backup.
"""

import re
import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path

from appliance.backup.restic import BackupFailed, Check, Keep, NoRepository, Restic
from appliance.core.backup_settings import Backups
from appliance.core.errors import SettingsError
from appliance.core.files import replace
from appliance.core.settings import Settings

CACHE = ".restic-cache"
CONFIG = "config"
"""The file that every repository has."""
ACCESS = re.compile(r"(AWS|B2|AZURE|RESTIC_REST)_[A-Z0-9_]+")
"""What may stand in the file with the keys: nothing by which another program is run."""
PASSWORD_BYTES = 24
_SFTP = re.compile(r"sftp:(?://)?(?P<host>[A-Za-z0-9._@-]+?)(?::(?P<port>[0-9]+))?(?::|/|$)")


class NoBackups(BackupFailed):
    """Nothing is backed up, by the settings."""


def restic(settings: Settings, check: Check = lambda: None) -> Restic:
    """What opens the repository, which is there. Raises NoBackups, SettingsError, NoRepository."""
    opened = to_be_made(settings, check)
    see_that_it_is_there(settings.backup.repository)
    return opened


def to_be_made(settings: Settings, check: Check = lambda: None) -> Restic:
    """The same of a repository that may not be there yet. Raises NoBackups, SettingsError."""
    backup = settings.backup
    if not backup.repository:
        raise NoBackups("No place for backups is set: [backup] repository (docs/backup.md).", again=False)
    settings.secret(backup.password_file)
    password_file = settings.secrets_dir / backup.password_file
    return opener(backup, settings.secrets_dir, password_file, settings.box.data_dir / CACHE, check)


def opener(
    backup: Backups, keys: Path, password_file: Path, cache: Path, check: Check = lambda: None
) -> Restic:
    """The same without a box: the folder of secret files, the password's file. Raises SettingsError."""
    return Restic(
        backup.repository,
        password_file,
        cache,
        backup.program,
        dict(_access(backup, keys)),
        tuple(_options(backup, keys)),
        check,
    )


def keep(settings: Settings) -> Keep:
    """How many are kept."""
    backup = settings.backup
    return Keep(backup.keep_daily, backup.keep_weekly, backup.keep_monthly)


def see_that_it_is_there(repository: str) -> None:
    """See that a repository in a folder is there: its disk may not be. Raises NoRepository.

    restic is asked for nothing then, which might make folders on the disk that lies below.
    """
    if repository.startswith("/") and not Path(repository, CONFIG).is_file():
        raise NoRepository(
            f"There is no repository at {repository}: is the disk plugged in and mounted? `lsblk -f` shows"
            " it; `attendant backup init` makes a new repository there."
        )


def see_where_it_goes(repository: str) -> None:
    """See that the folder of a new one is there: else it would be made below a disk. Raises NoRepository."""
    if repository.startswith("/") and not Path(repository).parent.is_dir():
        raise NoRepository(
            f"There is no {Path(repository).parent}: plug the disk in and mount it first.", again=False
        )


def password_made(settings: Settings) -> None:
    """Make the password where there is none. Raises SettingsError."""
    path = settings.secrets_dir / settings.backup.password_file
    if path.exists():
        settings.secret(settings.backup.password_file)
        return
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, f"{password}\n".encode(), mode=0o600)
    except OSError as exc:
        raise SettingsError([f"The secret file {path} cannot be written: {exc.strerror}."]) from exc


def _access(backup: Backups, keys: Path) -> Iterator[tuple[str, str]]:
    """What the file with the keys says. Raises SettingsError."""
    if backup.rclone_config is not None:
        yield "RCLONE_CONFIG", str(backup.rclone_config)
    if backup.access_file is None:
        return
    path = keys / backup.access_file
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError([f"The secret file {path} cannot be read: {exc}."]) from exc
    for line in lines:
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or ACCESS.fullmatch(name.strip()) is None:
            raise SettingsError(
                [f"{path}: a line is NAME=VALUE, and NAME begins with AWS_, B2_, AZURE_ or RESTIC_REST_."]
            )
        yield name.strip(), value.strip()


def _options(backup: Backups, keys: Path) -> Iterator[str]:
    if backup.upload_kib_s:
        yield f"--limit-upload={backup.upload_kib_s}"
    if not backup.repository.startswith("sftp:"):
        return
    found = _SFTP.match(backup.repository)
    if found is None:
        raise SettingsError(["[backup] repository is to be written as sftp:user@host:/folder."])
    ssh = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ServerAliveInterval=15"]
    ssh += ["-o", f"UserKnownHostsFile={backup.ssh_known_hosts}"]
    if backup.ssh_key_file is not None:
        ssh += ["-i", str(keys / backup.ssh_key_file), "-o", "IdentitiesOnly=yes"]
    if found["port"]:
        ssh += ["-p", found["port"]]
    yield from ("-o", f"sftp.command={shlex.join([*ssh, '--', found['host'], '-s', 'sftp'])}")
