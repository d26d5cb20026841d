"""Each pinned package is to be had, ready made, for each processor and Python of the box."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.drill.debian_tree import ROOT

pytestmark = pytest.mark.drill

PYTHONS = {"Debian 12": "3.11", "Ubuntu 24.04": "3.12", "Debian 13": "3.13"}
OLDEST_GLIBC = "2_36"
"""That of Debian 12."""


@pytest.mark.parametrize(
    "processor",
    [
        "x86_64",
        pytest.param("aarch64", marks=pytest.mark.xfail(strict=True, reason="pysqlite3 0.6.1 has no wheel")),
    ],
)
@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_every_package_of_the_lock_is_there_as_a_wheel(
    python: str, processor: str, full: bool, tmp_path: Path
) -> None:
    if not full:
        pytest.skip("with --full")
    lock = ROOT / "requirements.lock"
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--target", tmp_path / "nowhere"),
            *("--python-platform", f"{processor}-manylinux_{OLDEST_GLIBC}", "--python-version", python),
            *(
                "--require-hashes",
                "--only-binary",
                ":all:",
                "--no-deps",
                "--no-config",
                "--requirements",
                lock,
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert "Would install" in asked.stderr
