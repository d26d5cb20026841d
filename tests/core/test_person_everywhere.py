"""A person can be reached in every state of a call, by 0 and by saying so: the states, one by one."""

from collections.abc import Callable

import pytest

from appliance.core import phrases
from appliance.core.commands import Command, EndCall, PlayPrompt, Speak
from appliance.core.conversation import Conversation
from appliance.core.dialogue.asking import GATHERED, Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, Disposition, transfer
from appliance.core.events import (
    BrainChanged,
    BrainReady,
    CallAnswered,
    DigitPressed,
    Event,
    Heard,
    HeardPart,
    ReplyBegan,
    ReplyEnded,
    ReplyPlayed,
    ReplyQueued,
    SessionExpiring,
    SpeechStarted,
    SpeechStopped,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    Understood,
    UtteranceTaken,
    VoiceBegan,
)
from appliance.core.front_door import DEPARTMENTS, MAIN, menu_choice
from appliance.core.menu import Choice
from appliance.core.phase import Phase
from appliance.core.replies import PROMPT
from appliance.core.steps import MenuAnswered
from tests.core.office import office
from tests.golden.conversation_format import FACTS

CLOUD: tuple[Event, ...] = (CallAnswered(), BrainReady())
LOCAL: tuple[Event, ...] = (CallAnswered(), BrainChanged("local", "no cloud"))
SPEAKS: tuple[Event, ...] = (ReplyBegan("r1"), ReplyQueued("i1"))
ASKED = (UtteranceTaken("u1"), Heard("u1", "what are your hours"))
TOOL = ToolsAsked("r1", (ToolCall("t1", "get_business_hours", "{}"),))

TALKING: dict[str, tuple[Event, ...]] = {
    "with the cloud, before its first word": CLOUD,
    "with the cloud, while it speaks": (*CLOUD, *SPEAKS),
    "with the cloud, while the caller speaks": (*CLOUD, SpeechStarted(), VoiceBegan(1000)),
    "with the cloud, while an answer is made": (*CLOUD, SpeechStarted(), SpeechStopped(2000), *ASKED),
    "with the cloud, while a tool runs": (*CLOUD, ReplyBegan("r1"), TOOL),
    "with the cloud, before its session is renewed": (*CLOUD, *SPEAKS, SessionExpiring(60)),
    "as the cloud is lost": (*CLOUD, *SPEAKS, BrainChanged("local", "closed_1006")),
    "as the cloud is back": (*LOCAL, BrainChanged("cloud", "well again")),
    "with the box, while it speaks": (*LOCAL, ReplyQueued("say:1")),
    "with the box, while the caller speaks": (*LOCAL, VoiceBegan(1000)),
}
BEFORE: dict[str, tuple[Event, ...]] = {
    "before anybody is there": (),
    "while the brain connects": (CallAnswered(),),
}


def conversation(*events: Event) -> Conversation:
    made = Conversation(dialogue=Dialogue(FACTS), watch=phrases.Watcher(phrases.load()))
    for event in events:
        made.handle(event)
    return made


def ends_at_people(call: Conversation, commands: list[Command]) -> bool:
    """Whether the call ends at people once all that is said now was heard."""
    while not any(isinstance(command, EndCall) for command in commands):
        said = [command.reply_id for command in commands if isinstance(command, Speak)]
        said += [PROMPT + command.name for command in commands if isinstance(command, PlayPrompt)]
        if not said:
            return False
        commands = [after for reply_id in said for after in call.handle(ReplyPlayed(reply_id, 1000))]
    return [command.disposition for command in commands if isinstance(command, EndCall)] == [PEOPLE]


@pytest.mark.parametrize("state", [*BEFORE, *TALKING])
def test_zero_reaches_people(state: str) -> None:
    call = conversation(*(BEFORE | TALKING)[state])
    assert ends_at_people(call, call.handle(DigitPressed("0")))


