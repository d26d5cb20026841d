"""Many calls, one after the other, with whatever end: nothing of them is left, here or in the PBX."""

import os
import random
from pathlib import Path

import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.test_house import TRANSFER, spoken
from tests.golden.clinic import until
from tests.peers.phone import Manner, Phone, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

CALLS, CALLS_FULL = 50, 500
WARM_UP = 8
"""After these the bridge holds what it holds for good."""
ENDS = (
    "hangs up at once",
    "hangs up in the greeting",
    "vanishes",
    "desk",
    "busy desk",
    "department",
    "message",
)
SOUND_S = 150.0
"""The assistant gives up a caller who vanished when it has asked in vain; others the PBX asks for."""
GROWTH_MIB, GROWTH_FULL_MIB = 30.0, 40.0


async def one(clinic: House, caller: Phone, end: str, chance: random.Random) -> None:
    """One call that ends so."""
    desk, nurse = clinic.phones[DESK], clinic.phones[NURSE]
    desk.on_ring = Manner.busy() if end in ("busy desk", "message") else Manner.answers(0.2)
    nurse.on_ring = chance.choice((Manner.answers(0.2), Manner.busy(), Manner.declines()))
    call = await caller.dial(ASSISTANT)
    await call.answered(20.0)
    if end == "hangs up at once":
        await call.hang_up()
        return
    await call.hear(listening.sound(), 20.0)
    match end:
        case "hangs up in the greeting":
            await call.hang_up()
        case "vanishes":
            call.vanish()
        case "desk":
            call.press("0")
            await until(lambda: desk.incoming and desk.incoming[-1].up, 20.0)
            await chance.choice((call, desk.incoming[-1])).hang_up()
        case "busy desk":
            rung = len(desk.incoming)
            call.press("0")
            await desk.rung(rung + 1, 20.0)
            await call.hang_up()
        case "department":
            await call.hear(listening.reply(), 20.0)
            rung = len(nurse.incoming)
            call.say(spoken("say_en_billing"))
            await nurse.rung(rung + 1, 20.0)
            await call.hang_up()
        case _:
            call.press("0")
            await call.hear(listening.tone(1000.0), 30.0)
            call.say(spoken("weather"))
            await call.said()
            await call.hang_up()


def held(pid: int) -> tuple[int, float]:
    """The open files of a process, and its memory in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return len(os.listdir(f"/proc/{pid}/fd")), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def test_nothing_of_many_calls_is_left(
    tmp_path: Path, full: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, count = random.Random(7), CALLS_FULL if full else CALLS
    async with house(tmp_path, TRANSFER) as clinic:
        caller = await clinic.phone(CALLER)
        await clinic.phone(DESK)
        await clinic.phone(NURSE)
        before = {}
        for number in range(WARM_UP + count):
            if number == WARM_UP:
                await clinic.filed(WARM_UP, SOUND_S)
                before = {"bridge": held(clinic.box.pid), "PBX": held(clinic.pbx.pid)}
            await one(clinic, caller, ENDS[number % len(ENDS)], chance)
        await clinic.filed(WARM_UP + count, SOUND_S)
        after = {"bridge": held(clinic.box.pid), "PBX": held(clinic.pbx.pid)}
        channels = await clinic.pbx.cli("core show channels count")
        with capsys.disabled():
            print(f"\n{count} calls through Asterisk: files and MiB {before} -> {after}")
        assert "0 active channels" in channels
        assert after["bridge"][0] <= before["bridge"][0] + 2
        assert after["PBX"][0] <= before["PBX"][0] + 4
        growth = after["bridge"][1] - before["bridge"][1]
        assert growth <= (GROWTH_FULL_MIB if full else GROWTH_MIB)
        assert clinic.open_calls() == 0
