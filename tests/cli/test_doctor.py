"""The doctor, the self-call and the pieces for a PBX of one's own, as they are typed on a box at rest."""

import os
import stat
from pathlib import Path

import pytest

from appliance.core.self_call import Check, State
from appliance.store import self_calls
from appliance.store.database import connect_readonly
from tests.cli.conftest import Typed

ASKED = "[cloud]\nenabled = false\n[listen]\nlocal_port = {port}\n[asterisk]\nenabled = true\n"


@pytest.fixture
def with_asterisk(config: Path, morning: Path, unused_tcp_port: int) -> Path:
    """The same box with an Asterisk that nobody started."""
    config.write_text(config.read_text() + ASKED.format(port=unused_tcp_port))
    return config


def test_the_doctor_says_what_is_missing_and_so_does_its_status(typed: Typed, with_asterisk: Path) -> None:
    done = typed("doctor")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert any(line.startswith("ok       database: ") for line in lines)
    assert any(line.startswith("missing  bridge: it does not answer") for line in lines)
    assert any(
        line.startswith("missing  passwords: ") and "attendant asterisk render" in line for line in lines
    )
    assert lines[-1].startswith("Missing: bridge, ")


def test_without_a_bridge_the_self_call_fails_and_is_kept(
    typed: Typed, with_asterisk: Path, morning: Path
) -> None:
    done = typed("self-call")
    assert done.exit_code == 1
    assert "the bridge does not run" in done.output
    # Nobody says that callers are served by a PBX that is not there either.
    assert "nor does Asterisk answer" in done.output
    db = connect_readonly(morning)
    (row,) = self_calls.recent(db)
    db.close()
    assert [(each.check, each.state) for each in row.findings] == [(Check.GATE, State.FAILED)]


def test_without_an_asterisk_there_is_no_self_call(typed: Typed) -> None:
    done = typed("self-call")
    assert done.exit_code == 1
    assert "[asterisk] enabled is false" in done.stderr


def test_the_pieces_are_printed_and_nothing_is_written_but_passwords(
    typed: Typed, with_asterisk: Path
) -> None:
    done = typed("asterisk", "render", "--existing")
    assert done.exit_code == 0, done.output
    for piece in (
        "; ---- extensions.conf (FreePBX: extensions_custom.conf)",
        "; ---- manager.conf (FreePBX: manager_custom.conf)",
        "; ---- ari.conf (FreePBX: ari_additional_custom.conf)",
        "; ---- websocket_client.conf (FreePBX: websocket_client.conf)",
        "existing = true",
        "[from-internal-custom]",
        "#tryinclude",
    ):
        assert piece in done.output
    data = with_asterisk.parent / "data"
    assert not [*(data / "asterisk").rglob("*.conf")]
    secret = (data / "secrets" / "asterisk_ami").read_text()
    assert f"secret = {secret}" in done.output


def test_what_is_rendered_can_be_read_by_the_pbx_and_passwords_by_nobody(
    typed: Typed, with_asterisk: Path
) -> None:
    before = os.umask(0o077)
    try:
        assert typed("asterisk", "render").exit_code == 0
    finally:
        os.umask(before)
    data = with_asterisk.parent / "data"

    def mode(path: str) -> int:
        return stat.S_IMODE((data / path).stat().st_mode)

    assert mode("asterisk/etc/extensions.conf") == 0o640
    assert mode("asterisk/etc/sounds/tone.ulaw") == 0o640
    assert mode("asterisk/etc") == mode("asterisk/etc/sounds") == 0o2750
    assert mode("asterisk/spool/voicemail") == 0o2770
    assert mode("secrets/asterisk_ari") == 0o600
