"""After a caller has spoken with a person, nothing more is asked of them, whoever hangs up first."""

from pathlib import Path

from scripts.loopback_box import FRONT_DESK
from tests.calls.stage import staged
from tests.peers.carrier import Destination

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'


async def test_the_call_ends_when_the_desk_hangs_up_first(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        stage.carrier.network.pace = "real"
        stage.carrier.network.destinations[FRONT_DESK] = Destination.answers(0.2, 1.0)
        call = await stage.call("wait for speech\npress 0\nwait 60\n")
    assert call.disposition == "rest-ended"
    assert [dial.status for dial in call.dials] == ["completed"]
    assert call.recordings == []
