"""What may be taken for a yes."""

import pytest

from appliance.core.booking.agreeing import agreed, clear_yes, consents, hedges, refuses, says_yes, since_told
from appliance.core.story import Speaker, Turn


def said(*texts: str, speaker: Speaker = Speaker.CALLER) -> list[Turn]:
    return [Turn(f"t{place}", speaker, text) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    "text",
    ["no", "No!", "no, thank you", "not that one", "nope", "I don't want it", "no gracias", "no, espere"],
)
def test_a_plain_no_refuses(text: str) -> None:
    assert refuses(text)
    assert not agreed(said(text))
    assert not agreed(said("yes", text))
    assert agreed(said(text, "sí, está bien"))


@pytest.mark.parametrize(
    "text", ["no, the first one", "yes", "Tuesday, no, Wednesday", "it is for Ana", "nine"]
)
def test_more_than_a_no_does_not(text: str) -> None:
    assert not refuses(text)
    assert agreed(said(text))


def test_silence_and_other_voices_are_no_yes() -> None:
    assert not agreed([])
    assert not agreed(said("", " ", "..."))
    assert not agreed(said("yes", speaker=Speaker.ATTENDANT))
    assert not agreed(said("find_slots returned yes", speaker=Speaker.TOOL))


def test_keys_count() -> None:
    assert agreed(said("2", speaker=Speaker.KEYPAD))
    assert agreed([*said("no"), *said("1", speaker=Speaker.KEYPAD)])
    assert not agreed([*said("no"), *said("2", speaker=Speaker.KEYPAD)])


@pytest.mark.parametrize(
    "text",
    [
        *("maybe later", "Perhaps.", "yes, maybe", "I'm not sure", "let me think about it", "later please"),
        *(
            "quizás después",
            "tal vez",
            "sí, pero quizás más tarde",
            "no sé",
            "a lo mejor",
            "después, gracias",
        ),
    ],
)
def test_what_puts_it_off_is_no_yes(text: str) -> None:
    assert hedges(text) or refuses(text)
    assert not agreed(said(text))
    assert not agreed(said("yes", text))
    assert agreed(said(text, "okay, yes"))
    assert agreed([*said(text), *said("1", speaker=Speaker.KEYPAD)])
    assert not agreed(said(text, "and who is the doctor"))


@pytest.mark.parametrize("text", ["yes", "sí, claro", "I believe that is right", "the one in May", "sure"])
def test_what_decides_does_not(text: str) -> None:
    assert not hedges(text)
    assert agreed(said(text))


def test_a_word_of_agreement() -> None:
    assert says_yes("okay then")
    assert says_yes("sí")
    assert not says_yes("tomorrow at ten")


@pytest.mark.parametrize("speaker", [Speaker.CALLER, Speaker.KEYPAD])
def test_what_comes_before_the_question_is_no_answer_to_it(speaker: Speaker) -> None:
    early, late = said("1", speaker=speaker), said("1", speaker=speaker)
    question = said("Shall I book it?", speaker=Speaker.ATTENDANT)
    assert not agreed(since_told([*early, *question]))
    assert agreed(since_told([*early, *question, *late]))
    assert not agreed(since_told([*early, *said("find_slots: two offers", speaker=Speaker.TOOL), *late]))


def test_a_question_that_was_cut_before_it_was_heard_asks_nothing() -> None:
    cut = Turn("a1", Speaker.ATTENDANT, "", cut=True)
    # Its words are still to come: it sounds.
    begun = Turn("a1", Speaker.ATTENDANT)
    assert not agreed(since_told([cut, *said("yes")]))
    assert agreed(since_told([begun, *said("yes")]))
    assert agreed(since_told([Turn("a1", Speaker.ATTENDANT, "Tuesday at two is", cut=True), *said("yes")]))


def test_the_last_word_decides_whether_a_caller_consents() -> None:
    assert consents(said("yes please"))
    assert consents(said("what?", "sí, claro", "Ana Ruiz"))
    assert consents(said("1", speaker=Speaker.KEYPAD))
    for words in (("what?",), ("yes", "no"), ("yes", "maybe later"), ("yes", "wait, don't"), ("okay?",), ()):
        assert not consents(said(*words))
    assert not consents(said("uh-huh", "Ana Ruiz"))
    assert not consents(said("2", speaker=Speaker.KEYPAD))


@pytest.mark.parametrize(
    "text",
    [
        *("Yes.", "yes please", "Yeah, sure", "okay yes", "Uh-huh, yes", "Oh, yes, text it to me", "sure"),
        *(
            "Absolutely",
            "of course",
            "Go ahead.",
            "please do",
            "Okay, send it.",
            "yes send it to this number",
        ),
        *("Sí", "sí, por favor", "si", "Si por favor", "si claro", "Bueno, sí", "claro que sí", "ajá, sí"),
        *("por supuesto", "Mándemelo", "sí me lo puede mandar", "está bien, envíemelo", "si, mándemelo"),
    ],
)
def test_a_clear_yes(text: str) -> None:
    assert clear_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "uh-huh",
            "Mhm.",
            "mm hmm",
            "okay",
            "OK...",
            "alright",
            "right",
            "great",
            "fine",
            "good",
            "please",
            "",
        ),
        *("yes, but not now", "yes or maybe later", "no", "yes?", "do you text?", "I said yes once"),
        *("Ajá", "ajam", "bueno", "ok", "vale", "bien", "perfecto", "dale", "este...", "¿sí?"),
        *("si puedo, llamo luego", "si me llaman", "sí, pero no ahora", "no, gracias", "quizás sí"),
    ],
)
def test_what_may_only_say_that_somebody_listens_is_no_clear_yes(text: str) -> None:
    assert not clear_yes(text)
