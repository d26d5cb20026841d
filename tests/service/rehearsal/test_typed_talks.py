"""Rehearsals that are typed, with the box alone: the real conversation and tools, nothing of it outside."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from appliance.core.rehearsal import HangUp, Key, Line, Mode, Part, Refusal
from appliance.jobs import typed_rehearsal
from appliance.jobs.typed_rehearsal import NoRehearsal
from appliance.store import database, drafts, rehearsals, times
from appliance.store.rehearsals import Rehearsal
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, BoxFailed, LoopbackBox
from tests.golden.booked import bookable
from tests.peers.carrier import Account, CarrierPeer
from tests.service.rehearsal import staged
from tests.service.rehearsal.staged import does, everything, said, typed

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def carrier() -> AsyncIterator[CarrierPeer]:
    async with CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN)) as peer:
        yield peer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def box(tmp_path_factory: pytest.TempPathFactory, carrier: CarrierPeer) -> AsyncIterator[LoopbackBox]:
    made = LoopbackBox(
        tmp_path_factory.mktemp("box"), rest_url=carrier.rest_url, bookable=bookable("own"),
        staff={"text_countries": ["US"]},
    )  # fmt: skip
    async with made:
        yield made


async def test_the_assistant_greets_and_answers_what_is_typed(box: LoopbackBox) -> None:
    state = await typed(box, Line("what are your opening hours"))
    assert "Riverside Family Clinic" in said(state)[0]
    assert said(state, "caller") == ["what are your opening hours"]
    assert any(each["told"] == "tool_done" and each["name"] == "get_business_hours" for each in state.told)
    ended = await does(box, state, HangUp())
    assert ended.over
    assert ended.outline is not None
    assert ended.outline.parts[Part.TOOLS] == ("get_business_hours",)
    assert ended.outline.parts[Part.ENDING] == ("people",)
    assert (ended.steps, ended.caller) == ([Line("what are your opening hours")], "")


async def test_a_key_leads_to_a_person_who_is_not_rung(box: LoopbackBox, carrier: CarrierPeer) -> None:
    state = await typed(box, Key("0"))
    assert state.over
    assert [each["to"] for each in state.told if each["told"] == "ends"] == [""]
    assert carrier.messages == []


async def test_a_message_is_taken_and_written_down_nowhere(box: LoopbackBox) -> None:
    before = everything(box)
    state = await typed(
        box,
        Line("I want to leave a message"),
        Line("please call me about my prescription for the red pills"),
        caller="+14155550123",
    )
    state = await does(box, state, Line("yes"), Line("yes"), HangUp())
    assert state.end is not None
    assert [each["kind"] for each in state.end["effects"]] == ["message"]
    assert "red pills" in state.end["effects"][0]["what"]
    assert everything(box) == before
    assert not [*(box.folder / "data").glob("recordings/*")]


async def test_danger_is_noticed_in_what_is_typed(box: LoopbackBox) -> None:
    state = await typed(box, Line("I cannot breathe"))
    assert [each["what"] for each in state.told if each["told"] == "noticed"] == ["emergency"]
    await does(box, state, HangUp())


async def test_an_appointment_is_booked_in_the_room_and_nowhere_else(
    box: LoopbackBox, carrier: CarrierPeer
) -> None:
    before = everything(box)
    wish = Line("I would like to book an appointment")
    state = await typed(box, wish, *map(Key, "111"), Line("Ana Ruiz"), caller="+14155550123")
    state = await does(box, state, *map(Key, "111"))
    state = await does(box, state, HangUp())
    assert state.end is not None, said(state)
    assert "booked" in [each["kind"] for each in state.end["effects"]], said(state)
    assert everything(box) == before
    assert carrier.messages == []


async def test_a_draft_is_rehearsed_before_callers_hear_it(box: LoopbackBox) -> None:
    before = everything(box)
    state = await typed(box, HangUp(), draft={"business_name": "Hillside Clinic", "greeting": "Hello!"})
    assert state.over
    assert said(state)[0].startswith("Hello!")
    assert everything(box) == before
    assert "Riverside" in said(await typed(box, HangUp()))[0]


async def test_what_is_long_over_or_never_was_is_not_found(box: LoopbackBox) -> None:
    with pytest.raises(NoRehearsal, match="over"):
        await asyncio.to_thread(typed_rehearsal.look, box.ports["local"], "x" * 32)


async def test_a_token_begins_one_rehearsal_and_one_of_its_kind(box: LoopbackBox) -> None:
    used = staged.token(box, Mode.TYPED)
    port = box.ports["local"]
    state = await asyncio.to_thread(typed_rehearsal.begin, port, used)
    for bad in (used, staged.token(box, Mode.SPOKEN), "nonsense"):
        with pytest.raises(NoRehearsal) as refused:
            await asyncio.to_thread(typed_rehearsal.begin, port, bad)
        assert refused.value.why is Refusal.TOKEN
    await does(box, state, HangUp())


async def test_one_person_rehearses_once_at_a_time(box: LoopbackBox) -> None:
    ana = staged.account(box)
    state = await typed(box, account_id=ana)
    with pytest.raises(NoRehearsal) as refused:
        await typed(box, account_id=ana)
    assert refused.value.why is Refusal.ANOTHER
    ben = await typed(box, account_id=staged.account(box, "Ben Okafor"))
    with pytest.raises(NoRehearsal) as third:
        await typed(box, account_id=staged.account(box, "Dev Patel"))
    assert third.value.why is Refusal.FULL
    await does(box, state, HangUp())
    await does(box, ben, HangUp())
    assert (await typed(box, HangUp(), account_id=ana)).over


async def test_all_that_are_kept_are_played_at_the_command_line(box: LoopbackBox) -> None:
    box.keep_ports()
    state = await typed(box, Line("what are your opening hours"), HangUp())
    assert state.outline is not None
    kept = Rehearsal(0, "Hours", "", tuple(state.steps), state.outline, frozenset(Part))
    db = database.connect(box.database)
    with database.immediate(db):
        rehearsals.keep(db, kept, at=times.utc_now(), by="test")
        drafts.keep(db, "Assistant", {"greeting": "Hello!"}, at=times.utc_now(), by="test")
    db.close()
    assert await box.printed("rehearse", "list") == "Hours  (1 steps)\ndraft: Assistant  (greeting)\n"
    assert await box.printed("rehearse", "run") == "Hours: the same\n"
    with pytest.raises(BoxFailed):
        await box.printed("rehearse", "run", "--draft", "None")


async def test_nothing_of_a_room_is_left(box: LoopbackBox) -> None:
    await typed(box, HangUp())
    assert not [*(box.folder / "data" / "rehearsals").glob("*")]
