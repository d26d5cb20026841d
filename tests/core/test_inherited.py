"""What a tool did that the cloud had asked for, told by the box."""

import json
from typing import Any

import pytest

from appliance.core.booking.visits import Bookable
from appliance.core.dialogue.asking import BOOKING, Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.inherited import all_inherited, inherited
from appliance.core.dialogue.moves import LITERAL, Do, Move, Say
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.errands import Back, Errands
from appliance.core.events import ToolAnswered, ToolCall, ToolsAsked
from appliance.core.story import Story
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
    assert (there.left.subject, there.step) == (BOOKING[wish], Step.MESSAGE)


def test_a_time_that_was_taken_is_told_and_another_is_asked_for() -> None:
    said = says(inherited(dialogue(), "book_appointment", refusal("taken"), "It was just taken.", None))
    assert said == ["It was just taken.", "ask_when", "first_free"]
    assert says(inherited(dialogue(), "book_appointment", refusal("who"), "Who?", None)) == said[1:]


@pytest.mark.parametrize("tool", ["cancel_appointment", "move_appointment"])
def test_what_was_not_cancelled_or_moved_is_gone_on_with(tool: str) -> None:
    there = dialogue()
    assert says(inherited(there, tool, refusal("not_agreed"), "Shall I go ahead?", None)) == ["ask_born"]
    assert there.step is Step.BORN


def test_a_message_that_still_asks_for_a_number_is_asked_for_by_the_box() -> None:
    there = dialogue()
    asked = {"ok": False, "error": "Ask.", "say": "Is the number right?"}
    assert says(inherited(there, "take_message", asked, "Is the number right?", None)) == ["ask_message"]
    assert there.step is Step.MESSAGE


@pytest.mark.parametrize(("tool", "told"), [("take_message", "body"), ("call_back", "about")])
def test_a_message_that_was_told_but_for_its_number_is_not_asked_for_again(tool: str, told: str) -> None:
    there, asked = dialogue(), {"ok": False, "error": "Ask.", "say": "Is the number right?"}
    errands, story = Errands(), Story()
    call = ToolCall("t1", tool, json.dumps({told: "Wants a refill.", "number": "caller_id"}))
    errands.asked(ToolsAsked("r1", (call,)))
    errands.answered(ToolAnswered("t1", json.dumps(asked)), story)
    assert all_inherited(there, errands.back) == [Say("confirm_message", (("message", "Wants a refill."),))]
    assert says(there.key("1")) == ["ask_who"]


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


def back(tool: str, output: dict[str, Any], leave: Disposition | None = None) -> Back:
    return Back(tool, ToolAnswered(f"t-{tool}", json.dumps(output), leave))


HOURS = back("get_business_hours", {"ok": True, "hours": "From eight to five."})
KEPT = back("take_message", {"ok": True, "say": "I have written that down."})
LOST = back("take_message", {"ok": False, "error": "x"})
ONE = {"ok": True, "offers": [{"offer_id": "o1", "said": "Monday"}], "exact": True, "say": "x"}


def test_of_several_none_is_left_out() -> None:
    more = ["anything_else", "help"]
    assert says(all_inherited(dialogue(), [HOURS, KEPT])) == ["From eight to five.", "message_kept", *more]
    assert says(all_inherited(dialogue(), [KEPT, HOURS])) == ["message_kept", "From eight to five.", *more]
    assert says(all_inherited(dialogue(), [KEPT])) == ["message_kept", *more]
    unknown = back("get_policy", {"ok": True, "known": False})
    assert says(all_inherited(dialogue(), [unknown, unknown])) == ["not_known", "not_known", "offer_message"]


def test_what_asks_something_comes_last() -> None:
    slots = back("find_slots", ONE)
    there = dialogue()
    assert says(all_inherited(there, [slots, KEPT, HOURS])) == [
        "message_kept",
        "From eight to five.",
        "offer_exact",
    ]
    assert there.step is Step.OFFERS
    taken = back("book_appointment", {"ok": False, "why": "taken", "say": "It was just taken."})
    said = says(all_inherited(dialogue(), [taken, KEPT]))
    assert said == ["message_kept", "It was just taken.", "ask_when", "first_free"]


@pytest.mark.parametrize("leave", [GOODBYE, transfer("billing")])
def test_the_call_ends_as_one_of_them_wants_after_the_others_are_told(leave: Disposition) -> None:
    moves = all_inherited(dialogue(), [back("x", {"ok": True}, leave), KEPT])
    assert says(moves)[0] == "message_kept"
    assert getattr(moves[-1], "disposition", None) == leave


def test_what_failed_leads_to_a_person_before_any_other_end() -> None:
    for others in (
        [LOST, back("end_call", {"ok": True}, GOODBYE)],
        [HOURS, LOST],
        [LOST, back("find_slots", ONE)],
    ):
        moves = all_inherited(dialogue(), others)
        assert says(moves)[-1] == "message_failed"
        assert getattr(moves[-1], "disposition", None) == PEOPLE
