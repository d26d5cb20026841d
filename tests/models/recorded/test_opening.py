"""A recording is opened by a child: what it is, what is kept of it, and that nothing in it does any harm."""

import os
import time
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from models.recorded import child, opening
from models.recorded.opening import NotOpened, Opened, Task, opened, pcm_of, windows
from models.recorded.trimming import Kept
from tests.jobs.office import narrow, noise, silence, tones
from tests.jobs.office import wav as recorded
from tests.models.recorded import corpus
from tests.speech.program import spoken_digit

ONE, SEVEN = (narrow(spoken_digit(name)) for name in ("1_nicolas", "7_nicolas"))
MB = 1024 * 1024


def never() -> None:
    """Nobody wants it to end."""


def task(folder: Path, sound: bytes, *, longest_s: int = 60, cut: bool = True) -> Task:
    source = folder / "source"
    source.write_bytes(sound)
    return Task(source, folder / "stored.flac", folder / "heard", longest_s, cut)


def open_it(
    folder: Path,
    sound: bytes,
    *,
    check: Callable[[], None] = never,
    within_s: float = 30,
    longest_s: int = 60,
    cut: bool = True,
) -> Opened:
    made = task(folder, sound, longest_s=longest_s, cut=cut)
    return opened(made, within_s=within_s, check=check)


def decoded(path: Path) -> tuple[int, np.ndarray]:
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
        return container.streams.audio[0].rate, np.concatenate(frames)


def test_what_is_kept_is_what_was_said_without_the_silence(tmp_path: Path) -> None:
    sound = np.concatenate([silence(3), ONE, silence(4), SEVEN, silence(3)])
    found = open_it(tmp_path, recorded(sound))
    assert (found.format, found.codec, found.rate_hz, found.whole) == ("wav", "pcm_s16le", 8000, True)
    assert found.sound_ms == len(sound) // 8
    assert found.stored_ms < 3500
    assert found.spoken_ms > 300
    rate, kept = decoded(tmp_path / "stored.flac")
    assert (rate, len(kept)) == (8000, found.stored_ms * 8)
    for at_ms, from_ms, ms in found.kept:
        assert np.array_equal(kept[at_ms * 8 : (at_ms + ms) * 8], sound[from_ms * 8 : (from_ms + ms) * 8])
    assert (tmp_path / "heard").stat().st_size == found.stored_ms * 32
    assert len(found.speech) >= 2
    assert sorted(os.listdir(tmp_path)) == ["heard", "source", "stored.flac"]


def test_where_silence_is_not_to_be_cut_all_of_it_is_kept(tmp_path: Path) -> None:
    found = open_it(tmp_path, recorded(silence(2), ONE, silence(2)), cut=False)
    assert found.kept == ((0, 0, found.sound_ms),)
    assert found.stored_ms == found.sound_ms


@pytest.mark.parametrize("loud", [0, 2])
def test_silence_is_kept_whole_and_nobody_speaks_in_it(tmp_path: Path, loud: int) -> None:
    found = open_it(tmp_path, recorded(silence(2) + noise(2, loud)))
    assert (found.stored_ms, found.spoken_ms, found.speech) == (2000, 0, ())
    assert found.loudest_db < -60


@pytest.mark.parametrize("sound", [noise(3), tones(3), corpus.hum(3)])
def test_what_is_loud_is_kept_though_nobody_speaks(tmp_path: Path, sound: corpus.Int16) -> None:
    found = open_it(tmp_path, recorded(silence(3), sound, silence(3)))
    assert found.spoken_ms == 0
    assert 3000 <= found.stored_ms <= 4200


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [
        ("wav", "pcm_mulaw", 8000),
        ("wav", "pcm_alaw", 8000),
        ("wav", "pcm_u8", 8000),
        ("wav", "pcm_f32le", 44100),
        ("flac", "flac", 16000),
        ("ogg", "libopus", 48000),
        ("mp3", "libmp3lame", 16000),
    ],
)
def test_other_formats_of_telephones_are_opened(tmp_path: Path, form: str, codec: str, rate: int) -> None:
    found = open_it(tmp_path, corpus.encoded(form, codec, rate))
    assert (found.format, found.rate_hz) == (form, rate)
    assert abs(found.sound_ms - 2000) < 120
    kept_hz, kept = decoded(tmp_path / "stored.flac")
    assert kept_hz == (8000 if rate == 8000 else 16000)
    assert np.abs(kept).max() > 3000


