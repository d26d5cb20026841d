"""What may be taken for a yes."""

import pytest

from appliance.core.booking.agreeing import agreed, refuses
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
