"""The states that a call can be in, each as what happened up to it.

`test_person_everywhere` holds them against the code.
May import: the standard library, appliance.core, tests.golden.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from appliance.core import phrases
from appliance.core.commands import Command, Speak
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, Disposition, transfer
from appliance.core.events import (
    COST_CAP,
    BrainChanged,
    BrainErred,
    BrainReady,
    CallAnswered,
    DigitPressed,
    Event,
    Heard,
    HeardPart,
    MessageRecorded,
    Overheard,
    ReplyBegan,
    ReplyEnded,
    ReplyHeard,
    ReplyPlayed,
    ReplyQueued,
    SessionExpiring,
    SpeechStarted,
    SpeechStopped,
    StaffDecided,
    TimerFired,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    Understood,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.leaving import Leaving
from tests.golden.conversation_format import FACTS

Events = tuple[Event, ...]
CLOUD: Events = (CallAnswered(), BrainReady())
LOCAL: Events = (CallAnswered(), BrainChanged("local", "no cloud"))
SPEAKS: Events = (ReplyBegan("r1"), ReplyQueued("i1"))
ASKED: Events = (UtteranceTaken("u1"), Heard("u1", "what are your hours"))
TOOL = ToolsAsked("r1", (ToolCall("t1", "get_business_hours", "{}"),))
SAID = ReplyEnded("r1", "completed")
MESSAGE: Events = (*LOCAL, DigitPressed("3"))
DICTATES: Events = (*MESSAGE, ReplyQueued("say:9"), ReplyPlayed("say:9", 4000), VoiceBegan(6000))


def announced(leave: Disposition) -> Events:
    """The cloud has said so, and its words sound."""
    asked = ToolsAsked("r1", (ToolCall("t1", "transfer_to_department", "{}"),), spoke=True)
    return (*CLOUD, *SPEAKS, SAID, asked, ToolAnswered("t1", "{}", leave))


BEFORE: dict[str, Events] = {
    "before anybody is there": (),
    "while the brain connects": (CallAnswered(),),
}
TALKING: dict[str, Events] = {
    "with the cloud, before its first word": CLOUD,
    "with the cloud, in its greeting": (*CLOUD, *SPEAKS),
    "with the cloud, between two answers": (*CLOUD, *SPEAKS, SAID, ReplyPlayed("i1", 900)),
    "with the cloud, while the caller speaks": (*CLOUD, SpeechStarted(), VoiceBegan(1000)),
    "with the cloud, while an answer is made": (*CLOUD, SpeechStarted(), SpeechStopped(2000), *ASKED),
    "with the cloud, in an answer": (*CLOUD, SpeechStarted(), SpeechStopped(2000), *ASKED, *SPEAKS),
    "with the cloud, in a sentence that was broken into": (*CLOUD, *SPEAKS, SpeechStarted()),
    "with the cloud, while a tool runs": (*CLOUD, ReplyBegan("r1"), TOOL),
    "with the cloud, while we say that it takes a moment": (
        *(*CLOUD, ReplyBegan("r1"), TOOL, SAID),
        *(TimerFired("filler"), ReplyQueued("say:1")),
    ),
    "with the cloud, as a message is dictated to it": (
        *(*CLOUD, *SPEAKS, SAID, ReplyPlayed("i1", 900), SpeechStarted(), SpeechStopped(2000)),
        *(UtteranceTaken("u1"), Heard("u1", "please tell them that my prescription ran out")),
    ),
    "with the cloud, before its session is renewed": (*CLOUD, *SPEAKS, SessionExpiring(60)),
    "with the cloud, as its session breaks": (*CLOUD, *SPEAKS, BrainErred("server_error", "rebuild")),
    "with the cloud, while it has no room": (
        *(*CLOUD, SpeechStarted(), SpeechStopped(2000), *ASKED),
        BrainErred("rate_limit", "wait", 2000),
    ),
    "with the cloud, as the language is switched": (
        *(*CLOUD, SpeechStarted(), SpeechStopped(2000), UtteranceTaken("u1"), ReplyBegan("r1")),
        *(ToolsAsked("r1", (ToolCall("t1", "set_language", "{}"),)), SAID),
        ToolAnswered("t1", "{}", language="es"),
    ),
    "as the cloud is lost": (*CLOUD, *SPEAKS, BrainChanged("local", "closed_1006")),
    "as the cloud is lost, before a word of what the caller says": (
        *(*CLOUD, *SPEAKS, SAID, ReplyPlayed("i1", 900), VoiceBegan(1000)),
        BrainChanged("local", "closed_1006"),
    ),
    "as the cloud is lost while a tool runs": (
        *(*CLOUD, ReplyBegan("r1"), TOOL),
        BrainChanged("local", "closed_1006"),
    ),
    "as the cloud has cost enough": (*CLOUD, *SPEAKS, BrainChanged("local", COST_CAP)),
    "with the cloud, while its words come in pieces": (
        *(*CLOUD, SpeechStarted(), VoiceBegan(1000), SpeechStopped(2000), VoiceCeased(2000, 1000)),
        *(UtteranceTaken("u1"), HeardPart("u1", "what are")),
    ),
    "as the cloud is back": (*LOCAL, BrainChanged("cloud", "well again")),
    "with the box, in its greeting": (*LOCAL, ReplyQueued("say:1")),
    "with the box, in a sentence that was broken into": (
        *(*LOCAL, ReplyQueued("say:1"), ReplyHeard("say:1", 100), VoiceBegan(1000)),
    ),
    "with the box, while it understands": (*LOCAL, VoiceBegan(1000), VoiceCeased(2000, 1000)),
    "with the box, while a tool runs": (*LOCAL, Understood("u1", "hours")),
    "with the box, as somebody coughs while a tool runs": (
        *LOCAL,
        Understood("u1", "hours"),
        VoiceBegan(9000),
    ),
    "with the box, while we say that it takes a moment": (
        *(*LOCAL, Understood("u1", "hours"), TimerFired("filler"), ReplyQueued("say:9")),
    ),
    "with the box, as the language is switched": (*LOCAL, Understood("u1", "language_switch", language="es")),
    "with the box, when a message is asked for": MESSAGE,
    "with the box, when a message is read back": (
        *(*DICTATES, DigitPressed("#"), MessageRecorded("m.wav", "it is about my bill", 4000)),
    ),
    "with the box, when a number is asked for": (
        *(*DICTATES, DigitPressed("#"), MessageRecorded("m.wav", "it is about my bill", 4000)),
        *(Understood("u1", "yes"), Understood("u2", "no")),
    ),
}
MESSAGES: dict[str, Events] = {
    "with the box, while a message is spoken": DICTATES,
    "with the box, while a message is kept": (*DICTATES, DigitPressed("#")),
}
ANSWERED: dict[str, Events] = {
    "with the cloud, when we have overheard danger": (
        *(*CLOUD, VoiceBegan(2000), VoiceCeased(3000, 1000)),
        Overheard(2000, "please help I cannot breathe"),
    ),
}
"""There the cloud's words for it are still to come, and are answered already."""
CANNOT_BREATHE: Events = (UtteranceTaken("u1"), Heard("u1", "I cannot breathe"))
WARNING: dict[str, Events] = {
    "with the cloud, as danger is answered": (
        *(*CLOUD, SpeechStarted(), SpeechStopped(2000), *CANNOT_BREATHE),
    ),
    "with the cloud, as we answer danger that we have overheard": (
        *ANSWERED["with the cloud, when we have overheard danger"],
    ),
    "with the box, as danger is answered": (
        *(*LOCAL, VoiceBegan(1000), VoiceCeased(2000, 1000), *CANNOT_BREATHE),
    ),
    "with the box, as a sob is heard over its answer to danger": (
        *(*LOCAL, VoiceBegan(1000), VoiceCeased(2000, 1000), *CANNOT_BREATHE, VoiceBegan(4000)),
    ),
    "with the box, as danger in a message is answered": (
        *(*DICTATES, VoiceCeased(8000, 2000), *CANNOT_BREATHE),
    ),
    "as the cloud is lost in our answer to danger": (
        *(*CLOUD, SpeechStarted(), SpeechStopped(2000), *CANNOT_BREATHE),
        BrainChanged("local", "closed_1006"),
    ),
}
"""There the call stays with us, and the sentence for danger is heard to its end all the same."""
LEAVING: dict[str, Events] = {
    "as the cloud announces a transfer": announced(transfer("billing")),
    "as the cloud announces a message": announced(VOICEMAIL),
    "as the cloud announces a person": announced(PEOPLE),
    "as the cloud answers what was said into it": (
        *(*announced(transfer("billing")), SpeechStarted(), SpeechStopped(2000)),
        *(UtteranceTaken("u1"), ReplyBegan("r2")),
    ),
    "before the cloud announces a transfer": (
        *(*CLOUD, ReplyBegan("r1"), TOOL, SAID),
        ToolAnswered("t1", "{}", transfer("billing")),
    ),
    "as a transfer is announced while words are awaited": (
        *(*CLOUD, SpeechStarted(), SpeechStopped(2000), UtteranceTaken("u1"), ReplyBegan("r1"), TOOL, SAID),
        ToolAnswered("t1", "{}", transfer("billing")),
    ),
    "as the box announces a transfer": (
        *(*LOCAL, Understood("u1", "transfer_department", "Billing")),
        *(ToolAnswered("local-1", '{"ok":true}', transfer("billing")), ReplyQueued("say:9")),
    ),
    "as the box announces a person": (*LOCAL, Heard("u1", "operator please"), ReplyQueued("say:9")),
    "as the box says where a call goes whose cloud is lost": (
        *announced(transfer("billing")),
        BrainChanged("local", "closed_1006"),
    ),
    "as the call has reached its time limit": (*CLOUD, TimerFired("longest")),
    "as staff have decided on a transfer": (*CLOUD, StaffDecided(transfer("billing"))),
    "as staff have ended it": (*LOCAL, StaffDecided(GOODBYE)),
}
WARNED: dict[str, Events] = {
    "as danger is answered that was told into an announcement": (
        *(*announced(transfer("billing")), SpeechStarted(), SpeechStopped(2000)),
        *(UtteranceTaken("u1"), Heard("u1", "I cannot breathe"), ReplyQueued("say:1")),
    ),
}
"""There the sentence for danger is heard to its end, whatever is said."""
GOODBYES: dict[str, Events] = {
    "in the box's goodbye": (*LOCAL, Understood("u1", "goodbye"), ReplyQueued("say:9")),
    "in the cloud's goodbye": (
        *(*CLOUD, *SPEAKS, SAID, ToolsAsked("r1", (ToolCall("t1", "end_call", "{}"),), spoke=True)),
        ToolAnswered("t1", "{}", GOODBYE),
    ),
}
DECIDED_BY_STAFF = ("as staff have decided on a transfer", "as staff have ended it")
"""There a person has decided, and nobody talks their way out of it; danger is answered all the same."""
HEARING = TALKING | MESSAGES | LEAVING | GOODBYES
"""The states in which what the caller says is looked at."""
ALL = BEFORE | ANSWERED | WARNING | WARNED | HEARING
LOCAL_BRAIN = frozenset(
    state
    for state, events in HEARING.items()
    for last in [[event for event in events if isinstance(event, BrainChanged)][-1:]]
    if last and last[0].to == "local"
)
FLAGS: dict[str, Callable[[Conversation], Any]] = {
    "conversation": lambda call: call,
    "aloud": lambda call: call.aloud,
    "turn": lambda call: call.turn,
    "owing": lambda call: call._owing,
    "errands": lambda call: call._errands,
    "overhearing": lambda call: call.aloud.overhearing,
    "leaving": lambda call: call._leaving,
    "replies": lambda call: call.replies,
}
"""All that a conversation remembers by yes and no."""
NO_STATE = frozenset({("conversation", "manual_turns"), ("aloud", "parting")})
"""What is no state of a call: how it is set up, or the caller is gone."""


def conversation(*events: Event, line: bool = False, danger: bool = False) -> Conversation:
    """A call up to here; with an on-call `line`, or come back because of `danger`."""
    facts = replace(FACTS, emergency_line=line, danger=danger)
    made = Conversation(dialogue=Dialogue(facts), watch=phrases.Watcher(phrases.load()))
    happens(made, *events)
    return made


def happens(call: Conversation, *events: Event) -> list[Command]:
    """What follows from these events."""
    return [command for event in events for command in call.handle(event)]


def said(commands: list[Command]) -> list[str]:
    """The names of the sentences of ours that are said."""
    return [each.sentence for each in commands if isinstance(each, Speak)]


def in_danger(*events: Event) -> Conversation:
    """A call of a clinic that has an on-call line."""
    return conversation(*events, line=True)


def reached(call: Conversation) -> Leaving:
    """The way out of a call."""
    return call._leaving