def test_both_voices_of_a_recording_are_one(tmp_path: Path) -> None:
    both = np.stack([corpus.hum(), np.zeros(len(corpus.hum()), np.int16)], axis=1)
    found = open_it(tmp_path, corpus.wav(both.tobytes(), channels=2))
    assert found.sound_ms == 2000


@pytest.mark.parametrize("name", corpus.HOSTILE)
def test_what_is_no_sound_ends_in_a_word(tmp_path: Path, name: str) -> None:
    sound, state = corpus.HOSTILE[name]
    with pytest.raises(NotOpened) as refused:
        open_it(tmp_path, sound)
    assert (refused.value.state, str(refused.value) != "") == (state, True)
    assert "stored.flac" not in os.listdir(tmp_path) or not (tmp_path / "stored.flac").stat().st_size


@pytest.mark.parametrize("length", [0, 100, 1_000_000, 2**31 - 1, 2**32 - 1])
def test_a_length_that_is_not_true_is_not_believed(tmp_path: Path, length: int) -> None:
    found = open_it(tmp_path, corpus.with_length(length))
    assert found.sound_ms <= 2000
    assert (tmp_path / "stored.flac").stat().st_size < 64_000


@pytest.mark.parametrize("share", [0.7, 0.99])
def test_of_one_that_breaks_off_there_is_what_there_is(tmp_path: Path, share: float) -> None:
    whole = corpus.encoded("flac", "flac")
    found = open_it(tmp_path, whole[: int(len(whole) * share)])
    assert 0 < found.sound_ms <= 2000


def test_a_small_file_that_is_hours_long_is_bounded(tmp_path: Path) -> None:
    hours = corpus.encoded("flac", "flac", 16000, seconds=120)
    assert len(hours) < MB
    found = open_it(tmp_path, hours, longest_s=60)
    assert (found.whole, found.sound_ms, found.stored_ms) == (False, 60_000, 60_000)


def test_what_takes_too_much_memory_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MEMORY", 64 * MB)
    made = task(tmp_path, corpus.good())
    pid = os.fork()
    if pid == 0:
        try:
            child.limited(made)
            bytearray(256 * MB)
        except MemoryError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_one_that_takes_too_long_is_given_up_and_nothing_goes_on(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(NotOpened, match=r"not opened within 0\.1 s") as refused:
        open_it(tmp_path, corpus.good(), within_s=0.1)
    assert refused.value.state == "broken"
    assert time.monotonic() - began < 5


def test_who_is_told_to_stop_stops_it(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    with pytest.raises(Enough):
        open_it(tmp_path, corpus.good(), check=stop)


def test_where_it_cannot_be_written_that_may_pass(tmp_path: Path) -> None:
    made = task(tmp_path, corpus.good())
    away = Task(made.source, tmp_path / "nothing" / "s.flac", tmp_path / "nothing" / "h", 60, True)
    with pytest.raises(NotOpened) as refused:
        opened(away, within_s=30, check=never)
    assert refused.value.state == "failed"


def of(stored_ms: int, *speech: tuple[int, int]) -> Opened:
    spoken = tuple(Kept(*each) for each in speech)
    return Opened(stored_ms, stored_ms, True, (), spoken, 0, 0, "wav", "x", 8000)


def test_windows_are_cut_where_nobody_speaks_and_cover_all() -> None:
    made = [*windows(of(70_000, (1000, 9000), (9400, 20_000), (20_800, 27_000), (27_600, 69_000)))]
    assert made == [(0, 27_300), (27_300, 55_300), (55_300, 70_000)]
    assert [*windows(of(5000, (0, 5000)))] == [(0, 5000)]
    assert [*windows(of(0))] == []


def test_two_hours_are_read_window_by_window(tmp_path: Path) -> None:
    made = [*windows(of(7_200_000, (0, 7_200_000)))]
    assert made[0][0] == 0
    assert made[-1][1] == 7_200_000
    assert all(end - begin <= opening.WINDOW_MS for begin, end in made)
    heard = tmp_path / "heard"
    heard.write_bytes(bytes(32 * 100) + b"\x01\x02" * 16)
    assert pcm_of(heard, 100, 101) == b"\x01\x02" * 16
    assert pcm_of(heard, 500, 900) == b""


def test_a_wave_file_is_what_the_library_of_python_reads_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(corpus.good())
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() == 16_000
