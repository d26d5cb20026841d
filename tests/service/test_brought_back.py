"""Danger that was heard behind a call: answered once, and only where the carrier brings the caller back."""

import asyncio

import pytest

from appliance.core import front_door
from appliance.core.dispositions import transfer
from appliance.core.errors import CarrierFailed
from appliance.service.known_call import KnownCall
from tests.core.office import office
from tests.service.board import OFFER

BILLING = transfer("billing")


class Carrier:
    """Says whether it brings a caller back; None when it cannot be asked."""

    def __init__(self, brings: bool | None) -> None:
        self.brings = brings
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.times = 0

    async def __call__(self) -> bool:
        self.times += 1
        self.asked.set()
        await self.answers.wait()
        if self.brings is None:
            raise CarrierFailed("no answer", retry=True)
        return self.brings


@pytest.mark.parametrize("brings", [True, False, None])
async def test_danger_is_answered_where_the_carrier_brings_the_caller_back(brings: bool | None) -> None:
    known, carrier = KnownCall("c1", OFFER, office()), Carrier(brings)
    known.left = BILLING
    known.free.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(known.brought_back(carrier), name="danger heard late")
        await carrier.asked.wait()
        assert known.after_leg == front_door.danger(known.office), "it may ask before it answers"
        carrier.answers.set()
    assert known.danger is bool(brings)
    expected = front_door.danger(known.office) if brings else front_door.after_leg(known.office, BILLING)
    assert known.after_leg == expected


async def test_who_is_being_brought_back_is_not_brought_back_again() -> None:
    known, carrier = KnownCall("c1", OFFER, office()), Carrier(True)
    known.free.set()
    carrier.answers.set()
    await known.brought_back(carrier)
    await known.brought_back(carrier)
    assert carrier.times == 1
