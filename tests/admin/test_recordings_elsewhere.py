"""A recording that lies in a bucket is fetched by the worker to be heard; the pages ask nobody outside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from appliance.archive import moving
from appliance.core.settings import Settings, load
from appliance.jobs import archive
from appliance.jobs.archive import Wished
from appliance.jobs.kinds import JobFailed
from appliance.jobs.recordings import folder
from appliance.store import jobs, message_texts, messages, recordings_away, times
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from tests.admin import rows
from tests.admin.test_calls import text_of
from tests.archive.bucketed import bucketed
from tests.archive.test_moving import Desk
from tests.jobs.long_ago import DAY, NOW
from tests.peers.s3 import S3Peer
from tests.peers.s3.peer import BUCKET

TOKEN = {"form_token": "f" * 32}
BUTTON = "/messages/1/bring-back"


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


def ended(db: Connection, state: str, error: str = "") -> None:
    """As the worker leaves the job."""
    db.execute("UPDATE job SET state = ?, error = ?, ended_at = ?", (state, error, times.utc_now()))


def test_it_is_fetched_when_somebody_asks_and_heard(
    browser: FlaskClient, settings: Settings, db: Connection, moved: bytes
) -> None:
    (settings.secrets_dir / "s3_access").rename(settings.secrets_dir / "unreadable")
    page = browser.get("/messages/1").text
    assert BUTTON in page
    assert "<audio" not in page
    assert browser.get("/messages/1/recording").status_code == 404
    assert BUTTON in browser.get("/messages").text
    assert browser.post(BUTTON, data=TOKEN).status_code == 303
    browser.post(BUTTON, data=TOKEN)
    [job] = jobs.page(db)
    assert (job.kind, job.payload, job.state) == (recordings_away.BRING, {"message_id": 1}, "queued")
    page = browser.get("/messages/1").text
    assert "is being fetched" in text_of(page)
    assert BUTTON not in page

    (settings.secrets_dir / "unreadable").rename(settings.secrets_dir / "s3_access")
    live = browser.get("/messages/1/live")
    archive.bringing_back(settings).run(Desk(db), Wished.model_validate(job.payload))  # type: ignore[arg-type]
    ended(db, "done")
    changed = browser.get("/messages/1/live", headers={"If-None-Match": live.headers["ETag"]})
    assert changed.status_code == 200
    assert 'src="/messages/1/recording"' in changed.text
    answer = browser.get("/messages/1/recording", buffered=True)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, moved, "audio/wav")
    part = browser.get("/messages/1/recording", buffered=True, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, moved[10:20])

    # It stays while somebody may listen, and then is removed here as before.
    assert moving.move(Desk(db), settings, folder(settings), lambda: None).removed == 0
    assert moving.move(Desk(db), settings, folder(settings), lambda: None, NOW + 400 * DAY).removed == 1
    assert BUTTON in browser.get("/messages/1").text
    assert browser.post("/messages/2/bring-back", data=TOKEN).status_code == 404


def test_what_cannot_be_fetched_is_said_and_can_be_asked_for_again(
    browser: FlaskClient, storage: S3Peer, settings: Settings, db: Connection, moved: bytes
) -> None:
    browser.post(BUTTON, data=TOKEN)
    for kept in storage.buckets[BUCKET].values():
        kept.body = b"of somebody else" + kept.body[16:]
    with pytest.raises(JobFailed, match="is another in the bucket") as failed:
        archive.bringing_back(settings).run(Desk(db), Wished(message_id=1))  # type: ignore[arg-type]
    ended(db, "dead", str(failed.value))
    page = browser.get("/messages/1").text
    assert "could not be fetched: " in text_of(page)
    assert "<audio" not in page
    assert browser.post(BUTTON, data=TOKEN).status_code == 303
    assert [job.state for job in jobs.page(db)] == ["queued"]
