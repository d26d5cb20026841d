"""What a tool did that the cloud had asked for, told by the box."""

from typing import Any

import pytest

from appliance.core.booking.visits import Bookable
from appliance.core.dialogue.asking import BOOKING, Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.inherited import inherited
from appliance.core.dialogue.moves import LITERAL, Do, Move, Say
from appliance.core.dispositions import PEOPLE
from tests.service.booking.clinic import ONE_DOCTOR

CALLER = "+13125550199"


def dialogue(language: str = "en", *, finds: bool = True) -> Dialogue:
    return Dialogue(Facts(caller=CALLER, bookable=Bookable.model_validate(ONE_DOCTOR), finds=finds), language)


def says(moves: list[Move]) -> list[str]:
    """The sentences by name, and what is said word for word."""
    told = [move for move in moves if isinstance(move, Say)]
    return [dict(say.fields)["text"] if say.sentence == LITERAL else say.sentence for say in told]


def refusal(why: str) -> dict[str, Any]:
    return {"ok": False, "why": why, "say": "Shall I go ahead?", "error": "Wait for a yes."}


@pytest.mark.parametrize(("tool", "wish"), [("cancel_appointment", "cancel"), ("move_appointment", "move")])
def test_what_was_not_cancelled_or_moved_is_written_down(tool: str, wish: str) -> None:
    there = dialogue(finds=False)
    assert says(inherited(there, tool, refusal("not_agreed"), "Shall I go ahead?", None)) == [f"ask_{wish}"]
    assert (there.subject, there.step) == (BOOKING[wish], Step.MESSAGE)


def test_a_time_that_was_taken_is_told_and_another_is_asked_for() -> None:
    said = says(inherited(dialogue(), "book_appointment", refusal("taken"), "It was just taken.", None))
    assert said == ["It was just taken.", "ask_when", "first_free"]
    assert says(inherited(dialogue(), "book_appointment", refusal("who"), "Who?", None)) == said[1:]


@pytest.mark.parametrize("tool", ["cancel_appointment", "move_appointment"])
def test_what_was_not_cancelled_or_moved_is_gone_on_with(tool: str) -> None:
    there = dialogue()
    assert says(inherited(there, tool, refusal("not_agreed"), "Shall I go ahead?", None)) == ["ask_born"]
    assert there.step is Step.BORN


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_was_found_is_read_out_and_can_be_moved_or_cancelled(language: str) -> None:
    monday = {"appointment_id": "a1", "said": "Monday", "confirmed": True, "start": "Monday"}
    there = dialogue(language)
    moves = inherited(there, "find_appointment", {"ok": True, "appointments": [monday]}, "", None)
    assert moves[0] == Say("you_have", (("start", "Monday"),))
    assert says(moves) == ["you_have", "move_or_cancel"]
    assert says(there.key("2")) == ["confirm_cancel"]
    assert there.key("1") == [Do("cancel_appointment", {"appointment_id": "a1", "language": language})]
    two = {"ok": True, "appointments": [monday, {**monday, "appointment_id": "a2", "said": "Tuesday"}]}
    assert says(inherited(dialogue(language), "find_appointment", two, "", None)) == [
        "several_found",
        "offer_slot",
        "offer_slot",
    ]


def test_what_was_not_found_is_no_new_booking() -> None:
    there = dialogue()
    said = says(inherited(there, "find_appointment", refusal("not_known"), "I find none.", None))
    assert said == ["I find none.", "offer_message"]


def test_times_that_were_found_are_offered() -> None:
    output = {"ok": True, "offers": [{"offer_id": "o1", "said": "Monday"}], "exact": True, "say": "x"}
    there = dialogue()
    assert says(inherited(there, "find_slots", output, "x", None)) == ["offer_exact"]
    assert there.step is Step.OFFERS


def test_what_is_kept_is_told_in_the_callers_language() -> None:
    output = {"ok": True, "say": "I have written that down for the staff."}
    for tool in ("take_message", "call_back"):
        assert says(inherited(dialogue("es"), tool, output, str(output["say"]), None))[0] == "message_kept"


def test_what_is_not_known_is_not_silence() -> None:
    for tool in ("answer_question", "get_policy"):
        said = says(inherited(dialogue(), tool, {"ok": True, "known": False}, "", None))
        assert said == ["not_known", "offer_message"]


def test_what_failed_ends_at_a_person() -> None:
    moves = inherited(dialogue(), "transfer_to_department", {"ok": False, "error": "x"}, "", None)
    assert says(moves) == ["connecting"]
    assert getattr(moves[-1], "disposition", None) == PEOPLE
