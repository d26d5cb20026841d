"""The power goes at any step of a recording: what was promised is there, and nothing torn has its name.

On a real file system, behind every call that changes it. The rows are in tests/store/test_power_cut.py.
"""

import io
import os
import shutil
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from appliance.core.settings import Box, Settings
from appliance.jobs.retention import Deleting
from appliance.service.local import write_wav
from appliance.service.pbx import messages as pbx_messages
from appliance.service.pbx.house import House
from appliance.store import database, retention, times, voicemail
from tests.migrated import migrated
from tests.power_loss import Cut, Disk, NoDisk, disk

T = TypeVar("T")
NOW = datetime(2026, 11, 27, 8, 10, tzinfo=UTC)
PROMISES = 2


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Disk]:
    try:
        with disk(tmp_path) as made:
            yield made
    except NoDisk as exc:
        pytest.skip(f"a disk of its own: {exc}")


def sound(number: int, seconds: float = 0.6) -> bytes:
    """A WAV file as Asterisk leaves it, of a sound of its own."""
    made = io.BytesIO()
    samples = np.random.default_rng(number).integers(-9000, 9000, round(8000 * seconds)).astype("<i2")
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return made.getvalue()


SOUNDS = [sound(number) for number in range(PROMISES)]


def wrong(cut: Cut, name: Callable[[int], Path], whole: Callable[[bytes, int], bool]) -> list[str]:
    """What of the promises does not hold after a cut."""
    found = []
    for number in range(PROMISES):
        path = cut.folder / name(number)
        if path.exists() and not whole(path.read_bytes(), number):
            found.append(f"{path.name} is torn")
        if number < cut.promised and not path.exists():
            found.append(f"{path.name} is lost")
    return found


def same(content: bytes, number: int) -> bool:
    return content == SOUNDS[number]


def in_recordings(number: int) -> Path:
    return Path("recordings") / f"a{number}.1-0.wav"


def all_wrong(
    power: Disk, promise: Callable[[int], object], name: Callable[[int], Path]
) -> tuple[int, set[str]]:
    """At how many steps the power was cut, and what was wrong at any of them."""
    steps, found = 0, set[str]()
    for cut in power.cuts(promise, PROMISES):
        steps += 1
        found |= {*wrong(cut, name, same)}
    return steps, found


def test_what_the_sweeper_brought_is_whole_under_its_name(power: Disk) -> None:
    def promise(number: int) -> None:
        source = power.folder / f"spool-{number}.wav"
        source.write_bytes(SOUNDS[number])
        assert pbx_messages.brought(source, power.folder / in_recordings(number)) == 0

    steps, found = all_wrong(power, promise, in_recordings)
    assert found == set()
    assert steps > 10 * PROMISES


def test_what_the_local_assistant_recorded_is_whole_before_it_thanks(power: Disk) -> None:
    ulaw = [np.full(4800, 0x60 + number, np.uint8).tobytes() for number in range(PROMISES)]

    def promise(number: int) -> None:
        write_wav(power.folder / in_recordings(number), ulaw[number])

    lengths = set()
    for cut in power.cuts(promise, PROMISES):
        assert wrong(cut, in_recordings, lambda content, _: len(content) == 44 + 9600) == []
        lengths.add(cut.promised)
    assert lengths == {*range(PROMISES + 1)}


def test_a_message_that_the_dialplan_thanks_for_has_all_its_sound(power: Disk) -> None:
    """Asterisk writes it and syncs nothing; the box looks at it before the caller is thanked."""
    house = House(power.folder / "asterisk")
    house.voicemail.mkdir(parents=True)
    os.sync()

    def name(number: int) -> Path:
        return Path("asterisk/spool/voicemail") / f"a{number}.1-0.wav"

    def promise(number: int) -> None:
        (power.folder / name(number)).write_bytes(SOUNDS[number])
        assert pbx_messages.safe(house, f"a{number}.1", "0")

    for cut in power.cuts(promise, PROMISES):
        kept = [cut.folder / name(number) for number in range(cut.promised)]
        assert [path.read_bytes() for path in kept] == SOUNDS[: cut.promised]


def test_a_row_that_tells_of_a_recording_has_one_and_what_went_stays_away(power: Disk) -> None:
    """The row follows the file, and at the end of its days the file goes before the row says so."""
    settings = Settings(box=Box(data_dir=power.folder))
    migrated(settings.database)
    os.sync()

    def promise(number: int) -> None:
        db = database.connect(settings.database)
        source = power.folder / f"spool-{number}.wav"
        source.write_bytes(SOUNDS[number])
        target = power.folder / in_recordings(number)
        pbx_messages.brought(source, target)
        with database.immediate(db):
            at = times.written(NOW)
            voicemail.taken_here(db, call_sid=f"a{number}.1", name=target.name, seconds=1, at=at, now=NOW)
        if number:
            gone = Deleting(ByHand(db), settings, "night", NOW)
            with database.immediate(db):
                retention.begin(db, "night", "retention", by="", now=NOW)
            gone.recording(retention.Recording("message", number, in_recordings(number - 1).name))
        db.close()

    for cut in power.cuts(promise, PROMISES):
        db = database.connect(cut.folder / "attendant.db")
        told = db.execute("SELECT recording_path, recording_gone_at IS NOT NULL FROM message").fetchall()
        db.close()
        assert len(told) >= cut.promised
        for number, (name, gone) in enumerate(told):
            path = cut.folder / in_recordings(number)
            # The file that goes just now is gone before its row says so.
            assert gone or path.exists() or number == cut.promised - 1
            assert gone or name == path.name
            assert not path.exists() or path.read_bytes() == SOUNDS[number]
        assert [
            number for number in range(cut.promised - 1) if (cut.folder / in_recordings(number)).exists()
        ] == []


class ByHand:
    """The database as the deletion needs it."""

    left_s = 100.0

    def __init__(self, db: database.Connection) -> None:
        self._db = db

    def read(self, query: Callable[[database.Connection], T]) -> T:
        return query(self._db)

    def write(self, change: Callable[[database.Connection], T]) -> T:
        with database.immediate(self._db):
            return change(self._db)

    def apart(self, use: Callable[[database.Connection], T]) -> T:
        return use(self._db)

    def rest(self, seconds: float) -> None:
        """There is nobody else."""


def unsynced(part: Path, path: Path) -> None:
    part.replace(path)


def content_alone(part: Path, path: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


@pytest.mark.parametrize("settle", [unsynced, content_alone])
def test_what_leaves_out_a_sync_is_noticed(power: Disk, settle: Callable[[Path, Path], None]) -> None:
    """So that a model that can find nothing would not go unseen."""
    (power.folder / "recordings").mkdir()
    os.sync()

    def promise(number: int) -> None:
        source, target = power.folder / f"spool-{number}.wav", power.folder / in_recordings(number)
        source.write_bytes(SOUNDS[number])
        part = target.with_suffix(".part")
        shutil.copyfile(source, part)
        settle(part, target)

    _, found = all_wrong(power, promise, in_recordings)
    assert "a1.1-0.wav is lost" in found
