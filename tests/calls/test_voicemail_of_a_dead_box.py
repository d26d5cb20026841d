"""The box is killed in a call, nobody answers, the carrier records: the message is kept all the same."""

import signal
from pathlib import Path

import aiohttp

from appliance.core.dispositions import Outcome
from appliance.store import messages
from appliance.store.database import connect_readonly
from scripts.loopback_box import AUTH_TOKEN, CALLER, CLINIC, FRONT_DESK, PUBLIC_URL, LoopbackBox
from tests.calls.stage import staged
from tests.golden.clinic import until
from tests.golden.filed import Filed, filed
from tests.peers.carrier import Destination, PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.carrier.signature import sign
from tests.peers.carrier.sound_files import wav

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
PLAN = "wait for speech\npress 5\nwait 5\nleave message brooklyn.wav\nhang up\n"
BACK_S = 40.0


async def test_a_message_left_while_the_box_was_dead_is_kept_and_fetched(tmp_path: Path) -> None:
    settings = {"speech": {"rendered_ahead": False}}
    async with staged(tmp_path, GREETING, settings=settings) as stage:
        stage.carrier.network.destinations[FRONT_DESK] = Destination.no_answer()
        phone = await stage.carrier.ring(caller=CALLER, called=CLINIC, plan=PLAN)
        await phone.journal.wait_for(h.KeyPressed, timeout_s=BACK_S)
        stage.box.signal(signal.SIGKILL)
        await stage.box.ended()
        await phone.done(BACK_S)
        (recording,) = phone.recordings
        await stage.box.start()
        async with stage.box.beside("worker"):
            await until(lambda: _here(stage.box), BACK_S)
        kept = await _kept(stage.box, phone)
        (message,) = kept.whole.messages
        assert (kept.call.outcome, kept.call.duration_s) == (Outcome.VOICEMAIL, phone.duration_s)
        assert (message.recording_sid, message.kind) == (recording.sid, "voicemail")
        file = tmp_path / "data" / "recordings" / (message.recording_path or "")
        assert file.read_bytes() == wav(recording.ulaw_8k)
        assert await late_callback(stage.box, phone) == 204
        again = await _kept(stage.box, phone)
        assert [each.id for each in again.whole.messages] == [message.id]
        assert again.call == kept.call


def _here(box: LoopbackBox) -> bool:
    """Whether the recording has come."""
    db = connect_readonly(box.database)
    try:
        return any(message.recording_path for message in messages.page(db))
    finally:
        db.close()


async def _kept(box: LoopbackBox, phone: PhoneCall) -> Filed:
    kept = await until(lambda: filed(box.database, phone.sid), BACK_S)
    assert kept is not None
    return kept


async def late_callback(box: LoopbackBox, phone: PhoneCall) -> int:
    """The carrier tells of the recording after all."""
    (recording,) = phone.recordings
    form = {
        **phone.params(),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration_s),
        "RecordingStatus": "completed",
    }
    signed = sign(AUTH_TOKEN, f"{PUBLIC_URL}/twilio/recording", form.items())
    url = f"{box.public_base}/twilio/recording"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=form, headers={"X-Twilio-Signature": signed}) as answer,
    ):
        return answer.status
