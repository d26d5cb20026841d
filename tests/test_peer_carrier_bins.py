"""TwiML Bins of the carrier peer, and where a call goes when the box fails in the middle of it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.peers.carrier import TwimlBins
from tests.peers.carrier.happenings import VerbRun, WebhookPosted
from tests.peers.carrier.network import Destination
from tests.peers.carrier.stand import CALLED, Stand, open_stand
from tests.peers.carrier.twiml import TwimlError

ANSWER, GOODBYE = (f"https://handler.twilio.com/twiml/EH{number:032x}" for number in (1, 2))
PERSON = "+15550001111"


@pytest_asyncio.fixture
async def stand() -> AsyncIterator[Stand]:
    async with open_stand() as made:
        made.peer.network.destinations[PERSON] = Destination.no_answer()
        yield made


@pytest_asyncio.fixture
async def bins(stand: Stand) -> AsyncIterator[TwimlBins]:
    async with TwimlBins(stand.peer.network.addresses) as made:
        stand.setup(fallback_url=ANSWER)
        yield made


def document(verbs: str) -> str:
    return f"<Response>{verbs}</Response>"


@pytest.mark.parametrize(
    ("verbs", "plan"),
    [
        (f'<Dial action="/gone"><Number>{PERSON}</Number></Dial>', ""),
        ('<Gather action="/gone"/>', "press 1#"),
        ('<Record action="/gone" timeout="2"/>', "leave message jfk"),
        ("<Redirect>/gone</Redirect>", ""),
    ],
)
async def test_what_stands_behind_a_failed_action_is_not_done_but_the_fallback(
    stand: Stand, bins: TwimlBins, verbs: str, plan: str
) -> None:
    bins.keep(ANSWER, document("<Say>Sorry.</Say>"))
    call = await stand.call(f"{verbs}<Say>Never.</Say>", plan)
    assert (call.spoken, call.disposition, call.codes) == (["Sorry."], "twiml-ended", [11200])
    assert bins.asked == [ANSWER]
    asked = next(post for post in call.journal.of(WebhookPosted) if post.purpose == "fallback")
    assert (asked.params["ErrorCode"], asked.params["ErrorUrl"]) == ("11200", f"{stand.box.PUBLIC}/gone")


async def test_behind_a_dial_without_action_the_next_verb_is_done_even_after_a_talk(
    stand: Stand, bins: TwimlBins
) -> None:
    stand.peer.network.destinations[PERSON] = Destination.answers(1.0, 5.0)
    bins.keep(ANSWER, document(f"<Dial><Number>{PERSON}</Number></Dial><Say>Still there?</Say>"))
    call = await stand.call()
    assert ([dial.status for dial in call.dials], call.spoken) == (["completed"], ["Still there?"])


async def test_a_recording_without_action_has_the_same_bin_asked_again(stand: Stand, bins: TwimlBins) -> None:
    bins.keep(ANSWER, document('<Say>Speak.</Say><Record timeout="2"/><Say>Nothing.</Say>'))
    call = await stand.call("", "leave message jfk\npress #\nwait 0.1\nhang up")
    assert call.spoken == ["Speak.", "Speak."]
    assert bins.asked == [ANSWER, ANSWER]


async def test_a_recording_may_lead_to_another_bin(stand: Stand, bins: TwimlBins) -> None:
    bins.keep(ANSWER, document(f'<Record timeout="2" action="{GOODBYE}"/>'))
    bins.keep(GOODBYE, document("<Say>Thank you.</Say><Hangup/>"))
    call = await stand.call("", "leave message jfk")
    assert (call.spoken, bins.asked) == (["Thank you."], [ANSWER, GOODBYE])
    assert [run.verb for run in call.journal.of(VerbRun)] == ["Record", "Say", "Hangup"]
    assert stand.peer.network.recordings.keys() == {recording.sid for recording in call.recordings}


async def test_a_bin_that_is_not_there_ends_the_call(stand: Stand, bins: TwimlBins) -> None:
    call = await stand.call()
    assert (call.disposition, call.codes) == ("application-error", [11200, 11200])


async def test_the_console_refuses_what_no_bin_can_hold(bins: TwimlBins) -> None:
    with pytest.raises(ValueError, match="holds 4000 bytes"):
        bins.keep(ANSWER, document(f"<Say>{'é' * 2000}</Say>"))
    with pytest.raises(ValueError, match="templates"):
        bins.keep(ANSWER, document("<Say>{{From}}</Say>"))
    with pytest.raises(TwimlError):
        bins.keep(ANSWER, document("<Shout/>"))
    with pytest.raises(ValueError, match="no address"):
        bins.keep(f"https://handler.twilio.com/twiml/{CALLED}", document("<Hangup/>"))
