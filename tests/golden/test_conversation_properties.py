"""Whatever happens, in whatever order: the conversation stands it, ends once, and is then silent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core import phrases
from appliance.core.booking.visits import Bookable
from appliance.core.citations import Asked, Citation, Source
from appliance.core.commands import (
    Command,
    EndCall,
    NoteCitation,
    PlayPrompt,
    PlaySoftSound,
    RecallWish,
    RunTool,
    Speak,
    StartTimer,
    StopRecording,
    StopTimer,
    TakeUtterance,
)
from appliance.core.conversation import Conversation
from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, transfer
from appliance.core.events import (
    BrainAlive,
    BrainChanged,
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
    MessageRecorded,
    RenewalFailed,
    ReplyBegan,
    ReplyEnded,
    ReplyHeard,
    ReplyPlayed,
    ReplyQueued,
    ReplyWorded,
    ReplyWording,
    SessionExpiring,
    SpeechStarted,
    SpeechStopped,
    StaffDecided,
    TimerFired,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    Understood,
    UsageReported,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
    VoicePaused,
)
from appliance.core.replies import PROMPT
from appliance.core.wishes import Intent
from tests.golden.conversation_format import CALLER, FACTS, OFFICE
from tests.service.booking.clinic import ONE_DOCTOR

ids = st.sampled_from(["a", "b", "c"])
words = st.sampled_from(
    [
        *("", "hello", "buenos días", "I want to speak with a person", "my father cannot breathe", "five"),
        *("when is my appointment", "March ninth nineteen eighty", "this is Ana Ruiz", "the second one"),
    ]
)
FOUND = '{"ok":true,"appointments":[{"appointment_id":"a1","said":"Monday","start":"Monday"}]}'
TWO_FOUND = f'{FOUND[:-2]},{{"appointment_id":"a2","said":"Friday"}}]}}'
OFFERS = (
    '{"ok":true,"exact":false,"offers":[{"offer_id":"o1","said":"Monday"},{"offer_id":"o2","said":"Friday"}]}'
)
EXACT = '{"ok":true,"exact":true,"offers":[{"offer_id":"o1","said":"Monday"}]}'
WHYS = (
    "not_known",
    "not_agreed",
    "who",
    "staff",
    "taken",
    "no_calendar",
    "nothing_free",
    "no_more",
    "which_visit",
)
REFUSALS = tuple(f'{{"ok":false,"why":"{why}","say":"No."}}' for why in WHYS)
DONE = '{"ok":true,"confirmed":true,"say":"It is done."}'
PARKING = Source(
    "guide", 7, "Visitor guide", "Parking", "en", 0.9, "Visitor guide, parking", "", "It is free."
)
IN_ANOTHER = replace(PARKING, passage=8, language="es")
asked = st.sampled_from(
    [
        None,
        Asked("where can I park", "en"),
        Asked("where can I park", "en", 0.9, (PARKING, IN_ANOTHER), "It is free."),
    ]
)
KNOWN = '{"ok":true,"answer":"It is free.","source":"Visitor guide, parking","language":"en"}'
answered = st.sampled_from(
    [
        *("It is free to park.", "Source: visitor guide, parking.", "Source: the staff handbook of old."),
        *("You park for free. Source: visitor", "Source:", "Fuente: otra cosa cualquiera."),
    ]
)
outputs = st.sampled_from(
    [
        *(KNOWN, KNOWN.replace('"en"', '"es"')),
        *(
            f'{{"ok":true,"known":false,"then":"{then}"}}'
            for then in ("message", "people", "say", "link", "advice")
        ),
        *('{"ok":true}', '{"ok":false,"error":"no"}', '{"ok":true,"hours":"From eight to five."}'),
        *(FOUND, TWO_FOUND, OFFERS, EXACT, DONE, *REFUSALS),
    ]
)
ms = st.integers(0, 5000)
leaves = st.sampled_from([None, GOODBYE, PEOPLE, VOICEMAIL, transfer("billing")])
TIMERS = ("first_audio", "reply_due", "probe", "keys", "leave", "another")
LOCAL_TIMERS = ("no_input", "message", "message_pause", "filler", "ask_again", "fetch")
timers = st.sampled_from(["longest", *TIMERS, *LOCAL_TIMERS])
wishes = st.builds(
    Understood,
    ids,
    st.sampled_from([*map(str, Intent), "unheard"]),
    st.sampled_from(["", "Billing", "nowhere"]),
    st.sampled_from(["", "0", "1", "2", "9", "55", "3125550142", "19800309"]),
    st.sampled_from(["", "en", "es", "fr"]),
    words,
    st.booleans(),
)
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
    st.builds(VoicePaused, ms, ms),
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
    st.builds(ReplyWorded, ids, st.one_of(words, answered), ms),
    st.builds(ReplyWording, ids, answered),
    st.builds(ReplyEnded, ids, st.sampled_from(["completed", "cancelled", "failed", "incomplete"])),
    st.builds(ToolsAsked, ids, tools.map(tuple), st.booleans()),
    st.builds(UsageReported, st.just("m"), ms, ms, ms, ms, ms, ms, st.none()),
    st.builds(
        ToolAnswered, st.sampled_from(["a", "b", "c", "local-1", "local-2"]), outputs, leaves, asked=asked
    ),
    st.builds(BrainChanged, st.sampled_from(["local", "cloud"]), words),
    wishes,
    st.builds(MessageRecorded, st.sampled_from(["", "message-1.wav"]), words, ms, st.booleans()),
    st.builds(StaffDecided, st.sampled_from([GOODBYE, PEOPLE, transfer("billing")])),
    st.builds(TimerFired, timers),
]
histories = st.lists(st.one_of(facts), max_size=60)
LOCAL = (CallAnswered(), BrainChanged("local", "no cloud"))
beginnings = st.sampled_from([(), (CallAnswered(),), (CallAnswered(), BrainReady()), LOCAL])
MOST_STEPS = 200
MOST_TIMERS = 20
"""A conversation that is still going on after so many of its timers has no end."""


@cache
def _phrases() -> phrases.PhraseBook:
    return phrases.load()


BOOKS = OFFICE.model_copy(update={"bookable": Bookable.model_validate(ONE_DOCTOR)})


def _conversation(
    *, manual_turns: bool = False, menu: bool = False, books: bool = False, caller: str = CALLER
) -> Conversation:
    """One that begins as a menu has the cloud assistant behind it; one that `books` makes appointments."""
    watch = phrases.Watcher(_phrases())
    facts = Facts.of(BOOKS, caller) if books else FACTS
    facts = replace(facts, assistant=menu, assistant_words=("assistant", "hello"))
    return Conversation(manual_turns=manual_turns, dialogue=Dialogue(facts), watch=watch)


def _commands(conversation: Conversation, events: list[Event]) -> list[Command]:
    return [command for event in events for command in conversation.handle(event)]


@given(beginnings, histories, st.booleans(), st.booleans())
def test_any_history_ends_at_most_once_and_nothing_follows(
    beginning: tuple[Event, ...], history: list[Event], manual_turns: bool, menu: bool
) -> None:
    conversation = _conversation(manual_turns=manual_turns, menu=menu)
    commands = _commands(conversation, [*beginning, *history])
    ends = [place for place, command in enumerate(commands) if isinstance(command, EndCall)]
    assert ends in ([], [len(commands) - 1])


@given(beginnings, histories)
def test_each_question_is_noted_once_and_only_what_was_found_is_verified(
    beginning: tuple[Event, ...], history: list[Event]
) -> None:
    conversation, events = _conversation(), [*beginning, *history, CallerHungUp()]
    found, notes = set[int](), list[Citation]()
    for event in events:
        if isinstance(event, ToolAnswered) and event.asked is not None:
            found |= {each.passage for each in event.asked.sources}
        for command in conversation.handle(event):
            if isinstance(command, NoteCitation):
                notes.append(command.citation)
                assert not command.citation.verified or command.citation.passage in found
    asked_for = [
        event.asked for event in events if isinstance(event, ToolAnswered) and event.asked is not None
    ]
    assert len([note for note in notes if note.asked.question]) <= len(asked_for)


@given(beginnings, histories, st.booleans())
def test_the_same_history_asks_for_the_same(
    beginning: tuple[Event, ...], history: list[Event], manual_turns: bool
) -> None:
    events = [*beginning, *history]
    once, again = _conversation(manual_turns=manual_turns), _conversation(manual_turns=manual_turns)
    assert _commands(once, events) == _commands(again, events)


@given(beginnings, histories, st.sampled_from([CallerHungUp(), LegFailed("x")]))
@example(
    (CallAnswered(), BrainChanged("local", "no cloud")),
    [DigitPressed("3"), DigitPressed("1"), StaffDecided(GOODBYE)],
    CallerHungUp(),
)
def test_without_a_caller_it_is_over_as_soon_as_what_they_said_is_kept(
    beginning: tuple[Event, ...], history: list[Event], gone: Event
) -> None:
    conversation = _conversation()
    commands = _commands(conversation, [*beginning, *history, gone])
    if conversation.aloud.parting:
        assert any(isinstance(command, StartTimer) and command.name == "leave" for command in commands)
        commands += conversation.handle(TimerFired("leave"))
    assert isinstance(commands[-1], EndCall)


@given(histories, st.sampled_from([BrainLost("refused"), DigitPressed("0"), TimerFired("longest")]))
def test_what_leads_away_from_the_assistant_always_ends(history: list[Event], last: Event) -> None:
    """Nothing more is heard of the brain or of the playout: the timers that run bring the end, soon."""
    conversation, running = _conversation(), list[str]()
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


@dataclass(slots=True)
class World:
    """What the box and a caller who says nothing any more do about a conversation's commands."""

    conversation: Conversation
    answers: Callable[[str], str] = lambda _tool: '{"ok":true,"say":"Done."}'
    """What a tool of this name answers."""
    timers: list[str] = field(default_factory=list)
    comes: list[Event] = field(default_factory=list)
    over: bool = False

    def happens(self, *events: Event) -> None:
        """Tell the conversation, and do what it asks for."""
        for event in events:
            commands = self.conversation.handle(event)
            self.over |= _follow(commands, self.timers)
            for command in commands:
                self.comes += self._done(command)

    def goes_on(self) -> None:
        """The next thing happens: what was asked for first, a timer when nothing else is under way."""
        self.happens(self.comes.pop(0) if self.comes else TimerFired(self.timers.pop(0)))

    def settles(self) -> None:
        """All that was asked for has come, and what sounds was heard; no wait is over."""
        while self.comes and not self.over:
            self.happens(self.comes.pop(0))

    def ends(self) -> None:
        """The caller says nothing more: something is under way or a timer runs until the call is over."""
        for _ in range(MOST_STEPS):
            if self.over:
                return
            assert self.comes or self.timers, "nothing is under way, and nobody will ask"
            self.goes_on()
        raise AssertionError("it goes on and on")

    def _done(self, command: Command) -> tuple[Event, ...]:
        match command:
            case Speak():
                return ReplyQueued(command.reply_id), ReplyPlayed(command.reply_id, 900)
            case PlayPrompt():
                return ReplyQueued(PROMPT + command.name), ReplyPlayed(PROMPT + command.name, 900)
            case PlaySoftSound():
                return (ReplyPlayed(command.reply_id, 180),)
            case RunTool():
                return (ToolAnswered(command.call.tool_call_id, self.answers(command.call.name)),)
            case TakeUtterance():
                return (Understood(f"heard-{command.began_ms}", "none"),)
            case RecallWish():
                return (Understood("", "none", recalled=True),)
            case StopRecording():
                return (MessageRecorded("", "", 0),)
            case _:
                return ()


