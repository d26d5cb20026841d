"""The bridge's unit under a real systemd: it comes up, shut in, and comes back when it hangs or dies.

On the same machine that of speech, and those of the pages: the admin, the front and its certificate, each by
a user of its own.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drill.booted import Booted, booted
from tests.drill.debian_tree import CHECKOUT, ROOT, DebianTree, Outcome, fresh_tree

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="booting a tree takes root: mounts, namespaces, cgroups"),
    pytest.mark.skipif(shutil.which("systemd-nspawn") is None, reason="Debian has it in `systemd-container`"),
    pytest.mark.skipif(
        (sys.base_prefix, sys.version_info[:2]) != ("/usr", (3, 11)),
        reason="the tree borrows this environment, which must be of its own Python: Debian 12's",
    ),
]

UNIT = "attendant-bridge"
CONFIG = "/etc/attendant/attendant.toml"
ENVIRONMENT = Path("/srv/environment")
"""Where this one lies in the tree: the unit sees nothing in folders such as /home and /tmp."""
PYTHON = f"{ENVIRONMENT}/bin/python"
SETTINGS = """
[box]
data_dir = "/var/lib/attendant"
[listen]
public_port = 8080
local_port = 8081
[twilio]
account_sid = ""
[cloud]
enabled = false
"""
BORROWED = """
[Service]
ExecStart=
ExecStart={command}
Environment="PYTHONPATH={checkout}"
"""
ATTENDANT = (PYTHON, "-m", "appliance.cli.main", "--config", CONFIG)
PREPARE = f"""
set -e
apt-get -qq update
apt-get -qq install --no-install-recommends systemd systemd-sysv dbus python3 >/dev/null </dev/null
cd '{CHECKOUT}/systemd'
cp {UNIT}.service /etc/systemd/system/
cp sysusers.conf /usr/lib/sysusers.d/attendant.conf
systemd-sysusers
"""
ADMIN, FRONT, CERTIFICATE = "attendant-admin", "attendant-front", "attendant-certificate"
SPEECH = "attendant-speech"
PAGES = f"""
set -e
apt-get -qq install --no-install-recommends nginx-light >/dev/null </dev/null
systemctl -q mask nginx
cd '{CHECKOUT}/systemd'
cp {ADMIN}.socket {ADMIN}.service {FRONT}.service {CERTIFICATE}.service {SPEECH}.service /etc/systemd/system/
install -D -m 644 front.conf /usr/lib/attendant/front.conf
cp tmpfiles.conf /usr/lib/tmpfiles.d/attendant.conf
systemd-tmpfiles --create attendant.conf
"""
NAMED = '[front]\nname = "attendant.lan"\n'
SPEAKS = """
[speech]
uri = "unix:///run/attendant/speech.sock"
whisper = "whisper-digits-en"
whisper_threads = 1
voices = { en = "piper-stub" }
"""
WEIGHTS = Path("/var/lib/attendant/models")
HEAR = """
import asyncio, sys, wave
from models.local.speech_client import SpeechClient
client = SpeechClient("unix:///run/attendant/speech.sock")
with wave.open(sys.argv[1]) as file:
    pcm = file.readframes(file.getnframes())
