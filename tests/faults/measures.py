"""What the caller heard after a fault: when the first useful sound came, and the longest silence.

That there was a sound, and when, is read from the carrier's own recording of the call, in ticks of 20 ms;
whose it was is read from the call's events. May import: the standard library, appliance.core,
tests.peers.carrier, this package's purposes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.core import events as e
from tests.faults.purposes import Purpose, of_use
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.carrier.ulaw import FRAME_BYTES, FRAME_MS, is_audible

OURS = ("say:", "prompt:")
LASTS_TICKS, SLACK_TICKS = 25, 5
KEYS_OVER = e.TimerFired("keys")
"""Keys for the cloud are over when none follows for a while: until then nobody owes an answer."""

At = tuple[int, e.Event]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was heard.

    `useful_ms` is the time to the first sound of use: from the fault, or from the end of the words or keys
    that the caller was giving. `silent_ms` is the longest silence after the fault that was not the caller's
    own, `local` tells whether it is the box that goes on with the call, `reasons` what the box met of the
    cloud, in its own words.
    """

    useful_ms: int | None
    silent_ms: int
    local: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply and at which tick of the call it began to be played."""

    tick: int
    ours: bool
    useful: bool


@dataclass(frozen=True, slots=True)
class _Clock:
    """From the time of the box's events to ticks of the call: the carrier's ticks may come late."""

    first_tick: int
    began_s: float
    at_s: Sequence[float]

    @classmethod
    def of(cls, phone: PhoneCall) -> "_Clock":
        """The clock of a call's media stream."""
        started, stream = phone.journal.first(h.StreamStarted), phone.streams[0]
        return cls(stream.started_call_ms // FRAME_MS, started.at_s, stream.timeline.at_s)

    def tick(self, at_ms: int) -> int:
        """The tick of the call in which this was."""
        return self.first_tick + bisect_right(self.at_s, self.began_s + at_ms / 1000)


def measured(phone: PhoneCall, purpose: Purpose, fault_ms: int, happened: Sequence[At]) -> Measured:
    """Look at a call whose cloud failed at this time of the call's clock."""
    agent, caller = _audible(phone.heard), _audible(phone.said)
    fault, clock = fault_ms // FRAME_MS, _Clock.of(phone)
    replies = list(_replies(happened, purpose, clock))
    local = _changes_to_local(happened, clock, fault)
    ours = (reply.tick for reply in replies if local and reply.ours and reply.tick >= fault)
    first = fault if _helped(replies, fault) else min(ours, default=fault)
    heard = (tick for tick in range(first, len(agent)) if _lasts(agent, tick) and _useful(replies, tick))
    useful = next(heard, None)
    keyed_upto = max((clock.tick(at) for at, event in happened if event == KEYS_OVER), default=0)
    spoke_upto = max(_silent_from(caller, fault, useful), keyed_upto if keyed_upto < (useful or 0) else 0)
    useful_ms = None if useful is None else (useful - spoke_upto) * FRAME_MS
    changes = [event.to for _, event in happened if isinstance(event, e.BrainChanged)]
    silent_ms, went_local = _longest_silence(agent, caller, fault), changes[-1:] == ["local"]
    return Measured(useful_ms, silent_ms, went_local, tuple(_reasons(happened)))


def _reasons(happened: Sequence[At]) -> Iterator[str]:
    """What the box met of the cloud that made it go on by itself, or in the session of before."""
    for _, event in happened:
        if (isinstance(event, e.BrainChanged) and event.to == "local") or isinstance(event, e.RenewalFailed):
            yield event.reason


def _changes_to_local(happened: Sequence[At], clock: _Clock, fault: int) -> bool:
    """Whether the box took over after the fault."""
    return any(
        isinstance(event, e.BrainChanged) and event.to == "local" and clock.tick(at_ms) >= fault - SLACK_TICKS
        for at_ms, event in happened
    )


def _replies(happened: Sequence[At], purpose: Purpose, clock: _Clock) -> Iterator[_Reply]:
    """The replies in the order in which they were played: one begins when the one before it was heard."""
    words = {event.reply_id: event.text for _, event in happened if isinstance(event, e.ReplyWorded)}
    ends = {event.reply_id: at_ms for at_ms, event in happened if isinstance(event, e.ReplyPlayed)}
    before_ms = 0
    for at_ms, event in happened:
        if isinstance(event, e.ReplyQueued):
            useful = of_use(purpose, words.get(event.reply_id, ""))
            yield _Reply(clock.tick(max(at_ms, before_ms)), event.reply_id.startswith(OURS), useful)
            before_ms = ends.get(event.reply_id, at_ms)


def _useful(replies: Sequence[_Reply], tick: int) -> bool:
    """Whether what is played at this tick says something."""
    sounding = [reply for reply in replies if reply.tick <= tick]
    return bool(sounding) and sounding[-1].useful


def _helped(replies: Sequence[_Reply], fault: int) -> bool:
    """Whether the box itself was saying something of use as the cloud failed."""
    sounding = [reply for reply in replies if reply.tick <= fault]
    return bool(sounding) and sounding[-1].ours and sounding[-1].useful


def _lasts(agent: list[bool], tick: int) -> bool:
    """Whether a sound begins here that says something: more than a syllable that is broken off at once."""
    return agent[tick] and sum(agent[tick : tick + LASTS_TICKS]) >= LASTS_TICKS // 2


def _audible(ulaw_8k: bytes) -> list[bool]:
    return [is_audible(ulaw_8k[at : at + FRAME_BYTES]) for at in range(0, len(ulaw_8k), FRAME_BYTES)]


def _silent_from(caller: list[bool], fault: int, useful: int | None) -> int:
    """The fault, or the end of what the caller said over it and before the answer."""
    upto = len(caller) if useful is None else useful
    return max((tick + 1 for tick in range(fault, upto) if caller[tick]), default=fault)


def _longest_silence(agent: list[bool], caller: list[bool], fault: int) -> int:
    """The longest stretch without a sound that the agent ended: what the caller ends is the caller's own."""
    longest = run = 0
    for tick in range(fault, len(agent)):
        if agent[tick]:
            longest, run = max(longest, run), 0
        elif caller[tick]:
            run = 0
        else:
            run += 1
    return longest * FRAME_MS
