"""Where the settings have copies of the box go, as restic is to be asked for it.

May import: the standard library, appliance.core, appliance.backup.
"""

import os
import re
import secrets
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from appliance.backup.restic import SFTP_COMMAND, BackupFailed, Check, Keep, NoRepository, Restic
from appliance.core import access_file
from appliance.core.access_file import BUCKET_KEYS
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
    see_that_one_is_set(settings)
    backup = settings.backup
    settings.secret(backup.password_file)
    password_file = settings.secrets_dir / backup.password_file
    return opener(backup, settings.secrets_dir, password_file, settings.box.data_dir / CACHE, check)


def opener(
    backup: Backups, keys: Path, password_file: Path, cache: Path, check: Check = lambda: None
) -> Restic:
    """The same without a box: the folder of secret files, the password's file. Raises SettingsError."""
    access = dict(_access(backup, keys))
    if wrong := [*_lacking(backup, keys, access)]:
        raise SettingsError(wrong)
    options = tuple(_options(backup, keys))
    return Restic(backup.repository, password_file, cache, backup.program, access, options, check)


def keep(settings: Settings) -> Keep:
    """How many are kept."""
    backup = settings.backup
    return Keep(backup.keep_daily, backup.keep_weekly, backup.keep_monthly)


def see_that_one_is_set(settings: Settings) -> None:
    """See that the settings name a place. Raises NoBackups."""
    if not settings.backup.repository:
        raise NoBackups("No place for backups is set: [backup] repository (docs/backup.md).", again=False)


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
    told = "NAME begins with AWS_, B2_, AZURE_ or RESTIC_REST_"
    yield from access_file.read(keys / backup.access_file, ACCESS, told).items()


def _lacking(backup: Backups, keys: Path, access: Mapping[str, str]) -> Iterator[str]:
    """What a place needs and has not, as far as that is seen without asking it."""
    match backup.repository.partition(":")[0]:
        case "s3":
            # Of a box that is brought back without a settings file the environment has them (docs/backup.md).
            if missing := [name for name in BUCKET_KEYS if not (access.get(name) or os.environ.get(name))]:
                yield f"For S3 the file of [backup] access_file is to have {' and '.join(missing)}."
        case "sftp":
            yield from _lacking_for_sftp(backup, keys)
        case "rclone":
            if shutil.which("rclone") is None:
                yield "rclone is not installed: `apt install rclone`."
            if backup.rclone_config is None or not backup.rclone_config.is_file():
                yield "[backup] rclone_config is to name the file that `rclone config` made."


def _lacking_for_sftp(backup: Backups, keys: Path) -> Iterator[str]:
    if shutil.which("ssh") is None:
        yield "ssh is not installed: `apt install openssh-client`."
    if not backup.ssh_known_hosts.is_file():
        yield f"There is no {backup.ssh_known_hosts}: put the server's key there (`ssh-keyscan`, compared)."
    if backup.ssh_key_file is not None:
        path = keys / backup.ssh_key_file
        if not path.is_file():
            yield f"The secret file {path}, the key for SFTP, is not there."
        elif path.stat().st_mode & 0o077:
            yield f"The secret file {path} can be read by others, and ssh takes no such key: chmod 600 it."


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
    yield from ("-o", f"{SFTP_COMMAND}{shlex.join([*ssh, '-s', '--', found['host'], 'sftp'])}")
