"""Codes that staff dial at a desk phone, through a real Asterisk: what is said, what holds, what is heard."""

import os
import signal
import time
from pathlib import Path

import pytest

from appliance.core import ulaw
from appliance.core.hours import DAYS
from tests.asterisk.house import ASSISTANT, CALLER, DESK, house
from tests.asterisk.staff import (
    HEARD_S,
    dialplan_has,
    done,
    greeted_with,
    heard,
    hears,
    kept_office,
    sentence,
)
from tests.golden.clinic import until
from tests.peers.carrier import speech
from tests.peers.phone import ears, listening
from tests.peers.phone.sound import Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

STAFF = {"front_door": "menu", "emergency_notice": "If this is an emergency, hang up and dial 911."}


def spoken(name: str) -> bytes:
    """A recording as a phone says it."""
    return b"".join(speech.load(name).frames)


def words(name: str) -> Pcm:
    """The same without the silence around it, which is not kept: other words follow at once."""
    pcm = ulaw.decode(spoken(name))
    spans = ears.sounds(pcm)
    return pcm[spans[0].start_ms * 8 : spans[-1].end_ms * 8]


async def test_a_desk_closes_the_clinic_for_today_and_opens_it_again(tmp_path: Path) -> None:
    async with house(tmp_path, staff=STAFF) as clinic:
        desk = await clinic.phone(DESK)
        call = await desk.dial("*61")
        await hears(call, clinic, "code_closed_usual")
        await call.ended()
        assert kept_office(clinic).staff.closed_on
        # It holds whatever becomes of us, and nobody says that something was done which was not.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        dead = await desk.dial("*62")
        await hears(dead, clinic, "code_unsure")
        await dead.ended()
        await clinic.box.start()
        await dialplan_has(clinic, "ask@attendant-code", clinic.box.local_base)
        assert kept_office(clinic).staff.closed_on
        again = await desk.dial("*62")
        await hears(again, clinic, "code_open")
        await again.ended()
        assert kept_office(clinic).staff.closed_on == ()
        assert done(clinic) == [(DESK, "closed"), (DESK, "open")]


async def test_a_box_that_hangs_does_not_do_later_what_it_was_said_not_to_do(tmp_path: Path) -> None:
    async with house(tmp_path, staff=STAFF) as clinic:
        desk = await clinic.phone(DESK)
        clinic.box.signal(signal.SIGSTOP)
        try:
            call = await desk.dial("*61")
            await hears(call, clinic, "code_unsure")
            await call.ended()
        finally:
            clinic.box.signal(signal.SIGCONT)
        # A code that is done comes after whatever was left over.
        again = await desk.dial("*62")
        await hears(again, clinic, "code_open")
        assert done(clinic) == [(DESK, "open")]


async def test_a_greeting_is_recorded_heard_kept_and_given_up(tmp_path: Path) -> None:
    async with house(tmp_path, staff=STAFF) as clinic:
        desk, caller = await clinic.phone(DESK), await clinic.phone(CALLER)
        call = await desk.dial("*63")
        await hears(call, clinic, "code_record")
        # Who has just recognised a sentence may have missed what followed at once.
        await call.hear(listening.tone(1000.0), HEARD_S, since_s=0)
        # Who says nothing hears why that is no greeting.
        await call.hear(listening.silence(500), HEARD_S)
        pressed_s = time.monotonic()
        call.press("#")
        await hears(call, clinic, "code_quiet")
        await call.hear(listening.tone(1000.0), HEARD_S, since_s=pressed_s)
        await call.hear(listening.silence(100), HEARD_S)
        call.say(spoken("weather"))
        await call.said()
        pressed_s = time.monotonic()
        call.press("#")
        await call.hear(listening.every_packet(words("weather")), HEARD_S, since_s=pressed_s)
        await hears(call, clinic, "code_keep")
        assert kept_office(clinic).staff.greeting_recording == ""
        call.press("1")
        await hears(call, clinic, "code_kept")
        await call.ended()
        name = kept_office(clinic).staff.greeting_recording
        (file,) = (clinic.box.folder / "data/greetings").iterdir()
        assert file.stem == name
        # Callers hear it, and what is said in an emergency behind it.
        rings = await greeted_with(ulaw.decode(file.read_bytes()), caller, clinic)
        await rings.hear(listening.sound(1500), HEARD_S)
        await rings.hang_up()
        back = await desk.dial("*63")
        await back.answered()
        await back.hear(listening.sound(), HEARD_S)
        back.press("3")
        await hears(back, clinic, "code_spoken")
        await back.ended()
        assert kept_office(clinic).staff.greeting_recording == ""
        assert done(clinic) == [(DESK, "greeting"), (DESK, "spoken")]


async def test_what_is_heard_before_a_message_is_recorded_by_language_and_by_hours(tmp_path: Path) -> None:
    shut = {**STAFF, "hours": dict.fromkeys(DAYS, ()), "people": []}
    async with house(tmp_path, staff=shut) as clinic:
        desk, caller = await clinic.phone(DESK), await clinic.phone(CALLER)
        call = await desk.dial("*64")
        for key in ("2", "0"):
            await call.hear(listening.sound(500), HEARD_S)
            call.press(key)
            await call.said()
        await call.hear(listening.tone(1000.0), 30.0)
        await call.hear(listening.silence(100), HEARD_S)
        call.say(spoken("weather"))
        await call.said()
        call.press("#")
        await call.hear(listening.silence(300), HEARD_S)
        await call.hear(listening.sound(500), HEARD_S)
        call.press("1")
        await call.ended()
        for name in ("code_record", "code_kept_closed"):
            assert heard(call, sentence(clinic, name)), name
        recordings = kept_office(clinic).staff.voicemail_recordings
        assert recordings.keys() == {"en-closed"}
        file = clinic.box.folder / "data/greetings" / f"{recordings['en-closed']}.ulaw"
        played = clinic.box.folder / "data/asterisk/etc/sounds/voicemail_closed.ulaw"
        await until(lambda: played.read_bytes() == file.read_bytes(), HEARD_S)
        # The clinic is closed, and all of ours is dead: the caller hears it all the same.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        rings = await caller.dial(ASSISTANT)
        await rings.answered()
        await rings.hear(listening.tone(1000.0), 60.0)
        assert heard(rings, ulaw.decode(file.read_bytes()))
        await rings.hang_up()
        # Not with keys that lead nowhere.
        await clinic.box.start()
        await dialplan_has(clinic, "ask@attendant-code", clinic.box.local_base)
        back = await desk.dial("*64")
        await back.hear(listening.sound(500), 30.0)
        back.press("7")
        await back.ended()
        assert heard(back, sentence(clinic, "code_dropped"))
        assert done(clinic) == [(DESK, "greeting")]


async def test_a_greeting_that_is_dropped_changes_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, staff=STAFF) as clinic:
        desk = await clinic.phone(DESK)
        for key in ("0", ""):
            call = await desk.dial("*63")
            await call.hear(listening.tone(1000.0), 30.0)
            await call.hear(listening.silence(100), HEARD_S)
            call.say(spoken("weather"))
            await call.said()
            call.press("#")
            await hears(call, clinic, "code_keep")
            if key:
                call.press(key)
                await hears(call, clinic, "code_dropped")
                await call.ended()
            else:
                await call.hang_up()
        assert kept_office(clinic).staff.greeting_recording == ""
        assert not (clinic.box.folder / "data/greetings").exists()
        assert done(clinic) == []
