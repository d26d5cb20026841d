"""`attendant models`: list, verify, fetch, as they are typed."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Typed
from tests.models import hub_table
from tests.models.hub_table import BIG
from tests.peers.hub import Fault, HubPeer


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubPeer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with HubPeer() as peer:
        yield peer


@pytest.fixture
def folder(config: Path) -> Path:
    """Where the entry of the tests will be."""
    return config.parent / "data" / "models" / "tiny"


def test_the_shipped_table_is_listed_on_a_box_that_has_nothing(typed: Typed) -> None:
    result = typed("models", "list")
    assert result.exit_code == 0, result.output
    line = next(line for line in result.output.splitlines() if line.startswith("whisper-tiny *"))
    assert "missing" in line
    assert "78 MB" in line
    assert line.endswith("MIT")
    assert "es_MX-claude-high        missing, unpinned  not known" in result.output


def test_a_fetch_brings_lists_and_verifies(typed: Typed, hub: HubPeer, tmp_path: Path, folder: Path) -> None:
    table = ("--table", str(hub_table.pinned(hub, tmp_path)))
    result = typed("models", "fetch", "tiny", "--hub", hub.url, *table)
    assert result.exit_code == 0, result.output
    assert result.output == "tiny is there.\n"
    assert (folder / "model.bin").read_bytes() == BIG
    assert "there" in typed("models", "list", *table).output.splitlines()[1]
    assert typed("models", "verify", *table).output == "tiny is right.\n"
    again = typed("models", "fetch", "--default", "--hub", hub.url, *table)
    assert again.output == "tiny was there already.\n"


def test_weights_are_brought_where_the_speech_program_looks_for_them(
    typed: Typed, hub: HubPeer, tmp_path: Path, config: Path
) -> None:
    config.write_text(config.read_text() + f'[speech]\nmodels_dir = "{tmp_path / "big disk"}"\n')
    table = ("--table", str(hub_table.pinned(hub, tmp_path)))
    result = typed("models", "fetch", "tiny", "--hub", hub.url, *table)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "big disk" / "tiny" / "model.bin").read_bytes() == BIG


def test_a_pin_is_reported(typed: Typed, hub: HubPeer, tmp_path: Path, folder: Path) -> None:
    table = ("--table", str(hub_table.unpinned(hub, tmp_path)))
    result = typed("models", "fetch", "--all", "--hub", hub.url, *table)
    assert result.exit_code == 0, result.output
    sha256 = hub.put("en/model.bin", BIG)
    assert "model.bin: our table has no checksum of it" in result.output
    assert f"sha256 {sha256} (600000 bytes, commit abababab)" in result.output
    (folder / "pins.json").unlink()
    listed = typed("models", "list", *table).output
    assert "unpinned" in listed.splitlines()[1]
    assert "Have the hub asked once" in listed


def test_broken_weights_fail_the_verification(
    typed: Typed, hub: HubPeer, tmp_path: Path, folder: Path
) -> None:
    table = ("--table", str(hub_table.pinned(hub, tmp_path)))
    typed("models", "fetch", "tiny", "--hub", hub.url, *table)
    (folder / "model.bin").write_bytes(BIG[::-1])
    result = typed("models", "verify", *table)
    assert result.exit_code == 1
    assert result.output == (
        "tiny is broken: model.bin has other bytes than it must have. "
        "Bring it again: attendant models fetch tiny\n"
    )
    (folder / "model.bin").unlink()
    assert typed("models", "verify", *table).exit_code == 1


def test_nothing_to_verify_says_how_to_begin(typed: Typed) -> None:
    result = typed("models", "verify")
    assert result.exit_code == 0
    assert "attendant models fetch --default" in result.output
    named = typed("models", "verify", "whisper-tiny")
    assert named.exit_code == 1
    assert "whisper-tiny is not here" in named.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to fetch"),
        (("whisper-huge",), "There are no weights called whisper-huge"),
        (("whisper-tiny", "--hub", "http://hub.test"), "is not encrypted"),
    ],
)
def test_what_cannot_be_fetched_is_said(typed: Typed, arguments: tuple[str, ...], said: str) -> None:
    result = typed("models", "fetch", *arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_portal_is_said_and_nothing_is_left(
    typed: Typed, hub: HubPeer, tmp_path: Path, folder: Path
) -> None:
    table = ("--table", str(hub_table.pinned(hub, tmp_path)))
    hub.fails(Fault("resolve", "html"))
    result = typed("models", "fetch", "tiny", "--hub", hub.url, *table)
    assert result.exit_code == 1
    assert "sign-in page of this network" in result.output
    assert list(folder.iterdir()) == []


def test_a_bar_is_drawn_where_somebody_looks_on(hub: HubPeer, tmp_path: Path, config: Path) -> None:
    table = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "wrong"))
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "appliance.cli.main", "--config", str(config), "models", "fetch", "tiny"]
    done = subprocess.run(
        [*command, "--hub", hub.url, "--table", str(table)],
        stderr=theirs,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    os.close(theirs)
    drawn = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while more := os.read(ours, 65536):
            drawn += more
    os.close(ours)
    assert b"Fetching  [" in drawn
    assert b"100%" in drawn
    assert done.stdout == "tiny is there.\n"
