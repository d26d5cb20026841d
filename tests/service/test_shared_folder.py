"""The folder of bridge and PBX: what of it serves whom, for accounts and modes of every kind."""

import os
from pathlib import Path

import pytest

from appliance.core.examined import Examined, Health
from appliance.service.doctor.shared_folder import Account, examined, running
from appliance.service.pbx.house import House

PORT = 5038
PBX_UID, PBX_GID = 60123, 60124
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def proc_of(folder: Path, *, groups: str = "", umask: str = "0022", listens: bool = True) -> Path:
    """A /proc in which an Asterisk runs."""
    proc = folder / "proc"
    (proc / "net").mkdir(parents=True)
    line = (
        f"   0: 0100007F:{PORT:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {PBX_UID} 0 1\n"
    )
    (proc / "net/tcp").write_text(HEAD + (line if listens else ""))
    for pid, name in ((7, "bash"), (8, "asterisk")):
        (proc / str(pid)).mkdir()
        uids, gids = (f"{each}\t{each}\t{each}\t{each}" for each in (PBX_UID, PBX_GID))
        status = f"Name:\t{name}\nUmask:\t{umask}\nUid:\t{uids}\nGid:\t{gids}\nGroups:\t{groups}\n"
        (proc / str(pid) / "status").write_text(status)
    return proc


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path / "shared")
    made.made()
    return made


def look(house: House, tmp_path: Path, groups: str = "", umask: str = "0022") -> Examined:
    return examined(house, PORT, proc_of(tmp_path, groups=groups, umask=umask))


def test_a_pbx_in_the_folders_group_is_served(house: House, tmp_path: Path) -> None:
    found = look(house, tmp_path, groups=f"4 {house.folder.stat().st_gid}", umask="0027")
    assert found.health is Health.WELL, found.told


def test_a_pbx_outside_the_group_is_told_how_to_get_in(house: House, tmp_path: Path) -> None:
    found = look(house, tmp_path)
    assert found.health is Health.MISSING
    assert "usermod -aG" in found.told
    assert str(PBX_UID) in found.told


def test_recordings_that_we_could_not_read_are_noticed(house: House, tmp_path: Path) -> None:
    group = str(house.folder.stat().st_gid)
    house.voicemail.chmod(0o770)
    found = look(house, tmp_path, groups=group, umask="0027")
    assert found.health is Health.MISSING
    assert "cannot read what Asterisk records" in found.told


def test_recordings_that_everybody_may_read_need_no_group(house: House, tmp_path: Path) -> None:
    house.voicemail.chmod(0o770)
    found = look(house, tmp_path, groups=str(house.folder.stat().st_gid), umask="0022")
    assert found.health is Health.WELL, found.told


def test_folders_that_are_missing_are_named(house: House, tmp_path: Path) -> None:
    house.greetings.rmdir()
    found = look(house, tmp_path)
    assert found.health is Health.MISSING
    assert "spool/greetings" in found.told
    assert examined(House(tmp_path / "none"), PORT).health is Health.MISSING


def test_without_an_asterisk_there_is_nothing_to_see(house: House, tmp_path: Path) -> None:
    assert examined(house, PORT, proc_of(tmp_path, listens=False)).health is Health.NOTE


def test_an_account_may_what_the_first_class_that_fits_allows(tmp_path: Path) -> None:
    tmp_path.chmod(0o707)
    mine, stranger = Account(os.geteuid(), frozenset()), Account(PBX_UID, frozenset({PBX_GID}))
    member = Account(PBX_UID, frozenset({tmp_path.stat().st_gid}))
    assert (mine.may(tmp_path, 7), stranger.may(tmp_path, 7), member.may(tmp_path, 1)) == (True, True, False)


def test_whose_a_listener_is_stands_in_the_tables_of_the_kernel(tmp_path: Path) -> None:
    found = running(PORT, proc_of(tmp_path, groups="4 27", umask="0007"))
    assert found == Account(PBX_UID, frozenset({PBX_GID, 4, 27}), 0o007)
