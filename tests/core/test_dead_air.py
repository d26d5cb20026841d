"""No dead air: who waits in silence hears a soft sound, then words, then the sound again, until an answer."""

import pytest

from appliance.core.commands import (
    Command,
    EndCall,
    PlaySoftSound,
    RunTool,
    Speak,
    StartTimer,
    StopTimer,
    TakeUtterance,
)
from appliance.core.conversation import Conversation
from appliance.core.dead_air import TIMER
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dispositions import transfer
from appliance.core.events import (
    BrainChanged,
    BrainReady,
    CallAnswered,
    DigitPressed,
    Event,
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
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.phase import Patience
from tests.golden.conversation_format import FACTS

DUE_MS = Patience().filler_ms
GREETED: tuple[Event, ...] = (
    CallAnswered(),
    BrainReady(),
    ReplyBegan("r1"),
    ReplyQueued("i1"),
    ReplyWorded("i1", "Good morning.", 900),
    ReplyEnded("r1", "completed"),
    ReplyPlayed("i1", 900),
)
ASKED: tuple[Event, ...] = (VoiceBegan(3000), SpeechStarted(), SpeechStopped(5000), VoiceCeased(4500, 1500))
RINGS = TimerFired(TIMER)


def begun(*events: Event) -> Conversation:
    conversation = Conversation(dialogue=Dialogue(FACTS))
    for event in events:
        conversation.handle(event)
    return conversation


def waits(commands: list[Command]) -> list[Command]:
    """What has to do with a silence."""
    return [
        each
        for each in commands
        if isinstance(each, PlaySoftSound)
        or (isinstance(each, StartTimer | StopTimer) and each.name == TIMER)
        or (isinstance(each, Speak) and each.sentence == "one_moment")
    ]


def goes_on(conversation: Conversation, *events: Event) -> list[Command]:
    return waits([command for event in events for command in conversation.handle(event)])


def test_silence_counts_from_where_the_callers_voice_ended() -> None:
    conversation = begun(*GREETED)
    assert goes_on(conversation, *ASKED) == [StartTimer(TIMER, DUE_MS, 4500)]


def test_without_an_ear_of_ours_it_counts_from_where_the_cloud_heard_silence_begin() -> None:
    conversation = begun(*GREETED)
    assert goes_on(conversation, SpeechStarted(), SpeechStopped(5000)) == [StartTimer(TIMER, DUE_MS, 4500)]


def test_who_is_answered_in_time_hears_nothing_else() -> None:
    conversation = begun(*GREETED, *ASKED)
    assert goes_on(conversation, ReplyBegan("r2"), ReplyQueued("i2")) == [StopTimer(TIMER)]
    assert goes_on(conversation, ReplyEnded("r2", "completed"), ReplyPlayed("i2", 900), RINGS) == []


def test_a_sound_then_words_then_the_sound_again() -> None:
    conversation, heard = begun(*GREETED, *ASKED), list[str]()
    for _ in range(4):
        (breaks,) = goes_on(conversation, RINGS)
        assert isinstance(breaks, PlaySoftSound | Speak)
        heard.append("words" if isinstance(breaks, Speak) else "sound")
        # It has ended, and the silence is measured anew.
        assert goes_on(conversation, ReplyPlayed(breaks.reply_id, 180)) == [StartTimer(TIMER, DUE_MS)]
    assert heard == ["sound", "words", "sound", "sound"]
    # The next wait begins as the first did.
    conversation.handle(ReplyQueued("i2"))
    conversation.handle(ReplyPlayed("i2", 900))
    goes_on(conversation, *ASKED)
    assert [type(each) for each in goes_on(conversation, RINGS)] == [PlaySoftSound]


def test_a_cloud_that_has_noticed_nothing_is_covered_by_sounds_alone() -> None:
    """It may have been a noise of the room: nobody is told to wait a moment who has not asked anything."""
    conversation = begun(*GREETED)
    assert goes_on(conversation, VoiceBegan(3000), VoiceCeased(4500, 1500)) == [
        StartTimer(TIMER, DUE_MS, 4500)
    ]
    for number in (1, 2):
        assert goes_on(conversation, RINGS) == [PlaySoftSound(f"sound:{number}")]
        conversation.handle(ReplyPlayed(f"sound:{number}", 180))


def test_a_tool_at_work_is_announced_at_once_and_its_wait_is_the_callers() -> None:
    conversation = begun(*GREETED, *ASKED)
    calls = (ToolCall("t1", "get_business_hours", "{}"),)
    # The caller has waited since the end of the question, whatever we have found to do meanwhile.
    assert goes_on(conversation, ReplyBegan("r2"), ToolsAsked("r2", calls, spoke=False)) == []
    (words,) = goes_on(conversation, RINGS)
    assert isinstance(words, Speak)
    assert goes_on(conversation, ReplyPlayed(words.reply_id, 900)) == [StartTimer(TIMER, DUE_MS)]
    assert goes_on(conversation, ToolAnswered("t1", "{}")) == []
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:1")]


def test_keys_are_waited_out_with_a_sound() -> None:
    conversation = begun(*GREETED)
    assert goes_on(conversation, DigitPressed("4")) == [StartTimer(TIMER, DUE_MS)]
    assert goes_on(conversation, DigitPressed("2")) == [StartTimer(TIMER, DUE_MS)]
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:1")]
    # What the sound is heard over is not cut by it, nor is anything told of it.
    assert goes_on(conversation, TimerFired("keys"), ReplyPlayed("sound:1", 180)) == [
        StartTimer(TIMER, DUE_MS)
    ]


def test_a_call_whose_cloud_is_not_there_yet_is_no_silence_either() -> None:
    conversation = begun()
    assert goes_on(conversation, CallAnswered()) == [StartTimer(TIMER, DUE_MS)]
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:1")]
    assert goes_on(conversation, BrainReady(), ReplyPlayed("sound:1", 180)) == [StartTimer(TIMER, DUE_MS)]
    # Nobody is told to wait who was not greeted.
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:2")]


def test_who_speaks_is_not_talked_over() -> None:
    conversation = begun(*GREETED, *ASKED)
    assert goes_on(conversation, VoiceBegan(5200)) == [StopTimer(TIMER)]
    assert goes_on(conversation, RINGS) == []
    assert goes_on(conversation, VoiceCeased(6000, 800)) == [StartTimer(TIMER, DUE_MS, 6000)]


def test_nobody_waits_who_has_the_word() -> None:
    conversation = begun(*GREETED)
    assert goes_on(conversation, TimerFired("no_input")) == []
    assert not conversation.turn.owed


def test_a_sound_is_no_turn_and_leaves_nothing_unheard() -> None:
    conversation = begun(*GREETED, *ASKED, RINGS)
    turns = [turn.turn_id for turn in conversation.story.turns]
    commands = conversation.handle(VoiceBegan(6000)) + conversation.handle(SpeechStarted())
    assert [type(each).__name__ for each in commands if "Clear" in type(each).__name__] == ["ClearPlayback"]
    assert not any("Truncate" in type(each).__name__ or "Delete" in type(each).__name__ for each in commands)
    assert [turn.turn_id for turn in conversation.story.turns] == turns


def test_a_cough_on_the_sound_has_no_question_asked_again() -> None:
    conversation = begun(CallAnswered(), BrainChanged("local", "refused"))
    for reply_id in [*conversation.replies.speaking]:
        goes_on(conversation, ReplyQueued(reply_id), ReplyPlayed(reply_id, 900))
    goes_on(conversation, Understood("u1", "hours"), RINGS)
    for reply_id in [*conversation.replies.speaking]:
        goes_on(conversation, ReplyPlayed(reply_id, 900))
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:1")]
    coughed = [*conversation.handle(VoiceBegan(9000)), *conversation.handle(VoiceCeased(9100, 100))]
    assert not [each for each in coughed if isinstance(each, Speak)]
    # What is said again is what was being said.
    conversation.handle(ToolAnswered("local-1", '{"hours":"we are open"}'))
    coughed = [*conversation.handle(VoiceBegan(9500)), *conversation.handle(VoiceCeased(9600, 100))]
    assert [each for each in coughed if isinstance(each, Speak)]


def test_a_farewell_that_does_not_come_is_not_waited_for_longer_because_of_the_sound() -> None:
    calls = (ToolCall("t1", "transfer_to_department", "{}"),)
    conversation = begun(
        *GREETED, *ASKED, ReplyBegan("r2"), ToolsAsked("r2", calls), ReplyEnded("r2", "completed")
    )
    conversation.handle(ToolAnswered("t1", "{}", transfer("billing")))
    assert goes_on(conversation, RINGS) == [PlaySoftSound("sound:1")]
    assert [type(each) for each in conversation.handle(TimerFired("leave"))] == [EndCall]


def test_who_is_heard_by_the_cloud_alone_from_now_on_is_not_taken_to_speak_for_ever() -> None:
    """Our own ear leaves in the middle of a word: that is told as a noise, and asks for nothing."""
    conversation = begun(CallAnswered(), BrainChanged("local", "refused"), VoiceBegan(3000))
    conversation.handle(BrainChanged("cloud", "well again"))
    told = conversation.handle(VoiceCeased(4000, 0))
    assert not [each for each in told if not isinstance(each, StartTimer | StopTimer)]
    assert not conversation.turn.voice
    assert goes_on(conversation, SpeechStarted(), SpeechStopped(5000)) == [StartTimer(TIMER, DUE_MS, 4500)]


def test_the_box_itself_is_heard_when_its_ears_are_slow() -> None:
    conversation = begun(CallAnswered(), BrainChanged("local", "refused"))
    for reply_id in [*conversation.replies.speaking]:
        goes_on(conversation, ReplyQueued(reply_id), ReplyPlayed(reply_id, 900))
    assert goes_on(conversation, VoiceBegan(9000), VoiceCeased(9900, 900)) == [
        StartTimer(TIMER, DUE_MS, 9900)
    ]
    assert goes_on(conversation, RINGS, ReplyPlayed("sound:1", 180)) == [
        PlaySoftSound("sound:1"),
        StartTimer(TIMER, DUE_MS),
    ]
    assert [type(each) for each in goes_on(conversation, RINGS)] == [Speak]


def waiting_for_the_hours() -> Conversation:
    """The box looks something up, and says that it takes a moment."""
    conversation = begun(CallAnswered(), BrainChanged("local", "refused"))
    for reply_id in [*conversation.replies.speaking]:
        goes_on(conversation, ReplyQueued(reply_id), ReplyPlayed(reply_id, 900))
    (words,) = goes_on(conversation, Understood("u1", "hours", text="your hours"), RINGS)[-1:]
    assert isinstance(words, Speak)
    return conversation


def spoken(commands: list[Command]) -> list[str]:
    return [each.sentence for each in commands if isinstance(each, Speak)]


@pytest.mark.parametrize(
    "sound",
    [
        (VoiceBegan(9000), VoiceCeased(9100, 100)),
        (VoiceBegan(9000), VoiceCeased(9700, 700), Heard("u2", ""), Understood("u2", "none")),
    ],
    ids=["a cough", "a long one, that holds no words"],
)
def test_a_cough_on_one_moment_asks_nothing(sound: tuple[Event, ...]) -> None:
    conversation = waiting_for_the_hours()
    assert spoken([each for event in sound for each in conversation.handle(event)]) == []
    assert (conversation.dialogue.misses, conversation.turn.owed) == (0, False)
    # The silence is broken as ever, and the answer comes.
    assert len(goes_on(conversation, RINGS)) == 1
    answered = conversation.handle(ToolAnswered("local-1", '{"ok":true,"hours":"we are open"}'))
    assert spoken(answered)[0] == "text"


def test_who_coughs_while_the_answer_comes_is_asked_nothing_either() -> None:
    conversation = waiting_for_the_hours()
    conversation.handle(VoiceBegan(9000))
    answered = conversation.handle(ToolAnswered("local-1", '{"ok":true,"hours":"we are open"}'))
    assert spoken(answered)[0] == "text"
    assert spoken(conversation.handle(VoiceCeased(9100, 100))) == []
    assert conversation.handle(Understood("u2", "none")) == []


def test_words_on_one_moment_are_understood() -> None:
    conversation = waiting_for_the_hours()
    for event in (VoiceBegan(9000), VoiceCeased(10_000, 1000)):
        conversation.handle(event)
    assert spoken(conversation.handle(Understood("u2", "goodbye", text="never mind, bye"))) == ["goodbye"]


def test_a_cough_while_a_tool_of_the_lost_cloud_runs_asks_nothing() -> None:
    calls = (ToolCall("t1", "get_business_hours", "{}"),)
    conversation = begun(*GREETED, *ASKED, ReplyBegan("r2"), ToolsAsked("r2", calls, spoke=False))
    assert spoken(conversation.handle(BrainChanged("local", "closed_1006"))) == ["changeover"]
    for event in (VoiceBegan(9000), VoiceCeased(9700, 700), Heard("u2", ""), Understood("u2", "none")):
        assert spoken(conversation.handle(event)) == []
    assert spoken(conversation.handle(ToolAnswered("t1", '{"ok":true,"hours":"we are open"}')))[0] == "text"


def test_a_cough_while_the_question_is_understood_adds_nothing_to_it() -> None:
    for early in (True, False):
        conversation = begun(CallAnswered(), BrainChanged("local", "refused"))
        for reply_id in [*conversation.replies.speaking]:
            goes_on(conversation, ReplyQueued(reply_id), ReplyPlayed(reply_id, 900))
        asked = [*conversation.handle(VoiceBegan(3000)), *conversation.handle(VoiceCeased(4500, 1500))]
        assert TakeUtterance(3000, 4500) in asked
        hours = Understood("heard-3000", "hours", text="your hours")
        coughs: tuple[Event, ...] = (VoiceBegan(5000), VoiceCeased(5100, 100))
        coughs = (coughs[0], hours, coughs[1]) if early else coughs
        followed = [each for event in coughs for each in conversation.handle(event)]
        assert not [each for each in followed if isinstance(each, TakeUtterance)]
        followed += [] if early else conversation.handle(hours)
        assert [each.call.name for each in followed if isinstance(each, RunTool)] == ["get_business_hours"]
