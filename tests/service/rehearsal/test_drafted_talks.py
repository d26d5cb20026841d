"""Rehearsals with a draft: its menu, departments and documents are heard, and nobody else hears them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from appliance.core.rehearsal import HangUp, Line, Outline, Part, Refusal
from appliance.core.staff import DEFAULT_MENU
from appliance.jobs import drafted
from appliance.jobs.typed_rehearsal import NoRehearsal, State
from appliance.store import database, drafts, times
from scripts.loopback_box import LoopbackBox
from tests.jobs.knowing import Base
from tests.service.rehearsal.staged import everything, said, typed

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARKING = {
    "title": "Visitor guide",
    "language": "en",
    "content": (
        "# Visitor guide\n\n## Parking\n\nQ: Where can I park my car?\nA: In the garage behind the house."
        "\n\n## Pets\n\nDogs wait outside, please.\n\n## Prices\n\nA flu shot costs 30 dollars."
    ),
}
SOURCE = "Visitor guide / Visitor guide - Parking"
QUESTION = Line("where can I park my car")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LoopbackBox]:
    async with LoopbackBox(tmp_path_factory.mktemp("box")) as made:
        yield made


def outline(state: State) -> Outline:
    assert state.outline is not None
    return state.outline


def indexed(box: LoopbackBox, values: dict[str, object]) -> None:
    """Have a draft kept, and done what the worker does."""
    db, now = database.connect(box.database), datetime.now(UTC)
    with database.immediate(db):
        drafts.keep(db, "Guide", values, at=times.written(now), by="test")
        drafted.owe(db, now=now)
    Base(box.database).work(db)
    db.close()


async def test_its_documents_are_searched_once_they_are_read_and_in_it_alone(box: LoopbackBox) -> None:
    # How sure an answer has to be is proven elsewhere: an index of three passages tells little of that.
    values: dict[str, object] = {"document:guide": PARKING, "kb_min_confidence": 0.01}
    with pytest.raises(NoRehearsal) as refused:
        await typed(box, draft=values)
    assert refused.value.why is Refusal.DOCUMENTS
    await asyncio.to_thread(indexed, box, values)
    state = await typed(box, QUESTION, HangUp(), draft=values)
    assert outline(state).parts[Part.SOURCES] == (SOURCE,), said(state)
    assert any("garage behind the house" in each for each in said(state))
    without = outline(await typed(box, QUESTION, HangUp()))
    assert SOURCE not in without.parts[Part.SOURCES]


async def test_its_departments_and_its_menu_are_what_is_heard(box: LoopbackBox) -> None:
    before = everything(box)
    menu = [each.model_dump(mode="json") for each in DEFAULT_MENU]
    menu[0]["said"] = "To hear when we are open, press one."
    values = {
        "menu": menu,
        "department:pharmacy": {
            "name": "Pharmacy", "numbers": ["+15550100019"], "aliases": ["drugstore"], "hours": "always",
        },
        "department:billing": None,
    }  # fmt: skip
    state = await typed(box, Line("put me through to the pharmacy"), draft=values)
    assert any("To hear when we are open, press one." in each for each in said(state))
    assert outline(state).parts[Part.ENDING] == ("transfer:pharmacy",), said(state)
    assert everything(box) == before
