"""What restic complains of is told in our words, and how it is asked for a place."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backup import place
from appliance.backup.restic import (
    BackupFailed,
    Damaged,
    InUse,
    NoRepository,
    Refused,
    Restic,
    WrongPassword,
    told,
)
from appliance.core.backup_settings import Backups
from appliance.core.errors import SettingsError
from appliance.core.settings import checked

SAID = (
    ("Fatal: wrong password or no key found", WrongPassword, "The password does not open", False),
    (
        "Fatal: unable to open config file: no file\nIs there a repository at the following location?\n/r",
        NoRepository,
        "is the disk plugged in",
        True,
    ),
    ("Fatal: write /r/data/ab: no space left on device", BackupFailed, "is full", True),
    (
        "unable to create lock in backend: repository is already locked by PID 1",
        InUse,
        "Another",
        True,
    ),
    ("Save(<data/1>) failed: open /r/data: permission denied", BackupFailed, "ReadWritePaths", True),
    ("Fatal: repository contains errors", Damaged, "is damaged", False),
    ("Load(<data/ab>) ciphertext verification failed", Damaged, "is damaged", False),
    ("dial tcp: lookup s3.example.test: no such host", BackupFailed, "cannot be reached", True),
    ("Host key verification failed.", Refused, "ssh-keyscan", False),
    (
        "Fatal: unable to open config file: Stat: The Access Key Id you provided does not exist in our"
        " records.\nIs there a repository at the following location?",
        Refused,
        "refuses the keys",
        False,
    ),
    (
        "Fatal: unable to open config file: Stat: The request signature we calculated does not match the"
        " signature you provided.",
        Refused,
        "refuses the keys",
        False,
    ),
    ("subprocess ssh: ana@nas: Permission denied (publickey,password).", Refused, "ssh_key_file", False),
    ("ssh: Could not resolve hostname nas.lan: Name or service not known", BackupFailed, "reached", True),
    ("client.PutObject: The specified bucket does not exist", NoRepository, "no such bucket", False),
    (
        'rclone: 2026/11/27 Failed to create file system for "drive:": didn\'t find section in config file',
        BackupFailed,
        "rclone_config",
        False,
    ),
    ("x509: certificate signed by unknown authority", BackupFailed, "is not trusted", False),
    (
        "Stat: The difference between the request time and the server's time is too large.",
        Refused,
        "The clock of this box is wrong",
        True,
    ),
    ("something else", BackupFailed, "restic failed at /r: something else", True),
)


@pytest.mark.parametrize(("said", "kind", "words", "again"), SAID)
def test_a_complaint_is_told_with_what_to_do(
    said: str, kind: type[BackupFailed], words: str, again: bool
) -> None:
    error = told(said, "/r", 1)
    assert type(error) is kind
    assert words in str(error)
    assert error.again is again


def test_a_password_in_an_address_is_not_told() -> None:
    assert "s3cret" not in str(told("no such host", "rest:https://ana:s3cret@nas.lan/box", 1))


def test_what_ssh_complains_of_is_told_where_restic_has_not_heard_it(tmp_path: Path) -> None:
    deaf = tmp_path / "restic"
    deaf.write_text(
        '#!/bin/sh\necho "unable to start the sftp session, error: file already closed" >&2\nexit 1\n'
    )
    deaf.chmod(0o700)
    ssh = "sh -c 'echo \"ana@nas: Permission denied (publickey).\" >&2; exit 255'"
    asked = Restic(
        "sftp:ana@nas.lan:/box", tmp_path, tmp_path, str(deaf), options=("-o", f"sftp.command={ssh}")
    )
    with pytest.raises(Refused, match="ssh_key_file"):
        asked.see()
    silent = replace(asked, options=("-o", "sftp.command=true"))
    with pytest.raises(BackupFailed, match="unable to start the sftp session"):
        silent.see()


def opener(folder: Path, **more: object) -> Restic:
    backup = Backups.model_validate(more)
    return place.opener(backup, folder, folder / "password", folder / "cache")


def test_sftp_is_spoken_with_the_box_own_key_to_a_known_server(tmp_path: Path) -> None:
    own = {"ssh_key_file": "ssh_key", "ssh_known_hosts": tmp_path / "known_hosts"}
    with pytest.raises(SettingsError) as wrong:
        opener(tmp_path, repository="sftp:ana@nas.lan:/box", **own)
    assert "known_hosts: put the server's key there" in str(wrong.value)
    assert "the key for SFTP, is not there" in str(wrong.value)
    (tmp_path / "known_hosts").touch()
    (tmp_path / "ssh_key").touch(mode=0o644)
    with pytest.raises(SettingsError, match="can be read by others, and ssh takes no such key"):
        opener(tmp_path, repository="sftp:ana@nas.lan:/box", **own)
    (tmp_path / "ssh_key").chmod(0o600)
    asked = opener(tmp_path, repository="sftp:ana@nas.lan:/box", upload_kib_s=500, **own)
    command = asked.options[-1]
    assert asked.options[0] == "--limit-upload=500"
    assert command.endswith("-s -- ana@nas.lan sftp")
    assert f"-i {tmp_path / 'ssh_key'}" in command
    assert "StrictHostKeyChecking=yes" in command
    other = opener(tmp_path, repository="sftp://ana@nas.lan:2222//box", **own).options[-1]
    assert other.endswith("-p 2222 -s -- ana@nas.lan sftp")
    with pytest.raises(SettingsError, match="is to be written as"):
        opener(tmp_path, repository="sftp:-oProxyCommand=x;:/box", **own)


def test_keys_are_read_from_a_file_in_which_nothing_else_may_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "access"
    file.touch(mode=0o600)
    file.write_text("# of the bucket\nAWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY = b\n\n")
    asked = opener(tmp_path, repository="s3:https://s3.test/box", access_file="access")
    assert dict(asked.access) == {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    for wrong in ("RESTIC_PASSWORD_COMMAND=id\n", "LD_PRELOAD=x\n", "no line of ours\n"):
        file.write_text(wrong)
        with pytest.raises(SettingsError, match="NAME=VALUE"):
            opener(tmp_path, repository="s3:https://s3.test/box", access_file="access")
    file.write_text("AWS_ACCESS_KEY_ID=a\n")
    with pytest.raises(SettingsError, match="is to have AWS_SECRET_ACCESS_KEY"):
        opener(tmp_path, repository="s3:https://s3.test/box", access_file="access")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    assert dict(opener(tmp_path, repository="s3:https://s3.test/box", access_file="access").access) == {
        "AWS_ACCESS_KEY_ID": "a"
    }
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="can be read by everybody"):
        opener(tmp_path, repository="s3:https://s3.test/box", access_file="access")


def test_rclone_is_to_be_there_with_its_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rclone_config is to name the file"):
        opener(tmp_path, repository="rclone:drive:box", rclone_config=tmp_path / "none")


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    asked = opener(tmp_path, repository=str(tmp_path), program="no-such-restic")
    with pytest.raises(BackupFailed, match="apt install restic"):
        asked.see()


@pytest.mark.parametrize("wrong", ["relative/path", "ftp:host", "s3:", "-o x"])
def test_a_place_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError):
        checked({"backup": {"repository": wrong}}, "the test")
