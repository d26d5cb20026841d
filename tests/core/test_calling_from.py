"""How a number to call back is known: asked about and confirmed, said, or only seen."""

import pytest

from appliance.core.booking.calling_from import NumberFrom, asks_about, confirmed
from appliance.core.story import Speaker, Turn
from appliance.tools.heard import number_from

CALLER, OTHER = "+14155550199", "+14155550100"
ASKS = "A:Is the number that you are calling from right?"


def said(*told: str) -> list[Turn]:
    """Turns: `A:` is the attendant, `C:` the caller, `K:` a key."""
    speakers = {"A": Speaker.ATTENDANT, "C": Speaker.CALLER, "K": Speaker.KEYPAD}
    return [Turn(f"t{place}", speakers[text[0]], text[2:]) for place, text in enumerate(told)]


@pytest.mark.parametrize(
    "told",
    [
        (ASKS, "C:yes"),
        ("A:Shall we call (415) 555-0199?", "C:yes please"),
        ("A:May we use the one ending in 0199?", "C:sure"),
        ("A:¿Es correcto el número desde el que llama?", "C:sí"),
        (ASKS, "K:1"),
        ("C:please call me at this number",),
        ("C:llámenme al número del que llamo",),
        (ASKS, "C:what?", ASKS, "C:yes"),
        (ASKS, "C:no", ASKS, "C:oh well, yes"),
    ],
)
def test_a_yes_confirms_the_number_that_they_call_from(told: tuple[str, ...]) -> None:
    assert confirmed(CALLER, said(*told), own=True)
    assert number_from(CALLER, CALLER, said(*told)) is NumberFrom.CONFIRMED


@pytest.mark.parametrize(
    "told",
    [
        (),
        ("C:please call me",),
        (ASKS, "C:what?"),
        (ASKS, "C:no"),
        (ASKS, "C:yes", ASKS, "C:no, sorry"),
        ("A:Is 415 555 0123 right?", "C:yes"),
        ("A:Shall I book it?", "C:yes"),
        (ASKS, "C:hm", "A:Shall I book it?", "C:yes"),
        ("C:don't call me at this number",),
        ("C:is it about this number?",),
    ],
)
def test_anything_else_does_not(told: tuple[str, ...]) -> None:
    assert not confirmed(CALLER, said(*told), own=True)
    assert number_from(CALLER, CALLER, said(*told)) is NumberFrom.CALLER_ID


def test_another_number_is_heard_until_it_was_read_back_or_keyed() -> None:
    spoken = "C:it is 415 555 0100"
    assert number_from(OTHER, CALLER, said(spoken)) is NumberFrom.HEARD
    assert number_from(OTHER, CALLER, said(spoken, ASKS, "C:yes")) is NumberFrom.HEARD
    assert number_from(OTHER, CALLER, said(spoken, "A:415 555 0100?", "C:yes")) is NumberFrom.CONFIRMED
    assert number_from(OTHER, CALLER, said("K:4155550100")) is NumberFrom.CONFIRMED
    assert number_from(CALLER, CALLER, said("C:it is 415 555 0199")) is NumberFrom.CONFIRMED


def test_what_asks_about_a_number() -> None:
    assert asks_about("the number you're calling from", "")
    assert not asks_about("the number you're calling from", OTHER, own=False)
    assert asks_about("It is 415 555 0100, right?", OTHER, own=False)
    assert not asks_about("At 1 p.m.?", OTHER)
