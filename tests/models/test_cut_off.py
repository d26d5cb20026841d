"""A network that is cut, and a name server that is deaf, for real: in a namespace of the kernel's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]


def cannot() -> str:
    """Why a namespace cannot be had here; empty when it can."""
    if os.geteuid() != 0:
        return "takes root"
    missing = [name for name in ("ip", "nft", "unshare", "mount") if shutil.which(name) is None]
    if missing:
        return f"takes {', '.join(missing)}: see the packages in scripts/dev"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "takes namespaces, which are not allowed here"


pytestmark = pytest.mark.skipif(bool(cannot()), reason=cannot())


def cut_off(what: str, tmp_path: Path) -> dict[str, Any]:
    names = tmp_path / "resolv.conf"
    names.write_text("nameserver 127.0.0.1\n")
    inside = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    command = [sys.executable, "-m", "tests.models.cut_off", what]
    made = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", inside, "sh", str(names), *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    found: dict[str, Any] = orjson.loads(made.stdout)
    return found


def test_a_black_hole_is_noticed_by_what_the_kernel_did_not_get_acknowledged(tmp_path: Path) -> None:
    found = cut_off("black_hole", tmp_path)
    # The session is worth rebuilding only if the network is there: it is not, and the caller waits.
    assert found["reason"] == "unacknowledged"
    assert found["passed_s"] > 0.9
    assert found["took_s"] < 2.7


def test_a_deaf_name_server_costs_the_budget_and_no_thread(tmp_path: Path) -> None:
    found = cut_off("deaf_names", tmp_path)
    assert set(found["reasons"]) <= {"dns", "timeout"}
    assert found["took_s"] < 2.7
    assert found["thread_s"] < 0.5
