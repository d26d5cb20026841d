"""A box that is told to stop in a call: people ring, and nothing says that the caller hung up."""

from pathlib import Path

from appliance.core.events import CallerHungUp, Event, LegFailed
from appliance.store import calls, events
from appliance.store.database import connect_readonly
from scripts.loopback_box import LoopbackBox
from tests.calls.stage import staged
from tests.peers.carrier import PhoneCall

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'


def happened(box: LoopbackBox, phone: PhoneCall) -> list[Event]:
    db = connect_readonly(box.database)
    try:
        row = calls.by_sid(db, phone.sid)
        assert row is not None
        return [event for _, event in events.replay(db, row.id)]
    finally:
        db.close()


async def test_the_call_log_says_that_the_box_stopped(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        phone, session = await stage.ring("wait 60")
        await stage.cloud.wait_for(lambda: session.sent_of("response.done"))
        await stage.box.stop()
        await phone.done(30)
        seen = happened(stage.box, phone)
    assert LegFailed("the box is stopping") in seen
    assert CallerHungUp() not in seen
    assert [dial.status for dial in phone.dials] == ["completed"]
