"""Load: the bench, as a program of its own, with the real bridge beside the minimal one in the same run.

What it says of milliseconds it says of quiet moments alone, and it fails on nothing but what is proven. All
of it is printed. With --full it is the whole bench, and its tables lie ready for docs/performance.md.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bench.__main__ import GOAL_BROKEN, LOAD_LATE
from scripts.bench.real import BESIDE_SPEECH, OFF, ON
from scripts.bench.verdict import Judgement
from scripts.loopback_box import ROOT

pytestmark = pytest.mark.drill

SHORT = ("--rounds", "2", "--seconds", "4", "--steps", "40,40,40,120", "--speech")
SHORT_S, FULL_S = 900, 5400
GOALS = (
    *(
        f"{name}: {goal}"
        for name in (OFF, ON, BESIDE_SPEECH)
        for goal in ("pieces that did not arrive", "longest silence in a reply")
    ),
    *(f"{name}: CPU at most" for name in (OFF, ON)),
    f"{ON}: p99 at 40 calls at most",
    f"{BESIDE_SPEECH}: p99 at most",
)
"""Of each of them there is a verdict, be it that it cannot be judged."""
FIGURES = ROOT / ".cache" / "figures"


def test_the_bridge_keeps_its_goals_beside_the_minimal_one(
    full: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = FIGURES if full else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    written = ("--json", folder / "load.json", "--markdown", folder / "load.md")
    manner = ("--full",) if full else SHORT
    ran = subprocess.run(
        (sys.executable, "-m", "scripts.bench", "--judge", *manner, *written),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=FULL_S if full else SHORT_S,
        check=False,
    )
    with capsys.disabled():
        print(f"\n{ran.stdout}")
        if ran.returncode == LOAD_LATE:
            print("The machine was too busy with other things: what is not judged above says nothing.")
    broken = [line for line in ran.stdout.splitlines() if line.startswith(Judgement.BROKEN)]
    assert ran.returncode != GOAL_BROKEN, "\n".join(broken)
    assert ran.returncode in (0, LOAD_LATE)
    assert (folder / "load.md").read_text("utf-8").count("| bridge, detector on |")
    unmeasured = [goal for goal in GOALS if goal not in ran.stdout]
    assert not unmeasured, "nothing was measured of these goals, be it too little to judge by"
