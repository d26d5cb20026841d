"""The ways in by the clock, through a real Asterisk: staff first in the hours, the assistant after them."""

import os
import signal
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.core.hours import DAYS
from appliance.store import database, office
from scripts.loopback_box import AT
from tests.asterisk.house import ASSISTANT, CALLER, DESK, House, house
from tests.asterisk.staff import HEARD_S, dialplan_has, hears
from tests.peers.phone import Manner, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

NOTICE = "If this is an emergency, hang up and dial 911."
CLOSED = "The clinic is closed now, and I am its assistant."
SAID_FIRST = "The clinic is closed"
WHOLE_DAYS = {day: [["00:00", "12:00"], ["12:01", "23:59"]] for day in DAYS}
NEVER: dict[str, Any] = {day: [] for day in DAYS}


def at_two() -> str:
    """A time zone in which it is about two in the afternoon: no minute of the test is a closed one."""
    for ahead in range(-11, 13):
        if (datetime.now(UTC) + timedelta(hours=ahead)).hour == 14:
            # The signs of these zones are turned around.
            return f"Etc/GMT{-ahead:+d}"
    raise AssertionError("one of 24 zones has that hour")


def clinic_with(hours: dict[str, Any]) -> dict[str, Any]:
    return {
        "hours": hours,
        "time_zone": at_two(),
        "desk_first_s": 5,
        "front_door": "assistant",
        "greeting_closed": CLOSED,
        "emergency_notice": NOTICE,
    }


async def assistant_answers(clinic: House) -> str:
    """A caller rings and hears the assistant; what it said first, as it is written down."""
    known = len(clinic.all_filed())
    call = await clinic.phones[CALLER].dial(ASSISTANT)
    await call.answered(HEARD_S)
    await call.hear(listening.sound(2000), HEARD_S)
    await call.hang_up()
    filed = await clinic.filed(known + 1)
    return filed[-1].turns[0].text


async def test_in_the_hours_staff_are_rung_first_and_after_them_the_assistant_answers(tmp_path: Path) -> None:
    async with house(tmp_path, staff=clinic_with(WHOLE_DAYS)) as clinic:
        await clinic.phone(CALLER)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        first = await assistant_answers(clinic)
        await desk.rung(1)
        assert "closed" not in first
        # Closed for today from the desk itself: nobody rings there any more, and callers hear why.
        code = await desk.dial("*61")
        await hears(code, clinic, "code_closed")
        await code.ended()
        await dialplan_has(clinic, "attendant-hours", '"]?off)')
        assert (await assistant_answers(clinic)).startswith(SAID_FIRST)
        assert len(desk.incoming) == 1


async def test_after_hours_no_desk_rings_and_the_greeting_says_so(tmp_path: Path) -> None:
    async with house(tmp_path, staff=clinic_with(NEVER)) as clinic:
        await clinic.phone(CALLER)
        desk = await clinic.phone(DESK)
        assert (await assistant_answers(clinic)).startswith(SAID_FIRST)
        assert desk.incoming == []
        # Who wants a person all the same has the desk rung, and may leave a message.
        desk.on_ring = Manner.busy()
        call = await clinic.phones[CALLER].dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        call.press("0")
        await desk.rung()
        await call.hear(listening.tone(1000.0), HEARD_S)
        await call.hang_up()


async def test_a_day_with_hours_of_its_own_rings_the_desk_also_while_the_box_is_dead(tmp_path: Path) -> None:
    today = datetime.now(ZoneInfo(at_two())).date().isoformat()
    staff = {**clinic_with(NEVER), "special_hours": {today: WHOLE_DAYS["monday"]}}
    async with house(tmp_path, staff=staff) as clinic:
        await clinic.phone(CALLER)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        assert "closed" not in await assistant_answers(clinic)
        await desk.rung(1)
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        call = await clinic.phones[CALLER].dial(ASSISTANT)
        await desk.rung(2)
        await call.hang_up()


EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
"""Where the day begins first and last, 25 hours apart: no time is of one date in both."""


async def rings_first(clinic: House) -> bool:
    """Whether the desk rings before the caller hears a word; the box is dead."""
    desk = clinic.phones[DESK]
    rang = len(desk.incoming)
    call = await clinic.phones[CALLER].dial(ASSISTANT)
    # Who is not led to the desk at once hears the apology before, and the offer of another language.
    await desk.rung(rang + 1, timeout_s=20.0)
    first = not len(call.heard_8k())
    await call.hang_up()
    return first


async def test_a_day_off_is_one_of_the_clinics_own_zone_while_the_box_is_dead(tmp_path: Path) -> None:
    day = datetime.now(ZoneInfo(EAST)).date().isoformat()
    staff = {**clinic_with(WHOLE_DAYS), "desk_first_when": "always", "time_zone": EAST, "closed_on": [day]}
    async with house(tmp_path, staff=staff) as clinic:
        await clinic.phone(CALLER)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        for zone, first in ((EAST, False), (WEST, True)):
            if zone == WEST:
                db = database.connect(clinic.box.database)
                with database.immediate(db):
                    office.set_value(db, "time_zone", WEST, at=AT, by="the test")
                db.close()
                await dialplan_has(clinic, "attendant-hours", WEST)
            clinic.box.signal(signal.SIGKILL)
            await clinic.box.ended()
            if datetime.now(ZoneInfo(EAST)).date().isoformat() != day:
                pytest.skip("midnight came to the east in the midst of it")
            assert await rings_first(clinic) is first, zone
            await clinic.box.start()
            await clinic.connected()


async def test_asterisk_turns_the_day_at_the_clinics_midnight(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        for zone in ("America/New_York", "America/Phoenix", "America/Puerto_Rico", "Pacific/Honolulu", EAST):
            # With the days on which the clocks change, there and elsewhere.
            for day in (date(2026, 11, 27), date(2027, 3, 14), date(2027, 3, 15), date(2026, 11, 2)):
                midnight = int(datetime.combine(day, time.min, ZoneInfo(zone)).timestamp())
                for epoch, expected in ((midnight - 1, day - timedelta(days=1)), (midnight, day)):
                    shown = await clinic.pbx.cli(f"dialplan eval function STRFTIME({epoch},{zone},%Y-%m-%d)")
                    assert expected.isoformat() in shown, (zone, day, shown)
