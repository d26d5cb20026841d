"""The on-call rota on a carrier's real calls: one after the other, until somebody presses 1."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from appliance.core.callbacks import Cause, Urgency
from appliance.core.escalation import OnCall
from appliance.store import callback_causes, callback_rows, callbacks, office, rota
from appliance.store.callback_causes import Reason
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.rota import Run
from appliance.store.writer import Writer
from tests.peers.carrier import Destination
from tests.peers.carrier.plan import read_plan
from tests.peers.carrier.rest_errors import RestFault
from tests.service.surgery import Surgery, open_surgery

ANA, BEN, CAL = "+15550100021", "+15550100022", "+15550100023"
PEOPLE = [{"name": "Ana", "number": ANA}, {"name": "Ben", "number": BEN}, {"name": "Cal", "number": CAL}]
TAKES, CANNOT, WRONG = (
    Destination.answers(after_s=2, plan=read_plan(plan))
    for plan in ("wait for speech\npress 1\nwait 60", "wait for speech\npress 2\nwait 60",
                 "wait for speech\npress 9\nwait for reply\npress 1\nwait 60")
)  # fmt: skip
MAILBOX = Destination.answers(after_s=2, plan=read_plan("wait 120"))
NIGHT = datetime(2026, 11, 25, 3, tzinfo=UTC)
"""10 in the evening of a Tuesday, in the office's zone."""


class Clinic:
    """A surgery at night, with its callback list."""

    def __init__(self, surgery: Surgery) -> None:
        self.surgery = surgery
        surgery.hands.put_on(NIGHT - datetime.now(UTC))

    async def decides(self, key: str, value: Any) -> None:
        at = "2026-01-01T00:00:00.000Z"
        await self.surgery.writer.promise(lambda db: office.set_value(db, key, value, at=at, by="test"))

    async def is_called(self, urgency: Urgency = Urgency.EMERGENCY, number: str = "+15550100099") -> Entry:
        now = self.surgery.hands.now()
        reason = Reason(f"message {number}", Cause.VOICEMAIL, now, number, urgency)
        entry = await self.surgery.writer.promise(lambda db: callback_causes.note(db, reason))
        self.surgery.hands.put_on(timedelta(minutes=61))
        return await self.surgery.reader.run(lambda db: callback_rows.get(db, entry))

    async def rings(self, entry: Entry, looks: int = 12) -> Run:
        """Look until the rota is over, and each time wait for the calls that were placed."""
        for _ in range(looks):
            await self.surgery.rota.look()
            for call in [*self.surgery.carrier.calls.values()]:
                await call.done()
            runs = await self.surgery.reader.run(lambda db: rota.of_entry(db, entry.id))
            if runs and runs[-1].became:
                return runs[-1]
        raise AssertionError("the rota goes on and on")

    async def entry(self, entry: Entry) -> Entry:
        return await self.surgery.reader.run(lambda db: callback_rows.get(db, entry.id))

    def has(self, number: str, destination: Destination) -> None:
        self.surgery.carrier.network.destinations[number] = destination

    @property
    def rung(self) -> list[str]:
        return [call.called for call in self.surgery.carrier.calls.values()]


@pytest_asyncio.fixture
async def clinic(writer: Writer, reader: Reader, tmp_path: Path) -> AsyncIterator[Clinic]:
    async with open_surgery(writer, reader, tmp_path) as surgery:
        made = Clinic(surgery)
        await made.decides("business_name", "Riverside Clinic")
        await made.decides("escalation", [{"by": "rota", "which": "urgent"}])
        await made.decides("on_call_rota", [{"begins": "18:00", "ends": "08:00", "people": PEOPLE}])
        yield made


async def test_one_after_the_other_is_rung_until_somebody_presses_1(clinic: Clinic) -> None:
    clinic.has(ANA, Destination.no_answer())
    clinic.has(BEN, Destination.busy())
    clinic.has(CAL, TAKES)
    entry = await clinic.is_called()
    run = await clinic.rings(entry)
    assert [(ring.name, ring.became) for ring in run.rings] == [
        ("Ana", "no-answer"), ("Ben", "busy"), ("Cal", "taken"),
    ]  # fmt: skip
    assert (run.became, run.taken_by, (await clinic.entry(entry)).owner) == ("taken", "Cal", "Cal")
    told = await clinic.surgery.reader.run(lambda db: callback_rows.history(db, entry.id))
    assert [(each.what, each.note or each.by) for each in told] == [
        ("cause", "voicemail"), ("rota begun", "Ana, Ben, Cal"), ("rung", "Ana: no-answer"),
        ("rung", "Ben: busy"), ("rung", "Cal: taken"), ("taken", "Cal"), ("rota over", "taken"),
    ]  # fmt: skip


