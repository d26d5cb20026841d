"""Sound files of any bytes: samples, or a word for why there are none; never more than there is room for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.recorded.decoding import Source, Unusable, format_of, samples
from tests.models.recorded import corpus

MOST = 4_000_000
GOOD = [corpus.good(), *(corpus.encoded(*each) for each in (("flac", "flac"), ("ogg", "libopus")))]
hostile = settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def read(folder: Path, sound: bytes) -> tuple[str, int]:
    """The state and the number of samples."""
    path, told, count = folder / "sound", list[Source](), 0
    path.write_bytes(sound)
    try:
        for piece in samples(path, told):
            assert piece.dtype == np.int16
            count += len(piece)
            if count > MOST:
                return "long", count
    except Unusable as exc:
        return exc.state, count
    return "ok", count


@hostile
@given(
    head=st.sampled_from([b"RIFF\0\0\0\0WAVE", b"fLaC", b"OggS\0\2", b"ID3\4", b"\xff\xfb", b""]),
    rest=st.binary(),
)
def test_any_bytes_behind_any_head(tmp_path: Path, head: bytes, rest: bytes) -> None:
    state, count = read(tmp_path, head + rest)
    assert state in ("ok", "empty", "format", "broken")
    assert count < MOST


@hostile
@given(
    sound=st.sampled_from(GOOD),
    cut=st.floats(0, 1),
    wrong=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=20),
)
def test_a_good_file_that_was_damaged(
    tmp_path: Path, sound: bytes, cut: float, wrong: list[tuple[float, int]]
) -> None:
    damaged = bytearray(sound[: int(len(sound) * cut)])
    for share, byte in wrong:
        if damaged:
            damaged[int(share * (len(damaged) - 1))] = byte
    state, _ = read(tmp_path, bytes(damaged))
    assert state in ("ok", "empty", "format", "broken", "long")


@hostile
@given(length=st.integers(0, 2**32 - 1))
def test_any_length_that_a_file_says(tmp_path: Path, length: int) -> None:
    state, count = read(tmp_path, corpus.with_length(length))
    assert state == ("broken" if length == 1 else "ok")
    assert count <= 16_100


@pytest.mark.parametrize(
    "head", [b"RIFF1234AVI ", b"OggX", b"\x00\x00\x00\x18ftyp", b"#!AMR", b"MThd", b"\xff\x00"]
)
def test_what_is_not_known_is_not_tried(head: bytes) -> None:
    with pytest.raises(Unusable, match="none of WAV"):
        format_of(head)
