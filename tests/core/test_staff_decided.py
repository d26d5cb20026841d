"""What staff decide in a call by the pages: the caller hears a sentence, then it is done, in every state."""

import pytest

from appliance.core.commands import Command, EndCall, PlayPrompt, RunTool, StopRecording, StopTimer
from appliance.core.conversation import Conversation
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.events import (
    CallerHungUp,
    DigitPressed,
    Heard,
    MessageRecorded,
    ReplyBegan,
    ReplyPlayed,
    SpeechStarted,
    StaffDecided,
    ToolAnswered,
    Understood,
    UtteranceTaken,
    VoiceBegan,
)
from appliance.core.replies import PROMPT
from tests.core.states import BEFORE, LOCAL, TALKING, conversation

LEAVES = {"goodbye": GOODBYE, "connecting": transfer("billing")}


def prompts(commands: list[Command]) -> list[str]:
    return [each.name for each in commands if isinstance(each, PlayPrompt)]


def ends(call: Conversation, prompt: str) -> list[EndCall]:
    """How the call ends when its sentence was heard."""
    commands = call.handle(ReplyPlayed(PROMPT + prompt, 1000))
    return [each for each in commands if isinstance(each, EndCall)]


@pytest.mark.parametrize("state", [*BEFORE, *TALKING])
@pytest.mark.parametrize("prompt", LEAVES)
def test_the_caller_hears_why_and_then_it_is_done(state: str, prompt: str) -> None:
    call, leave = conversation(*(BEFORE | TALKING)[state]), LEAVES[prompt]
    assert prompts(call.handle(StaffDecided(leave))) == [prompt]
    assert ends(call, prompt) == [EndCall(leave, f"the staff: {leave}")]


def test_without_a_department_people_are_rung() -> None:
    call = conversation(*LOCAL)
    call.handle(StaffDecided(PEOPLE))
    assert ends(call, "connecting") == [EndCall(PEOPLE, "the staff: people")]


@pytest.mark.parametrize("state", TALKING)
def test_nobody_talks_their_way_back_in(state: str) -> None:
    call = conversation(*TALKING[state])
    call.handle(StaffDecided(GOODBYE))
    for event in (
        SpeechStarted(), VoiceBegan(9000), UtteranceTaken("u9"), Heard("u9", "wait, no"), ReplyBegan("r9"),
    ):  # fmt: skip
        assert not [each for each in call.handle(event) if isinstance(each, EndCall | PlayPrompt)]
    assert ends(call, "goodbye") == [EndCall(GOODBYE, "the staff: goodbye")]


def test_a_person_is_reached_by_0_also_then() -> None:
    call = conversation(*LOCAL)
    call.handle(StaffDecided(GOODBYE))
    assert prompts(call.handle(DigitPressed("0"))) == ["connecting"]
    assert [each.disposition for each in ends(call, "connecting")] == [PEOPLE]


@pytest.mark.parametrize("first", [GOODBYE, PEOPLE, transfer("nurses")])
def test_what_is_under_way_stays(first: Disposition) -> None:
    call = conversation(*LOCAL)
    call.handle(StaffDecided(first))
    assert call.handle(StaffDecided(transfer("billing"))) == []


def test_what_a_tool_of_the_box_found_is_not_waited_for() -> None:
    call = conversation(*LOCAL)
    (tool,) = [each for each in call.handle(Understood("u1", "hours")) if isinstance(each, RunTool)]
    call.handle(StaffDecided(GOODBYE))
    assert call.handle(ToolAnswered(tool.call.tool_call_id, '{"hours": "From eight to five."}')) == []
    assert ends(call, "goodbye") == [EndCall(GOODBYE, "the staff: goodbye")]


def test_a_message_that_is_being_spoken_is_kept_first() -> None:
    call = conversation(*LOCAL)
    call.aloud.recording = True
    assert StopRecording() in call.handle(StaffDecided(GOODBYE))
    assert ends(call, "goodbye") == [], "it is not on disk yet"
    written = call.handle(MessageRecorded("m.wav", "it is about my bill", 4000))
    (tool,) = [each for each in written if isinstance(each, RunTool)]
    done = call.handle(ToolAnswered(tool.call.tool_call_id, "{}"))
    assert [each for each in done if isinstance(each, EndCall)] == [EndCall(GOODBYE, "the staff: goodbye")]


def test_no_message_begins_any_more() -> None:
    call = conversation(*LOCAL)
    call.aloud._record_next = True
    call.handle(StaffDecided(GOODBYE))
    assert call.handle(VoiceBegan(9000)) == [StopTimer("no_input")]


def test_a_caller_who_has_hung_up_hears_nothing() -> None:
    call = conversation(*LOCAL)
    call.handle(CallerHungUp())
    assert call.handle(StaffDecided(PEOPLE)) == []
