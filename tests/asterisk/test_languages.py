"""Another language by its key on the real Asterisk, while nothing of ours runs."""

import os
import signal
from pathlib import Path

import pytest

from appliance.core import ulaw
from tests.asterisk.house import ASSISTANT, CALLER, DESK, House, house
from tests.golden.clinic import until
from tests.peers.phone import Manner, listening
from tests.peers.phone.sound import Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

KEY, SPANISH = "8", "es"


def said(clinic: House, name: str) -> Pcm:
    """A sentence of the PBX, as a phone hears it: two seconds behind its beginning."""
    return ulaw.decode((clinic.pbx.etc / "sounds" / f"{name}.ulaw").read_bytes()[6_000:22_000])


async def dead(clinic: House) -> None:
    """The bridge dies, once everything is there that the PBX says without it."""
    last = clinic.pbx.etc / "sounds" / f"offer_{SPANISH}_{KEY}.ulaw"
    await until(last.exists, 60.0)
    clinic.box.signal(signal.SIGKILL)
    await clinic.box.ended()


async def test_who_presses_the_key_hears_the_apology_and_voicemail_in_that_language(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        await dead(clinic)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.every_packet(said(clinic, "fallback")), 20.0)
        call.press(KEY)
        await call.hear(listening.every_packet(said(clinic, f"fallback_{SPANISH}")), 20.0)
        await call.hear(listening.every_packet(said(clinic, f"voicemail_{SPANISH}")), 40.0)
        await call.hang_up()


async def test_the_offer_is_heard_in_its_own_words_and_without_a_key_people_ring(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        await dead(clinic)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.every_packet(said(clinic, f"offer_{SPANISH}_{KEY}")), 30.0)
        await desk.rung(timeout_s=20.0)
        await call.hear(listening.every_packet(said(clinic, "voicemail")), 30.0)
        await call.hang_up()
