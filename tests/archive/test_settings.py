"""What a bucket needs is asked for when the settings are read."""

from pathlib import Path

import pytest

from appliance.archive.bucket import Bucket, BucketFailed, Where
from appliance.core.errors import SettingsError
from appliance.core.settings import checked
from tests.archive.bucketed import ACCESS, bucketed
from tests.peers.s3 import S3Peer


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"s3_url": "https://s3.example.com/clinic-1"}, "s3_access_file must be set"),
        ({"s3_url": "http://s3.example.com/clinic-1", "s3_access_file": "s3"}, "must begin with https"),
        ({"s3_url": "https://key:secret@s3.example.com/clinic-1", "s3_access_file": "s3"}, "s3_url"),
        ({"s3_url": "https://s3.example.com", "s3_access_file": "s3"}, "s3_url"),
    ],
)
def test_a_place_that_would_not_do_is_refused(wishes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        checked({"recordings": wishes}, "the test")


def test_a_place_is_service_bucket_and_folder() -> None:
    where = Where.of("https://s3.example.com:9000/clinic-1/front/desk")
    assert (where.service, where.bucket, where.folder) == (
        "https://s3.example.com:9000",
        "clinic-1",
        "front/desk",
    )
    assert (where.host, where.key("a.flac")) == ("s3.example.com", "front/desk/a.flac")
    assert Where.of("https://s3.example.com/clinic-1").key("a.flac") == "a.flac"


def test_its_keys_are_asked_for_in_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    with S3Peer() as peer:
        settings = bucketed(tmp_path, peer)
    secret = tmp_path / "secrets" / ACCESS
    secret.write_text("AWS_ACCESS_KEY_ID=a\n", "utf-8")
    with pytest.raises(SettingsError, match="has no AWS_SECRET_ACCESS_KEY"):
        Bucket(settings).has("x")
    secret.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by everybody"):
        Bucket(settings).has("x")


def test_a_service_that_is_not_there_is_said(tmp_path: Path) -> None:
    with S3Peer() as peer:
        settings = bucketed(tmp_path, peer)
    with pytest.raises(BucketFailed, match="cannot be reached"):
        Bucket(settings).has("x")