async def test_what_is_said_names_nobody(clinic: Clinic) -> None:
    clinic.has(ANA, TAKES)
    await clinic.rings(await clinic.is_called(Urgency.URGENT))
    (call,) = clinic.surgery.carrier.calls.values()
    assert (call.direction, call.troubles) == ("outbound-api", [])
    assert call.spoken[0] == (
        "This is the telephone of Riverside Clinic. There is an urgent message from a caller."
    )
    assert call.spoken[-1].startswith("Thank you. It is yours now")
    assert not any(digit in " ".join(call.spoken) for digit in "5")


async def test_a_mailbox_that_answers_takes_nothing(clinic: Clinic) -> None:
    clinic.has(ANA, MAILBOX)
    clinic.has(BEN, TAKES)
    run = await clinic.rings(await clinic.is_called())
    assert [(ring.name, ring.became) for ring in run.rings] == [("Ana", "no key"), ("Ben", "taken")]


async def test_who_cannot_is_not_rung_again_and_at_last_nobody_is(clinic: Clinic) -> None:
    clinic.has(ANA, CANNOT)
    clinic.has(BEN, Destination.busy())
    clinic.has(CAL, MAILBOX)
    entry = await clinic.is_called()
    run = await clinic.rings(entry)
    assert run.became == "nobody"
    assert clinic.rung == [ANA, *[BEN, CAL] * 3]
    assert (await clinic.entry(entry)).untouched
    await clinic.surgery.rota.look()
    assert len(clinic.rung) == 7


async def test_another_key_is_asked_for_again(clinic: Clinic) -> None:
    clinic.has(ANA, WRONG)
    run = await clinic.rings(await clinic.is_called())
    assert [ring.became for ring in run.rings] == ["taken"]


async def test_who_was_quicker_has_it(clinic: Clinic) -> None:
    """Somebody at the clinic takes the entry while a telephone rings."""
    clinic.has(ANA, TAKES)
    entry = await clinic.is_called()
    await clinic.surgery.rota.look()
    now = clinic.surgery.hands.now()
    await clinic.surgery.writer.promise(lambda db: callbacks.take(db, entry.id, "desk", now=now))
    run = await clinic.rings(entry)
    assert (run.became, (await clinic.entry(entry)).owner) == ("not needed", "desk")
    assert clinic.rung == [ANA]


async def test_only_after_hours_and_only_for_what_presses(clinic: Clinic) -> None:
    clinic.has(ANA, TAKES)
    await clinic.is_called(Urgency.NORMAL)
    await clinic.surgery.rota.look()
    clinic.surgery.hands.put_on(timedelta(hours=12))
    await clinic.is_called(number="+15550100098")
    await clinic.surgery.rota.look()
    assert clinic.rung == []


async def test_a_carrier_that_refuses_is_noted_and_the_next_one_rung(clinic: Clinic) -> None:
    clinic.has(BEN, TAKES)
    clinic.surgery.carrier.rest_faults.append(
        RestFault(path="/Calls.json", method="POST", code=20003, times=1)
    )
    run = await clinic.rings(await clinic.is_called())
    assert [(ring.name, ring.became[:9]) for ring in run.rings] == [("Ana", "not rung:"), ("Ben", "taken")]


async def test_a_telephone_that_rings_without_our_hearing_so_is_not_rung_twice(clinic: Clinic) -> None:
    clinic.has(ANA, TAKES)
    clinic.has(BEN, TAKES)
    clinic.surgery.carrier.rest_faults.append(RestFault(path="/Calls.json", method="POST", drop=True))
    run = await clinic.rings(await clinic.is_called())
    assert ([ring.became for ring in run.rings], clinic.rung) == (["taken"], [ANA])


async def test_a_telephone_of_which_nothing_is_heard_does_not_hold_up_the_others(clinic: Clinic) -> None:
    """The box died between its row and the carrier."""
    clinic.has(BEN, TAKES)
    entry = await clinic.is_called()
    now, people = clinic.surgery.hands.now(), [OnCall.model_validate(each) for each in PEOPLE]

    def died(db: Connection) -> None:
        rota.begin(db, entry.id, people, now=now)
        rota.ring(db, rota.going_on(db)[0], now=now)

    await clinic.surgery.writer.promise(died)
    await clinic.surgery.rota.look()
    assert clinic.rung == []
    clinic.surgery.hands.put_on(timedelta(seconds=121))
    run = await clinic.rings(entry)
    assert [(ring.name, ring.became) for ring in run.rings] == [("Ana", "no word"), ("Ben", "taken")]


@pytest.mark.parametrize("hook", ["on-call", "on-call-pressed", "on-call-over"])
async def test_nobody_else_says_how_telephones_did(clinic: Clinic, hook: str) -> None:
    url = f"{clinic.surgery.url}/twilio/{hook}?of={'0' * 32}"
    async with aiohttp.ClientSession() as http, http.post(url, data={"CallStatus": "completed"}) as answer:
        assert answer.status == 403
