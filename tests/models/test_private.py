"""What our programs load tells nobody about the box, and keeps no files of its own about it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.loopback_box import ROOT

LOADS = {
    "the ear": "from models.local import silero; silero.Silero(silero.shipped_weights())",
    "the speech program": "import models.speech.mouth, models.speech.ears",
}


@pytest.mark.parametrize("name", LOADS)
def test_the_inference_library_reports_to_nobody(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    given = {key: value for key, value in os.environ.items() if not key.startswith(("ORT_", "XDG_"))}
    ended = "print(__import__('os').environ['HOME'])"
    ran = subprocess.run(
        (sys.executable, "-c", f"{LOADS[name]}\n{ended}"),
        cwd=ROOT,
        env={**given, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == f"{home}\n", ran.stderr
    assert [*home.rglob("*")] == []
