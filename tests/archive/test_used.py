"""What else needs a recording that is away: an export, and the doctor."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.archive import moving
from appliance.cli.main import main
from appliance.core import in_service
from appliance.core.examined import Health
from appliance.service.doctor import elsewhere
from tests.archive.bucketed import ACCESS, bucketed
from tests.archive.test_moving import Desk, name_of
from tests.jobs.long_ago import NOW, Past
from tests.peers.s3 import Fault, S3Peer
from tests.peers.s3.peer import BUCKET


@pytest.fixture(scope="module")
def peer() -> Iterator[S3Peer]:
    with S3Peer() as storage:
        yield storage


def test_the_doctor_asks_whether_the_keys_are_taken(tmp_path: Path, peer: S3Peer) -> None:
    settings = bucketed(tmp_path, peer)
    [look] = elsewhere.examined(settings)
    assert (look.health, look.told) == (Health.WELL, "127.0.0.1 takes the keys")
    peer.faults.append(Fault("refuse", "HEAD", 1, 403, "AccessDenied"))
    [look] = elsewhere.examined(settings)
    assert look.health is Health.MISSING
    assert look.told == (
        "127.0.0.1 does not let these keys read, write and delete in the bucket (docs/recordings.md)."
    )
    in_service.stand_down(tmp_path, "This box stands ready for box1.")
    assert next(elsewhere.examined(settings)).told == "This box stands ready for box1."


def test_what_lies_elsewhere_is_exported_and_erased_with_the_rest(tmp_path: Path, peer: S3Peer) -> None:
    past = Past(tmp_path / "box")
    number = past.rang(5)
    name, settings = name_of(past), bucketed(tmp_path / "box", peer)
    sound = (past.recordings / name).read_bytes()
    moving.move(Desk(past.db), settings, past.recordings, lambda: None, NOW)
    assert not (past.recordings / name).exists()
    [message] = [row[0] for row in past.db.execute("SELECT id FROM message WHERE recording_path IS NOT NULL")]
    past.close()
    file = tmp_path / "attendant.toml"
    file.write_text(
        f'[box]\ndata_dir = "{past.folder}"\n[recordings]\ns3_url = "{settings.recordings.s3_url}"\n'
        f's3_access_file = "{ACCESS}"\n',
        "utf-8",
    )
    done = CliRunner().invoke(
        main, ["--config", str(file), "messages", "export", str(message), str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / f"message-{message}.wav").read_bytes() == sound

    packed = tmp_path / "person.zip"
    done = CliRunner().invoke(main, ["--config", str(file), "export", number, "--to", str(packed)])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(packed) as found:
        assert found.read(f"recordings/{name}") == sound

    done = CliRunner().invoke(main, ["--config", str(file), "erase", number, "--yes"])
    assert done.exit_code == 0, done.output
    assert peer.buckets[BUCKET] == {}
