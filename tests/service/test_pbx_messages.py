"""Recordings of the PBX: which are whole, and what is left of one that cannot be brought over."""

import errno
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.service.pbx.house import House
from appliance.service.pbx.messages import HEADER, brought, safe
from tests.small_disk import small_disk

CALL = "a0-1700000000.1"


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "shared")
    made.made()
    return made


def message(house: House, seconds: float = 2.0, place: str = "0") -> Path:
    """A recording as Asterisk leaves it."""
    path = house.voicemail / f"{CALL}-{place}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\1\0" * int(seconds * 8000))
    return path


def test_a_whole_message_is_safe_and_only_that_of_the_call_and_its_place(house: House) -> None:
    message(house)
    assert safe(house, CALL, "0")
    assert not safe(house, CALL, "1")
    assert not safe(house, "a0-1700000000.2", "0")


def test_a_message_without_its_sound_is_not(house: House) -> None:
    path = message(house)
    whole = path.read_bytes()
    for cut in (0, HEADER, HEADER + 1000, len(whole) - 320):
        path.write_bytes(whole[:cut])
        assert not safe(house, CALL, "0")
    message(house, seconds=0.2)
    assert not safe(house, CALL, "0")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KB."""
    with small_disk(tmp_path / "small", "128k,mode=0755") as place:
        yield place


def test_where_no_room_is_left_the_end_of_a_message_may_be_missing(small: Path) -> None:
    house = House(small)
    house.made()
    message(house)
    assert safe(house, CALL, "0")
    (small / "filler").write_bytes(bytes(48 * 1024))
    assert not safe(house, CALL, "0")


def test_a_recording_without_room_leaves_nothing_and_stays_where_it_was(small: Path, house: House) -> None:
    source = message(house, seconds=20.0)
    with pytest.raises(OSError) as full:
        brought(source, small / "kept.wav")
    assert full.value.errno == errno.ENOSPC
    assert [*small.iterdir()] == []
    assert source.exists()


def test_a_configuration_that_has_no_room_leaves_the_one_before(small: Path) -> None:
    house = House(small)
    house.install({"asterisk.conf": "one", "extensions.conf": "one"})
    with pytest.raises(OSError):
        house.install({"asterisk.conf": "two", "extensions.conf": "x" * 200_000})
    assert house.installed() == {"asterisk.conf": "one", "extensions.conf": "one"}
    assert [each.name for each in (small / "etc").glob("*.new")] == []
