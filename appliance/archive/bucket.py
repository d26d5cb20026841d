"""A bucket of S3-compatible storage: put, read, delete, and see that something is gone. Blocks.

What the service complains of is told in our words.
May import: the standard library, botocore, appliance.core.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from appliance.core import access_file
from appliance.core.access_file import BUCKET_KEYS
from appliance.core.errors import AttendantError, SettingsError
from appliance.core.settings import Settings

CONNECT_S, READ_S, TRIES = 5.0, 30.0, 2
PIECE = 1 << 20
KEYS = re.compile("|".join(BUCKET_KEYS))
GONE = frozenset({"404", "NoSuchKey"})
T = TypeVar("T")


class BucketFailed(AttendantError):
    """The storage did not do what it was asked. `again`: whether another try can help by itself."""

    def __init__(self, problem: str, *, again: bool = True) -> None:
        super().__init__(problem)
        self.again = again


class NotThere(BucketFailed):
    """There is nothing by this key."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where recordings go: the service, the bucket, and the folder in it."""

    service: str
    bucket: str
    folder: str

    @classmethod
    def of(cls, url: str) -> "Where":
        """By the setting, such as https://s3.example.com/bucket/folder."""
        parts = urlsplit(url)
        bucket, _, folder = parts.path.strip("/").partition("/")
        return cls(f"{parts.scheme}://{parts.netloc}", bucket, folder)

    @property
    def host(self) -> str:
        """Whom recordings are given to."""
        return urlsplit(self.service).hostname or ""

    @property
    def place(self) -> str:
        """By what a recording there is known to be there, and in no other bucket."""
        return f"{self.host}/{self.bucket}"

    def key(self, name: str) -> str:
        """Under what a file is kept there."""
        return f"{self.folder}/{name}" if self.folder else name


class Bucket:
    """The bucket of the settings; its client is made at the first use. Every method raises BucketFailed."""

    def __init__(self, settings: Settings) -> None:
        wishes = settings.recordings
        self.where = Where.of(wishes.s3_url)
        self._settings = settings
        self._made: Any = None

    def put(self, key: str, path: Path, check: Callable[[], None]) -> None:
        """Send a file."""
        digest = hashlib.md5(usedforsecurity=False)
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    check()
                    digest.update(piece)
                file.seek(0)
                sum_ = base64.b64encode(digest.digest()).decode()
                self._asked(
                    lambda client: client.put_object(
                        Bucket=self.where.bucket, Key=key, Body=file, ContentMD5=sum_
                    )
                )
        except OSError as exc:
            raise BucketFailed(f"{path.name} cannot be read: {exc.strerror}") from exc

    def pieces(self, key: str) -> Iterator[bytes]:
        """What lies under a key. Raises NotThere, too."""
        got = self._asked(lambda client: client.get_object(Bucket=self.where.bucket, Key=key))
        with _told(self.where), got["Body"] as body:
            while piece := body.read(PIECE):
                yield piece

    def has(self, key: str) -> bool:
        """Whether something lies under a key."""
        try:
            self._asked(lambda client: client.head_object(Bucket=self.where.bucket, Key=key))
        except NotThere:
            return False
        return True

    def delete(self, key: str) -> None:
        """Delete what lies under a key, and see that it is gone."""
        self._asked(lambda client: client.delete_object(Bucket=self.where.bucket, Key=key))
        if self.has(key):
            raise BucketFailed(f"{self.where.host} says that {key} is deleted, and has it still")

    def _asked(self, ask: Callable[[Any], T]) -> T:
        with _told(self.where):
            if self._made is None:
                self._made = _client(self._settings, self.where)
            return ask(self._made)


def _client(settings: Settings, where: Where) -> Any:
    """Raises SettingsError."""
    from botocore.config import Config  # noqa: PLC0415 -- slow to load, and few boxes have a bucket
    from botocore.session import Session  # noqa: PLC0415

    wishes = settings.recordings
    if wishes.s3_access_file is None:
        raise SettingsError(["[recordings] s3_access_file is not set."])
    path = settings.secrets_dir / wishes.s3_access_file
    keys = access_file.read(path, KEYS, f"there are {' and '.join(BUCKET_KEYS)}")
    if missing := [name for name in BUCKET_KEYS if not keys.get(name)]:
        raise SettingsError([f"The secret file {path} has no {' and no '.join(missing)}."])
    return Session().create_client(
        "s3",
        region_name=wishes.s3_region,
        endpoint_url=where.service,
        aws_access_key_id=keys[BUCKET_KEYS[0]],
        aws_secret_access_key=keys[BUCKET_KEYS[1]],
        verify=str(wishes.s3_ca_file) if wishes.s3_ca_file else True,
        config=Config(
            signature_version="s3v4",
            # What all services that are compatible understand.
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
        ),
    )


_CODES = {
    "InvalidAccessKeyId": ("does not know the key of [recordings] s3_access_file", False),
    "SignatureDoesNotMatch": ("does not take the secret of [recordings] s3_access_file", False),
    "AccessDenied": ("does not let these keys read, write and delete in the bucket", False),
    "403": ("does not let these keys read, write and delete in the bucket", False),
    "NoSuchBucket": ("has no such bucket", False),
    "RequestTimeTooSkewed": ("finds the clock of this box wrong: `timedatectl` shows it", True),
    "QuotaExceeded": ("is full", True),
    "BadDigest": ("got something else than was sent", True),
}


@contextmanager
def _told(where: Where) -> Iterator[None]:
    """Turn the library's errors into ours."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- as above

    try:
        yield
    except ClientError as exc:
        code = str(exc.response.get("Error", {}).get("Code", ""))
        if code in GONE:
            raise NotThere(f"{where.host} has no such recording", again=False) from exc
        said, again = _CODES.get(code, (f"answers {code[:60] or 'nothing that is understood'}", True))
        raise BucketFailed(f"{where.host} {said}", again=again) from exc
    except (BotoCoreError, OSError) as exc:
        raise BucketFailed(f"{where.host} cannot be reached, or broke off ({type(exc).__name__})") from exc
