"""A call as plain values, to be written as JSON.

Pure. May import: the standard library, this package.
"""

from dataclasses import asdict
from typing import Any

from tests.peers.carrier.call import PhoneCall
from tests.peers.carrier.happenings import Happening
from tests.peers.carrier.stream import MediaStream


def report_of(call: PhoneCall) -> dict[str, Any]:
    """All that is worth keeping of a call, without its sound."""
    gave_up = call.line.caller.gave_up
    return {
        "call_sid": call.sid,
        "caller": call.caller,
        "called": call.called,
        "status": call.status,
        "disposition": call.disposition,
        "ended_well": call.ended_well,
        "gave_up": None if gave_up is None else repr(gave_up),
        "duration_s": call.duration_s,
        "spoken": call.spoken,
        "dials": [asdict(dial) for dial in call.dials],
        "recordings": [recording.sid for recording in call.recordings],
        "streams": [_stream(stream) for stream in call.streams],
        "journal": [_entry(entry) for entry in call.journal],
    }


def _stream(stream: MediaStream) -> dict[str, Any]:
    return {
        "stream_sid": stream.sid,
        "url": stream.url,
        "length_ms": stream.now_ms,
        "received_bytes": len(stream.received_audio),
        "played_bytes": len(stream.played_audio),
        "ahead_ms_max": stream.timeline.ahead_ms_max,
        "gaps": [asdict(gap) for gap in stream.timeline.gaps()],
        "warnings": [asdict(warning) for warning in stream.warnings],
    }


def _entry(entry: Happening) -> dict[str, Any]:
    return {"what": type(entry).__name__, **asdict(entry)}
