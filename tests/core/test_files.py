"""A promised file takes its name whole."""

from pathlib import Path

from appliance.core.files import settle


def test_a_finished_file_takes_its_name_and_replaces_what_had_it(tmp_path: Path) -> None:
    part, path = tmp_path / "message.part", tmp_path / "message.wav"
    path.write_bytes(b"old")
    part.write_bytes(b"new")
    settle(part, path)
    assert path.read_bytes() == b"new"
    assert not part.exists()
