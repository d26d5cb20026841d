"""A caller hangs up, in every state that a call can be in: phones stop ringing, and nothing of it is left."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.core.dispositions import Outcome
from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.staff import shows
from tests.asterisk.test_faults import both_hear
from tests.asterisk.test_house import TRANSFER, greeted, spoken
from tests.golden.clinic import until
from tests.peers.phone import Manner, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

GONE_S = 5.0
HEARS_S = 30.0
Reach = Callable[[House], Awaitable[PhoneCall]]


async def answered(clinic: House) -> PhoneCall:
    """A call with the assistant, which speaks."""
    call = await clinic.phones[CALLER].dial(ASSISTANT)
    await call.answered()
    await call.hear(listening.sound())
    return call


async def desk_first(clinic: House) -> PhoneCall:
    clinic.phones[DESK].on_ring = Manner.never_answers()
    call = await clinic.phones[CALLER].dial(ASSISTANT)
    await clinic.phones[DESK].rung()
    return call


async def greeted_only(clinic: House) -> PhoneCall:
    return await greeted(clinic.phones[CALLER])


async def in_a_sentence(clinic: House) -> PhoneCall:
    call = await greeted(clinic.phones[CALLER])
    call.say(spoken("jfk"))
    return call


async def people_ring(clinic: House) -> PhoneCall:
    clinic.phones[DESK].on_ring = Manner.never_answers()
    call = await answered(clinic)
    call.press("0")
    await clinic.phones[DESK].rung(timeout_s=HEARS_S)
    return call


async def department_rings(clinic: House) -> PhoneCall:
    clinic.phones[NURSE].on_ring = Manner.never_answers()
    call = await greeted(clinic.phones[CALLER])
    call.say(spoken("say_en_billing"))
    await clinic.phones[NURSE].rung(timeout_s=HEARS_S)
    return call


async def desk_is_asked(clinic: House) -> PhoneCall:
    clinic.phones[NURSE].on_ring = Manner.answers(0.2)
    call = await greeted(clinic.phones[CALLER])
    call.say(spoken("say_en_billing"))
    taken = await clinic.phones[NURSE].rung(timeout_s=HEARS_S)
    await taken.answered()
    await taken.hear(listening.sound())
    return call


async def with_the_desk(clinic: House) -> PhoneCall:
    clinic.phones[DESK].on_ring = Manner.answers(0.2)
    call = await answered(clinic)
    call.press("0")
    taken = await clinic.phones[DESK].rung(timeout_s=HEARS_S)
    await taken.answered()
    await both_hear(call, taken)
    return call


async def on_hold(clinic: House) -> PhoneCall:
    call = await with_the_desk(clinic)
    await clinic.phones[DESK].incoming[-1].hold()
    return call


async def handed_on(clinic: House) -> PhoneCall:
    call = await with_the_desk(clinic)
    clinic.phones[NURSE].on_ring = Manner.never_answers()
    taken = clinic.phones[DESK].incoming[-1]
    await taken.refer(NURSE)
    await taken.hang_up()
    await clinic.phones[NURSE].rung(timeout_s=HEARS_S)
    return call


async def asked_for_a_message(clinic: House) -> PhoneCall:
    clinic.phones[DESK].on_ring = Manner.busy()
    call = await answered(clinic)
    call.press("0")
    await clinic.phones[DESK].rung(timeout_s=HEARS_S)
    await call.hear(listening.sound(400), HEARS_S)
    return call


async def at_the_tone(clinic: House) -> PhoneCall:
    call = await asked_for_a_message(clinic)
    await call.hear(listening.tone(1000.0), HEARS_S)
    return call


async def told_that_we_are_away(clinic: House) -> PhoneCall:
    await until((clinic.pbx.etc / "sounds/fallback.ulaw").exists, HEARS_S)
    clinic.box.signal(signal.SIGKILL)
    await clinic.box.ended()
    call = await clinic.phones[CALLER].dial(ASSISTANT)
    await call.hear(listening.sound(), HEARS_S)
    await clinic.box.start()
    return call


STATES: dict[str, tuple[Reach, Outcome]] = {
    "the desk rings first": (desk_first, Outcome.ABANDONED),
    "in the greeting": (answered, Outcome.ABANDONED),
    "after the greeting": (greeted_only, Outcome.ABANDONED),
    "while speaking": (in_a_sentence, Outcome.ABANDONED),
    "people ring": (people_ring, Outcome.ABANDONED),
    "a department rings": (department_rings, Outcome.HANDLED),
    "a desk is asked": (desk_is_asked, Outcome.HANDLED),
    "with the desk": (with_the_desk, Outcome.TRANSFERRED),
    "on hold": (on_hold, Outcome.TRANSFERRED),
    "handed on": (handed_on, Outcome.TRANSFERRED),
    "asked for a message": (asked_for_a_message, Outcome.UNANSWERED),
    "at the tone": (at_the_tone, Outcome.UNANSWERED),
    "told that we are away": (told_that_we_are_away, Outcome.ABANDONED),
}


@pytest.mark.parametrize("state", STATES)
async def test_a_caller_who_hangs_up_leaves_nothing_behind(state: str, tmp_path: Path) -> None:
    reach, outcome = STATES[state]
    staff: dict[str, Any] = {"ring_s": 30}
    if state == "the desk rings first":
        staff |= {"desk_first_s": 30, "desk_first_when": "always"}
    async with house(tmp_path, TRANSFER, staff=staff) as clinic:
        for extension in (CALLER, DESK, NURSE):
            await clinic.phone(extension)
        call = await reach(clinic)
        await call.hang_up()
        async with asyncio.timeout(GONE_S):
            await shows(clinic, "core show channels count", "0 active channels")
        # No phone rings on, and none is held in a call.
        for extension in (DESK, NURSE):
            assert all(each.over for each in clinic.phones[extension].incoming)
        (whole,) = await clinic.filed()
        assert whole.call.outcome is outcome
        assert clinic.open_calls() == 0
