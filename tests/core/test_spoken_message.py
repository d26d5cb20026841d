"""What the rules make of messages: who, where to call back, how urgent, in few words; in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import phrases
from appliance.core.spoken_message import SUMMARY_MOST, name_said, number_said, phantom, sense

BOOK = phrases.load()
CALLER = "+14155550999"


def danger(sentence: str) -> bool:
    found = BOOK.find(sentence)
    return found is not None and found.what == "emergency"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi, my name is Ana Ruiz and I'm calling about my test.", "Ana Ruiz"),
        ("Good morning, this is Maria Lopez.", "Maria Lopez"),
        ("this is Maria Lopez please call me back about my test results", "Maria Lopez"),
        ("Hello, it's John. Could you call me?", "John"),
        ("I'm Mary-Ann O'Neil, and I need a refill.", "Mary-Ann O'Neil"),
        ("my name is john smith i need a refill", "john smith"),
        ("This is Dr. Lopez's office calling with results.", "Lopez"),
        ("Hola, me llamo José de la Cruz. Necesito una cita.", "José de la Cruz"),
        ("Buenos días, habla la señora Pérez.", "Pérez"),
        ("me llamo carmen ruiz", "carmen ruiz"),
        ("Soy Luis Ortega, llamo por mi hija.", "Luis Ortega"),
        ("This is urgent.", ""),
        ("I am very worried. It's Monday already.", ""),
        ("Soy paciente de ustedes.", ""),
        ("My name is", ""),
        ("", ""),
    ],
)
def test_the_name_that_is_said(text: str, name: str) -> None:
    assert name_said(text) == name


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("Call me at 415-555-0123.", "en", "+14155550123"),
        ("my number is four one five five five five oh one two three", "en", "+14155550123"),
        ("four one five, triple five, zero one twenty three", "en", "+14155550123"),
        ("It's (415) 555 0123, that is 415 555 0123.", "en", "+14155550123"),
        ("mi número es cuatro uno cinco cinco cinco cinco cero uno dos tres", "es", "+14155550123"),
        ("five five five, one two three, four five six seven", "en", "+15551234567"),
        ("I was there on March ninth nineteen eighty, at 3.", "en", ""),
        ("Not 415 555 0100 but 415 555 0123.", "en", "+14155550123"),
        ("reach me at 555 0123", "en", "5550123"),
        ("nothing", "en", ""),
    ],
)
def test_the_number_that_is_said(text: str, language: str, number: str) -> None:
    assert number_said(text, language, "US") == number


@pytest.mark.parametrize(
    ("text", "urgency", "because"),
    [
        (
            "Hi, this is Ana. My father has chest pain and he is very pale.",
            "emergency",
            "My father has chest pain and he is very pale.",
        ),
        ("No puedo respirar.", "emergency", "No puedo respirar."),
        ("my mother has chest pain and she is very pale", "emergency", None),
        ("Please call me as soon as possible.", "urgent", "Please call me as soon as possible."),
        ("Llámeme lo antes posible, por favor.", "urgent", "Llámeme lo antes posible, por favor."),
        ("It's not urgent. I need a copy of my bill.", "normal", ""),
        ("No es urgente. Necesito una factura.", "normal", ""),
        ("I want to move my appointment.", "normal", ""),
    ],
)
def test_what_presses_and_by_which_words(text: str, urgency: str, because: str | None) -> None:
    found = sense(text, "en", CALLER, "US", danger)
    assert found.urgency == urgency
    assert found.because == (text if because is None else because)


def test_who_says_no_number_is_called_where_they_rang_from() -> None:
    found = sense("This is Maria Lopez. Please call me back.", "en", CALLER, "US", danger)
    assert (found.number, found.number_said) == (CALLER, False)
    withheld = sense("Please call me back.", "en", "", "US", danger)
    assert (withheld.number, withheld.number_said) == ("", False)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (
            "Hello, good morning. My name is Ana Ruiz. I need to move my appointment to next week."
            " My number is 415-555-0123. Thank you very much. Bye.",
            "I need to move my appointment to next week.",
        ),
        ("Hola. Necesito cambiar mi cita del lunes. Gracias.", "Necesito cambiar mi cita del lunes."),
        ("Thank you.", "Thank you."),
        ("", ""),
    ],
)
def test_a_summary_is_what_says_something(text: str, summary: str) -> None:
    assert sense(text, "en", CALLER, "US", danger).summary == summary


@pytest.mark.parametrize("text", ["", " ", "Thank you.", "Thanks for watching!", "you", "Gracias.", "♪"])
def test_what_recognisers_write_of_nothing(text: str) -> None:
    assert phantom(text)


@pytest.mark.parametrize("text", ["Thank you, I will come at nine.", "Call me.", "one"])
def test_what_somebody_said(text: str) -> None:
    assert not phantom(text)


@given(st.text(max_size=400), st.sampled_from(["en", "es", "fr", ""]))
def test_whatever_is_written_comes_to_something_short(text: str, language: str) -> None:
    found = sense(text, language, CALLER, "US", lambda _: False)
    assert len(found.summary) <= SUMMARY_MOST
    assert found.number
    assert len(found.name.split()) <= 8
