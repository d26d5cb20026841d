"""What of the box is elsewhere, as a doctor sees it: a second box, and the bucket of recordings.

May import: the standard library, appliance.archive, appliance.backup, appliance.core.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from appliance.archive.bucket import Bucket, BucketFailed
from appliance.backup import following
from appliance.core import in_service
from appliance.core.errors import SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings

BUCKET, SECOND = "recordings elsewhere", "second box"
PROBE = "attendant-is-not-there"


def examined(settings: Settings) -> Iterator[Examined]:
    """Look at what there is of it; the bucket is asked for something that it has not."""
    data = settings.box.data_dir
    if told := in_service.why_not(data):
        copy = following.ready(data)
        old = f" The copy here is {copy.age_s(datetime.now(UTC)) / 60:.0f} minutes old." if copy else ""
        yield note(SECOND, f"{told}{old}")
    if settings.recordings.s3_url:
        bucket = Bucket(settings)
        try:
            bucket.has(bucket.where.key(PROBE))
        except (BucketFailed, SettingsError) as exc:
            yield missing(BUCKET, f"{str(exc).rstrip('.')} (docs/recordings.md).")
        else:
            yield well(BUCKET, f"{bucket.where.host} takes the keys")
