"""The doors as far as a second or two tells: what they print, what they refuse, when they start over."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import sizes

ROOT = Path(__file__).resolve().parents[1]
DOORS = [
    ROOT / "install.sh",
    ROOT / "scripts/dev",
    ROOT / "scripts/asterisk-tree",
    ROOT / "scripts/bundle",
    *(ROOT / "scripts" / name for name in ("status", "logs", "backup", "restore", "update", "attendant.sh")),
    ROOT / "scripts/environment.sh",
    ROOT / "scripts/debian.sh",
    *sorted((ROOT / "scripts/install").glob("*.sh")),
    ROOT / ".ci/run",
]


def run(*command: str | Path, **options: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=options.get("cwd")
    )


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_the_shell_can_read_it(door: Path) -> None:
    assert run("bash", "-n", door).stderr == ""


@pytest.mark.parametrize("door", DOORS[:4], ids=lambda door: door.name)
def test_help_is_printed_from_anywhere(door: Path, tmp_path: Path) -> None:
    helped = run(door, "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert helped.stdout.startswith("usage: ")


@pytest.mark.parametrize(
    "arguments", [["--Try"], ["--try", "twice"], ["try"], ["--with-data"], ["--answers"]]
)
def test_install_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    refused = run(ROOT / "install.sh", *arguments)
    assert refused.returncode == 2
    assert "usage: " in refused.stderr


def test_install_begins_nothing_where_nobody_is_there_to_ask() -> None:
    refused = run(ROOT / "install.sh")
    assert refused.returncode == 1
    assert "there is nobody to ask" in refused.stderr
    assert "--answers FILE" in refused.stderr
    assert "there is no /nowhere" in run(ROOT / "install.sh", "--answers", "/nowhere").stderr


def answered(file: Path) -> subprocess.CompletedProcess[str]:
    """What the questions make of a file of answers, and what each answer is."""
    script = (
        'set -euo pipefail; . "$1/environment.sh"; . "$1/install/asking.sh"; bundle="" answers=$2;'
        ' read_answers "$answers"; check_answers; declare -p answer'
    )
    return run("bash", "-c", script, "install.sh", ROOT / "scripts", file)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("clinic", "line 3 of .* cannot be read: clinic"),
        ("clinik = Riverside", 'there is no question "clinik"'),
        ("clinic =", "it needs a name"),
        ("time_zone = Mars/Olympus", "it is one such as America/Chicago"),
        ("time_zone = ../../etc/passwd", "it is one such as America/Chicago"),
        ('pages = a"b', "it is a name such as attendant.lan"),
        ("telephones = many", "it is own, existing or none"),
        ("firewall = perhaps", "it is yes or no"),
        ("mirror = nearby", "an address that begins with http"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "answers").write_text(f"# ours\n\n{line}\n")
    refused = answered(tmp_path / "answers")
    assert refused.returncode == 1
    assert re.search(said, refused.stderr), refused.stderr


def test_answers_are_taken_as_they_are_typed(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text('clinic = St. Mary\'s "$(id)" & Sons  \n  telephones=none\n# end')
    taken = answered(tmp_path / "answers")
    assert taken.returncode == 0, taken.stderr
    assert "St. Mary's" in taken.stdout
    assert r"\$(id)" in taken.stdout, "nothing of it is run"
    assert '& Sons"' in taken.stdout
    assert '[telephones]="none"' in taken.stdout


def test_a_bundle_takes_no_name_but_that_of_an_archive() -> None:
    refused = run(ROOT / "scripts/bundle", "bundle.zip")
    assert refused.returncode == 2
    assert "usage: scripts/bundle" in refused.stderr


@pytest.mark.parametrize("arguments", [["make"], ["build", "/srv/tree"], ["check", "/srv/tree", "--mirror"]])
def test_asterisk_tree_refuses_what_it_does_not_know(arguments: list[str]) -> None:
    refused = run(ROOT / "scripts/asterisk-tree", *arguments)
    assert refused.returncode == 2
    assert "usage: " in refused.stderr


def test_there_is_no_asterisk_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    checked = run(ROOT / "scripts/asterisk-tree", "check", tmp_path / "tree")
    assert checked.returncode == 1
    assert "there is no whole tree" in checked.stderr


def test_every_unit_is_laid_and_a_single_box_begins_none_that_is_for_two(tmp_path: Path) -> None:
    said = (
        "root=$2 units_folder=$3;"
        ' . "$1/environment.sh"; . "$1/install/system.sh"; . "$1/install/programs.sh";'
        " declare -A answer=([telephones]=own [firewall]=yes);"
        ' lay() { say "laid $1"; }; quietly() { :; }; lay_units; units_of_the_box'
    )
    lines = run("bash", "-euc", said, "door", ROOT / "scripts", ROOT, tmp_path).stdout.splitlines()
    kinds = (".service", ".socket", ".timer", ".path", ".target")
    units = {path.name for path in (ROOT / "systemd").iterdir() if path.suffix in kinds}
    assert units <= {line.removeprefix("laid ") for line in lines if line.startswith("laid ")}
    begun = {line for line in lines if line in units}
    assert "attendant-stood-down.path" in begun
    assert [unit for unit in begun if "standby" in unit] == []


def make_environment(root: Path) -> str:
    """Source the shell functions as a door does; an empty lock needs no network."""
    script = 'set -eu; root=$1 log=$1/log; . "$2"; make_environment "$1/venv" "$1/lock" "$3" 10'
    made = run("bash", "-c", script, "door", root, ROOT / "scripts/environment.sh", sys.executable)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_the_admin_is_not_begun_by_a_page_while_the_box_is_restored() -> None:
    said = 'has_systemd() { :; }; systemctl() { echo "$*"; }; end_programs; begin_programs'
    done = run("bash", "-euc", f'. "$1"; {said}', "door", ROOT / "scripts/attendant.sh")
    assert done.stdout.splitlines() == [
        "stop attendant-admin.socket attendant-bridge attendant-worker attendant-admin",
        "start attendant-bridge attendant-worker attendant-admin attendant-admin.socket",
    ], done.stderr


@pytest.mark.drill
def test_an_environment_is_made_once_and_again_when_it_was_left_half_made(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    assert "making" in make_environment(tmp_path)
    assert make_environment(tmp_path) == ""

    (tmp_path / "venv/.complete").unlink()
    shutil.rmtree(tmp_path / "venv/lib")
    assert "making" in make_environment(tmp_path)
    assert run(tmp_path / "venv/bin/python", "-c", "import pip").returncode == 0


def test_sizes_names_what_is_too_long(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "short.py").write_text("def f() -> None:\n    pass\n")
    assert sizes.main(tmp_path) == 0

    (tmp_path / "long.py").write_text("def g() -> None:\n" + "    pass\n" * 60)
    assert sizes.main(tmp_path) == 1
    assert "long.py:1 g: 61 lines, at most 60" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["page.md", "table.toml", "door.sh", "page.html", "page.css", "page.js", "dev"]
)
def test_sizes_judges_every_text_that_we_write(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "#!/bin/sh\n" + ":\n" * sizes.FILE_LINES
    (tmp_path / name).write_text(text)
    assert sizes.main(tmp_path) == 1
    assert f"{name}: 501 lines, at most 500" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["requirements.lock", "a.call", "LICENSE", "tests/data/list.toml"])
def test_sizes_passes_over_what_programs_write_and_what_is_collected(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("word\n" * 1000)
    assert sizes.main(tmp_path) == 0
