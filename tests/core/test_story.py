"""What was said, in the order in which it was said, and how much of a reply was heard."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.story import Speaker, Story, Turn, spoken_part


def test_a_turn_keeps_its_place_though_its_words_come_later() -> None:
    story = Story()
    story.open("u1", Speaker.CALLER)
    assert story.tell("a1", Speaker.ATTENDANT, "We are open.") == 1
    assert story.tell("u1", Speaker.CALLER, "Are you open?") == 0
    assert [turn.text for turn in story.told()] == ["Are you open?", "We are open."]


def test_a_turn_without_words_is_not_told() -> None:
    story = Story()
    story.open("u1", Speaker.CALLER)
    story.tell("u2", Speaker.CALLER, "")
    assert story.told() == ()
    assert (story.text_of("u1"), story.text_of("nobody")) == ("", "")


def test_words_are_awaited_to_their_end() -> None:
    story, awaited = Story(), list[bool]()
    story.open("u1", Speaker.CALLER)
    story.tell("u1", Speaker.CALLER, "this is", final=False)
    awaited.append(story.awaited)
    story.tell("u1", Speaker.CALLER, "this is Maria Lopez")
    awaited.append(story.awaited)
    story.open("u2", Speaker.CALLER)
    awaited.append(story.awaited)
    story.waits_no_more()
    awaited.append(story.awaited)
    assert awaited == [True, False, True, False]
    assert story.text_of("u1") == "this is Maria Lopez"


def test_words_may_change_and_be_cut() -> None:
    story = Story()
    story.tell("a1", Speaker.ATTENDANT, "We are open until five.")
    story.tell("a1", Speaker.ATTENDANT, "We are", cut=True)
    assert story.told() == (Turn("a1", Speaker.ATTENDANT, "We are", cut=True),)
    assert story.text_of("a1") == "We are"


texts = st.text("abcde ., ", max_size=60)


@given(texts, st.integers(-10, 9000), st.integers(-10, 9000))
def test_the_heard_part_is_a_beginning_that_ends_with_a_word(text: str, heard: int, total: int) -> None:
    part = spoken_part(text, heard, total)
    assert text.startswith(part)
    rest = text[len(part) :]
    if 0 <= heard < total and part:
        assert not rest or rest[0].isspace() or rest == ""
        assert len(part) <= round(len(text) * heard / total)


def test_half_of_a_reply_is_half_of_its_words() -> None:
    assert spoken_part("We are open from eight to five.", 400, 1000) == "We are open"
    assert spoken_part("We are open.", 1000, 1000) == "We are open."
    assert spoken_part("We are open.", 10, 0) == "We are open."
    assert spoken_part("Extraordinarily", 500, 1000) == ""
