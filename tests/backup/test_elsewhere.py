"""A repository in a bucket and behind SFTP, on loopback; what is refused is told in plain words."""

import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.backup import making, place
from appliance.backup.restic import BackupFailed, NoRepository, Refused
from appliance.core.settings import Settings
from tests.backup.clinic import Clinic
from tests.peers.s3 import S3Peer
from tests.peers.s3.peer import BUCKET, KEY, SECRET

SSHD = Path("/usr/sbin/sshd")
LISTENS = "Server listening on"


def with_backup(kept: Clinic, **more: object) -> Settings:
    backup = kept.settings.backup.model_copy(update={"password_file": Path("backup_password"), **more})
    return kept.settings.model_copy(update={"backup": backup})


def access(kept: Clinic, key: str, secret: str) -> None:
    kept.put("secrets/s3_backup", f"AWS_ACCESS_KEY_ID={key}\nAWS_SECRET_ACCESS_KEY={secret}\n".encode())


def test_a_bucket_keeps_and_gives_back_and_refuses_in_plain_words(kept: Clinic) -> None:
    with S3Peer() as peer:
        settings = with_backup(kept, repository=f"s3:{peer.url}/{BUCKET}/box", access_file=Path("s3_backup"))
        access(kept, KEY, "another")
        with pytest.raises(Refused, match="refuses the keys"):
            place.to_be_made(settings).make()
        access(kept, KEY, SECRET)
        with pytest.raises(NoRepository):
            place.restic(settings).see()
        place.to_be_made(settings).make()
        made = making.back_up(settings, kept.file)
        assert any(key.startswith("box/snapshots/") for key in peer.buckets[BUCKET])
        assert making.verify(settings).snapshot.startswith(made.snapshot)


@dataclass
class Sftp:
    """A real sshd that lets one key in."""

    port: int
    known_hosts: Path


@contextmanager
def sftp(folder: Path, let_in: str) -> Iterator[Sftp]:
    """An OpenSSH server on loopback with a configuration of its own, that serves SFTP alone."""
    _key(folder / "host_key")
    (folder / "authorized").write_text(let_in, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile none\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n",
        "utf-8",
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [str(SSHD), "-D", "-e", "-f", str(config)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            _listens(server)
            known = folder / "known_hosts"
            known.write_text(f"[127.0.0.1]:{port} {(folder / 'host_key.pub').read_text('utf-8')}", "utf-8")
            yield Sftp(port, known)
        finally:
            server.terminate()


def _key(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path.with_suffix(".pub").read_text("utf-8")


def _listens(server: "subprocess.Popen[str]") -> None:
    """Return when it says that it does. What it says later is little, and fits into the pipe."""
    said = []
    for line in server.stderr or ():
        said.append(line)
        if LISTENS in line:
            return
    raise AssertionError("".join(said))


@pytest.mark.skipif(not SSHD.exists(), reason="Debian has it in `openssh-server`")
def test_sftp_keeps_and_gives_back_and_refuses_in_plain_words(kept: Clinic, tmp_path: Path) -> None:
    keys = kept.data / "secrets"
    own = _key(keys / "ssh_key")
    _key(keys / "ssh_other")
    with sftp(tmp_path, own) as server:
        settings = with_backup(
            kept,
            repository=f"sftp://{getpass.getuser()}@127.0.0.1:{server.port}/{tmp_path}/over",
            ssh_key_file=Path("ssh_key"),
            ssh_known_hosts=server.known_hosts,
        )
        place.to_be_made(settings).make()
        made = making.back_up(settings, kept.file)
        assert (tmp_path / "over" / "snapshots").is_dir()
        assert making.verify(settings).snapshot.startswith(made.snapshot)
        with pytest.raises(Refused, match="refuses the keys"):
            place.restic(_with(settings, ssh_key_file=Path("ssh_other"))).see()
        (tmp_path / "nobody").touch()
        with pytest.raises(Refused, match="ssh-keyscan"):
            place.restic(_with(settings, ssh_known_hosts=tmp_path / "nobody")).see()
    with pytest.raises(BackupFailed, match="cannot be reached"):
        place.restic(settings).see()
    for name in ("ssh_key", "ssh_other"):
        for path in (keys / name, keys / f"{name}.pub"):
            path.unlink()
    shutil.rmtree(tmp_path / "over")


def _with(settings: Settings, **more: object) -> Settings:
    return settings.model_copy(update={"backup": settings.backup.model_copy(update=more)})