print(asyncio.run(client.recognise(pcm, "en", 30)).text)
print(",".join(voice.name for voice in asyncio.run(client.describe(30)).voices))
"""
COME_IN = """
import http.client, ssl, sys
from tests.admin.process import Browser
context = ssl.create_default_context(cafile="/var/lib/attendant-certificate/authority.pem")
browser = Browser(443, http.client.HTTPSConnection("127.0.0.1", context=context))
browser.become_owner(sys.argv[1])
answer, page = browser.ask("GET", "/audit")
print(answer.status, b"127.0.0.1" in page, browser.cookie.partition("=")[0])
"""
CLOSED = (
    (FRONT, "ls", "/var/lib/attendant"),
    (FRONT, "cat", "/var/lib/attendant-certificate/authority.key"),
    (ADMIN, "ls", "/var/lib/attendant/secrets"),
    (ADMIN, "cat", "/var/lib/attendant/secrets/openai_api_key"),
    (ADMIN, "cat", "/var/lib/attendant-certificate/front.pem"),
    (CERTIFICATE, "ls", "/var/lib/attendant"),
)
"""What a user of ours cannot see."""
ASK = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8081/alive', timeout=1).read())"
ENDED_S, BACK_S = 6.0, 20.0
TRIED = ROOT / "tests" / "data" / "models"
RECORDING = CHECKOUT / "tests" / "data" / "digits" / "fsdd_7_nicolas.wav"


def prepare(machine: DebianTree, more: str = "", settings: str = SETTINGS) -> None:
    """Install systemd, the unit, its user and settings, and what more a script does."""
    prepared = machine.run("bash", "-c", PREPARE + more, timeout_s=300)
    assert prepared.status == 0, prepared.output
    path = machine.written(Path(CONFIG))
    path.parent.mkdir(parents=True)
    path.write_text(settings, "utf-8")
    borrow(machine, UNIT, "bridge")


def borrow(machine: DebianTree, unit: str, *command: str) -> None:
    """Have a unit run a command of this checkout, in this environment."""
    drop_in = machine.written(Path(f"/etc/systemd/system/{unit}.service.d/here.conf"))
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text(BORROWED.format(command=" ".join((*ATTENDANT, *command)), checkout=CHECKOUT), "utf-8")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booted]:
    with fresh_tree("bookworm", tmp_path_factory.mktemp("box") / "machine") as machine:
        prepare(machine, PAGES, SETTINGS + NAMED + SPEAKS)
        for name in ("whisper-digits-en", "piper-stub"):
            shutil.copytree(TRIED / name, machine.written(WEIGHTS / name))
        borrow(machine, SPEECH, "speech")
        borrow(machine, ADMIN, "admin")
        borrow(machine, CERTIFICATE, "certificate", "renew")
        with booted(machine, {ENVIRONMENT: Path(sys.prefix)}) as up:
            yield up


def shown(box: Booted, name: str, unit: str = UNIT) -> str:
    return box.run("systemctl", "show", f"--property={name}", "--value", unit).output.strip()


def by(box: Booted, user: str, *command: str | Path) -> Outcome:
    """Run a command as the user of a unit, in the unit's group."""
    group = shown(box, "Group", user)
    return box.run("setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", *command, timeout_s=60)


def test_systemd_ends_a_bridge_that_hangs_and_has_it_back(
    box: Booted, capsys: pytest.CaptureFixture[str]
) -> None:
    with box.journal(UNIT, last_s=120) as lines:
        started = box.run("systemctl", "start", UNIT, timeout_s=60)
        assert started.status == 0, started.output + box.run("journalctl", "-u", UNIT).output
        next(line for line in lines if line.startswith("Started"))
        main = shown(box, "MainPID")
        assert "ok" in box.run(PYTHON, "-c", ASK).output
        status = box.run("cat", f"/proc/{main}/status").output
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"):
            assert f"\n{line}\n" in status
        assert "\nUid:\t0\t" not in status

        hung_s = time.monotonic()
        assert box.run("sh", "-c", f"kill -STOP {main}").status == 0
        next(line for line in lines if "Watchdog timeout" in line)
        told = next(line for line in lines if "Main process exited" in line or "Fatal Python error" in line)
        ended_s = time.monotonic() - hung_s
        next(line for line in lines if line.startswith("Started"))
        back_s = time.monotonic() - hung_s
        again = shown(box, "MainPID")
        assert again != main
        assert "ok" in box.run(PYTHON, "-c", ASK).output

        killed_s = time.monotonic()
        assert box.run("sh", "-c", f"kill -9 {again}").status == 0
        next(line for line in lines if line.startswith("Started"))
        up_s = time.monotonic() - killed_s
    with capsys.disabled():
        print(
            f"\nbridge hung: ended after {ended_s:.1f} s ({told.strip()}), back after {back_s:.1f} s;"
            f" killed: back after {up_s:.1f} s"
        )
    assert ended_s < ENDED_S
    assert back_s < BACK_S
    assert shown(box, "NRestarts") == "2"
    assert "Fatal Python error: Aborted" in box.run("journalctl", "-u", UNIT).output


