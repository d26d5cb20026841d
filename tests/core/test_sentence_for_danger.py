"""The fixed sentence for danger: the caller's sounds cut it nowhere, keys do, and it is not said twice."""

import pytest

from appliance.core.commands import (
    CancelReply,
    ClearPlayback,
    Command,
    DeleteReply,
    EndCall,
    NoteWish,
    PlayOnly,
    Speak,
    StartRecording,
    TakeSoFar,
)
from appliance.core.conversation import Conversation
from appliance.core.dispositions import PEOPLE, transfer
from appliance.core.events import (
    BrainChanged,
    BrainReady,
    CallAnswered,
    DigitPressed,
    Heard,
    ReplyBegan,
    ReplyEnded,
    ReplyPlayed,
    ReplyQueued,
    ReplyWorded,
    SpeechStarted,
    SpeechStopped,
    TimerFired,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
    Understood,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.replies import WARNINGS
from tests.core.states import CANNOT_BREATHE, CLOUD, LOCAL, WARNING, Events, conversation, happens, said

PERSON = "a call for a person"
IN_CLOUD = WARNING["with the cloud, as danger is answered"]
IN_BOX = WARNING["with the box, as danger is answered"]
IN_MESSAGE = WARNING["with the box, as danger in a message is answered"]
SOUNDS: dict[str, tuple[Events, Events]] = {
    "a sob": ((VoiceBegan(9000), VoiceCeased(9200, 200)), (VoiceBegan(9000), VoiceCeased(9200, 200))),
    "sobs that do not end": ((VoiceBegan(9000), SpeechStarted()), (VoiceBegan(9000),)),
    "a cry": (
        (SpeechStarted(), SpeechStopped(10_000), UtteranceTaken("u9"), Heard("u9", "")),
        (VoiceBegan(9000), VoiceCeased(10_000, 1000), Heard("u9", ""), Understood("u9", "none")),
    ),
    "words": (
        (SpeechStarted(), SpeechStopped(10_000), UtteranceTaken("u9"), Heard("u9", "okay")),
        (VoiceBegan(9000), VoiceCeased(10_000, 1000), Understood("u9", "none", text="okay")),
    ),
    "danger again": (
        (SpeechStarted(), SpeechStopped(10_000), Heard("u9", "please help I cannot breathe")),
        (VoiceBegan(9000), VoiceCeased(10_000, 1000), Heard("u9", "please help I cannot breathe")),
    ),
    PERSON: (
        (SpeechStarted(), SpeechStopped(10_000), Heard("u9", "a real person please")),
        (VoiceBegan(9000), VoiceCeased(10_000, 1000), Heard("u9", "a real person please")),
    ),
}
"""What is heard of the caller by the cloud, and by the box."""


def sounds(call: Conversation, sound: str) -> list[Command]:
    """The caller is heard so; what follows."""
    return happens(call, *SOUNDS[sound][call._local])


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize("state", WARNING)
def test_no_sound_of_the_callers_cuts_it(state: str, sound: str) -> None:
    call = conversation(*WARNING[state])
    (sentence,) = [*call.replies.warnings]
    commands = sounds(call, sound)
    assert not [each for each in commands if isinstance(each, ClearPlayback | CancelReply | EndCall)]
    assert all(sentence in each.reply_ids for each in commands if isinstance(each, PlayOnly))
    assert [*call.replies.warnings] == [sentence]
    assert WARNINGS.isdisjoint(said(commands))


@pytest.mark.parametrize("sound", [each for each in SOUNDS if each != PERSON])
@pytest.mark.parametrize("state", WARNING)
def test_0_cuts_it_at_once(state: str, sound: str) -> None:
    call = conversation(*WARNING[state])
    sounds(call, sound)
    assert ClearPlayback() in call.handle(DigitPressed("0"))
    assert [*call.replies.warnings] == []


def test_nor_does_it_where_our_own_ear_takes_the_turns() -> None:
    call = conversation()
    call.manual_turns = True
    happens(call, *CLOUD, VoiceBegan(1000), VoiceCeased(2000, 1000), *CANNOT_BREATHE)
    commands = sounds(call, "a sob")
    assert not [each for each in commands if isinstance(each, ClearPlayback | PlayOnly | CancelReply)]


def test_in_another_language_it_is_said_in_that_as_well() -> None:
    call = conversation(*IN_CLOUD)
    commands = happens(call, SpeechStarted(), Heard("u9", "no puedo respirar"))
    assert NoteWish("emergency", "breathing") in commands
    assert [(each.sentence, each.language) for each in commands if isinstance(each, Speak)] == [
        ("emergency_911", "es")
    ]
    assert len(call.replies.warnings) == 2


def test_when_it_was_heard_danger_is_answered_anew() -> None:
    call = conversation(*IN_CLOUD)
    (sentence,) = [*call.replies.warnings]
    call.handle(ReplyPlayed(sentence, 4000))
    again = happens(call, SpeechStarted(), Heard("u9", "please help I cannot breathe"))
    assert said(again) == ["emergency_911"]


def test_a_person_who_is_asked_for_over_it_comes_behind_it() -> None:
    call = conversation(*IN_BOX)
    (sentence,) = [*call.replies.warnings]
    commands = sounds(call, PERSON)
    assert said(commands) == ["connecting"]
    (connecting,) = (each.reply_id for each in commands if isinstance(each, Speak))
    assert not [each for each in call.handle(ReplyPlayed(sentence, 4000)) if isinstance(each, EndCall)]
    (end,) = (each for each in call.handle(ReplyPlayed(connecting, 900)) if isinstance(each, EndCall))
    assert end.disposition == PEOPLE


def test_an_answer_that_waits_behind_it_gives_way_to_the_caller() -> None:
    call = conversation(*IN_CLOUD, SpeechStarted(), SpeechStopped(5000), ReplyBegan("r2"), ReplyQueued("i2"))
    (sentence,) = [*call.replies.warnings]
    commands = happens(call, SpeechStarted())
    assert [each for each in commands if isinstance(each, PlayOnly | DeleteReply)] == [
        PlayOnly((sentence,)),
        DeleteReply("i2"),
    ]
    assert [*call.replies.speaking] == [sentence]


def test_nor_is_it_cut_on_the_way_to_a_department() -> None:
    tool = ToolsAsked("r2", (ToolCall("t1", "transfer_to_department", "{}"),), spoke=True)
    going = (ReplyBegan("r2"), ReplyQueued("i2"), tool, ToolAnswered("t1", "{}", transfer("billing")))
    call = conversation(*IN_CLOUD, SpeechStarted(), SpeechStopped(5000), *going)
    (sentence,) = [*call.replies.warnings]
    assert not [each for each in happens(call, SpeechStarted()) if isinstance(each, ClearPlayback)]
    assert [*call.replies.warnings] == [sentence]


def test_nor_by_a_cloud_that_is_lost_or_by_the_longest_of_calls() -> None:
    for last in (BrainChanged("local", "closed_1006"), TimerFired("longest")):
        call = conversation(*IN_CLOUD, SpeechStarted(), SpeechStopped(5000), ReplyBegan("r2"))
        assert not [each for each in call.handle(last) if isinstance(each, ClearPlayback)]
        assert len(call.replies.warnings) == 1


def test_who_sobs_over_it_is_not_told_that_we_did_not_understand() -> None:
    call = conversation(*IN_BOX)
    (sentence,) = [*call.replies.warnings]
    assert said([*sounds(call, "a sob"), *sounds(call, "a cry")]) == []
    assert call.dialogue.misses == 0
    assert any("no_input" in str(each) for each in call.handle(ReplyPlayed(sentence, 4000)))


def test_a_sob_over_it_is_no_message() -> None:
    call = conversation(*IN_MESSAGE)
    (sentence,) = [*call.replies.warnings]
    commands = happens(call, VoiceBegan(9000), VoiceCeased(9800, 800))
    assert not [each for each in commands if isinstance(each, StartRecording)]
    # What was said is looked at all the same.
    assert TakeSoFar(9000, 9800, whole=True) in commands
    asks = next(each for each in call.replies.speaking if each != sentence)
    assert not [each for each in call.handle(ReplyPlayed(sentence, 4000)) if isinstance(each, StartRecording)]
    assert StartRecording() in call.handle(ReplyPlayed(asks, 2000))


def test_a_sentence_that_was_heard_is_a_turn_like_any_other() -> None:
    call = conversation(*IN_CLOUD)
    (sentence,) = [*call.replies.warnings]
    happens(call, ReplyWorded(sentence, "Please hang up and call 911.", 3000), SpeechStarted())
    happens(call, ReplyPlayed(sentence, 3000))
    assert [turn.text for turn in call.story.told()][-1] == "Please hang up and call 911."


def test_a_new_greeting_for_who_is_brought_back_is_not_cut_either() -> None:
    call = conversation(danger=True)
    happens(call, CallAnswered(), BrainReady())
    assert not [each for each in happens(call, SpeechStarted()) if isinstance(each, ClearPlayback)]
    assert len(call.replies.warnings) == 1


def test_an_answer_of_the_cloud_behind_it_is_heard_when_the_caller_is_quiet() -> None:
    call = conversation(*IN_CLOUD, SpeechStarted(), SpeechStopped(5000), ReplyBegan("r2"), ReplyQueued("i2"))
    (sentence,) = [*call.replies.warnings]
    happens(call, ReplyEnded("r2", "completed"), ReplyPlayed(sentence, 4000))
    assert [*call.replies.speaking] == ["i2"]


def test_it_is_said_to_who_has_only_the_box() -> None:
    call = conversation(*LOCAL, Understood("u1", "emergency", text="it is really bad"))
    assert len(call.replies.warnings) == 1
