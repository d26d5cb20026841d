"""Logs and names of files after calls of every kind: no number of a caller in them, and no name."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK
from tests.asterisk.test_outside import CLINIC, FRIEND, Outside, outside, spoken
from tests.peers.phone import Manner, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]
PATIENT = "+14155550177"
SECRETS = (PATIENT[2:], FRIEND[2:], "Roe")


async def from_outside(there: Outside) -> PhoneCall:
    """A patient rings, and is heard."""
    at = f"sip:{CLINIC}@127.0.0.1:{there.clinic.ports.sip}"
    call = await there.provider.dial(at, number=PATIENT, display="Jane Roe")
    await call.answered()
    await call.hear(listening.sound())
    return call


async def leaves_a_message(call: PhoneCall) -> None:
    await call.hear(listening.tone(1000.0), 60.0)
    await call.hear(listening.silence(100), 20.0)
    call.say(spoken("jfk"))
    await call.said()
    await call.hang_up()


def told(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything that is a name or a log, but for the books, the sounds and what is configured."""
    for path in folder.rglob("*"):
        if "root" in path.relative_to(folder).parts:
            # Asterisk's own tree.
            continue
        yield "a name", str(path.relative_to(folder))
        if path.is_file() and (path.name.endswith(".log") or "log" in path.parent.name):
            yield path.name, path.read_text("utf-8", "replace")


async def test_no_number_and_no_name_gets_into_logs_or_names_of_files(tmp_path: Path) -> None:
    async with outside(tmp_path, ring_s=5) as there:
        clinic = there.clinic
        desk, caller = await clinic.phone(DESK), await clinic.phone(CALLER)
        desk.on_ring = Manner.busy()
        call = await from_outside(there)
        call.press("0")
        await leaves_a_message(call)
        await clinic.filed(1)
        # Numbers outside that are busy, and that are refused.
        there.provider.on_ring = Manner.busy()
        for dialled in (FRIEND, "12125550155"):
            out = await desk.dial(dialled)
            await out.ended()
        # Without us, and with a disk on which nothing can be recorded.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await leaves_a_message(await from_outside(there))
        spool = clinic.pbx.folder / "spool/voicemail"
        spool.rename(spool.with_name("away"))
        spool.touch()
        call = await from_outside(there)
        await call.hear(listening.tone(1000.0), 60.0)
        await call.ended()
        spool.unlink()
        spool.with_name("away").rename(spool)
        await clinic.box.start()
        filed = await clinic.filed(2)
        assert {whole.call.from_number for whole in filed} == {PATIENT}
        inside = await caller.dial(ASSISTANT)
        await inside.answered()
        await inside.hang_up()
        await clinic.filed(3)
        found = [*told(clinic.box.folder)]
        logs = {where: text for where, text in found if where != "a name"}
        assert "listening" in logs["bridge.log"]
        # It has told of what it could not record.
        assert "spool/asterisk/voicemail" in logs["messages"]
        kept = [(where, secret) for where, text in found for secret in SECRETS if secret in text]
        assert kept == []
