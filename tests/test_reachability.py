"""The configurations by which Twilio reaches a box let through what the bridge serves, and nothing else."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from scripts.loopback_box import ROOT

FOLDER = ROOT / "docs" / "reachability"
SERVED = ("twilio", "book", "calendar")
"""What the public listener serves (tests/service/test_public_paths.py)."""
OTHERS = ("/", "/healthz", "/metrics", "/rehearse", "/sign-in", "/twilios/voice", "/x/twilio/voice")


def test_the_tunnel_of_cloudflare_lets_these_through_and_no_other() -> None:
    text = (FOLDER / "cloudflared.yml").read_text("utf-8")
    (pattern,) = re.findall(r"^ +path: (\S+)$", text, re.MULTILINE)
    assert all(re.search(pattern, f"/{name}/x") for name in SERVED)
    assert not any(re.search(pattern, path) for path in OTHERS)
    assert [*re.findall(r"service: (\S+)", text)] == ["http://127.0.0.1:8080", "http_status:404"]
    assert "httpHostHeader" not in text


def test_caddy_lets_these_through_and_no_other() -> None:
    text = (FOLDER / "Caddyfile").read_text("utf-8")
    (paths,) = re.findall(r"@served path (.+)", text)
    assert paths.split() == [f"/{name}/*" for name in SERVED]
    assert "uri strip_prefix" not in text


def test_funnel_mounts_these_with_their_paths_and_no_other(tmp_path: Path) -> None:
    program = tmp_path / "tailscale"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", FOLDER / "funnel.sh", "8090"], env=environment, check=True, timeout=20)
    *mounts, last = (tmp_path / "asked").read_text().splitlines()
    assert mounts == [f"funnel --bg --set-path=/{name} http://127.0.0.1:8090/{name}" for name in SERVED]
    assert last == "funnel status"


@pytest.mark.parametrize("name", ["cloudflared.yml", "Caddyfile", "funnel.sh"])
def test_each_is_in_the_page(name: str) -> None:
    assert f"(reachability/{name})" in (ROOT / "docs" / "reachability.md").read_text("utf-8")