@pytest.mark.parametrize("state", TALKING)
@pytest.mark.parametrize("said", ["I want to talk to a real person", "una persona por favor", "operator"])
def test_saying_so_reaches_people(state: str, said: str) -> None:
    call = conversation(*TALKING[state], UtteranceTaken("u9"))
    assert ends_at_people(call, call.handle(Heard("u9", said)))


@pytest.mark.parametrize("step", Step)
def test_both_do_whatever_the_box_asked_last(step: Step) -> None:
    def asked() -> Conversation:
        call = conversation(*LOCAL)
        call.dialogue.step = step
        return call

    ways: tuple[Callable[[Conversation], list[Command]], ...] = (
        lambda call: call.handle(DigitPressed("0")),
        lambda call: call.handle(Heard("u9", "representative please")),
        lambda call: call.handle(HeardPart("u9", "I want to speak to a person right now please")),
    )
    for way in ways:
        call = asked()
        assert ends_at_people(call, way(call))


def test_while_a_message_is_recorded() -> None:
    for said in (DigitPressed("0"), Heard("u9", "operator please")):
        call = conversation(*LOCAL, DigitPressed("3"))
        call.aloud.recording = True
        assert ends_at_people(call, call.handle(said))


@pytest.mark.parametrize("step", [step for step in Step if step in GATHERED])
def test_in_a_number_zero_is_a_digit_and_saying_so_still_does(step: Step) -> None:
    call = conversation(*LOCAL)
    call.dialogue.step = step
    call.handle(DigitPressed("5"))
    assert call.handle(DigitPressed("0")) != []
    assert call.phase is Phase.TALKING
    assert ends_at_people(call, call.handle(Heard("u9", "operator")))


@pytest.mark.parametrize("menu", [MAIN, DEPARTMENTS])
@pytest.mark.parametrize(
    ("digits", "speech", "wish"), [("0", "", ""), ("", "zero", ""), ("", "get me out", "person")]
)
def test_in_every_menu(menu: str, digits: str, speech: str, wish: str) -> None:
    assert menu_choice(office(), MenuAnswered("CA1", menu, digits, speech), wish) is Choice.PEOPLE


GOODBYES: dict[str, tuple[Event, ...]] = {
    "the box's": (*LOCAL, Understood("u1", "goodbye"), ReplyQueued("say:9")),
    "the cloud's": (
        *CLOUD,
        *SPEAKS,
        ReplyEnded("r1", "completed"),
        ToolsAsked("r1", (ToolCall("t1", "end_call", "{}"),), spoke=True),
        ToolAnswered("t1", "{}", GOODBYE),
    ),
}


@pytest.mark.parametrize("leave", [transfer("billing"), VOICEMAIL])
def test_zero_on_the_way_to_somewhere_else(leave: Disposition) -> None:
    asked = ToolsAsked("r1", (ToolCall("t1", "transfer_to_department", "{}"),), spoke=True)
    ended = ReplyEnded("r1", "completed")
    call = conversation(*CLOUD, *SPEAKS, ended, asked, ToolAnswered("t1", "{}", leave))
    assert call.phase is Phase.LEAVING
    assert ends_at_people(call, call.handle(DigitPressed("0")))


@pytest.mark.parametrize("whose", GOODBYES)
def test_in_a_goodbye(whose: str) -> None:
    call = conversation(*GOODBYES[whose])
    assert call.phase is Phase.LEAVING
    assert ends_at_people(call, call.handle(DigitPressed("0")))
    call = conversation(*GOODBYES[whose])
    began = (VoiceBegan(9000),) if whose == "the box's" else (SpeechStarted(),)
    assert not any(isinstance(command, EndCall) for event in began for command in call.handle(event))
    assert ends_at_people(call, call.handle(Heard("u9", "no wait, a person please")))


def test_every_phase_is_among_these_states() -> None:
    reached = {conversation(*events).phase for events in (BEFORE | TALKING | GOODBYES).values()}
    assert reached == set(Phase) - {Phase.OVER}
