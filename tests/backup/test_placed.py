"""What is put beside the box after a restore by root belongs to whose place it is, and to nobody else."""

import os
from pathlib import Path

import pytest

from appliance.backup import restoring
from appliance.backup.stage import LANGUAGES, PBX

OWNER, GROUP = (65534, 65533) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


@pytest.mark.parametrize(("given", "made"), [(0o2770, 0o2770), (0o700, 0o700), (0o2755, 0o2750)])
def test_folders_that_are_made_are_whose_they_lie_with(tmp_path: Path, given: int, made: int) -> None:
    beside, data = tmp_path / "data.restoring", tmp_path / "data"
    for name in (f"{LANGUAGES}/pt/desk.toml", f"{PBX}/music/own.wav", f"{PBX}/spool/voicemail/new.wav"):
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"kept")
    data.mkdir()
    os.chown(data, OWNER, GROUP)
    data.chmod(given)
    # As the bridge makes it: what is there stays as it is.
    (data / "asterisk" / "spool").mkdir(parents=True)
    (data / "asterisk" / "spool").chmod(0o2750)

    places = restoring.Places(data, data / "asterisk", data / "languages", tmp_path / "attendant.toml")
    restoring.put_the_rest(beside, places, lambda _: None)

    for name in ("languages", "languages/pt"):
        found = (data / name).stat()
        assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (OWNER, GROUP, made)
    found = (data / "languages" / "pt" / "desk.toml").stat()
    assert (found.st_uid, found.st_gid) == (OWNER, GROUP)
    for name in ("spool", "spool/voicemail"):
        assert (data / "asterisk" / name).stat().st_mode & 0o7777 == 0o2750
