"""Staff act on live calls by the pages: put through, taken over, ended, and each caller hears why."""

import asyncio
from pathlib import Path

from flask.testing import FlaskClient

from admin.app import create_app
from appliance.core import settings as boot
from appliance.service import prompts
from appliance.store import accounts, calls, database, requests, times
from appliance.store.accounts import Role
from appliance.store.requests import State
from scripts.loopback_box import CALLER
from tests.admin import people
from tests.calls.stage import Stage, staged
from tests.golden.clinic import until
from tests.peers.carrier import Destination, PhoneCall
from tests.peers.carrier.happenings import DialRang

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning, how can I help you?"\n'
STAYS = "wait for reply\nwait 60\n"
BILLING, NURSES = "+15550100011", "+15550100012"


def pages(stage: Stage) -> FlaskClient:
    """A browser of the desk, whose calls ring the nurses."""
    client, db = create_app(boot.load(stage.box.config)).test_client(), database.connect(stage.box.database)
    try:
        desk = people.add(db, Role.FRONT_DESK, times.utc_now())
        accounts.set_department(db, desk.id, "nurses")
        people.come_in(client, db, desk, times.utc_now())
    finally:
        db.close()
    return client


async def rung(stage: Stage) -> tuple[PhoneCall, str]:
    """A caller who is with the assistant, and our id of the call."""
    phone, _ = await stage.ring(STAYS)

    def known() -> str:
        db = database.connect_readonly(stage.box.database)
        try:
            row = calls.by_sid(db, phone.sid)
            return "" if row is None else row.id
        finally:
            db.close()

    return phone, await until(known)


def asked(stage: Stage, call_id: str) -> requests.Request | None:
    """What was asked for in a call, once it is settled."""
    db = database.connect_readonly(stage.box.database)
    try:
        found = requests.of_call(db, call_id)
    finally:
        db.close()
    return found[-1] if found and found[-1].settled_at else None


async def act(stage: Stage, browser: FlaskClient, way: str, **sent: str) -> PhoneCall:
    """Act on a new call by the pages; it, when it is over and was done as asked."""
    phone, call_id = await rung(stage)
    data = {"form_token": "f" * 32, **sent}
    answer = await asyncio.to_thread(browser.post, f"/calls/{call_id}/{way}", data=data)
    assert answer.status_code == 303
    became = await until(lambda: asked(stage, call_id))
    assert became is not None
    assert (became.state, became.why) == (State.DONE, "")
    assert times.read(str(became.settled_at)) >= times.read(became.asked_at)
    await phone.done(60)
    late = await asyncio.to_thread(browser.post, f"/calls/{call_id}/{way}", data=data, follow_redirects=True)
    assert "The call is over already: nothing was done." in late.text
    return phone


async def test_a_live_call_is_put_through_taken_over_and_ended(tmp_path: Path) -> None:
    said = prompts.load("en")
    async with staged(tmp_path, GREETING) as stage:
        for number in (BILLING, NURSES):
            stage.carrier.network.destinations[number] = Destination.answers(0.5, 1.0)
        browser = await asyncio.to_thread(pages, stage)
        through, taken, ended = [
            await act(stage, browser, way, **sent)
            for way, sent in (
                ("put-through", {"department": "billing"}),
                ("take-over", {}),
                ("hang-up", {"sure": CALLER[-4:]}),
            )
        ]
    for phone, sentence, number in (
        (through, "connecting", BILLING),
        (taken, "connecting", NURSES),
        (ended, "goodbye", ""),
    ):
        assert phone.ended_well
        assert said[sentence] in bytes(phone.stream.received_audio)
        assert [each.number for each in phone.journal.of(DialRang)] == ([number] if number else [])
