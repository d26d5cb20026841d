"""Recordings go to the bucket, are held against what was sent, come back, and are gone there in time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from appliance.archive import moving
from appliance.archive.bucket import BucketFailed
from appliance.archive.moving import Moved, Spoilt
from appliance.core.settings import Settings
from appliance.jobs import archive, schedules
from appliance.jobs import retention as deleting
from appliance.jobs.kinds import Nothing
from appliance.store import database, left_building, office, recordings_away, retention
from appliance.store.database import Connection
from appliance.store.left_building import STORED, Left
from appliance.store.recordings_away import Away
from tests.archive.bucketed import bucketed
from tests.jobs.long_ago import NOW, Past
from tests.peers.s3 import Fault, S3Peer
from tests.peers.s3.peer import BUCKET, KEY

T = TypeVar("T")


class Desk:
    """The database, as a job has it."""

    left_s = 100.0

    def __init__(self, db: Connection) -> None:
        self._db = db

    def read(self, query: Callable[[Connection], T]) -> T:
        with database.snapshot(self._db):
            return query(self._db)

    def write(self, change: Callable[[Connection], T]) -> T:
        with database.immediate(self._db):
            return change(self._db)

    def apart(self, use: Callable[[Connection], T]) -> T:
        return use(self._db)

    def rest(self, seconds: float) -> None:
        pass

    def check(self) -> None:
        pass


@pytest.fixture(scope="module")
def storage() -> Iterator[S3Peer]:
    with S3Peer() as peer:
        yield peer


@pytest.fixture
def peer(storage: S3Peer) -> S3Peer:
    storage.buckets[BUCKET].clear()
    storage.faults.clear()
    return storage


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path / "box")
    yield made
    made.close()


@pytest.fixture
def settings(past: Past, peer: S3Peer) -> Settings:
    return bucketed(past.folder, peer)


def moved(past: Past, settings: Settings) -> Moved:
    return moving.move(Desk(past.db), settings, past.recordings, lambda: None, NOW)


def name_of(past: Past) -> str:
    """The file of the newest message that was spoken."""
    row = past.db.execute(
        "SELECT recording_path FROM message WHERE recording_path IS NOT NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return str(row[0])


def away(past: Past, name: str) -> Away | None:
    return recordings_away.of(past.db, [name]).get(name)


def test_a_recording_lies_in_both_places_first_and_then_there_alone(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(1)
    young = name_of(past)
    sound = (past.recordings / young).read_bytes()
    past.rang(3)
    old = name_of(past)
    assert moved(past, settings) == Moved(sent=2, removed=1)
    assert peer.buckets[BUCKET][f"clinic/{young}"].body == sound
    assert (past.recordings / young).exists()
    assert not (past.recordings / old).exists()
    assert moved(past, settings) == Moved(), "what was done is done"
    found = away(past, old)
    assert found is not None
    assert moving.content(settings, found) == peer.buckets[BUCKET][f"clinic/{old}"].body
    moving.bring_back(settings, found, past.recordings / old)
    assert moving.content(settings, found) == (past.recordings / old).read_bytes()
    assert [*past.recordings.glob("*.part")] == []


def test_nothing_is_removed_here_that_is_not_there_as_it_was(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(5)
    spoilt = name_of(past)
    past.rang(5)
    peer.faults.append(Fault("spoil", "PUT"))
    with pytest.raises(Spoilt, match="is another in the bucket"):
        moved(past, settings)
    assert (past.recordings / spoilt).exists()
    assert away(past, spoilt) is None
    assert len(peer.buckets[BUCKET]) == 2, "one that is spoilt does not keep the next from going"
    assert moved(past, settings) == Moved(sent=1, removed=1)
    assert away(past, spoilt) is not None


@pytest.mark.parametrize(
    "faults",
    [
        [Fault("refuse", "PUT", 2)],
        [Fault("drop", "PUT", 2)],
        [Fault("cut", "GET", 3)],
        [Fault("refuse", "GET", 2, 500, "InternalError")],
    ],
    ids=lambda faults: f"{faults[0].kind} {faults[0].method}",
)
def test_what_does_not_arrive_stays_here_and_is_tried_again(
    past: Past, settings: Settings, peer: S3Peer, faults: list[Fault]
) -> None:
    past.rang(5)
    peer.faults += [Fault(each.kind, each.method, each.times, each.status, each.code) for each in faults]
    with pytest.raises(BucketFailed) as failed:
        moved(past, settings)
    assert failed.value.again
    assert (past.recordings / name_of(past)).exists()
    peer.faults.clear()
    assert moved(past, settings) == Moved(sent=1, removed=1)


def test_what_breaks_off_on_its_way_back_leaves_nothing_here(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(5)
    moved(past, settings)
    name = name_of(past)
    found = away(past, name)
    assert found is not None
    peer.faults.append(Fault("cut", "GET"))
    with pytest.raises(BucketFailed):
        moving.bring_back(settings, found, past.recordings / name)
    assert [*past.recordings.glob(f"{name}*")] == []


def test_a_message_that_is_being_written_down_stays_here(past: Past, settings: Settings) -> None:
    past.rang(5)
    past.db.execute("UPDATE message_text SET state = 'waiting', problem = 'not yet'")
    assert moved(past, settings) == Moved()


def test_what_is_too_old_is_gone_there_too_and_that_is_seen(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(400)
    moved(past, settings)
    assert len(peer.buckets[BUCKET]) == 1
    work = deleting.Deleting(Desk(past.db), settings, "retention:1", NOW)
    Desk(past.db).write(lambda db: retention.begin(db, "retention:1", "retention", by="", now=NOW))
    work.too_old(office.staff(past.db).keep_days)
    peer.faults.append(Fault("keep", "DELETE"))
    assert "could not be deleted in the bucket: 127.0.0.1 says that" in work.verify()
    assert len(peer.buckets[BUCKET]) == 1
    peer.faults.append(Fault("refuse", "DELETE", 2))
    assert "1 recordings could not be deleted" in work.verify()
    assert work.verify() == ""
    assert peer.buckets[BUCKET] == {}
    assert past.db.execute("SELECT count(*) FROM recording_away").fetchone()[0] == 0


def test_without_the_bucket_what_is_there_cannot_be_deleted_and_that_is_said(
    past: Past, settings: Settings
) -> None:
    past.rang(5)
    moved(past, settings)
    past.db.execute("UPDATE message SET recording_path = NULL")
    said = moving.sweep(Desk(past.db), past.settings)
    at = f"127.0.0.1/{BUCKET}"
    assert said == f"1 recordings are to be deleted at {at}, and [recordings] s3_url is not set."


def test_what_lies_in_a_bucket_of_former_settings_is_neither_said_to_be_gone_nor_taken_from_another(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(1)
    moved(past, settings)
    name = name_of(past)
    found = away(past, name)
    assert found is not None
    other = settings.recordings.model_copy(update={"s3_url": f"{peer.url}/another", "here_days": 0})
    elsewhere = settings.model_copy(update={"recordings": other})
    with pytest.raises(BucketFailed, match=f"is kept at 127.0.0.1/{BUCKET}") as failed:
        moving.bring_back(elsewhere, found, past.recordings / "again.flac")
    assert not failed.value.again
    assert moved(past, elsewhere) == Moved(), "and here it stays"
    assert (past.recordings / name).exists()
    past.db.execute("UPDATE message SET recording_path = NULL")
    said = moving.sweep(Desk(past.db), elsewhere)
    assert said.startswith(f"1 recordings are to be deleted at 127.0.0.1/{BUCKET}, and")
    assert said.endswith("s3_url names 127.0.0.1/another.")
    assert len(peer.buckets[BUCKET]) == 1
    assert moving.sweep(Desk(past.db), settings) == ""
    assert peer.buckets[BUCKET] == {}


def test_a_message_that_goes_while_it_is_sent_leaves_nothing_there(
    past: Past, settings: Settings, peer: S3Peer
) -> None:
    past.rang(5)

    class Other(Desk):
        """Somebody deletes the message between the two writes."""

        def write(self, change: Callable[[Connection], T]) -> T:
            value = super().write(change)
            past.db.execute("UPDATE message SET recording_path = NULL")
            return value

    moving.move(Other(past.db), settings, past.recordings, lambda: None, NOW)
    assert peer.buckets[BUCKET] == {}


def test_keys_that_are_refused_are_said_in_plain_words(past: Past, settings: Settings, peer: S3Peer) -> None:
    past.rang(5)
    secret = past.folder / "secrets" / "s3_access"
    for keys, said in (
        (f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY=another\n", "does not take the secret"),
        ("AWS_ACCESS_KEY_ID=nobody\nAWS_SECRET_ACCESS_KEY=another\n", "does not know the key"),
    ):
        secret.write_text(keys, "utf-8")
        with pytest.raises(BucketFailed, match=said) as failed:
            moved(past, settings)
        assert not failed.value.again
    elsewhere = settings.recordings.model_copy(update={"s3_url": f"{peer.url}/nobodys"})
    bucketed(past.folder, peer)
    with pytest.raises(BucketFailed, match="has no such bucket"):
        moved(past, settings.model_copy(update={"recordings": elsewhere}))


def test_what_left_the_building_names_the_place(past: Past, settings: Settings, peer: S3Peer) -> None:
    past.rang(5)
    [call] = [row[0] for row in past.db.execute("SELECT id FROM call_log")]
    assert STORED not in [each.sentence for each in left_building.of_call(past.db, call)]
    peer.faults.append(Fault("spoil", "PUT"))
    with pytest.raises(Spoilt):
        moved(past, settings)
    told = Left(f"127.0.0.1/{BUCKET}", STORED, (("count", 1),), certain=False)
    assert told in left_building.of_call(past.db, call)
    moved(past, settings)
    told = Left(f"127.0.0.1/{BUCKET}", STORED, (("count", 1),))
    assert told in left_building.of_call(past.db, call)
    assert told.what == "recorded messages (1), to be kept there"


def test_the_worker_moves_them_every_hour_where_there_is_a_bucket(past: Past, settings: Settings) -> None:
    assert archive.HOURLY in schedules.of(settings)
    assert archive.HOURLY not in schedules.of(past.settings)
    past.rang(5)
    kind = archive.moving_recordings(settings)
    kind.run(Desk(past.db), Nothing())  # type: ignore[arg-type]
    assert away(past, name_of(past)) is not None


def test_days_here_are_kept(past: Past, peer: S3Peer) -> None:
    past.rang(5)
    long = bucketed(past.folder, peer, here_days=30)
    assert moved(past, long) == Moved(sent=1)
    later = NOW + timedelta(days=26)
    assert moving.move(Desk(past.db), long, past.recordings, lambda: None, later) == Moved(removed=1)
