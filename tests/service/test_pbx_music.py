"""Music of the clinic's own: any sound file becomes what callers hear while phones ring."""

import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.errors import SettingsError
from appliance.service.pbx import music, sounds
from appliance.service.pbx.house import House
from models.local.shaping import loudness
from models.music import LONGEST_S, NotMusic, telephone_music

RATE = 44_100


def tune(path: Path, *, hz: float = 440.0, seconds: float = 6.0, level: float = 8000.0) -> Path:
    """A file in stereo, as one has it at home."""
    at = np.arange(int(seconds * RATE)) / RATE
    left = (level * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.column_stack([left, left]).tobytes())
    return path


@pytest.mark.parametrize("level", [300.0, 30_000.0])
def test_a_file_is_brought_to_the_telephone_and_softer_than_speech(level: float, tmp_path: Path) -> None:
    heard = ulaw.decode(telephone_music(tune(tmp_path / "tune.wav", level=level)))
    assert abs(len(heard) / 8000 - 6.0) < 0.05
    assert 700 < loudness(heard[:40_000].reshape(-1, 160)) < 1300
    spectrum = np.abs(np.fft.rfft(heard[8000:16_000]))
    assert int(np.argmax(spectrum)) == 440


def test_what_is_no_music_is_refused_in_plain_words(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("la la la")
    with pytest.raises(NotMusic, match="cannot be read as sound"):
        telephone_music(text)
    with pytest.raises(NotMusic, match="shorter than 5 s"):
        telephone_music(tune(tmp_path / "short.wav", seconds=2.0))
    with pytest.raises(NotMusic, match="silent"):
        telephone_music(tune(tmp_path / "silent.wav", level=0.0))


def test_what_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 8000 * (LONGEST_S + 2)))
    with pytest.raises(NotMusic, match="longer than 10 minutes"):
        telephone_music(path)


def test_pieces_take_the_place_of_our_sound_and_give_it_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    sounds.without_words(house)
    assert [path.name for path in house.hold.iterdir()] == ["hold.ulaw"]
    first, second = (music.add(house, f"Summer {n}!", bytes([n]) * 100) for n in (1, 2))
    assert first.startswith("summer-1-")
    sounds.without_words(house)
    assert sorted(path.stem for path in house.hold.iterdir()) == sorted([first, second])
    assert (house.hold / f"{first}.ulaw").stat().st_mode & 0o777 == 0o640
    assert music.names(house) == tuple(sorted([first, second]))
    assert music.remove(house, first)
    assert not music.remove(house, first)
    assert not music.remove(house, "../etc/pjsip")
    music.remove(house, second)
    sounds.without_words(house)
    assert [path.name for path in house.hold.iterdir()] == ["hold.ulaw"]


def test_a_piece_of_the_same_name_is_another_when_it_sounds_otherwise(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert music.add(house, "a", b"1") != music.add(house, "a", b"2")
    assert music.add(house, "a", b"1") in music.names(house)
    assert len(music.names(house)) == 2


def test_there_is_an_end_to_how_many_there_may_be(tmp_path: Path) -> None:
    house = House(tmp_path)
    for number in range(music.PIECES_MOST):
        music.add(house, "piece", str(number).encode())
    with pytest.raises(SettingsError, match="20 pieces already"):
        music.add(house, "piece", b"one more")
