"""Danger in words that the service is late with: the caller has left us, and the carrier brings them back."""

from pathlib import Path

from appliance.store import calls
from appliance.store.database import connect_readonly
from scripts.loopback_box import FRONT_DESK
from tests.calls.stage import Stage, staged
from tests.golden.clinic import PHONES
from tests.peers.carrier import Destination, PhoneCall
from tests.peers.carrier.happenings import DialRang, TwimlReceived

SCRIPT = """
[[turn]]
on = "greeting"
say = "Good morning."

[[turn]]
on = "utterance"
heard = "billing please, I cannot breathe"
heard_after_ms = 4000
calls = [{ name = "transfer_to_department", arguments = '{"department": "billing"}' }]

[[turn]]
on = "tool_output"
say = "Billing."
"""
PLAN = "wait for reply\nsay say_en_billing\nwait 30\nhang up\n"


def rang(phone: PhoneCall) -> list[tuple[str, str]]:
    return [(each.number, each.status) for each in phone.journal.of(DialRang)]


async def called(stage: Stage, billing: Destination) -> PhoneCall:
    """A call in real time, in which billing rings while the words are awaited."""
    stage.carrier.network.pace = "real"
    stage.carrier.network.destinations[PHONES["billing"]] = billing
    stage.carrier.network.destinations[FRONT_DESK] = Destination.answers(0.5, 2.0)
    return await stage.call(PLAN)


async def test_the_phones_of_the_department_ring_no_more_and_help_is_told_of(tmp_path: Path) -> None:
    async with staged(tmp_path, SCRIPT) as stage:
        phone = await called(stage, Destination.no_answer())
        (billing, broken_off), *then = rang(phone)
        assert (billing, broken_off == "completed") == (PHONES["billing"], False)
        assert then == [(FRONT_DESK, "completed")]
        said = " ".join(each.twiml for each in phone.journal.of(TwimlReceived))
        assert "9 1 1" in said
        assert wishes(stage, phone) == ["emergency"]


async def test_who_talks_with_somebody_by_then_stays(tmp_path: Path) -> None:
    async with staged(tmp_path, SCRIPT) as stage:
        phone = await called(stage, Destination.answers(0.1, 5.0))
        assert rang(phone) == [(PHONES["billing"], "completed")]
        assert wishes(stage, phone) == ["emergency"]


def wishes(stage: Stage, phone: PhoneCall) -> list[str]:
    """What was noted for the staff."""
    db = connect_readonly(stage.box.database)
    try:
        row = calls.by_sid(db, phone.sid)
        assert row is not None
        whole = calls.whole(db, row.id)
        assert whole is not None
        return [each.intent for each in whole.intents if each.intent == "emergency"]
    finally:
        db.close()
