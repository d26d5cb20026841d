"""What the local assistant says of the documents, and what it does where they do not know."""

import pytest

from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.moves import Do, Leave, Move, Record, Say
from appliance.core.dispositions import PEOPLE
from appliance.core.events import Understood

CALLER = "+14155550102"
ANSWER = {
    "ok": True,
    "known": True,
    "answer": "Parking is free.",
    "language": "en",
    "source": "Visitor guide, parking",
}


def asked(language: str = "en", page: str = CALLER) -> Dialogue:
    """A caller has asked a question, and the tool is on its way."""
    dialogue = Dialogue(Facts(caller=CALLER, languages=("en", "es"), page=page), language)
    (move,) = dialogue.understood(Understood("u1", "question", text="where can I park"))
    assert isinstance(move, Do)
    return dialogue


def says(moves: list[Move]) -> list[str]:
    return [move.sentence for move in moves if isinstance(move, Say)]


def test_an_answer_is_said_with_its_source() -> None:
    dialogue = asked()
    moves = dialogue.done(ANSWER, "Parking is free.", None)
    assert says(moves) == ["text", "source", "anything_else", "help"]
    assert dialogue.step is Step.OFFER


def test_one_in_another_language_is_read_in_its_own_voice_and_a_message_is_offered() -> None:
    dialogue = asked("es")
    moves = dialogue.done(ANSWER, "Parking is free.", None)
    assert says(moves) == ["only_in_another", "text", "source", "offer_message"]
    assert [move.language for move in moves if isinstance(move, Say) and move.sentence == "text"] == ["en"]
    assert says(dialogue.key("1")) == ["ask_message"]
    assert dialogue.left.question == "where can I park"


@pytest.mark.parametrize(
    ("then", "said", "leaves"),
    [
        ("message", ["not_known", "offer_message"], False),
        ("people", ["not_known_person"], True),
        ("say", ["not_known_alone", "anything_else", "help"], False),
        ("link", ["not_known_alone", "offer_page"], False),
        ("advice", ["no_advice"], True),
        ("something new", ["not_known", "offer_message"], False),
    ],
)
def test_what_is_done_where_they_do_not_know(then: str, said: list[str], leaves: bool) -> None:
    moves = asked().done({"ok": True, "known": False, "then": then}, "", PEOPLE if leaves else None)
    assert says(moves) == said
    assert [move.disposition for move in moves if isinstance(move, Leave)] == [PEOPLE] * leaves


def test_who_cannot_get_a_text_is_offered_a_message() -> None:
    moves = asked(page="").done({"ok": True, "known": False, "then": "link"}, "", None)
    assert says(moves) == ["not_known", "offer_message"]


def test_a_link_is_texted_after_a_yes_and_no_leads_to_a_message() -> None:
    dialogue = asked()
    dialogue.done({"ok": True, "known": False, "then": "link"}, "", None)
    (sent,) = dialogue.understood(Understood("u2", "yes", text="yes"))
    assert sent == Do("send_booking_link", {"phone": CALLER, "language": "en", "about": "clinic"})
    assert says(dialogue.done({"ok": True, "say": "Sent."}, "Sent.", None)) == [
        "text",
        "anything_else",
        "help",
    ]
    dialogue = asked()
    dialogue.done({"ok": True, "known": False, "then": "link"}, "", None)
    assert says(dialogue.key("2")) == ["offer_message"]
    moves = dialogue.key("1")
    assert says(moves) == ["ask_message"]
    assert Record() in moves


def test_one_that_could_not_be_sent_leads_to_a_message() -> None:
    dialogue = asked()
    dialogue.done({"ok": True, "known": False, "then": "link"}, "", None)
    dialogue.key("1")
    assert says(dialogue.done({"ok": False, "say": "It failed."}, "It failed.", None)) == [
        "text",
        "offer_message",
    ]


def test_a_link_can_go_to_another_number() -> None:
    dialogue = asked()
    dialogue.done({"ok": True, "known": False, "then": "link"}, "", None)
    assert says(dialogue.key("3")) == ["ask_number"]
    dialogue.keys("4155550103")
    (sent,) = dialogue.key("1")
    assert sent == Do("send_booking_link", {"phone": "4155550103", "language": "en", "about": "clinic"})
