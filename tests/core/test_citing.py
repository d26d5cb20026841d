"""In a call: the source is named behind the answer, an invented one is cut, each question is noted once."""

from dataclasses import replace

import pytest

from appliance.core import commands as c
from appliance.core import events as e
from appliance.core.citations import Asked, Citation, Source
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import PEOPLE

PARKING = Source(
    "guide",
    7,
    "Visitor guide",
    "Parking",
    "en",
    0.9,
    "Visitor guide, parking",
    "",
    "Parking is free for two hours in the garage behind the clinic.",
)
ASKED = Asked("where can I park", "en", 0.9, (PARKING,), "Parking is free for two hours.")
NOTHING = Asked("do you repair bicycles", "en", 0.1)
OUTPUT = (
    '{"ok":true,"known":true,"answer":"Parking is free for two hours.","source":"Visitor guide, parking",'
    '"language":"en"}'
)
RIGHT = "Parking is free for two hours in the garage."


def in_the_cloud(language: str = "en") -> Conversation:
    """A call that the cloud has greeted and that has asked for the documents."""
    talk = Conversation(dialogue=Dialogue(Facts(languages=("en", "es")), language))
    for event in (
        e.CallAnswered(),
        e.BrainReady(),
        e.ReplyBegan("r1"),
        e.ReplyEnded("r1", "completed"),
        e.ToolsAsked("r2", (e.ToolCall("t1", "answer_question", "{}"),)),
    ):
        talk.handle(event)
    return talk


def answered(talk: Conversation, asked: Asked = ASKED) -> list[c.Command]:
    """The tool is back, and the answer begins to sound."""
    begun = talk.handle(e.ToolAnswered("t1", OUTPUT, asked=asked))
    for event in (e.ReplyBegan("r3"), e.ReplyQueued("i3")):
        begun += talk.handle(event)
    return begun


def spoken(commands: list[c.Command]) -> list[tuple[str, dict[str, str]]]:
    return [(each.sentence, dict(each.fields)) for each in commands if isinstance(each, c.Speak)]


def noted(commands: list[c.Command]) -> list[Citation]:
    return [each.citation for each in commands if isinstance(each, c.NoteCitation)]


def test_the_source_is_named_when_the_answer_is_complete() -> None:
    talk = in_the_cloud()
    assert noted(answered(talk)) == []
    commands = talk.handle(e.ReplyWorded("i3", RIGHT, 3000))
    assert spoken(commands) == [("source", {"source": "Visitor guide, parking"})]
    assert noted(commands) == [Citation(ASKED, True, True, "Visitor guide, parking", 7)]
    assert noted(talk.handle(e.CallerHungUp())) == []


def test_the_month_of_an_old_page_is_named_too() -> None:
    talk = in_the_cloud()
    old = replace(PARKING, as_of="May 2024")
    answered(talk, Asked("where can I park", "en", 0.9, (old,), "Parking is free."))
    commands = talk.handle(e.ReplyWorded("i3", RIGHT, 3000))
    assert spoken(commands) == [("source_as_of", {"source": "Visitor guide, parking", "date": "May 2024"})]


def test_an_answer_that_the_caller_has_cut_gets_no_source_after_it() -> None:
    talk = in_the_cloud()
    answered(talk)
    talk.handle(e.SpeechStarted())
    commands = talk.handle(e.ReplyWorded("i3", RIGHT, 3000))
    assert spoken(commands) == []
    assert [each.verified for each in noted(commands)] == [True]


def test_an_answer_that_rests_on_nothing_gets_none_and_is_noted_as_no_answer() -> None:
    talk = in_the_cloud()
    answered(talk)
    assert talk.handle(e.ReplyWorded("i3", "Our parrots are fed at noon.", 3000)) != []
    commands = talk.handle(e.ReplyEnded("r3", "completed"))
    assert noted(commands) == [Citation(ASKED, answered=False, verified=False)]


def test_a_word_before_the_answer_is_not_the_answer() -> None:
    talk = in_the_cloud()
    answered(talk)
    talk.handle(e.ReplyWorded("i3", "Let me see.", 500))
    talk.handle(e.ReplyQueued("i4"))
    commands = talk.handle(e.ReplyWorded("i4", RIGHT, 3000))
    assert [each.verified for each in noted(commands)] == [True]


@pytest.mark.parametrize(
    "words",
    [
        "You can park anywhere. Source: staff handbook,",
        "You can park anywhere. The source is the mayor himself.",
        "Source: Wikipedia articles, ",
    ],
)
def test_an_invented_source_is_cut_as_its_words_come(words: str) -> None:
    talk = in_the_cloud()
    answered(talk)
    talk.handle(e.ReplyHeard("i3", 400))
    assert talk.handle(e.ReplyWording("i3", "You can park anywhere. Source: ")) == []
    commands = talk.handle(e.ReplyWording("i3", words))
    assert [type(each) for each in commands if isinstance(each, c.ClearPlayback | c.CancelReply)] == [
        c.ClearPlayback,
        c.CancelReply,
    ]
    assert c.TruncateReply("i3", 400) in commands
    assert spoken(commands) == [
        ("cited_wrongly", {}),
        ("text", {"text": "Parking is free for two hours."}),
        ("source", {"source": "Visitor guide, parking"}),
    ]
    (note,) = noted(commands)
    assert (note.answered, note.verified) == (True, False)
    # Its last words are no second mistake.
    assert noted(talk.handle(e.ReplyWorded("i3", words, 3000))) == []


