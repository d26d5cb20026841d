"""What takes back a message or a wish, and what is one."""

import pytest

from appliance.core.story import Speaker, Turn
from appliance.core.taking_back import kept_taken_back, speaks_of_cancelling, taken_back, takes_back

TAKEN = [
    *("Never mind.", "oh never mind", "Never mind, I'll call back later. Bye.", "You know what? Forget it."),
    *(
        "Forget about it",
        "I changed my mind, thank you",
        "Actually, don't leave a message.",
        "No, delete it please",
        "Scratch that.",
    ),
    *(
        "Olvídelo.",
        "no, olvídalo, gracias",
        "Déjelo así, llamo luego",
        "Cambié de opinión.",
        "Bórrelo, por favor",
    ),
    *("ya no quiero dejar mensaje", "no, mejor no dejo mensaje", "no guarde nada, gracias"),
]
STANDS = [
    *(
        "",
        "yes",
        "no",
        "no thanks",
        "bye",
        "I'll call back later",
        "okay, thank you",
        "sí",
        "no",
        "gracias, adiós",
    ),
    *(
        "never mind the refill, I need my results",
        "never mind, it's 415 555 0100",
        "never mind, make it Tuesday",
    ),
    *("tell him to never mind", "she told me to forget it and rest", "delete my appointment on Tuesday"),
    *("no importa", "olvidé mi cita", "olvídelo, es el cuatro uno cinco", "déjelo en la farmacia"),
]


@pytest.mark.parametrize("text", TAKEN)
def test_it_is_taken_back(text: str) -> None:
    assert takes_back(text)
    assert not takes_back(f"I need a refill of Lisinopril. {text}")


@pytest.mark.parametrize("text", STANDS)
def test_it_stands(text: str) -> None:
    assert not takes_back(text)


@pytest.mark.parametrize(
    "text",
    ["I don't need it anymore.", "yes, I changed my mind", "Ya no la quiero, gracias", "Cambié de opinión."],
)
def test_of_a_cancellation_that_it_is_not_wanted_is_the_reason(text: str) -> None:
    assert takes_back(text)
    assert not takes_back(text, cancels=True)
    assert takes_back(f"Never mind. {text}", cancels=True)


@pytest.mark.parametrize("asked", ["please cancel my appointment on Friday", "quiero anular mi cita"])
def test_nor_does_it_take_back_what_is_to_be_cancelled_in_a_call(asked: str) -> None:
    assert speaks_of_cancelling(asked)
    assert not taken_back(story(asked, "I don't need it anymore"), 2)
    assert taken_back(story(asked, "oh, never mind"), 2)
    assert taken_back(story("a message please", "I don't need it anymore"), 2)


def story(*said: str) -> list[Turn]:
    """Turns of the caller, with one of ours before each."""
    turns = list[Turn]()
    for words in said:
        turns.append(Turn(f"a{len(turns)}", Speaker.ATTENDANT, "Is the number right?"))
        turns.append(Turn(f"c{len(turns)}", Speaker.CALLER, words))
    return turns


def test_it_counts_behind_what_was_left_and_as_the_last_word() -> None:
    told = story("a message please", "never mind", "are you open on Friday")
    assert taken_back(told, 2)
    assert not taken_back(told, 4)
    assert taken_back(story("a message please", "never mind"), 9)
    assert not taken_back(story("never mind", "a message please"), 2)
    assert not taken_back([], 0)
    ours = [Turn("a", Speaker.ATTENDANT, "Never mind.")]
    assert not taken_back(ours, 0)


@pytest.mark.parametrize(
    "words", ["Actually, delete the message.", "forget the message please", "no, borre el mensaje"]
)
def test_what_was_kept_goes_when_it_is_named(words: str) -> None:
    assert kept_taken_back(story("yes", words), 2)
    assert kept_taken_back(story("no, thank you", words, "bye"), 0)
    assert not kept_taken_back(story(words, "yes"), 2)
    assert not kept_taken_back(story("are you open on Friday", words), 0)


@pytest.mark.parametrize(
    "words", ["never mind", "forget it", "no, olvídelo", "no, that's all, thank you", ""]
)
def test_what_was_kept_stays_otherwise(words: str) -> None:
    """Asked what else there is, "never mind" is a no."""
    assert not kept_taken_back(story("yes", words), 2)
