"""The boot settings of backups: where copies of the box go, how many are kept, and what opens that place.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from appliance.core.frozen import Frozen, Secret


class Backups(Frozen):
    """Nightly copies of the box by restic, encrypted before they leave it (docs/backup.md)."""

    repository: str = Field("", pattern=r"^(/[^\n]+|(sftp|s3|rest|rclone|b2|azure):\S+)?$")
    """Where they go: a folder such as /mnt/backup/attendant, sftp:user@host:/folder, s3:https://host/bucket,
    rclone:name:folder. Empty: nothing is backed up."""

    password_file: Annotated[Path, Secret(made=True)] = Path("backup_password")
    """File with the password of the repository, which `attendant backup init` makes; relative to the secrets
    folder. Without it no copy can ever be read: keep it on paper, too."""

    access_file: Annotated[Path | None, Secret(lines=True)] = None
    """File with the keys of S3, B2 or Azure, a line each such as AWS_ACCESS_KEY_ID=...; relative to the
    secrets folder."""

    ssh_key_file: Annotated[Path | None, Secret(lines=True)] = None
    """File with the private key for SFTP, which has no passphrase; relative to the secrets folder."""

    ssh_known_hosts: Path = Path("/etc/ssh/ssh_known_hosts")
    """Where the key of the SFTP server stands: one that is not in there is not spoken to."""

    rclone_config: Path | None = None
    """The configuration of rclone, made by `rclone config`."""

    program: str = Field("restic", pattern=r"^\S+$")
    """The program."""

    keep_daily: int = Field(7, ge=1, le=365)
    """Of so many days the last copy is kept."""

    keep_weekly: int = Field(4, ge=0, le=520)
    """Of so many weeks the last copy is kept."""

    keep_monthly: int = Field(6, ge=0, le=240)
    """Of so many months the last copy is kept. What retention deletes here is in them for so long."""

    every_minutes: int = Field(0, ge=0, le=720)
    """How often the box is backed up beside the nightly backup, so that one that stands ready loses little; 0
    is by night alone."""

    old_after_hours: int = Field(36, ge=1, le=720)
    """When the last copy is older than this, staff see it and the doctor says so."""

    upload_kib_s: int = Field(0, ge=0, le=10_000_000)
    """The most that is sent in a second, in KiB, so that calls have room on the line; 0 is no limit."""
