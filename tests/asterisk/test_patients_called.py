"""Patients whom a desk called, through a real Asterisk: handed on, they are as safe as those who rang us."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE
from tests.asterisk.test_faults import without_manager
from tests.asterisk.test_house import GREETING, TRANSFER, greeted, spoken
from tests.asterisk.test_outside import FRIEND, PREMIUM, Outside, outside, talk
from tests.peers.phone import Manner, Phone, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

PATIENT_EXTENSION = CALLER


@asynccontextmanager
async def called(
    folder: Path, script: str = GREETING
) -> AsyncIterator[tuple[Outside, Phone, PhoneCall, PhoneCall]]:
    """The desk has called a patient over the trunk: the house, the desk, its call, and the patient's end."""
    async with outside(folder, script) as there:
        there.provider.on_ring = Manner.answers(0.2)
        desk = await there.clinic.phone(DESK)
        call = await desk.dial(FRIEND)
        patient = await there.provider.rung()
        await call.answered()
        await talk(call, patient)
        yield there, desk, call, patient


@pytest.mark.parametrize(
    "nurse", [Manner.busy(), Manner.declines(0.3), Manner.never_answers(), None], ids=str
)
async def test_one_who_is_handed_on_to_nobody_reaches_the_front_desk(
    nurse: Manner | None, tmp_path: Path
) -> None:
    async with called(tmp_path) as (there, desk, call, patient):
        if nurse is not None:
            (await there.clinic.phone(NURSE)).on_ring = nurse
        desk.on_ring = Manner.answers(0.2)
        await call.refer(NURSE)
        await call.hang_up()
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        assert taken.caller_number == FRIEND
        await talk(patient, taken)
        await talk(taken, patient)
        await taken.hang_up()
        await patient.ended()
        (whole,) = await there.clinic.filed()
        assert whole.call.from_number == FRIEND


async def test_one_who_is_handed_on_to_no_allowed_number_stays_with_the_desk(tmp_path: Path) -> None:
    async with called(tmp_path) as (there, desk, call, patient):
        for forbidden in (PREMIUM, PREMIUM.removeprefix("+1"), "*61", "2125550155"):
            asked = await call.refer(forbidden)
            assert asked.status == 404, forbidden
        await talk(patient, call)
        assert there.carried == [f"sip:{FRIEND}"]
        # A number that is allowed and busy leads to people.
        there.provider.on_ring = Manner.busy()
        await call.refer("4155550166")
        await call.hang_up()
        desk.on_ring = Manner.answers(0.2)
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        await talk(patient, taken)
        assert there.carried == [f"sip:{FRIEND}", "sip:+14155550166"]


async def test_one_who_is_handed_on_to_the_assistant_is_led_on_by_it(tmp_path: Path) -> None:
    async with called(tmp_path, TRANSFER) as (there, desk, call, patient):
        desk.on_ring = Manner.answers(0.2)
        await call.refer(ASSISTANT)
        await call.hang_up()
        await patient.hear(listening.reply(), 20.0)
        patient.press("0")
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        await talk(patient, taken)
        # And once more.
        await taken.refer(ASSISTANT)
        await taken.hang_up()
        await there.clinic.cloud.wait_for(lambda: there.clinic.cloud.sessions[1:], 20.0)
        await patient.hear(listening.sound(), 20.0)
        await patient.hang_up()
        (whole,) = await there.clinic.filed()
        assert whole.call.from_number == FRIEND
        assert there.clinic.open_calls() == 0


@pytest.mark.parametrize("manager", ["there", "away"])
async def test_one_who_is_connected_with_the_assistant_goes_where_it_promises(
    manager: str, tmp_path: Path
) -> None:
    async with called(tmp_path, TRANSFER) as (there, desk, call, patient):
        clinic = there.clinic
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.3)
        await call.hold()
        asked = await greeted(desk)
        async with without_manager(clinic) if manager == "away" else nullcontext():
            await call.refer_to(asked)
            await call.hang_up()
            await patient.hear(listening.silence())
            patient.say(spoken("say_en_billing"))
            other = await nurse.rung(timeout_s=20.0)
            await other.answered()
            await other.hear(listening.reply(), 20.0)
            other.press("1")
            await patient.hear(listening.silence())
            await talk(patient, other)
            await talk(other, patient)
            assert desk.incoming == []
            await other.hang_up()
            await patient.ended()
        await clinic.healthy("ok")
        await clinic.filed(1)
        assert clinic.open_calls() == 0


async def test_one_who_is_handed_on_while_it_rings_is_not_dropped_when_nobody_answers(tmp_path: Path) -> None:
    async with called(tmp_path) as (there, desk, call, patient):
        nurse = await there.clinic.phone(NURSE)
        nurse.on_ring = Manner.never_answers()
        desk.on_ring = Manner.answers(0.2)
        await call.hold()
        second = await desk.dial(NURSE)
        rings = await nurse.rung()
        await second.rang()
        await call.refer_to(second)
        await call.hang_up()
        rings.refuse(486)
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        assert taken.caller_number == FRIEND
        await talk(patient, taken)
        await talk(taken, patient)


async def test_a_phone_of_the_house_that_a_desk_called_is_not_dropped_either(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic = there.clinic
        desk, patient = await clinic.phone(DESK), await clinic.phone(PATIENT_EXTENSION)
        patient.on_ring = desk.on_ring = Manner.answers(0.2)
        call = await desk.dial(PATIENT_EXTENSION)
        talks = await patient.rung()
        await call.answered()
        await talk(call, talks)
        # No phone of the nurses is there.
        await call.refer(NURSE)
        await call.hang_up()
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        assert taken.caller_number == PATIENT_EXTENSION
        await talk(talks, taken)


async def test_a_call_that_a_desk_ends_is_over(tmp_path: Path) -> None:
    async with called(tmp_path) as (there, _desk, call, patient):
        await call.hang_up()
        await patient.ended(2.0)
        assert there.clinic.open_calls() == 0
        assert there.clinic.all_filed() == []
