"""The doorbell between the admin and the bridge: heard at once, and of no consequence when it is lost."""

from pathlib import Path

from appliance.core import doorbell
from appliance.core.doorbell import Doorbell
from tests.peers.stopwatch import own_s

LONG_S = 30.0


async def test_it_is_heard_at_once(tmp_path: Path) -> None:
    with Doorbell(tmp_path) as bell:
        began_s = own_s()
        for _ in range(3):
            doorbell.ring(tmp_path)
            assert await bell.heard(LONG_S)
        assert own_s() - began_s < LONG_S / 2
    assert not (tmp_path / doorbell.NAME).exists()


async def test_rung_often_before_it_is_heard_it_has_rung_once(tmp_path: Path) -> None:
    with Doorbell(tmp_path) as bell:
        for _ in range(64):
            doorbell.ring(tmp_path)
        assert await bell.heard(LONG_S)
        while await bell.heard(0.01):
            # It is heard in several goes, but what was rung before is over with the last of them.
            continue
        doorbell.ring(tmp_path)
        assert await bell.heard(LONG_S)


async def test_a_bell_of_a_process_that_died_is_hung_up_anew(tmp_path: Path) -> None:
    (tmp_path / doorbell.NAME).touch()
    with Doorbell(tmp_path) as bell:
        doorbell.ring(tmp_path)
        assert await bell.heard(LONG_S)


async def test_without_a_bell_there_is_the_clock(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with Doorbell(nowhere) as bell:
        doorbell.ring(nowhere)
        assert not await bell.heard(0.01)
    assert not nowhere.exists()
