"""<Record>: what the caller says becomes a recording that REST gives out once it is completed.

May import: the standard library, this package.
"""

from tests.peers.carrier import happenings as h
from tests.peers.carrier.call import Document
from tests.peers.carrier.network import VoiceRecording, new_sid
from tests.peers.carrier.stage import CallerLeft, Stage
from tests.peers.carrier.twiml import Verb
from tests.peers.carrier.ulaw import FRAME_MS, SILENCE, is_audible

BEEP_S = 0.4
HUNG_UP = "hangup"


async def record(stage: Stage, verb: Verb) -> Document | None:
    """Record until a key, silence, the longest time or the hang-up; an empty recording is none."""
    if verb.flag("playBeep", True):
        await stage.pass_s(BEEP_S)
    recording = VoiceRecording(new_sid("RE"), stage.call.sid, b"", "RecordVerb")
    _tell(stage, verb, recording)
    frames: list[bytes] = []
    ended_by = await _capture(stage, verb, frames)
    recording.ulaw_8k = b"".join(_trimmed(frames) if verb.get("trim") != "do-not-trim" else frames)
    if not recording.ulaw_8k:
        recording.status = "absent"
        _tell(stage, verb, recording)
        stage.check()
        return None
    keep(stage, recording)
    finish_beside(stage, verb, recording)
    document = stage.action(verb, result_of(stage, recording) | {"Digits": ended_by})
    if ended_by != HUNG_UP:
        return document
    stage.call.status = "completed"
    await stage.post(document)
    raise CallerLeft


async def _capture(stage: Stage, verb: Verb, frames: list[bytes]) -> str:
    """Fill the frames; what ended it: a key, 'hangup', or nothing."""
    finish_on, longest = verb.get("finishOnKey", "1234567890*#"), verb.number("maxLength", 3600) * 1000
    patience, quiet_ms = verb.number("timeout", 5) * 1000, 0
    caller = stage.call.line.caller
    caller.recording = True
    try:
        while quiet_ms < patience and len(frames) * FRAME_MS < longest:
            acts = await stage.tick()
            if acts.key is not None and acts.key in finish_on:
                return acts.key
            frames.append(acts.frame or SILENCE)
            quiet_ms = 0 if is_audible(frames[-1]) else quiet_ms + FRAME_MS
    except CallerLeft:
        return HUNG_UP
    finally:
        caller.recording = False
    return ""


def _trimmed(frames: list[bytes]) -> list[bytes]:
    loud = [place for place, frame in enumerate(frames) if is_audible(frame)]
    return frames[loud[0] : loud[-1] + 1] if loud else []


def keep(stage: Stage, recording: VoiceRecording) -> None:
    """Enter a recording into the carrier's books; it cannot be fetched yet."""
    stage.network.recordings[recording.sid] = recording
    stage.call.recordings.append(recording)
    stage.call.journal.note(h.Recorded, recording.sid, len(recording.ulaw_8k) // 8)


def result_of(stage: Stage, recording: VoiceRecording) -> dict[str, str]:
    """What requests say of a recording."""
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": stage.network.recording_url(recording.sid),
        "RecordingDuration": str(recording.duration_s),
    }


def finish_beside(stage: Stage, verb: Verb, recording: VoiceRecording) -> None:
    """Complete a recording while the call goes on: after its action was asked, as the real one does."""
    stage.after_request(lambda: _complete(stage, verb, recording))


async def _complete(stage: Stage, verb: Verb, recording: VoiceRecording) -> None:
    await stage.network.recordings_wait.wait()
    recording.status = "completed"
    _tell(stage, verb, recording)


def _tell(stage: Stage, verb: Verb, recording: VoiceRecording) -> None:
    events = verb.get("recordingStatusCallbackEvent", "completed").split()
    if recording.status not in events or stage.call.faults.no_recording_callbacks:
        return
    extra = result_of(stage, recording) | {
        "RecordingStatus": recording.status,
        "RecordingChannels": "1",
        "RecordingSource": recording.source,
        "RecordingStartTime": stage.call.time_text(),
    }
    method = verb.get("recordingStatusCallbackMethod", "POST")
    stage.tell_beside("recording status", verb.get("recordingStatusCallback"), method, extra)
