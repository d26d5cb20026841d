"""The loop that carries the calls never speaks with SQLite itself."""

from pathlib import Path

import orjson
import pytest

from tests.calls.stage import staged
from tests.calls.watched_bridge import WATCHED

SCRIPT = """
[[turn]]
on = "greeting"
say = "Good morning."

[[turn]]
on = "utterance"
heard = "please call me back"
calls = [{ name = "take_message", arguments = '{"subject": "Call", "body": "Please.", "number": "none"}' }]

[[turn]]
on = "tool_output"
say = "I have written that down."
"""
# The menu, the assistant with a message, a phone that nobody takes, and voicemail.
PLAN = """
press 1
wait for reply
press 9
wait for reply
say df_book_a_room
wait for reply
press 0
wait for speech
leave message s2p_nevermind
wait 1
hang up
"""


async def test_sqlite_is_spoken_on_its_own_threads_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen.json"
    monkeypatch.setenv(WATCHED, str(seen))
    watched = "tests.calls.watched_bridge"
    async with staged(tmp_path / "box", SCRIPT, staff={"front_door": "menu"}, program=watched) as stage:
        stage.carrier.network.destinations.clear()
        phone = await stage.call(PLAN)
        assert phone.ended_well
        assert phone.recordings
    told = orjson.loads(seen.read_bytes())
    assert told["on_the_loop"] == []
    assert {"store-writer", "store-reader"} <= told["threads"].keys()
    assert told["threads"]["store-writer"] > 50