def test_the_pages_are_served_by_users_who_see_little_of_each_other(box: Booted) -> None:
    for unit in (UNIT, FRONT, ADMIN):
        started = box.run("systemctl", "start", unit, timeout_s=60)
        assert started.status == 0, started.output + box.run("journalctl", "-n", "50").output
    left = "umask 077; echo sk-none >/var/lib/attendant/secrets/openai_api_key"
    assert box.run("sh", "-c", left).status == 0
    for user, how, path in CLOSED:
        looked = by(box, user, how, path)
        assert looked.status != 0, (user, path)
        assert "denied" in looked.output, (user, path)
    assert by(box, ADMIN, "touch", "/var/lib/attendant/secrets/left_by_the_admin").status == 0

    link = by(box, ADMIN, "env", f"PYTHONPATH={CHECKOUT}", *ATTENDANT, "admin-link")
    assert link.status == 0, link.output
    address = link.output.split()[0]
    assert address.startswith("https://attendant.lan/open/")
    came = box.run("env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-c", COME_IN, address, timeout_s=60)
    assert came.output.strip() == "200 True __Host-attendant_session", box.run(
        "journalctl", "-n", "50"
    ).output

    capabilities = {ADMIN: "0000000000000000", FRONT: "0000000000000400"}
    for unit, effective in capabilities.items():
        status = box.run("cat", f"/proc/{shown(box, 'MainPID', unit)}/status").output
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", f"CapEff:\t{effective}"):
            assert f"\n{line}\n" in status, (unit, status)
        assert "\nUid:\t0\t" not in status
    assert "ok" in box.run(PYTHON, "-c", ASK).output, "the bridge writes in the same books"
    assert address.rpartition("/")[2] not in box.run("journalctl", "--no-pager").output


def heard(box: Booted, user: str) -> Outcome:
    """What the speech program makes of a recording when this user asks it, and its voices."""
    return by(box, user, "env", f"PYTHONPATH={CHECKOUT}", PYTHON, "-c", HEAR, RECORDING)


def test_speech_is_begun_with_the_bridge_and_sees_weights_and_no_books(box: Booted) -> None:
    with box.journal(SPEECH, last_s=120) as lines:
        # The bridge wants it; it is there when it has tried its weights.
        assert box.run("systemctl", "start", UNIT, timeout_s=60).status == 0
        next(line for line in lines if line.startswith("Started"))
        asked = heard(box, UNIT)
        assert asked.output.split() == ["seven", "piper-stub,espeak-ng"], asked.output
        assert "denied" in heard(box, FRONT).output

        main = shown(box, "MainPID", SPEECH)
        status = box.run("cat", f"/proc/{main}/status").output
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"):
            assert f"\n{line}\n" in status
        seen = box.run("nsenter", f"--target={main}", "--mount", "ls", "/var/lib/attendant")
        assert set(seen.output.split()) <= {"models", "languages", "changed_settings.json"}, seen.output
        for path in ("/var/lib/attendant/new", f"{WEIGHTS}/new"):
            written = box.run("nsenter", f"--target={main}", "--mount", "touch", path)
            assert "Read-only" in written.output, written.output

        assert box.run("sh", "-c", f"kill -STOP {main}").status == 0
        next(line for line in lines if "Watchdog timeout" in line)
        next(line for line in lines if line.startswith("Started"))
        assert shown(box, "MainPID", SPEECH) != main
        assert heard(box, UNIT).output.split() == ["seven", "piper-stub,espeak-ng"]
    assert "ok" in box.run(PYTHON, "-c", ASK).output, "the bridge has not waited for it"
