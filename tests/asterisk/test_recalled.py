"""A desk hands a caller on and nobody is there, on a real Asterisk: it rings again, and then others."""

import os
from pathlib import Path

import orjson
import pytest

from appliance.core.dispositions import Outcome
from appliance.store import calls
from tests.asterisk.house import CALLER, DESK, NURSE, House, house
from tests.asterisk.test_house import TRANSFER, greeted, spoken
from tests.asterisk.test_outside import talk
from tests.peers.phone import Manner, Phone, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]


async def with_the_nurse(clinic: House) -> tuple[PhoneCall, PhoneCall, Phone]:
    """A caller and a nurse, who has taken the call for billing: both ends, and her phone."""
    caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
    nurse.on_ring = Manner.answers(0.3)
    call = await greeted(caller)
    call.say(spoken("say_en_billing"))
    taken = await nurse.rung(timeout_s=20.0)
    await taken.answered()
    await taken.hear(listening.reply(), 20.0)
    taken.press("1")
    await call.hear(listening.silence())
    await talk(call, taken)
    return call, taken, nurse


def rang(whole: calls.WholeCall) -> list[tuple[str, str]]:
    found = [orjson.loads(row.data) for row in whole.events if row.kind == "PhonesRang"]
    return [(each["department"], each["result"]) for each in found]


@pytest.mark.parametrize("desk", [Manner.busy(), Manner.never_answers()], ids=["busy", "unanswered"])
async def test_the_desk_that_handed_a_caller_on_rings_again_before_others(
    desk: Manner, tmp_path: Path
) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        call, taken, nurse = await with_the_nurse(clinic)
        front = await clinic.phone(DESK)
        front.on_ring = desk
        await taken.refer(DESK)
        await taken.hang_up()
        again = await nurse.rung(2, timeout_s=20.0)
        assert again.caller_number == CALLER
        await again.answered()
        await talk(call, again)
        await talk(again, call)
        # The front desk was tried once, as the one to whom the caller was handed.
        assert len(front.incoming) == 1
        await again.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED
        assert [department for department, _ in rang(whole)] == ["billing", DESK, NURSE]


async def test_when_it_does_not_answer_either_people_ring_and_then_a_message_is_taken(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        call, taken, nurse = await with_the_nurse(clinic)
        front = await clinic.phone(DESK)
        front.on_ring, nurse.on_ring = Manner.busy(), Manner.never_answers()
        await taken.refer(DESK)
        await taken.hang_up()
        await nurse.rung(2, timeout_s=20.0)
        await front.rung(2, timeout_s=20.0)
        await call.hear(listening.tone(1000.0), 30.0)
        call.say(spoken("weather"))
        await call.said()
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.VOICEMAIL
        assert rang(whole)[1:] == [(DESK, "busy"), (NURSE, "no-answer"), ("front-desk", "busy")]


async def test_one_who_is_handed_on_while_it_rings_comes_back_as_well(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        call, taken, nurse = await with_the_nurse(clinic)
        front = await clinic.phone(DESK)
        front.on_ring = Manner.never_answers()
        await taken.hold()
        second = await nurse.dial(DESK)
        rings = await front.rung()
        await second.rang()
        await taken.refer_to(second)
        await taken.hang_up()
        rings.refuse(486)
        again = await nurse.rung(2, timeout_s=20.0)
        await again.answered()
        await talk(call, again)


async def test_one_who_is_handed_on_to_a_phone_that_is_away_by_a_phone_that_is_away_reaches_people(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        call, taken, nurse = await with_the_nurse(clinic)
        front = await clinic.phone(DESK)
        front.on_ring = Manner.answers(0.3)
        await nurse.unregister()
        # Nobody has registered there: an extension of the house all the same.
        await clinic.phones[CALLER].unregister()
        await taken.refer(CALLER)
        await taken.hang_up()
        reached = await front.rung(timeout_s=20.0)
        await reached.answered()
        await talk(call, reached)
        assert reached.caller_number == CALLER