@given(histories, st.booleans(), st.booleans(), st.sampled_from([CALLER, ""]))
def test_without_the_cloud_a_silent_caller_is_never_left_waiting(
    history: list[Event], menu: bool, books: bool, caller: str
) -> None:
    """In every state something is under way or a timer runs, until the call ends: there is no dead end."""
    world = World(_conversation(menu=menu, books=books, caller=caller))
    world.happens(*LOCAL, *history, BrainChanged("local", "closed"))
    # What sounded and what was under way comes to its end, and the caller to the end of a sentence.
    world.happens(*(ReplyPlayed(reply_id, 900) for reply_id in [*world.conversation.replies.speaking]))
    world.happens(*(ToolAnswered(each, '{"ok":true}') for each in "abc"), VoiceCeased(9000, 1000))
    world.ends()


keys = st.sampled_from([*"123456789*#", "19800309", "3125550142"])
sayings = st.one_of(keys, wishes)
answers = st.fixed_dictionaries(
    {
        "find_appointment": st.sampled_from([FOUND, TWO_FOUND, *REFUSALS]),
        "find_slots": st.sampled_from([OFFERS, EXACT, *REFUSALS]),
        "move_appointment": st.sampled_from([DONE, *REFUSALS]),
        "cancel_appointment": st.sampled_from([DONE, *REFUSALS]),
        "book_spoken_appointment": st.sampled_from([DONE, *REFUSALS]),
    }
)


@given(
    st.sampled_from(["6", "4"]),
    st.lists(sayings, max_size=12),
    answers,
    st.sampled_from([CALLER, ""]),
)
def test_an_appointment_by_the_box_never_ends_in_silence(
    first: str, said: list[str | Understood], answers: dict[str, str], caller: str
) -> None:
    """Whatever the caller keys or says and the tools answer: silence then leads to the end of the call."""
    world = World(_conversation(books=True, caller=caller), lambda tool: answers.get(tool, '{"ok":true}'))
    world.happens(*LOCAL)
    for each in (first, *said):
        if world.over:
            return
        events = [DigitPressed(key) for key in each] if isinstance(each, str) else [each]
        world.happens(*events, *([TimerFired("keys")] if len(events) > 1 else []))
        world.settles()
    world.ends()


def test_every_step_of_the_box_is_reached_and_left_in_silence() -> None:
    """Whatever was asked last, a silent caller is asked again, offered a message, and told goodbye."""
    for step in Step:
        world = World(_conversation(books=True), lambda _tool: DONE)
        world.happens(*LOCAL)
        world.settles()
        world.conversation.dialogue.step = step
        world.ends()
