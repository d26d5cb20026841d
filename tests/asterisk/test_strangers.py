"""What strangers, callers and telephones of the house try at a real Asterisk, and must not get."""

import os
from pathlib import Path

import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, house
from tests.asterisk.test_house import GREETING, greeted
from tests.asterisk.test_outside import FRIEND, STRANGER, outside, talk
from tests.peers.phone import Manner, Phone, listening
from tests.peers.phone.asking import Refused

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

FORBIDDEN = 403
UNKNOWN = 401


async def test_a_phone_outside_the_lan_is_refused_whatever_its_password(tmp_path: Path) -> None:
    lan = {"asterisk": {"phone_networks": ["10.0.0.0/8"]}}
    async with house(tmp_path, GREETING, settings=lan) as clinic:
        with pytest.raises(Refused) as refused:
            await clinic.phone(DESK)
        assert refused.value.status in (UNKNOWN, FORBIDDEN)
        server = ("127.0.0.1", clinic.ports.sip)
        async with Phone(DESK, clinic.secrets[DESK], server=server) as phone:
            call = await phone.dial(ASSISTANT)
            await call.ended()
            assert call.status in (UNKNOWN, FORBIDDEN)
        assert clinic.cloud.sessions == []


@pytest.mark.parametrize("user", [DESK, "anonymous", "attendant-desk", "attendant-phone"])
async def test_who_does_not_know_a_password_reaches_nobody(user: str, tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        desk = await clinic.phone(DESK)
        async with Phone(user, "guessed", server=("127.0.0.1", clinic.ports.sip)) as stranger:
            for dialled in (ASSISTANT, DESK, "*61", "911"):
                call = await stranger.dial(dialled)
                await call.ended()
                assert call.status in (UNKNOWN, FORBIDDEN), dialled
            with pytest.raises(Refused):
                await stranger.register()
        assert desk.incoming == []
        assert clinic.cloud.sessions == []


async def test_a_phone_that_forwards_its_calls_outside_is_not_followed(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic = there.clinic
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        call = await greeted(caller)
        call.press("0")
        rings = await desk.rung()
        # Forwarded by its own key: to a number that it may dial itself, and to a code.
        taken = rings.leg.taken
        assert taken is not None
        target = f"<sip:{FRIEND}@127.0.0.1:{clinic.ports.sip}>"
        rings.leg.answer(taken, 302, (("Contact", target),))
        await call.hear(listening.tone(1000.0), 20.0)
        assert there.carried == []
        await call.hang_up()


async def test_no_key_of_a_caller_or_a_desk_in_a_call_does_anything(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.2)
        caller = await provider.dial(f"sip:{ASSISTANT}@127.0.0.1:{clinic.ports.sip}", number=STRANGER)
        await caller.answered()
        await caller.hear(listening.sound())
        caller.press("0")
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        await talk(caller, taken)
        for end in (caller, taken):
            # Blind and attended transfer, parking, recording, hanging up: as they are in other dialplans.
            end.press(f"##{FRIEND.removeprefix('+')}#*2{NURSE}#*1*0#72700")
            await end.said()
        await talk(caller, taken)
        await talk(taken, caller)
        assert there.carried == []
        await taken.hang_up()
        await caller.ended()


async def test_a_provider_cannot_hand_its_callers_on_by_itself(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        call = await provider.dial(f"sip:{ASSISTANT}@127.0.0.1:{clinic.ports.sip}", number=STRANGER)
        await call.answered()
        await call.hear(listening.sound())
        for wanted in (FRIEND, NURSE, "*61", "911"):
            with pytest.raises(Refused):
                await call.refer(f"sip:{wanted}@127.0.0.1:{clinic.ports.sip}")
        await call.hang_up()
        assert there.carried == []


async def test_a_caller_who_shows_an_extension_of_the_house_is_no_phone_of_the_house(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        nurse = await clinic.phone(NURSE)
        # One that is nobody's here, and one whose phone would have to give its password.
        for shown in ("150", NURSE):
            for dialled in ("*61", FRIEND, NURSE):
                call = await provider.dial(f"sip:{dialled}@127.0.0.1:{clinic.ports.sip}", number=shown)
                if shown == "150" and not dialled.startswith("*"):
                    await call.answered()
                    await call.hear(listening.reply())
                    await call.hang_up()
                else:
                    await call.ended()
                    assert call.status in (UNKNOWN, FORBIDDEN, 404)
        assert there.carried == []
        assert nurse.incoming == []