def test_one_that_was_not_watched_is_cut_when_its_words_are_complete() -> None:
    talk = in_the_cloud()
    answered(talk)
    commands = talk.handle(e.ReplyWorded("i3", "It is free. Source: staff handbook.", 3000))
    assert c.ClearPlayback() in commands
    assert [each.named for each in noted(commands)] == ["staff handbook"]


def test_what_was_cut_already_is_not_corrected() -> None:
    talk = in_the_cloud()
    answered(talk)
    talk.handle(e.SpeechStarted())
    assert talk.handle(e.ReplyWording("i3", "Source: staff handbook, page")) == []
    commands = talk.handle(e.ReplyWorded("i3", "Of course. Source: staff handbook.", 3000))
    assert (spoken(commands), c.ClearPlayback() in commands) == ([], False)
    assert [each.named for each in noted(commands)] == ["staff handbook"]


def test_our_own_sentence_is_not_cut_by_words_that_nobody_hears() -> None:
    talk = in_the_cloud()
    talk.watch = None
    answered(talk)
    talk.handle(e.DigitPressed("0"))
    assert talk.handle(e.ReplyWording("i3", "Source: staff handbook, page")) == []


def test_one_that_nothing_was_found_for_is_cut_too() -> None:
    talk = in_the_cloud()
    talk.handle(e.ToolAnswered("t1", '{"ok":true,"known":false}', asked=NOTHING))
    for event in (e.ReplyBegan("r3"), e.ReplyQueued("i3")):
        talk.handle(event)
    commands = talk.handle(e.ReplyWording("i3", "Of course. Source: bicycle manual, page"))
    assert spoken(commands) == [("cited_wrongly", {})]
    (note,) = noted(commands)
    assert (note.asked.question, note.verified, note.named) == ("", False, "bicycle manual")


def test_a_source_that_was_found_may_be_named_by_the_assistant_itself_also_later() -> None:
    talk = in_the_cloud()
    answered(talk)
    assert talk.handle(e.ReplyWording("i3", "Free. Source: Visitor guide, par")) == []
    commands = talk.handle(e.ReplyWorded("i3", "Free. Source: Visitor guide, parking.", 3000))
    assert spoken(commands) == []
    assert [(each.verified, each.passage) for each in noted(commands)] == [(True, 7)]
    talk.handle(e.ReplyPlayed("i3", 3000))
    for event in (e.ReplyBegan("r4"), e.ReplyQueued("i4")):
        talk.handle(event)
    commands = talk.handle(e.ReplyWorded("i4", "The source is the visitor guide.", 1000))
    assert (spoken(commands), noted(commands)) == ([], [])


def test_of_what_is_not_known_nothing_is_named() -> None:
    talk = in_the_cloud()
    commands = talk.handle(e.ToolAnswered("t1", '{"ok":true,"known":false}', asked=NOTHING))
    assert noted(commands) == [Citation(NOTHING, answered=False, verified=False)]


def test_a_question_that_is_open_when_the_call_ends_is_noted() -> None:
    talk = in_the_cloud()
    answered(talk)
    commands = talk.handle(e.CallerHungUp())
    assert noted(commands) == [Citation(ASKED, answered=False, verified=False)]
    assert isinstance(commands[-1], c.EndCall)


def test_what_the_box_answers_itself_is_its_source() -> None:
    talk = Conversation(dialogue=Dialogue(Facts(languages=("en",))))
    talk.handle(e.CallAnswered())
    talk.handle(e.BrainChanged("local", "no cloud"))
    (asked,) = (
        each
        for each in talk.handle(e.Understood("u1", "question", text="where can I park"))
        if isinstance(each, c.RunTool)
    )
    commands = talk.handle(e.ToolAnswered(asked.call.tool_call_id, OUTPUT, asked=ASKED))
    assert spoken(commands)[:2] == [
        ("text", {"text": "Parking is free for two hours."}),
        ("source", {"source": "Visitor guide, parking"}),
    ]
    assert noted(commands) == [Citation(ASKED, True, True, "Visitor guide, parking", 7)]


def test_the_cloud_is_lost_while_it_looks_and_the_box_tells_what_was_found() -> None:
    talk = in_the_cloud()
    talk.handle(e.BrainChanged("local", "closed_1006"))
    commands = talk.handle(e.ToolAnswered("t1", OUTPUT, asked=ASKED))
    assert [sentence for sentence, _ in spoken(commands)][:2] == ["text", "source"]
    assert [each.verified for each in noted(commands)] == [True]


def test_advice_is_answered_by_our_own_sentence_and_a_person_whatever_the_cloud_would_say() -> None:
    talk = in_the_cloud()
    output = '{"ok":true,"known":false,"then":"advice"}'
    told = e.ToolAnswered("t1", output, PEOPLE, asked=Asked("ibuprofen", "en"), sentence="no_advice")
    commands = talk.handle(told)
    assert c.AnswerTools((("t1", output),), go_on=False) in commands
    assert spoken(commands) == [("no_advice", {})]
    began = talk.handle(e.ReplyBegan("r3"))
    assert c.IgnoreReply("r3") in began
    ends = [each for each in talk.handle(e.ReplyPlayed("say:1", 4000)) if isinstance(each, c.EndCall)]
    assert [end.disposition for end in ends] == [PEOPLE]
