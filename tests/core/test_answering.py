"""What a caller has said to the times that were read out to them: a yes to one of them, or none."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.core.booking.answering import Answer, Told, answer
from appliance.core.booking.saying import time_said
from appliance.core.story import Speaker, Turn

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 26, 9, tzinfo=ZONE)
"""A Thursday."""
TUESDAY = datetime(2026, 12, 1, 14, tzinfo=ZONE)
TIMES = (TUESDAY, TUESDAY.replace(hour=15), TUESDAY.replace(day=2, hour=10))
SAID = {
    "en": "Tuesday, December 1st at 2 p.m. is free. Shall I book it?",
    "es": "El martes primero de diciembre a las 2 de la tarde está libre. ¿Hago la cita?",
}
THREE = "I have: Tuesday at two; or Tuesday at three; or Wednesday at ten."


def turns(*told: str) -> list[Turn]:
    """Turns: `A:` is the attendant, `C:` the caller, `K:` a key."""
    speakers = {"A": Speaker.ATTENDANT, "C": Speaker.CALLER, "K": Speaker.KEYPAD}
    return [Turn(f"t{place}", speakers[text[0]], text[2:]) for place, text in enumerate(told)]


def said_to(place: int, *told: str, times: tuple[datetime, ...] = TIMES, language: str = "en") -> Answer:
    known = [Told(start, time_said(start, NOW, language)) for start in times]
    return answer(turns(*told), known, place, NOW)


def to_one(reply: str, language: str = "en") -> Answer:
    return said_to(0, f"A:{SAID[language]}", f"C:{reply}", times=TIMES[:1], language=language)


@pytest.mark.parametrize(
    "reply",
    ["yes", "Yes please.", "sure, for Ana Ruiz", "no problem, book it", "Tuesday at 2", "two o'clock is fine",
     "yes, for Don Miller", "that works", "can you book that for me?", "yes, I was born March 9th 1980",
     "yes, Ana Ruiz, March ninth nineteen eighty", "yeah, that one", "mm-hmm", "Mhm.", "uh-huh", "go for it",
     "Tuesday works", "Tuesday works for me", "two o'clock works", "please", "Please, thank you.", "exactly",
     "excellent", "Wonderful, thank you", "let's do that", "I'm good with that", "yes, I'm good",
     "yes, thanks, bye"],
)  # fmt: skip
def test_a_yes_takes_it(reply: str) -> None:
    assert to_one(reply) is Answer.YES


@pytest.mark.parametrize(
    "reply",
    ["sí", "sí, por favor", "claro que sí", "está bien", "el martes a las dos", "por supuesto",
     "no hay problema, resérvela", "ajá", "dale", "el martes me va bien", "por favor", "cómo no",
     "excelente", "listo", "Sí, gracias, adiós"],
)  # fmt: skip
def test_a_yes_takes_it_in_spanish(reply: str) -> None:
    assert to_one(reply, "es") is Answer.YES


@pytest.mark.parametrize(
    "reply",
    ["what?", "no", "wait", "hm", "Ana Ruiz", "okay?", "yes, but not then", "maybe", "yes, or maybe later",
     "one second", "okay, what else do you have", "yes, Wednesday at ten", "not Tuesday at two",
     "Tuesday is my birthday", "is Tuesday at two free?", "who is the doctor?", "I can't",
     "no, thank you, I'm good", "yes, but how about Friday", "another day", "I am fine, and you?", "uh-uh",
     "Wednesday works", "my husband works on Tuesday", "Tuesday works for my wife but not for me",
     "all right, I'll think about it", "okay bye",
     "great, thanks, bye", "perfect, bye", "okay then, bye", "sure, goodbye",
     "Okay, thank you. Bye!", "fine, forget it",
     "I'm good, thanks", "I'm good", "good bye", "good question", "wait, please", "one more time please",
     "not exactly", "what exactly do you mean", "what was that, please"],
)  # fmt: skip
def test_what_is_no_yes_takes_nothing(reply: str) -> None:
    assert to_one(reply) is Answer.OPEN


@pytest.mark.parametrize(
    "reply",
    ["no", "¿cómo?", "espere", "sí, pero otro día", "un momento", "quizás", "Ana", "el martes no me va bien",
     "bueno, gracias, adiós", "perfecto, gracias, adiós",
     "ok y en la tarde qué hay", "estoy bien, gracias", "lo voy a pensar",
     "bueno, olvídelo", "otra vez, por favor", "¿cómo? no"],
)  # fmt: skip
def test_what_is_no_yes_takes_nothing_in_spanish(reply: str) -> None:
    assert to_one(reply, "es") is Answer.OPEN


@pytest.mark.parametrize(
    "read",
    ["Two o'clock is free. Shall I book it?", "That is free. Shall I?", "Wednesday at two is free.", "Tue",
     "Your appointment is booked."],
)  # fmt: skip
def test_what_was_not_read_out_is_taken_by_nothing(read: str) -> None:
    assert said_to(0, f"A:{read}", "C:yes please", times=TIMES[:1]) is Answer.UNREAD


@pytest.mark.parametrize(
    "read",
    ["The first of December at two in the afternoon?", "I have 2 PM on Tuesday.",
     "Tuesday, at 2:00 p.m., is open", "Tengo el martes a las dos de la tarde.",
     "well, TUESDAY DECEMBER 1ST AT 2 P M"],
)  # fmt: skip
def test_it_may_be_read_out_in_other_words(read: str) -> None:
    assert said_to(0, f"A:{read}", "C:yes please", times=TIMES[:1]) is Answer.YES


def test_what_the_caller_broke_off_was_not_heard() -> None:
    heard = Turn("a1", Speaker.ATTENDANT, "Tuesday, December", cut=True)
    known = (Told(TUESDAY, "Tuesday, December 1st at 2 p.m."),)
    assert answer([heard, *turns("C:yes")], known, 0, NOW) is Answer.UNREAD


@pytest.mark.parametrize(
    ("reply", "place"),
    [("the second one", 1), ("I'll take the second one", 1), ("number three please", 2), ("Wednesday", 2),
     ("Tuesday at three", 1), ("the 10 o'clock one", 2), ("la segunda", 1), ("yes, the first one", 0),
     ("no, the second one", 1)],
)  # fmt: skip
def test_of_several_one_is_named(reply: str, place: int) -> None:
    found = [said_to(each, f"A:{THREE}", f"C:{reply}") is Answer.YES for each in range(3)]
    assert found == [each == place for each in range(3)]


@pytest.mark.parametrize(
    "reply", ["yes", "Tuesday", "two", "three", "one second", "not the first one", "Friday"]
)
def test_of_several_none_is_guessed(reply: str) -> None:
    # "Two" may be the second, or two o'clock.
    assert all(said_to(each, f"A:{THREE}", f"C:{reply}") is Answer.OPEN for each in range(3))


def test_keys_are_a_yes_to_one_or_the_place_of_one_of_several() -> None:
    one = f"A:{SAID['en']}"
    assert said_to(0, one, "K:1", times=TIMES[:1]) is Answer.YES
    assert said_to(0, one, "K:2", times=TIMES[:1]) is Answer.OPEN
    assert said_to(1, f"A:{THREE}", "K:2") is Answer.YES
    assert said_to(0, "K:1", one, times=TIMES[:1]) is Answer.OPEN


def test_a_yes_to_another_question_is_none() -> None:
    asked = "A:Is the number that you are calling from right?"
    assert said_to(0, f"A:{SAID['en']}", "C:hm", asked, "C:yes", times=TIMES[:1]) is Answer.OPEN
    taken = (f"A:{SAID['en']}", "C:yes", asked)
    assert said_to(0, *taken, "C:no", times=TIMES[:1]) is Answer.YES
    assert said_to(0, *taken, "C:let me think", times=TIMES[:1]) is Answer.OPEN
    assert said_to(0, f"A:{SAID['en']}", "C:yes", "A:Anything else?", "C:no", times=TIMES[:1]) is Answer.OPEN


NUMBERED = "Is the number that you are calling from right?"


@pytest.mark.parametrize(
    "asked",
    [NUMBERED, "Is 415 555 0199 right?", "Is your name Ana Ruiz?", "¿Su nombre es Ana Ruiz?",
     "¿Es correcto el número desde el que llama?"],
)  # fmt: skip
def test_what_is_asked_in_the_same_breath_leaves_the_time_open(asked: str) -> None:
    read = f"A:Tuesday at two is free. {asked}"
    for reply in ("C:yes", "C:sí", "C:yes please", "K:1"):
        assert said_to(0, read, reply, times=TIMES[:1]) is Answer.OPEN
    for reply in ("C:yes, Tuesday at two", "C:el martes a las dos"):
        assert said_to(0, read, reply, times=TIMES[:1]) is Answer.YES
    assert said_to(1, f"A:{THREE} {asked}", "C:the second one") is Answer.YES
    assert said_to(1, f"A:{THREE} {asked}", "K:2") is Answer.YES


@pytest.mark.parametrize(
    ("asked", "reply"),
    [(NUMBERED, "No, it's 415 555 0100"), (NUMBERED, "no"), ("Your full name?", "it's not Anna, it's Ana"),
     ("¿Su fecha de nacimiento?", "perdón, no le oí"), (NUMBERED, "yes")],
)  # fmt: skip
def test_a_time_that_is_taken_and_told_again_stays_taken(asked: str, reply: str) -> None:
    told = (f"A:{SAID['en']}", "C:yes", f"A:Great, Tuesday at two. {asked}", f"C:{reply}")
    assert said_to(0, *told, times=TIMES[:1]) is Answer.YES


@pytest.mark.parametrize("reply", ["let me think", "no, Wednesday at ten", "yes, but maybe later"])
def test_who_takes_the_time_back_does_so_at_any_question(reply: str) -> None:
    told = (f"A:{SAID['en']}", "C:yes", f"A:Great, Tuesday at two. {NUMBERED}", f"C:{reply}")
    assert said_to(0, *told) is Answer.OPEN


@pytest.mark.parametrize("reply", ["¿Cómo? No.", "no", "forget it", "let me think about it"])
def test_who_takes_back_a_yes_is_believed(reply: str) -> None:
    told = (f"A:{SAID['en']}", "C:yes", f"A:{SAID['en']}", f"C:{reply}")
    assert said_to(0, *told, times=TIMES[:1]) is Answer.OPEN


@pytest.mark.parametrize(("reply", "found"), [("yes", Answer.YES), ("no", Answer.OPEN), ("hm", Answer.OPEN)])
def test_a_yes_to_both_is_one_to_the_time(reply: str, found: Answer) -> None:
    for both in (
        "Tuesday at two is free. Shall I book it, and is the number that you are calling from right?",
        "El martes a las dos está libre. ¿Hago la cita, y es correcto el número desde el que llama?",
        "Very well. On Tuesday at 2 p.m., with the number that you are calling from?",
    ):
        assert said_to(0, f"A:{both}", f"C:{reply}", times=TIMES[:1]) is found


def test_a_time_that_is_asked_about_again_is_open_again() -> None:
    told = (f"A:{SAID['en']}", "C:yes", "A:So Tuesday at two. Shall I book it?", "C:I can't then")
    assert said_to(0, *told, times=TIMES[:1]) is Answer.OPEN


def test_a_yes_is_to_what_was_read_out_last() -> None:
    first, second = "A:Tuesday at two is free.", "A:Wednesday at ten is free."
    told = (first, "C:hm, later?", second, "C:yes")
    assert [said_to(place, *told) for place in range(3)] == [Answer.OPEN, Answer.UNREAD, Answer.YES]
    back = (*told[:3], "C:no, the first one")
    assert [said_to(place, *back) for place in range(3)] == [Answer.YES, Answer.UNREAD, Answer.OPEN]


def test_a_cancellation_is_agreed_to_by_its_own_words() -> None:
    told = (Told(TUESDAY, "Tuesday, December 1st at 2 p.m."),)
    for words, found in (("cancel it", Answer.YES), ("don't cancel it", Answer.OPEN), ("cancel", Answer.YES)):
        story = turns("A:You have Tuesday at two.", f"C:{words}")
        assert answer(story, told, 0, NOW, frozenset({"cancel"})) is found
