"""Whether a call that was placed for show did its job: by what the carrier saw and what the box kept.

May import: the standard library, appliance, scripts, tests.peers.
"""

from dataclasses import dataclass

from appliance.core.events import BrainChanged, Event, Heard, UsageReported
from appliance.service.doctor.cloud import TOLD
from appliance.store import calls, database, events, messages, transcripts
from scripts.loopback_box import LoopbackBox
from tests.peers.carrier import PhoneCall

SILENCE = 0xFF
REFUSED = "it refuses the key: set OPENAI_API_KEY to one of an account that may use it"
WHY = {
    **TOLD,
    "status_401": REFUSED,
    "status_403": REFUSED,
    "invalid_api_key": REFUSED,
    "dns": "its name is not found: look whether this machine is on the internet",
    "refused": "nobody takes the connection: look whether this machine is on the internet",
}
"""Why the real service was given up, as a doctor says it, but for what such a call has otherwise."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A call that was placed and the box that took it.

    `in_time` is False when it had to be ended, `by_voice` says that the box had ears of its own.
    """

    call: PhoneCall
    box: LoopbackBox
    in_time: bool = True
    by_voice: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What the box kept of a call; `row` is None when that is nothing."""

    row: calls.Call | None
    turns: list[transcripts.TurnRow]
    left: list[messages.Message]
    happened: list[Event]


def verdict(tried: Tried, *, unplugged: bool) -> list[str]:
    """What is wrong with the call of our own plan; nothing if it did its job.

    It is the simulated cloud that is unplugged half-way; the real service is to speak, and nobody for it.
    """
    kept = _kept(tried)
    row, outcome = kept.row, kept.row.outcome if kept.row else None
    heard = [turn for turn in kept.turns if turn.speaker == "caller" and turn.text]
    said = [turn for turn in kept.turns if turn.speaker == "attendant" and turn.text]
    found = _general(tried, row) | {
        "the caller heard nothing": any(code != SILENCE for code in tried.call.heard),
        f"the call was filed as {outcome or 'nothing'}": outcome == "handled",
        "not both sides are in the transcript": len(heard) >= 1 and len(said) >= 2,
    }
    found |= _of_unplugging(tried, kept) if unplugged else _of_the_service(kept)
    return [problem for problem, well in found.items() if not well]


def verdict_of_plan(tried: Tried) -> list[str]:
    """What is wrong with the call of anybody's plan, of which only its author knows what it is to do."""
    return [problem for problem, well in _general(tried, _kept(tried).row).items() if not well]


def _general(tried: Tried, row: calls.Call | None) -> dict[str, bool]:
    return {
        "the call was not over in time": tried.in_time,
        "the call did not end in good order": tried.call.ended_well,
        "the call is not in the call log": row is not None,
        "the call log has no end of the call": row is not None and row.ended_at is not None,
    }


def _of_unplugging(tried: Tried, kept: Kept) -> dict[str, bool]:
    """Both halves of the call: what the cloud did before its plug was pulled, and the box after."""
    by_cloud, by_box = _halves(kept)
    understood = any(isinstance(event, Heard) and event.text for event in by_box)
    return {
        "nothing was understood after the cloud was cut off": understood or not tried.by_voice,
        "the cloud did not speak before it was cut off": _spoke(by_cloud),
        "the box did not go on by itself after the cloud was cut off": bool(by_box),
        "no message was kept after the cloud was cut off": _recorded(tried.box, kept.left),
    }


def _of_the_service(kept: Kept) -> dict[str, bool]:
    """Whether the real service spoke; if not, why it was given up, as far as that is known."""
    by_cloud, by_box = _halves(kept)
    reasons = [event.reason for event in by_box if isinstance(event, BrainChanged)]
    why = "".join(f": {WHY.get(reason, f'the line to it was lost ({reason})')}" for reason in reasons[:1])
    return {f"the real service did not speak{why}": _spoke(by_cloud)}


def _halves(kept: Kept) -> tuple[list[Event], list[Event]]:
    """What happened until the box took over from the cloud, and from then on."""
    for place, event in enumerate(kept.happened):
        if isinstance(event, BrainChanged) and event.to == "local":
            return kept.happened[:place], kept.happened[place:]
    return kept.happened, []


def _spoke(by_cloud: list[Event]) -> bool:
    return any(isinstance(event, UsageReported) for event in by_cloud)


def _recorded(box: LoopbackBox, left: list[messages.Message]) -> bool:
    """Whether a message was kept, and its recording too."""
    folder = box.database.parent / "recordings"
    return any(each.recording_path and (folder / each.recording_path).is_file() for each in left)


def _kept(tried: Tried) -> Kept:
    db = database.connect_readonly(tried.box.database)
    try:
        row = calls.by_sid(db, tried.call.sid)
        if row is None:
            return Kept(None, [], [], [])
        happened = [event for _, event in events.replay(db, row.id)]
        return Kept(row, transcripts.of_call(db, row.id), messages.of_call(db, row.id), happened)
    finally:
        db.close()
