"""0, and danger, where no ear of ours listens: while phones ring, while a desk is asked, on hold."""

import os
from pathlib import Path

import pytest

from appliance.core.dispositions import Outcome
from tests.asterisk.house import CALLER, DESK, NURSE, house
from tests.asterisk.test_departments import put_through, rang
from tests.asterisk.test_hang_ups import HEARS_S, desk_is_asked, on_hold
from tests.asterisk.test_house import GREETING, TRANSFER
from tests.asterisk.test_outside import talk
from tests.peers.phone import Manner, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

LATE = f"""{GREETING}
[[turn]]
on = "utterance"
heard = "billing please, I cannot breathe"
heard_after_ms = 4000
calls = [{{ name = "transfer_to_department", arguments = '{{"department": "billing"}}' }}]

[[turn]]
on = "tool_output"
say = "Billing."
"""
"""The service has words for what was said when the caller has left already."""


async def test_zero_leads_on_while_phones_ring_and_before_a_message(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER, staff={"ring_s": 30}) as clinic:
        nurse, desk = await clinic.phone(NURSE), await clinic.phone(DESK)
        nurse.on_ring = desk.on_ring = Manner.never_answers()
        call = await put_through(clinic)
        ringing = await nurse.rung(timeout_s=HEARS_S)
        # Any other key does nothing there.
        call.press("5")
        call.press("0")
        await ringing.ended()
        ringing = await desk.rung(timeout_s=HEARS_S)
        call.press("0")
        await ringing.ended()
        await call.hear(listening.silence(200), HEARS_S)
        await call.hear(listening.sound(400), HEARS_S)
        desk.on_ring = Manner.answers(0.2)
        call.press("0")
        taken = await desk.rung(2, timeout_s=HEARS_S)
        await taken.answered()
        await talk(call, taken)
        await taken.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert rang(whole) == [
            ("billing", "canceled"),
            ("front-desk", "canceled"),
            ("front-desk", "answered"),
        ]
        assert whole.call.outcome is Outcome.TRANSFERRED
        assert len(nurse.incoming) == 1


async def test_zero_leads_on_while_a_desk_is_asked_and_on_hold(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER, staff={"ring_s": 30}) as clinic:
        caller, nurse, desk = [await clinic.phone(number) for number in (CALLER, NURSE, DESK)]
        held = await on_hold(clinic)
        taken = desk.incoming[-1]
        held.press("5")
        held.press("0")
        await taken.ended()
        again = await desk.rung(2, timeout_s=HEARS_S)
        await again.answered()
        await talk(held, again)
        # Who is not on hold presses 0 for whoever asked for it.
        held.press("0")
        await talk(again, held)
        await again.hang_up()
        await held.ended()
        (whole,) = await clinic.filed()
        assert rang(whole) == [("front-desk", "answered"), ("front-desk", "answered")]
        desk.on_ring = Manner.never_answers()
        call = await desk_is_asked(clinic)
        call.press("0")
        await nurse.incoming[-1].ended()
        await desk.rung(3, timeout_s=HEARS_S)
        await call.hang_up()
        _, whole = await clinic.filed(2)
        assert rang(whole) == [("billing", "canceled"), ("front-desk", "canceled")]
        assert caller.incoming == []


async def test_danger_whose_words_are_late_is_answered_while_the_department_rings(tmp_path: Path) -> None:
    async with house(tmp_path, LATE, staff={"ring_s": 30}) as clinic:
        nurse, desk = await clinic.phone(NURSE), await clinic.phone(DESK)
        nurse.on_ring, desk.on_ring = Manner.never_answers(), Manner.answers(0.2)
        call = await put_through(clinic)
        ringing = await nurse.rung(timeout_s=HEARS_S)
        await ringing.ended(HEARS_S)
        taken = await desk.rung(timeout_s=HEARS_S)
        await taken.answered()
        await talk(call, taken)
        await taken.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert "This sounds like an emergency" in " ".join(turn.text for turn in whole.turns)
        assert rang(whole) == [("billing", "canceled"), ("front-desk", "answered")]
