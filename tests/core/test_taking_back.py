"""What takes back a message or a wish, and what is one."""

import pytest

from appliance.core.story import Speaker, Turn
from appliance.core.taking_back import ends_so, kept_taken_back, taken_back, takes_back

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
    assert ends_so(f"I need a refill of Lisinopril. {text}")


@pytest.mark.parametrize("text", STANDS)
def test_it_stands(text: str) -> None:
    assert not takes_back(text)
    assert not ends_so(f"Necesito una receta. {text}")


def test_a_message_that_only_names_it_ends_otherwise() -> None:
    assert not ends_so("Never mind what I said yesterday. I need a refill.")
    assert not ends_so("Never mind. I need a refill after all.")


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
