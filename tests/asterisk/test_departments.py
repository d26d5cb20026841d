"""A department that does not take the call, through a real Asterisk: callers come back with the reason."""

import os
from pathlib import Path

import orjson
import pytest

from appliance.core.dispositions import Outcome
from appliance.store import calls
from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.test_house import TRANSFER, greeted, spoken
from tests.asterisk.test_outside import CLINIC, FRIEND, talk
from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, PhoneCall, listening
from tests.peers.recogniser import RecogniserPeer

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

BUSY = "where everybody was busy"
AGAIN = '[[turn]]\non = "any"\nconnection = 2\nsay = "Nobody in billing can take your call."\n'


async def put_through(clinic: House) -> PhoneCall:
    """A caller who asked for billing."""
    call = await greeted(await clinic.phone(CALLER))
    call.say(spoken("say_en_billing"))
    return call


async def back_with_the_assistant(clinic: House, call: PhoneCall, why: str) -> calls.WholeCall:
    """Wait until the caller is back and hears the assistant, which knows why; the call, filed."""
    await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[1:], 20.0)
    session = clinic.cloud.sessions[1]
    await clinic.cloud.wait_for(
        lambda: (
            f"{why}, and nobody there took the call" in str(session.received_of("conversation.item.create"))
        )
    )
    await call.hear(listening.reply())
    await call.hang_up()
    (whole,) = await clinic.filed()
    return whole


def rang(whole: calls.WholeCall) -> list[tuple[str, str]]:
    found = [orjson.loads(row.data) for row in whole.events if row.kind == "PhonesRang"]
    return [(each["department"], each["result"]) for each in found]


async def test_a_desk_that_declines_when_it_is_asked_brings_the_caller_back(tmp_path: Path) -> None:
    async with house(tmp_path, AGAIN + TRANSFER) as clinic:
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.3)
        call = await put_through(clinic)
        taken = await nurse.rung(timeout_s=20.0)
        await taken.answered()
        await taken.hear(listening.sound(), 20.0)
        taken.press("2")
        await taken.ended()
        assert taken.ended_by == "them"
        whole = await back_with_the_assistant(clinic, call, BUSY)
        assert rang(whole) == [("billing", "busy")]
        assert whole.call.outcome is not Outcome.TRANSFERRED


@pytest.mark.parametrize(
    ("nurse", "result", "why"),
    [
        (Manner.busy(), "busy", BUSY),
        (Manner.declines(0.3), "busy", BUSY),
        (Manner.never_answers(), "no-answer", "where it rang unanswered"),
    ],
    ids=["busy", "declined by its key", "unanswered"],
)
async def test_a_desk_that_is_not_reached_brings_the_caller_back_with_the_reason(
    nurse: Manner, result: str, why: str, tmp_path: Path
) -> None:
    async with house(tmp_path, AGAIN + TRANSFER) as clinic:
        (await clinic.phone(NURSE)).on_ring = nurse
        call = await put_through(clinic)
        whole = await back_with_the_assistant(clinic, call, why)
        assert rang(whole) == [("billing", result)]


async def test_a_menu_is_led_through_by_voice(tmp_path: Path) -> None:
    async with RecogniserPeer(speech.SPEECH_FOLDER) as ears:
        settings = {"speech": {"recognition_uri": ears.uri}}
        async with house(tmp_path, staff={"front_door": "menu"}, settings=settings) as clinic:
            nurse, desk = await clinic.phone(NURSE), await clinic.phone(DESK)
            nurse.on_ring = desk.on_ring = Manner.answers(0.3)
            caller = await clinic.phone(CALLER)
            call = await caller.dial(ASSISTANT)
            await call.answered()
            await call.hear(listening.reply(), 30.0)
            call.say(spoken("say_en_hours"))
            await call.hear(listening.sound(1000), 20.0)
            # Over what it says.
            call.say(spoken("say_en_billing"))
            taken = await nurse.rung(timeout_s=20.0)
            await taken.answered()
            await taken.hear(listening.reply(), 20.0)
            taken.press("1")
            await talk(taken, call)
            assert desk.incoming == []
            await taken.hang_up()
            await call.ended()
            (whole,) = await clinic.filed()
            said = " ".join(turn.text for turn in whole.turns)
            assert "We are open" in said
            assert whole.call.outcome is Outcome.TRANSFERRED


async def test_a_menu_is_led_through_by_keys(tmp_path: Path) -> None:
    async with house(tmp_path, staff={"front_door": "menu"}) as clinic:
        nurse, caller = await clinic.phone(NURSE), await clinic.phone(CALLER)
        nurse.on_ring = Manner.answers(0.3)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        # Over the greeting; then to the end of what it says.
        call.press("1")
        await call.hear(listening.reply(), 30.0)
        call.press("2")
        await call.hear(listening.sound(), 20.0)
        call.press("1")
        taken = await nurse.rung(timeout_s=20.0)
        await taken.answered()
        await taken.hear(listening.reply(), 20.0)
        taken.press("1")
        await talk(taken, call)
        await taken.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert "We are open" in " ".join(turn.text for turn in whole.turns)
        assert whole.call.outcome is Outcome.TRANSFERRED


async def test_a_number_outside_is_shown_what_staff_decided(tmp_path: Path) -> None:
    async with Phone("provider") as provider:
        trunk = {"host": f"127.0.0.1:{provider.where[1]}", "from_networks": ["127.0.0.1/32"]}
        async with house(
            tmp_path,
            TRANSFER,
            staff={"caller_id": CLINIC},
            settings={"asterisk.trunk": trunk},
            departments={"Billing": [FRIEND, NURSE]},
        ) as clinic:
            nurse = await clinic.phone(NURSE)
            nurse.on_ring = Manner.answers(0.3)
            provider.on_ring = Manner.busy()
            call = await provider.dial(f"sip:{ASSISTANT}@127.0.0.1:{clinic.ports.sip}", number="+14155550177")
            await call.answered()
            await call.hear(listening.reply())
            call.say(spoken("say_en_billing"))
            out = await provider.rung(timeout_s=20.0)
            assert out.caller_number == CLINIC
            assert out.asserted is None or out.asserted.uri.number == CLINIC
            assert "+14155550177" not in str(out.invite)
            # A phone of the house sees who calls.
            taken = await nurse.rung(timeout_s=20.0)
            assert taken.caller_number == "+14155550177"
            await call.hang_up()
