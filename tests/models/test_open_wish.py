"""What was told to the cloud and is not asked for again."""

import pytest

from appliance.core.events import Understood
from models.local.open_wish import OpenWish

CALLER, ATTENDANT, KEYS, TOOL = "caller", "attendant", "keys", "tool"
ASK = (CALLER, "I want to leave a message", "leave_message")
WHAT = (ATTENDANT, "What is it about?")
BODY = (CALLER, "Please call me about my refill.", "question")


def found(*story: tuple[str, ...]) -> tuple[str, str, str]:
    """Intent, text and digits of what is open after a story; digits are those of the text."""
    open_wish = OpenWish()
    for who, *said in story:
        match who:
            case "caller":
                text, intent = said
                digits = "".join(filter(str.isdigit, text))
                open_wish.caller(Understood("u", intent, digits=digits, text=text), text)
            case "attendant":
                open_wish.attendant()
            case "keys":
                open_wish.keypad(said[0])
            case _:
                open_wish.tool()
    wish = open_wish.found
    assert wish.recalled
    return wish.intent, wish.text, wish.digits


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ((ASK,), ("leave_message", "", "")),
        ((ASK, WHAT, BODY), ("leave_message", "Please call me about my refill.", "")),
        (
            (ASK, WHAT, (CALLER, "This is Ana Gomez", "none"), BODY),
            ("leave_message", "This is Ana Gomez. Please call me about my refill.", ""),
        ),
        ((ASK, WHAT, BODY, (CALLER, "Oh, never mind.", "goodbye")), ("none", "", "")),
        ((ASK, WHAT, BODY, (CALLER, "No, olvídelo, gracias.", "no")), ("none", "", "")),
        (
            ((CALLER, "Cancel my visit on Friday", "cancel"), (CALLER, "I don't need it anymore.", "none")),
            ("cancel", "Cancel my visit on Friday. I don't need it anymore.", ""),
        ),
        ((ASK, WHAT, (CALLER, "um", "none")), ("leave_message", "", "")),
        ((ASK, WHAT, (CALLER, "yes please do that", "yes")), ("leave_message", "", "")),
        (
            (ASK, WHAT, BODY, WHAT, (CALLER, "312 555 0142", "none")),
            ("leave_message", "Please call me about my refill.", "3125550142"),
        ),
        (
            ((CALLER, "My number is 312 555 0142", "none"), ASK),
            ("leave_message", "", "3125550142"),
        ),
        (
            (ASK, WHAT, BODY, (CALLER, "You can reach me at area code 312, then 555 and oh 1 4 2", "none")),
            ("leave_message", "Please call me about my refill.", "312555142"),
        ),
        ((ASK, WHAT, (KEYS, "3125550142")), ("leave_message", "", "3125550142")),
        ((ASK, WHAT, (KEYS, "1")), ("leave_message", "", "")),
        (
            (ASK, (CALLER, "I am at 312 555 0142 and my refill of the inhaler is overdue", "none")),
            ("leave_message", "I am at 312 555 0142 and my refill of the inhaler is overdue", "3125550142"),
        ),
        (
            ((CALLER, "an appointment on Tuesday at two", "book"), WHAT),
            ("book", "an appointment on Tuesday at two", ""),
        ),
        (((CALLER, "Do you have parking?", "question"),), ("question", "Do you have parking?", "")),
        (((CALLER, "Do you have parking?", "question"), (ATTENDANT, "Yes.")), ("none", "", "")),
        ((ASK, BODY, (TOOL,)), ("none", "", "")),
        ((ASK, BODY, (TOOL,), (CALLER, "what are your hours", "hours")), ("hours", "", "")),
        (((CALLER, "what are your hours", "hours"), (CALLER, "hello?", "none")), ("hours", "", "")),
    ],
)
def test_what_is_open(story: tuple[tuple[str, ...], ...], expected: tuple[str, str, str]) -> None:
    assert found(*story) == expected
