"""Numbers outside, through a real Asterisk and a trunk: what desk phones may call, and what no caller can."""

import os
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.store import database, phones
from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.staff import done, hears, shows
from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, PhoneCall, Registrar, listening
from tests.peers.phone.sound import as_pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

CLINIC, FRIEND, STRANGER = "+14155550001", "+14155550155", "+12125550155"
PREMIUM = "+14159765500"
GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning, this is the clinic speaking."\n'
PASSWORD = "secret-of-the-trunk"


def spoken(name: str) -> bytes:
    """A recording as a phone says it."""
    return b"".join(speech.load(name).frames)


@dataclass(frozen=True, slots=True)
class Outside:
    """A house with a trunk, whose provider is a phone."""

    clinic: House
    provider: Phone

    @property
    def carried(self) -> list[str]:
        """What was dialled over the trunk."""
        return [call.invite.uri.partition("@")[0] for call in self.provider.incoming if call.invite]


@asynccontextmanager
async def outside(
    folder: Path, script: str = GREETING, public: Collection[str] = (), **staff: object
) -> AsyncIterator[Outside]:
    registrar = Registrar({"clinic": PASSWORD}, unknown_first=False)
    async with Phone("provider", registrar=registrar) as provider:
        trunk = {
            "host": f"127.0.0.1:{provider.where[1]}",
            "user": "clinic",
            "caller_id": CLINIC,
            "from_networks": ["127.0.0.1/32"],
        }
        given = {"outside_prefixes": ["+1415"], **staff}
        async with house(
            folder,
            script,
            staff=given,
            settings={"asterisk.trunk": trunk},
            passwords={"trunk_secret": PASSWORD},
            public=public,
        ) as clinic:
            await provider.wait_for(lambda: registrar.contacts.get("clinic"))
            yield Outside(clinic, provider)


async def talk(one: PhoneCall, other: PhoneCall) -> None:
    """One speaks and the other hears it."""
    one.say(spoken("weather"))
    await other.hear(listening.recording(as_pcm(spoken("weather"), 8000)), 20.0)


async def test_a_desk_calls_out_to_allowed_numbers_only_and_shows_the_clinics(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        desk = await clinic.phone(DESK)
        for dialled in (FRIEND, "4155550155", "14155550155", "01114155550155"):
            seen = len(provider.incoming)
            call = await desk.dial(dialled)
            out = await provider.rung(seen + 1)
            assert out.invite is not None
            assert out.invite.uri.startswith(f"sip:{FRIEND}@")
            assert out.caller_number == CLINIC
            assert out.asserted is None or out.asserted.uri.number == CLINIC
            assert DESK not in out.caller_name
            await out.answered()
            await call.answered()
            await talk(call, out)
            await call.hang_up()
            await out.ended()
        help_wanted = await desk.dial("911")
        out = await provider.rung(5)
        assert out.invite is not None
        assert out.invite.uri.startswith("sip:911@")
        assert out.caller_number == CLINIC
        await help_wanted.hang_up()
        for dialled in (STRANGER, "2125550155", PREMIUM, "4159765500", "01144205550155"):
            call = await desk.dial(dialled)
            await hears(call, clinic, "not_allowed")
            await call.ended()
            assert call.status == 403
        assert len(there.carried) == 5


async def test_desk_phones_call_each_other(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        desk, nurse = await there.clinic.phone(DESK), await there.clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.2)
        call = await desk.dial(NURSE)
        taken = await nurse.rung()
        await call.answered()
        assert taken.caller_number == DESK
        await talk(call, taken)
        await call.hang_up()
        await taken.ended()
        assert there.carried == []


async def test_a_caller_reaches_no_number_outside_whatever_is_keyed(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        # From the trunk, whatever it dials; every number leads to the clinic.
        for number in (FRIEND, STRANGER, "911", DESK):
            call = await provider.dial(f"sip:{number}@127.0.0.1:{clinic.ports.sip}", number="+14155550177")
            await call.answered()
            await call.hear(listening.reply())
            call.press(f"9{FRIEND.removeprefix('+')}#")
            await call.said()
            await call.hear(listening.sound())
            await call.hang_up()
        assert there.carried == []
        code = await provider.dial(f"sip:*61@127.0.0.1:{clinic.ports.sip}", number="+14155550177")
        await code.ended()
        assert code.status == 404
        # Nothing of what a caller's call goes through holds a way out that a key could choose.
        for context in ("attendant", "attendant-from-trunk", "attendant-ring"):
            shown = await clinic.pbx.cli(f"dialplan show {context}")
            assert "attendant-trunk" not in shown
            assert "attendant-outside" not in shown
            assert "Include" not in shown
        for dialled in (FRIEND, STRANGER, "911", "4155550155"):
            shown = await clinic.pbx.cli(f"dialplan show {dialled}@attendant")
            assert "no existence" in shown


async def test_a_desk_hands_a_caller_on_to_an_allowed_number_only(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic, provider = there.clinic, there.provider
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.2)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await taken.hold()
        for forbidden in (STRANGER, "*61", "2125550155"):
            asked = await taken.refer(forbidden)
            assert asked.status == 404, forbidden
        await taken.resume()
        await talk(call, taken)
        assert there.carried == []
        # Nobody is there: the caller is not dropped, the front desk rings again.
        provider.on_ring = Manner.busy()
        await taken.refer(FRIEND)
        await provider.rung()
        taken = await desk.rung(2)
        await taken.answered()
        await talk(call, taken)
        provider.on_ring = Manner.answers(0.2)
        await taken.refer(FRIEND)
        out = await provider.rung(2)
        await out.answered()
        assert out.caller_number == CLINIC
        await talk(call, out)
        await out.hang_up()
        await call.ended()


async def test_a_phone_in_the_waiting_room_calls_the_house_and_help_alone(tmp_path: Path) -> None:
    async with outside(tmp_path, public={CALLER}) as there:
        clinic, provider = there.clinic, there.provider
        patient, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        for dialled in (FRIEND, "4155550155", "*61", "*63"):
            call = await patient.dial(dialled)
            await hears(call, clinic, "not_allowed")
            await call.ended()
            assert call.status == 403, dialled
        assert done(clinic) == []
        assert there.carried == []
        help_wanted = await patient.dial("911")
        await provider.rung()
        assert there.carried == ["sip:911"]
        await help_wanted.hang_up()
        desk.on_ring = Manner.answers(0.2)
        call = await patient.dial(DESK)
        taken = await desk.rung()
        await call.answered()
        await talk(call, taken)
        # Nor may it have the house call out, by handing the desk on.
        for forbidden in (FRIEND, "4155550155", "*61"):
            asked = await call.refer(forbidden)
            assert asked.status == 404, forbidden
        await call.hang_up()
        await taken.ended()
        assert there.carried == ["sip:911"]
        # Staff decide it anew, and two seconds later it holds.
        db = database.connect(clinic.box.database)
        with database.immediate(db):
            phones.change(db, CALLER, staff=True)
        db.close()
        await shows(clinic, f"pjsip show endpoint {CALLER}", "attendant-from-desk")
        provider.on_ring = Manner.answers(0.2)
        call = await patient.dial(FRIEND)
        await call.answered()
        assert there.carried == ["sip:911", f"sip:{FRIEND}"]
        await call.hang_up()
