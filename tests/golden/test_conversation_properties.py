"""Whatever happens, in whatever order: the conversation stands it, ends once, and is then silent."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.commands import Command, EndCall, StartTimer, StopTimer
from appliance.core.conversation import Conversation
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, transfer
from appliance.core.events import (
    BrainAlive,
    BrainErred,
    BrainLost,
    BrainReady,
    BrainRenewed,
    CallAnswered,
    CallerHungUp,
    DigitPressed,
    Event,
    Heard,
    HeardPart,
    LegFailed,
    RenewalFailed,
    ReplyBegan,
    ReplyEnded,
    ReplyHeard,
    ReplyPlayed,
    ReplyQueued,
    ReplyWorded,
    SessionExpiring,
    SpeechStarted,
    SpeechStopped,
    TimerFired,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    UsageReported,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.replies import PROMPT

ids = st.sampled_from(["a", "b", "c"])
words = st.sampled_from(["", "hello", "good morning, how can I help you"])
ms = st.integers(0, 5000)
leaves = st.sampled_from([None, GOODBYE, PEOPLE, VOICEMAIL, transfer("billing")])
timers = st.sampled_from(["longest", "first_audio", "reply_due", "probe", "keys", "leave", "another"])
tools = st.lists(st.builds(ToolCall, ids, st.just("end_call"), st.just("{}")), min_size=1, max_size=3)
replies = st.sampled_from(
    ["a", "b", "c", *(PROMPT + name for name in ("connecting", "cloud_lost", "goodbye"))]
)
facts: list[st.SearchStrategy[Event]] = [
    st.builds(CallAnswered),
    st.builds(DigitPressed, st.sampled_from([*"0123456789*#"])),
    st.builds(CallerHungUp),
    st.builds(LegFailed, words),
    st.builds(ReplyQueued, replies),
    st.builds(ReplyHeard, replies, ms),
    st.builds(ReplyPlayed, replies, ms),
    st.builds(VoiceBegan, ms),
    st.builds(VoiceCeased, ms, ms),
    st.builds(BrainReady),
    st.builds(BrainAlive),
    st.builds(BrainLost, st.just("refused")),
    st.builds(BrainErred, st.just("x"), st.sampled_from(["harmless", "retry", "rebuild", "give_up"])),
    st.builds(SessionExpiring, st.just(60)),
    st.builds(BrainRenewed),
    st.builds(RenewalFailed, st.just("timeout")),
    st.builds(SpeechStarted),
    st.builds(SpeechStopped),
    st.builds(UtteranceTaken, ids),
    st.builds(HeardPart, ids, words),
    st.builds(Heard, ids, words),
    st.builds(ReplyBegan, ids),
    st.builds(ReplyWorded, ids, words, ms),
    st.builds(ReplyEnded, ids, st.sampled_from(["completed", "cancelled", "failed", "incomplete"])),
    st.builds(ToolsAsked, ids, tools.map(tuple), st.booleans()),
    st.builds(UsageReported, st.just("m"), ms, ms, ms, ms, ms, ms, st.none()),
    st.builds(ToolAnswered, ids, words, leaves),
    st.builds(TimerFired, timers),
]
histories = st.lists(st.one_of(facts), max_size=60)
beginnings = st.sampled_from([(), (CallAnswered(),), (CallAnswered(), BrainReady())])
MOST_TIMERS = 20
"""A conversation that is still going on after so many of its timers has no end."""


def _commands(conversation: Conversation, events: list[Event]) -> list[Command]:
    return [command for event in events for command in conversation.handle(event)]


@given(beginnings, histories, st.booleans())
def test_any_history_ends_at_most_once_and_nothing_follows(
    beginning: tuple[Event, ...], history: list[Event], manual_turns: bool
) -> None:
    conversation = Conversation(manual_turns=manual_turns)
    commands = _commands(conversation, [*beginning, *history])
    ends = [place for place, command in enumerate(commands) if isinstance(command, EndCall)]
    assert ends in ([], [len(commands) - 1])


@given(beginnings, histories, st.booleans())
def test_the_same_history_asks_for_the_same(
    beginning: tuple[Event, ...], history: list[Event], manual_turns: bool
) -> None:
    events = [*beginning, *history]
    once, again = Conversation(manual_turns=manual_turns), Conversation(manual_turns=manual_turns)
    assert _commands(once, events) == _commands(again, events)


@given(beginnings, histories, st.sampled_from([CallerHungUp(), LegFailed("x")]))
def test_without_a_caller_it_is_over_at_once(
    beginning: tuple[Event, ...], history: list[Event], gone: Event
) -> None:
    commands = _commands(Conversation(), [*beginning, *history, gone])
    assert isinstance(commands[-1], EndCall)


@given(histories, st.sampled_from([BrainLost("refused"), DigitPressed("0"), TimerFired("longest")]))
def test_what_leads_away_from_the_assistant_always_ends(history: list[Event], last: Event) -> None:
    """Nothing more is heard of the brain or of the playout: the timers that run bring the end, soon."""
    conversation, running = Conversation(), list[str]()
    ended = False
    for event in (CallAnswered(), BrainReady(), *history, last):
        ended |= _follow(conversation.handle(event), running)
    for _ in range(MOST_TIMERS):
        if ended or not running:
            break
        ended = _follow(conversation.handle(TimerFired(running.pop(0))), running)
    assert ended


def _follow(commands: list[Command], running: list[str]) -> bool:
    """Keep the timers that run, but not the longest, which would end any call; whether this one was ended."""
    for command in commands:
        if isinstance(command, StartTimer | StopTimer) and command.name in running:
            running.remove(command.name)
        if isinstance(command, StartTimer) and command.name != "longest":
            running.append(command.name)
    return any(isinstance(command, EndCall) for command in commands)
