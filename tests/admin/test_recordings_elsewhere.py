"""A recording that lies in a bucket is heard through the box, and what is another there is not played."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from appliance.archive import moving
from appliance.core.settings import Settings, load
from appliance.jobs.recordings import folder
from appliance.store import message_texts, messages
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from tests.admin import rows
from tests.archive.bucketed import bucketed
from tests.archive.test_moving import Desk
from tests.jobs.long_ago import DAY, NOW
from tests.peers.s3 import Fault, S3Peer
from tests.peers.s3.peer import BUCKET


@pytest.fixture(scope="module")
def storage() -> Iterator[S3Peer]:
    with S3Peer() as peer:
        yield peer


@pytest.fixture
def settings(tmp_path: Path, storage: S3Peer) -> Settings:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    rows.fill(data / "attendant.db")
    wishes = bucketed(data, storage, here_days=0).recordings
    (tmp_path / "attendant.toml").write_text(
        f'[box]\ndata_dir = "{data}"\n[listen]\nlocal_port = 0\nworker_port = 0\n'
        f'[recordings]\ns3_url = "{wishes.s3_url}"\ns3_access_file = "{wishes.s3_access_file}"\n'
        "here_days = 0\n",
        "utf-8",
    )
    return load(tmp_path / "attendant.toml")


@pytest.fixture
def moved(settings: Settings, db: Connection) -> bytes:
    """What the first message's recording holds, which lies in the bucket alone."""
    message = messages.one(db, 1)
    assert message is not None
    sound = (folder(settings) / str(message.recording_path)).read_bytes()
    message_texts.put(db, MessageText(1, TextState.WRITTEN, text="hello"), "2026-11-27T09:00:00.000Z")
    assert moving.move(Desk(db), settings, folder(settings), lambda: None, NOW + 400 * DAY).removed == 1
    assert not (folder(settings) / str(message.recording_path)).exists()
    return sound


def test_it_is_heard_whole_and_in_parts(browser: FlaskClient, moved: bytes) -> None:
    page = browser.get("/messages/1").text
    assert 'src="/messages/1/recording"' in page
    answer = browser.get("/messages/1/recording", buffered=True)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, moved, "audio/wav")
    part = browser.get("/messages/1/recording", buffered=True, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, moved[10:20])


def test_what_is_another_there_or_cannot_be_fetched_is_not_played(
    browser: FlaskClient, storage: S3Peer, moved: bytes
) -> None:
    storage.faults.append(Fault("refuse", "GET", 2))
    answer = browser.get("/messages/1/recording")
    assert answer.status_code == 502
    assert "cannot be fetched just now" in answer.text
    for kept in storage.buckets[BUCKET].values():
        kept.body = b"of somebody else" + kept.body[16:]
    assert browser.get("/messages/1/recording").status_code == 502
