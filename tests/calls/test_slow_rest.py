"""The carrier is slow to take our word: nobody waits for it in silence."""

from pathlib import Path

from appliance.core.soft_sound import SILENCE_S, soft_sound
from scripts.loopback_box import FRONT_DESK
from tests.calls.stage import ASSISTANT_FIRST, staged
from tests.golden.clinic import PHONES
from tests.peers.carrier import Destination, RestFault
from tests.peers.carrier import happenings as h

SCRIPT = """
[[turn]]
on = "greeting"
say = "Good morning."
[[turn]]
on = "utterance"
heard = "billing please"
calls = [{ name = "transfer_to_department", arguments = '{"department": "billing"}' }]
[[turn]]
on = "tool_output"
say = "Billing."
"""


async def test_the_soft_sound_is_heard_while_the_carrier_is_asked_to_ring(tmp_path: Path) -> None:
    async with staged(tmp_path, SCRIPT, staff=ASSISTANT_FIRST) as stage:
        # The first try is given up, the second is answered.
        stage.carrier.rest_faults.append(RestFault(r"Calls/CA", "POST", delay_s=8.0))
        for number in (FRONT_DESK, PHONES["billing"]):
            stage.carrier.network.destinations[number] = Destination.answers(0.5, 2.0)
        phone = await stage.call("wait for reply\nsay say_en_billing\nwait 30\n", 60)
    (stream,) = phone.streams
    played = bytes(stream.played_audio)
    assert played.endswith(soft_sound("ulaw_8k"))
    (ended,) = phone.journal.of(h.StreamEnded)
    assert ended.call_ms - _last_sound_ms(phone.heard) < (SILENCE_S + 0.5) * 1000


def _last_sound_ms(heard: bytes) -> int:
    return len(heard.rstrip(b"\xff\x7f")) // 8
