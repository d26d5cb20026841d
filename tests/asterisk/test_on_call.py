"""The on-call rota over the trunk of a real Asterisk: one after the other, until somebody presses 1."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.core.callbacks import Cause, Urgency
from appliance.core.hours import DAYS
from appliance.store import callback_causes, callback_rows, database, rota
from appliance.store.callback_causes import Reason
from tests.asterisk.house import House
from tests.asterisk.staff import HEARD_S, heard, sentence
from tests.asterisk.test_outside import CLINIC, FRIEND, STRANGER, outside
from tests.golden.clinic import until
from tests.peers.phone import Manner, Phone, PhoneCall, listening

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

BEN = "+14155550156"
AT_NIGHT: dict[str, Any] = {
    "hours": dict.fromkeys(DAYS, ()),
    "escalation": [{"by": "rota", "which": "urgent"}],
    "on_call_rota": [{"people": [{"name": "Ana", "number": FRIEND}, {"name": "Ben", "number": BEN}]}],
}
RUNG_S = 60.0


def waits(clinic: House, number: str = STRANGER) -> int:
    """Somebody has waited for two hours to be called back: the entry."""
    db = database.connect(clinic.box.database)
    try:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        reason = Reason(f"message {number}", Cause.VOICEMAIL, long_ago, number, Urgency.EMERGENCY)
        with database.immediate(db):
            return callback_causes.note(db, reason)
    finally:
        db.close()


def stands(clinic: House, entry: int) -> tuple[str, list[tuple[str, str]]]:
    """Whose the entry is, and what became of each telephone."""
    db = database.connect_readonly(clinic.box.database)
    try:
        runs = rota.of_entry(db, entry)
        rings = [(ring.name, ring.became) for run in runs for ring in run.rings]
        return callback_rows.get(db, entry).owner, rings
    finally:
        db.close()


def answered(clinic: House, entry: int) -> bool:
    """Whether the telephone that rings was answered."""
    db = database.connect_readonly(clinic.box.database)
    try:
        ringing = [run.ringing for run in rota.of_entry(db, entry)]
        return any(ring is not None and ring.answered_at is not None for ring in ringing)
    finally:
        db.close()


async def rung(provider: Phone, count: int) -> PhoneCall:
    """The telephone that is rung in this place."""
    return await provider.rung(count, RUNG_S)


def dialled(call: PhoneCall) -> str:
    assert call.invite is not None
    return call.invite.uri.partition("@")[0]


async def asked(clinic: House, entry: int, call: PhoneCall) -> None:
    """Wait until who took the call is asked."""
    await until(lambda: answered(clinic, entry), RUNG_S)
    await call.hear(listening.sound(500), HEARD_S)


async def test_one_after_the_other_is_rung_until_somebody_presses_1(tmp_path: Path) -> None:
    async with outside(tmp_path, **AT_NIGHT) as there:
        clinic, provider = there.clinic, there.provider
        provider.on_ring = Manner.busy()
        entry = waits(clinic)
        first = await rung(provider, 1)
        assert (dialled(first), first.caller_number) == (f"sip:{FRIEND}", CLINIC)
        await first.ended()
        provider.on_ring = Manner.answers(0.2)
        second = await rung(provider, 2)
        assert dialled(second) == f"sip:{BEN}"
        await asked(clinic, entry, second)
        # What is no answer is asked again.
        second.press("9")
        await second.said()
        await second.hear(listening.silence(200), HEARD_S)
        second.press("1")
        await second.ended(RUNG_S)
        assert heard(second, sentence(clinic, "rota_taken"))
        assert stands(clinic, entry) == ("Ben", [("Ana", "busy"), ("Ben", "taken")])
        # It is no call of a caller's.
        assert (clinic.open_calls(), clinic.all_filed()) == (0, [])


async def test_who_cannot_and_a_mailbox_have_the_next_one_rung(tmp_path: Path) -> None:
    async with outside(tmp_path, **AT_NIGHT) as there:
        clinic, provider = there.clinic, there.provider
        provider.on_ring = Manner.answers(0.2)
        entry = waits(clinic)
        cannot = await rung(provider, 1)
        await asked(clinic, entry, cannot)
        cannot.press("2")
        await cannot.ended(RUNG_S)
        assert heard(cannot, sentence(clinic, "rota_declined"))
        mailbox = await rung(provider, 2)
        await mailbox.ended(RUNG_S)
        for name in ("rota_emergency", "rota_ask"):
            assert heard(mailbox, sentence(clinic, name))
        # Who said no is not rung again.
        third = await rung(provider, 3)
        assert [dialled(each) for each in (cannot, mailbox, third)] == [
            f"sip:{FRIEND}", f"sip:{BEN}", f"sip:{BEN}",
        ]  # fmt: skip
        await asked(clinic, entry, third)
        third.press("1")
        assert await until(lambda: stands(clinic, entry)[0], RUNG_S) == "Ben"
        assert stands(clinic, entry)[1] == [("Ana", "declined"), ("Ben", "no key"), ("Ben", "taken")]


async def test_a_key_that_is_pressed_while_the_box_is_dead_takes_nothing(tmp_path: Path) -> None:
    async with outside(tmp_path, **AT_NIGHT) as there:
        clinic, provider = there.clinic, there.provider
        provider.on_ring = Manner.answers(0.2)
        entry = waits(clinic)
        call = await rung(provider, 1)
        await asked(clinic, entry, call)
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        call.press("1")
        await call.ended(RUNG_S)
        assert heard(call, sentence(clinic, "code_failed"))
        assert stands(clinic, entry)[0] == ""


async def test_no_number_is_rung_but_those_that_staff_entered(tmp_path: Path) -> None:
    async with outside(tmp_path, **AT_NIGHT) as there:
        clinic, provider = there.clinic, there.provider
        for asked_for in (STRANGER, "+14155550157", "911", "+19005550100", CLINIC):
            number = asked_for.removeprefix("+")
            await clinic.pbx.cli(
                f"channel originate Local/{number}@attendant-on-call/n extension s@attendant-on-call-asks"
            )
        provider.on_ring = Manner.answers(0.2)
        entry = waits(clinic)
        call = await rung(provider, 1)
        assert dialled(call) == f"sip:{FRIEND}"
        await asked(clinic, entry, call)
        call.press("1")
        await until(lambda: stands(clinic, entry)[0], RUNG_S)
        assert there.carried == [f"sip:{FRIEND}"]
        # It is no way for those who call: nothing of theirs leads there.
        for context in ("attendant", "attendant-from-trunk", "attendant-from-desk", "attendant-house"):
            assert "attendant-on-call" not in await clinic.pbx.cli(f"dialplan show {context}")
