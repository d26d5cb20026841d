"""What callers hear while phones ring, through a real Asterisk: music of the clinic's own, or ringing."""

import os
from pathlib import Path

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.service.pbx import music
from appliance.service.pbx.house import House as Folders
from tests.asterisk.house import ASSISTANT, CALLER, DESK, house
from tests.asterisk.staff import shows
from tests.asterisk.test_house import GREETING
from tests.golden.clinic import until
from tests.peers.phone import Manner, Phone, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

RATE = 8000
LISTEN_S = 20.0


def tone(hz: float) -> bytes:
    """Ten seconds of a tone, as a piece of music."""
    at = np.arange(10 * RATE) / RATE
    return ulaw.encode((2000 * np.sin(2 * np.pi * hz * at)).astype(np.int16))


async def waiting(caller: Phone, desk: Phone, rung: int) -> PhoneCall:
    """A caller for whom the front desk rings."""
    call = await caller.dial(ASSISTANT)
    await call.answered()
    await call.hear(listening.sound())
    call.press("0")
    await desk.rung(rung, LISTEN_S)
    return call


async def test_callers_hear_the_clinics_own_music_and_the_other_when_it_is_changed(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING, staff={"ring_s": 30}) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        folders = Folders(clinic.pbx.folder)
        for rung, hz in enumerate((700.0, 1300.0), 1):
            for piece in music.names(folders):
                music.remove(folders, piece)
            name = music.add(folders, "tune", tone(hz))
            await until((folders.hold / f"{name}.ulaw").exists, LISTEN_S)
            await shows(clinic, "moh show files", name)
            call = await waiting(caller, desk, rung)
            await call.hear(listening.tone(hz), LISTEN_S)
            await call.hang_up()


async def test_callers_hear_ringing_where_staff_want_that(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING, staff={"ring_s": 30, "hold_sound": "ringing"}) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        call = await waiting(caller, desk, 1)
        # Two tones, and nothing of music between them.
        await call.hear(listening.tone(440.0), LISTEN_S)
        await call.hear(listening.silence(2000), LISTEN_S)
        await call.hang_up()
