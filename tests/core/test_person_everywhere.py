"""In every state of a call a person is reached by 0 and by saying so, and danger is answered.

The states are those of `tests.core.states`, which is held against the code: what is new there fails here
until it is listed.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from appliance.core.commands import ClearPlayback, Command, EndCall, NoteWish, PlayPrompt, Speak
from appliance.core.conversation import Conversation
from appliance.core.dialogue.asking import GATHERED, Step
from appliance.core.dispositions import PEOPLE, Kind
from appliance.core.events import (
    DigitPressed,
    Heard,
    HeardPart,
    ReplyPlayed,
    SpeechStarted,
    SpeechStopped,
    StaffDecided,
    TimerFired,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.front_door import DEPARTMENTS, MAIN, menu_choice
from appliance.core.leaving import ON_CALL
from appliance.core.menu import Choice
from appliance.core.phase import Phase
from appliance.core.replies import PROMPT
from appliance.core.steps import MenuAnswered
from tests.core.office import office
from tests.core.states import (
    ALL,
    ANSWERED,
    CLOUD,
    DECIDED_BY_STAFF,
    FLAGS,
    GOODBYES,
    HEARING,
    LEAVING,
    LOCAL,
    LOCAL_BRAIN,
    MESSAGES,
    NO_STATE,
    WARNED,
    conversation,
    in_danger,
    reached,
)

CHEST = Heard("u1", "my chest hurts and I cannot breathe")


def said(commands: list[Command]) -> list[str]:
    """The names of the sentences that are said."""
    return [
        command.sentence if isinstance(command, Speak) else command.name
        for command in commands
        if isinstance(command, Speak | PlayPrompt)
    ]


def heard_out(call: Conversation, commands: list[Command]) -> EndCall | None:
    """How the call ends once all that is said now was heard, if it does."""
    while not any(isinstance(command, EndCall) for command in commands):
        sounds = [command.reply_id for command in commands if isinstance(command, Speak)]
        sounds += [PROMPT + command.name for command in commands if isinstance(command, PlayPrompt)]
        if not sounds:
            return None
        commands = [after for reply_id in sounds for after in call.handle(ReplyPlayed(reply_id, 1000))]
    return next(command for command in commands if isinstance(command, EndCall))


def ends_at_people(call: Conversation, commands: list[Command]) -> bool:
    """Whether the call ends at people once all that is said now was heard."""
    end = heard_out(call, commands)
    return end is not None and end.disposition == PEOPLE


def says(call: Conversation, text: str, *, local: bool) -> list[Command]:
    """The caller speaks these words, over whatever sounds; what follows from them."""
    if local:
        began = call.handle(VoiceBegan(9000))
        ended = call.handle(VoiceCeased(10_000, 1000))
    else:
        began = call.handle(SpeechStarted())
        ended = call.handle(SpeechStopped(10_000))
    assert not [each for each in (*began, *ended) if isinstance(each, EndCall)], "it was not heard out"
    return [*began, *ended, *call.handle(UtteranceTaken("u9")), *call.handle(Heard("u9", text))]


@pytest.mark.parametrize("state", [state for state in ALL if state not in DECIDED_BY_STAFF])
def test_zero_reaches_people(state: str) -> None:
    call = conversation(*ALL[state])
    on_the_way = call.phase is Phase.LEAVING and reached(call).to == PEOPLE
    commands = call.handle(DigitPressed("0"))
    assert on_the_way or ends_at_people(call, commands)


@pytest.mark.parametrize("state", HEARING)
@pytest.mark.parametrize("words", ["I want to talk to a real person", "una persona por favor", "operator"])
def test_saying_so_reaches_people(state: str, words: str) -> None:
    call = conversation(*HEARING[state])
    if state in DECIDED_BY_STAFF or (call.phase is Phase.LEAVING and reached(call).to == PEOPLE):
        # A person has decided it, or is where the call is going.
        return
    assert ends_at_people(call, says(call, words, local=state in LOCAL_BRAIN))


@pytest.mark.parametrize("state", HEARING)
def test_so_do_words_that_come_without_their_sound(state: str) -> None:
    """They were spoken before the state began."""
    call = conversation(*HEARING[state])
    if state in DECIDED_BY_STAFF or (call.phase is Phase.LEAVING and reached(call).to == PEOPLE):
        return
    assert ends_at_people(call, call.handle(Heard("u9", "I want to talk to a real person")))


@pytest.mark.parametrize("spoken", [True, False], ids=["spoken into it", "words that are late"])
@pytest.mark.parametrize("state", HEARING)
@pytest.mark.parametrize("line", [True, False], ids=["with an on-call line", "without one"])
@pytest.mark.parametrize("words", ["my chest hurts and I cannot breathe", "no puedo respirar"])
def test_danger_is_answered(state: str, line: bool, words: str, spoken: bool) -> None:
    call = in_danger(*HEARING[state]) if line else conversation(*HEARING[state])
    late = call.handle(Heard("u9", words)) if not spoken else []
    commands = late or says(call, words, local=state in LOCAL_BRAIN)
    assert NoteWish("emergency", "breathing") in commands or NoteWish("emergency", "chest_pain") in commands
    assert "emergency_911" in said(commands)
    end = heard_out(call, commands)
    if line:
        assert end is not None
        assert end.disposition == ON_CALL
    else:
        # Nobody is hung up on who is in danger, unless staff have decided so.
        assert (
            end is None
            or end.disposition.kind not in (Kind.VOICEMAIL, Kind.GOODBYE)
            or (state in DECIDED_BY_STAFF)
        )


@pytest.mark.parametrize("state", ANSWERED)
def test_danger_that_we_have_overheard_is_answered_once(state: str) -> None:
    call = conversation(*ANSWERED[state])
    assert call.aloud.replies.speaking
    assert said(call.handle(Heard("u9", "please help I cannot breathe"))) == []
    wished = call.handle(Heard("u10", "a real person please"))
    for warning in [*call.replies.warnings]:
        call.handle(ReplyPlayed(warning, 4000))
    assert ends_at_people(call, wished)


@pytest.mark.parametrize("state", LEAVING)
def test_other_words_into_an_announcement_change_nothing(state: str) -> None:
    call = conversation(*LEAVING[state])
    to = reached(call).to
    commands = says(call, "okay, thank you", local=state in LOCAL_BRAIN)
    ends = [each for each in commands if isinstance(each, EndCall)]
    assert all(each.disposition == to for each in ends)
    assert "emergency_911" not in said(commands)
    call.handle(TimerFired("leave"))
    call.handle(TimerFired("leave"))
    assert call.phase is Phase.OVER


@pytest.mark.parametrize("state", [state for state in LEAVING if state not in DECIDED_BY_STAFF])
def test_words_that_never_come_hold_nobody_up(state: str) -> None:
    call = conversation(*LEAVING[state])
    local = state in LOCAL_BRAIN
    for event in (
        (VoiceBegan(9000), VoiceCeased(10_000, 1000))
        if local
        else (
            SpeechStarted(),
            SpeechStopped(10_000),
        )
    ):
        assert not [each for each in call.handle(event) if isinstance(each, EndCall)]
    ended = [*call.handle(TimerFired("last_words")), *call.handle(TimerFired("leave"))]
    assert call.phase is Phase.OVER or reached(call).aloud.replies.prompt_sounds, ended


def test_who_has_just_begun_to_speak_is_heard_out_when_words_of_before_do_not_come() -> None:
    call = conversation(*LEAVING["as the cloud announces a transfer"], SpeechStarted(), SpeechStopped(10_000))
    for event in (VoiceBegan(10_500), TimerFired("last_words"), VoiceCeased(12_000, 1500)):
        assert not [each for each in call.handle(event) if isinstance(each, EndCall)]
    assert [type(each) for each in call.handle(TimerFired("last_words"))] == [EndCall]


def test_a_cough_does_not_end_the_wait_for_words_of_before() -> None:
    spoke = (SpeechStarted(), SpeechStopped(10_000), UtteranceTaken("u9"))
    call = conversation(*LEAVING["as the cloud announces a transfer"], *spoke)
    for event in (VoiceBegan(10_500), VoiceCeased(10_600, 100)):
        assert not [each for each in call.handle(event) if isinstance(each, EndCall)]
    assert "emergency_911" in said(call.handle(Heard("u9", "I cannot breathe")))


def test_on_the_way_to_help_the_sentence_is_heard_to_its_end() -> None:
    call = in_danger(*LOCAL, Heard("u1", "I cannot breathe"))
    assert says(call, "please hurry I cannot breathe", local=True)[-1:] != []
    assert reached(call).to == ON_CALL
    assert call.phase is Phase.LEAVING


def test_on_the_way_to_help_0_leads_there_at_once() -> None:
    for call in (in_danger(*LOCAL, CHEST), in_danger(*CLOUD, CHEST)):
        pressed = call.handle(DigitPressed("0"))
        assert [each.disposition for each in pressed if isinstance(each, EndCall)] == [ON_CALL]


def test_danger_that_was_heard_as_the_call_left_is_answered_first_of_all() -> None:
    for line in (True, False):
        call = conversation(line=line, danger=True)
        commands = [each for event in CLOUD[:1] for each in call.handle(event)]
        assert said(commands)[0] == "emergency_911"
        end = heard_out(call, commands)
        assert end is not None
        assert end.disposition == (ON_CALL if line else PEOPLE)


def test_without_an_on_call_line_it_is_heard_to_its_end_as_well() -> None:
    """It is not said again: who sobs into it does not cut it."""
    told = conversation(*WARNED["as danger is answered that was told into an announcement"])
    back = conversation(*CLOUD, danger=True)
    local = conversation(*LEAVING["as the box announces a transfer"], Heard("u8", "I cannot breathe"))
    for call in (told, back, local):
        sounds = set(call.replies.speaking)
        began = VoiceBegan(9000) if call is local else SpeechStarted()
        sobs = [*call.handle(began), *call.handle(Heard("u9", "I cannot breathe"))]
        assert not any(isinstance(each, ClearPlayback) for each in sobs)
        assert set(call.replies.speaking) == sounds
        ends = [each for reply_id in sounds for each in call.handle(ReplyPlayed(reply_id, 1000))]
        assert any(isinstance(each, EndCall) for each in ends), "nobody in danger waits for more words"


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
    call = asked()
    assert "emergency_911" in said(call.handle(Heard("u9", "my chest hurts and I cannot breathe")))


WISHED_IN_A_MESSAGE = (
    "I want to speak to a person",
    "operator please",
    "no, I don't want to leave a message, I want to talk to a real person",
    "my name is Ana Ruiz. Wait. Can I just speak with somebody?",
    "Forget it, get me a representative.",
    "quiero hablar con una persona",
    "no quiero dejar un mensaje, páseme con una operadora",
)
OF_SOMEBODY_ELSE = (
    "my son needs to speak to a person at school about the bus",
    "please have a person call me back about my test results",
    "my mother wants to talk to somebody about her bill",
    "tell the receptionist that I will be late",
    "I spoke to a person at the front desk yesterday",
    "mi hija necesita hablar con una persona de la escuela",
    "por favor que me llame una persona para lo de mi cita",
)


@pytest.mark.parametrize("words", WISHED_IN_A_MESSAGE)
def test_the_wish_for_a_person_is_heard_in_a_message_that_is_spoken(words: str) -> None:
    call = conversation(*MESSAGES["with the box, while a message is spoken"])
    call.handle(HeardPart("u9", words))
    assert call.phase is Phase.TALKING, "it may go on"
    assert ends_at_people(call, call.handle(Heard("u9", words)))


@pytest.mark.parametrize("words", OF_SOMEBODY_ELSE)
def test_of_whom_a_message_tells_is_not_wished_for(words: str) -> None:
    call = conversation(*MESSAGES["with the box, while a message is spoken"])
    for event in (HeardPart("u9", words), Heard("u9", words)):
        assert not [each for each in call.handle(event) if isinstance(each, NoteWish | Speak)]
    assert call.aloud.recording


def test_what_is_told_of_a_school_is_no_wish_in_a_message_to_the_cloud_either() -> None:
    call = conversation(*CLOUD)
    commands = call.handle(Heard("u9", OF_SOMEBODY_ELSE[0]))
    assert not [each for each in commands if isinstance(each, NoteWish | Speak)]


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
    assert menu_choice(office(), MenuAnswered("CA1", menu, digits, speech), "emergency") is Choice.DANGER


@pytest.mark.parametrize("state", GOODBYES)
def test_a_goodbye_is_not_spoken_over_who_goes_on(state: str) -> None:
    call = conversation(*GOODBYES[state])
    assert call.phase is Phase.LEAVING
    began = VoiceBegan(9000) if state in LOCAL_BRAIN else SpeechStarted()
    assert not any(isinstance(command, EndCall) for command in call.handle(began))
    assert ends_at_people(call, call.handle(Heard("u9", "no wait, a person please")))


# The states are those that there are -----------------------------------------------------------------


def test_every_phase_is_among_these_states() -> None:
    assert {conversation(*events).phase for events in ALL.values()} == set(Phase) - {Phase.OVER}


def test_every_way_out_is_among_these_states() -> None:
    ways = {to.kind for events in (LEAVING | GOODBYES).values() if (to := reached(conversation(*events)).to)}
    assert ways == set(Kind)


@pytest.mark.parametrize("owner", FLAGS)
def test_whatever_a_conversation_remembers_is_set_in_one_of_these_states(owner: str) -> None:
    """A flag that is new stands for a state that is new."""
    made = FLAGS[owner]
    flags = {each.name for each in fields(made(conversation())) if each.type in (bool, "bool")}
    usual = {name: getattr(made(conversation()), name) for name in flags}
    seen = {
        name
        for events in ALL.values()
        for name in flags
        if getattr(made(conversation(*events)), name) != usual[name]
    }
    assert flags - seen == {name for where, name in NO_STATE if where == owner}


def test_staff_decide_among_these_states() -> None:
    decided = {state for state, events in ALL.items() if any(isinstance(e, StaffDecided) for e in events)}
    assert decided == set(DECIDED_BY_STAFF)


def test_each_state_goes_with_the_brain_that_it_is_said_to_be_with() -> None:
    local: dict[str, Any] = {state: conversation(*events)._local for state, events in HEARING.items()}
    assert {state for state, is_local in local.items() if is_local} == set(LOCAL_BRAIN)
