"""What systemd itself says of our units: that it understands each line, and how little they leave open."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from admin import permits
from admin.app import SUBJECTS
from appliance.service.pbx.house import FOLDERS

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "systemd").glob("*.service"))
KINDS = ("timer", "socket", "path", "target")
STARTING = sorted(each for kind in KINDS for each in (ROOT / "systemd").glob(f"*.{kind}"))
"""What starts others."""
LOOSEST = 15
"""The score of `systemd-analyze security`, times ten, above which a unit is too open."""

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing; Debian has it in `systemd`"
)


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def verified(unit: Path, system: Path) -> str:
    """What systemd has to say of a unit where the unit's programs are; nothing when all is well."""
    shutil.copytree("/usr/lib/systemd/system", system / "usr/lib/systemd/system", symlinks=True)
    for line in unit.read_text("utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.startswith("Exec"):
            program = system / value.split()[0].lstrip("-+!@:/")
            program.parent.mkdir(parents=True, exist_ok=True)
            program.touch(mode=0o755)
    placed = system / "etc/systemd/system" / unit.name
    placed.parent.mkdir(parents=True)
    shutil.copy(unit, placed)
    # What a timer, a socket or a path starts has to be there.
    for started in sorted({*unit.parent.glob(f"{unit.stem}.*")} - {unit}):
        shutil.copy(started, placed.parent)
        program = system / "usr/bin/attendant"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(mode=0o755)
    checked = analyze("verify", f"--root={system}", "--man=no", "--recursive-errors=no", unit.name)
    # A misspelt key is only printed, and leaves the status 0.
    return checked.stdout + (f"status {checked.returncode}" if checked.returncode else "")


@pytest.mark.parametrize("unit", [*UNITS, *STARTING], ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    assert verified(unit, tmp_path) == ""


@pytest.mark.parametrize("line", ["ProtectHome=perhaps", "ProtectHoem=yes", "ExecStop=misspelt"])
def test_a_mistake_in_a_unit_is_seen(line: str, tmp_path: Path) -> None:
    unit = tmp_path / "wrong.service"
    unit.write_text(f"[Service]\nExecStart=/usr/bin/right\n{line}\n", "utf-8")
    assert "wrong.service" in verified(unit, tmp_path / "system")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_leaves_little_open(unit: Path) -> None:
    judged = analyze("security", "--offline=true", "--no-pager", f"--threshold={LOOSEST}", unit)
    assert judged.returncode == 0, judged.stdout
    assert unit.name in judged.stdout


def test_an_open_unit_is_seen(tmp_path: Path) -> None:
    unit = tmp_path / "open.service"
    unit.write_text("[Service]\nExecStart=/usr/bin/right\n", "utf-8")
    judged = analyze("security", "--offline=true", "--no-pager", f"--threshold={LOOSEST}", unit)
    assert judged.returncode != 0


def values(unit: Path, key: str) -> list[str]:
    """What a unit says by a key, each word."""
    lines = unit.read_text("utf-8").splitlines()
    return [word for line in lines if line.startswith(f"{key}=") for word in line.partition("=")[2].split()]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_users_and_groups_of_a_unit_are_made_by_our_file(unit: Path) -> None:
    made = (ROOT / "systemd/sysusers.conf").read_text("utf-8")
    [user] = values(unit, "User")
    assert f"\nu {user} " in made
    for group in values(unit, "Group") + values(unit, "SupplementaryGroups"):
        assert f"\ng {group} " in made
        assert f"\nm {user} {group}\n" in made


def test_the_bridge_wants_speech_and_neither_waits_for_it_nor_shares_alike() -> None:
    bridge, speech, worker = (
        ROOT / f"systemd/attendant-{name}.service" for name in ("bridge", "speech", "worker")
    )
    assert values(bridge, "Wants") == [speech.name]
    for key in ("After", "Requires", "Requisite", "BindsTo"):
        assert speech.name not in values(bridge, key)
    assert "attendant-bridge.service" not in values(speech, "Before")
    first, second, last = (int(*values(unit, "CPUWeight")) for unit in (bridge, speech, worker))
    assert first > second > last


def test_memory_that_is_short_is_taken_from_calls_last() -> None:
    """By the kernel's choice of whom to end (OOMScoreAdjust, the lowest last)."""
    found = {
        unit.stem.removeprefix("attendant-"): re.search(r"^OOMScoreAdjust=(-?\d+)$", unit.read_text(), re.M)
        for unit in UNITS
    }
    score = {name: int(told[1]) for name, told in found.items() if told}
    order = sorted(score, key=score.__getitem__)
    assert order[:2] == ["asterisk", "bridge"]
    assert order[-1] == "worker"
    assert all(score[name] > 0 for name in order[2:])
    limited = [unit.stem for unit in UNITS if "MemoryMax=" in unit.read_text()]
    assert {"attendant-worker", "attendant-speech", "attendant-admin"} <= {*limited}


def test_the_folders_that_the_units_share_are_made_as_the_bridge_would() -> None:
    made = {}
    for line in (ROOT / "systemd/tmpfiles.conf").read_text("utf-8").splitlines():
        if line.startswith("d "):
            _, path, mode, user, group, _ = line.split()
            made[path] = (int(mode, 8), user, group)
    shared = {path: given for path, given in made.items() if path.startswith("/var/lib/attendant-pbx")}
    assert shared == {
        f"/var/lib/attendant-pbx/{name}".rstrip("/"): (mode, "attendant-bridge", "attendant-pbx")
        for name, mode in FOLDERS.items()
    }
    # systemd-tmpfiles follows no path through a folder of one user into that of another.
    for path, (_, user, _) in made.items():
        parent = made.get(str(Path(path).parent), (0, "root", ""))
        assert parent[1] in ("root", user)


def test_what_a_box_answers_with_neither_begins_nor_goes_on_once_it_has_stood_down() -> None:
    names = ("bridge", "worker", "asterisk", "front", "admin")
    answers = {*(f"attendant-{name}.service" for name in names), "attendant-admin.socket"}
    systemd = ROOT / "systemd"
    assert {*values(systemd / "attendant-stood-down.target", "Conflicts")} == answers
    for name in answers:
        assert values(systemd / name, "ConditionPathExists") == ["!/var/lib/attendant/stood_down"]


def test_what_crashed_waits_for_no_look_at_the_other_box() -> None:
    boot, minute = (ROOT / f"systemd/attendant-standby{name}.service" for name in ("-boot", ""))
    assert "attendant-bridge.service" in values(boot, "Before")
    assert values(minute, "Before") == values(minute, "WantedBy") == []
    assert values(boot, "ExecStart") == values(minute, "ExecStart")
    # A socket comes before all services: one of them before it would be a circle.
    assert [name for name in values(boot, "Before") if name.endswith(".socket")] == []


def test_where_much_may_be_sent_the_front_lets_it_through() -> None:
    """It is told apart, address by address: all others take a form."""
    conf = (ROOT / "systemd/front.conf").read_text("utf-8")
    roomy = re.findall(r"location = (\S+) \{\s+client_max_body_size (\d+)m;", conf)
    app = Flask("admin")
    for subject in SUBJECTS:
        app.register_blueprint(subject)
    at = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    wanted = {at[endpoint]: most for endpoint, most in permits.BODIES.items()}
    assert {path for path, _ in roomy} == {*wanted}
    for path, megabytes in roomy:
        assert int(megabytes) * 2**20 >= wanted[path]
