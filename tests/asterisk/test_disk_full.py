"""A disk without room, under the PBX or under the bridge: what callers get, and that nobody is told a lie."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.staff import HEARD_S, dialplan_has, hears
from tests.asterisk.test_house import GREETING, TRANSFER, greeted, spoken
from tests.golden.clinic import until
from tests.peers.phone import Manner, PhoneCall, listening
from tests.small_disk import small_disk

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]


def fill(place: Path) -> Path:
    """Leave no room on a disk; the file that has taken it."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


async def at_the_tone(clinic: House) -> PhoneCall:
    """A caller who wants a person, finds nobody, and may speak."""
    caller = await clinic.phone(CALLER) if CALLER not in clinic.phones else clinic.phones[CALLER]
    call = await caller.dial(ASSISTANT)
    await call.answered()
    await call.hear(listening.sound())
    call.press("0")
    await call.hear(listening.tone(1000.0), HEARD_S)
    await call.hear(listening.silence(100), HEARD_S)
    return call


@asynccontextmanager
async def full_spool(folder: Path) -> AsyncIterator[tuple[House, Path]]:
    """A house whose PBX has no room to record."""
    data = folder / "box" / "data" / "asterisk"
    with small_disk(data / "spool", "1m"):
        for name in ("voicemail", "greetings"):
            (data / "spool" / name).mkdir()
        async with house(folder, staff={"front_door": "menu"}) as clinic:
            await dialplan_has(clinic, "attendant", "kept")
            await until((data / "etc/sounds/not_kept.ulaw").exists, 60.0)
            await until((data / "etc/sounds/message_kept.ulaw").exists, 60.0)
            yield clinic, fill(data / "spool")


@pytest.mark.parametrize("bridge", ["well", "dead"])
async def test_a_message_that_has_no_room_is_not_said_to_be_kept(bridge: str, tmp_path: Path) -> None:
    async with full_spool(tmp_path) as (clinic, filler):
        call = await at_the_tone(clinic)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        if bridge == "dead":
            clinic.box.signal(signal.SIGKILL)
            await clinic.box.ended()
        call.say(spoken("weather"))
        await call.said()
        call.press("#")
        await hears(call, clinic, "not_kept")
        # Somebody may be there by now.
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        await taken.hang_up()
        await call.ended()
        # With room, one is kept, and that is said.
        filler.unlink()
        if bridge == "well":
            await desk.unregister()
            again = await at_the_tone(clinic)
            again.say(spoken("weather"))
            await again.said()
            again.press("#")
            await hears(again, clinic, "message_kept")
            await again.ended()
            await until(lambda: len([*(clinic.box.folder / "data/recordings").glob("*.wav")]) == 1, 40.0)


async def test_a_message_of_a_dead_bridge_is_kept_by_its_size(tmp_path: Path) -> None:
    async with house(tmp_path, staff={"front_door": "menu"}) as clinic:
        sounds = clinic.pbx.etc / "sounds"
        await until((sounds / "message_kept.ulaw").exists, 60.0)
        call = await at_the_tone(clinic)
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        call.say(spoken("weather"))
        await call.said()
        call.press("#")
        await hears(call, clinic, "message_kept")
        await call.ended()


async def test_a_bridge_without_room_serves_callers_and_files_them_later(tmp_path: Path) -> None:
    data = tmp_path / "box" / "data"
    with small_disk(data, "24m"), small_disk(data / "asterisk", "64m"):
        async with house(tmp_path, TRANSFER) as clinic:
            caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
            nurse.on_ring = Manner.answers(0.5)
            await until((data / "asterisk/etc/sounds/fallback.ulaw").exists, 60.0)
            filler = fill(data)
            call = await greeted(caller)
            call.say(spoken("say_en_billing"))
            # Where it goes cannot be written down, and it goes there all the same.
            taken = await nurse.rung(timeout_s=20.0)
            await taken.answered()
            await taken.hear(listening.reply(), HEARD_S)
            taken.press("1")
            await call.hear(listening.silence())
            await taken.hang_up()
            await call.ended()
            filler.unlink()
            again = await greeted(caller)
            await again.hang_up()
            await clinic.filed(2)


async def test_a_phone_that_registers_while_one_disk_under_all_is_full_can_be_rung(tmp_path: Path) -> None:
    data = tmp_path / "box" / "data"
    # Our unit has Asterisk's own database in memory, and all else on the one disk of the machine.
    with small_disk(data, "96m"), small_disk(data / "asterisk/lib", "4m"):
        async with house(tmp_path, GREETING) as clinic:
            caller = await clinic.phone(CALLER)
            await until((data / "asterisk/etc/sounds/fallback.ulaw").exists, 60.0)
            filler = fill(data)
            desk = await clinic.phone(DESK)
            desk.on_ring = Manner.answers(0.5)
            for rung in (1, 2):
                # Once with the assistant, which lets go of it, and once without.
                call = await greeted(caller) if rung == 1 else await caller.dial(ASSISTANT)
                if rung == 1:
                    call.press("0")
                taken = await desk.rung(rung, timeout_s=20.0)
                await taken.answered()
                await taken.hang_up()
                await call.ended()
                if rung == 1:
                    clinic.box.signal(signal.SIGKILL)
                    await clinic.box.ended()
            # Asterisk begins anew and still knows where the phone is.
            await clinic.pbx.restart()
            assert f"{DESK}/" in await clinic.pbx.cli("pjsip show contacts")
            filler.unlink()
