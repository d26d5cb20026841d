"""What a caller is led through: every way ends at a person, a message or a goodbye, without us."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import front_door
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, transfer
from appliance.core.menu import Choice
from appliance.core.staff import Office
from appliance.core.steps import Ask, Assist, HangUp, MenuAnswered, Ring, Say, Steps, TakeVoicemail
from tests.core.office import ARCHIVE, BILLING, FRONT_DESK, NURSES, office

WAYS: dict[str, Callable[[Office], Steps]] = {
    "voicemail": front_door.voicemail,
    "people": front_door.people,
    "assistant": lambda o: front_door.assistant(o, "t0ken"),
    "greeted_menu": front_door.greeted_menu,
    "main_menu": front_door.main_menu,
    "department_menu": front_door.department_menu,
    "busy": front_door.busy,
    "transfer": lambda o: front_door.transfer(BILLING, o),
    "transfer_nowhere": lambda o: front_door.transfer(ARCHIVE, o),
    "to_people": front_door.to_people,
    "not_answered": lambda o: front_door.after_ring(o, "no-answer"),
    "rang_and_talked": lambda o: front_door.after_ring(o, "answered"),
    "after_people": lambda o: front_door.after_leg(o, PEOPLE),
    "after_voicemail": lambda o: front_door.after_leg(o, VOICEMAIL),
    "after_goodbye": lambda o: front_door.after_leg(o, GOODBYE),
    "after_transfer": lambda o: front_door.after_leg(o, transfer("nurses")),
    "after_unknown_transfer": lambda o: front_door.after_leg(o, transfer("sold")),
    "once_more": lambda o: front_door.not_understood(o, "main", 1),
    "once_more_departments": lambda o: front_door.not_understood(o, "departments", 2),
    "given_up": lambda o: front_door.not_understood(o, "main", 3),
    "hours": front_door.hours,
    "thanks": lambda _: front_door.thanks(),
}
ENDS_WITHOUT_A_MESSAGE = {"rang_and_talked", "after_goodbye", "thanks"}


@pytest.mark.parametrize(
    "staffed", [{}, {"people": []}, {"menu": []}, {"emergency_notice": "", "greeting": ""}]
)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_ends_with_a_message_or_a_goodbye(way: str, staffed: dict[str, Any]) -> None:
    steps = WAYS[way](office(**staffed))
    assert isinstance(steps[-1], HangUp)
    assert not any(isinstance(step, HangUp) for step in steps[:-1])
    assert any(isinstance(step, TakeVoicemail) for step in steps) is (way not in ENDS_WITHOUT_A_MESSAGE)
    for at, step in enumerate(steps):
        if isinstance(step, Ring):
            assert step.numbers
            assert any(isinstance(later, TakeVoicemail) for later in steps[at:])


def test_what_stands_behind_the_assistant_needs_no_answer_of_ours() -> None:
    steps = front_door.assistant(office(), "t0ken")
    assert steps[0] == Assist("t0ken")
    rings = [step for step in steps if isinstance(step, Ring)]
    assert rings == [Ring((FRONT_DESK,), 20, report=False)]
    assert not any(isinstance(step, Ask) for step in steps)


def test_a_transfer_rings_what_staff_entered_and_hears_of_it() -> None:
    assert Ring(BILLING.numbers, 20) in front_door.transfer(BILLING, office())
    assert Say(front_door.NOBODY) in front_door.transfer(ARCHIVE, office())
    assert Say(front_door.NOBODY) in front_door.to_people(office(people=[]))


def test_the_menu_is_asked_twice_then_people_are_rung() -> None:
    first, second, said, ring, *_ = front_door.greeted_menu(office(business_name="Riverside"))
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert first.prompt == f"{office(business_name='Riverside').staff.greeting_said()} {second.prompt}"
    assert first.prompt.startswith("Thank you for calling Riverside. If this is an emergency")
    assert "person" in first.hints
    assert (said, ring) == (Say(front_door.CONNECTING), Ring((FRONT_DESK,), 20, report=False))


def test_the_department_menu_has_at_most_nine_keys() -> None:
    many = Office(departments=tuple(BILLING.model_copy(update={"name": f"D{n}"}) for n in range(12)))
    ask = front_door.department_menu(many)[0]
    assert isinstance(ask, Ask)
    assert "For D8, press 9." in ask.prompt
    assert "D9" not in ask.prompt
    assert ask.prompt.endswith("To speak with a person, press 0.")


@pytest.mark.parametrize(
    ("menu", "digits", "speech", "choice"),
    [
        ("main", "1", "", Choice.HOURS),
        ("main", "0", "", Choice.PEOPLE),
        ("main", "", "zero", Choice.PEOPLE),
        ("main", "", "the invoice", BILLING),
        ("main", "7", "the invoice", None),
        ("main", "", "five", None),
        ("departments", "1", "", BILLING),
        ("departments", "2", "", NURSES),
        ("departments", "", "one", BILLING),
        ("departments", "", "press two", NURSES),
        ("departments", "9", "", None),
        ("departments", "", "nine", None),
        ("departments", "0", "", Choice.PEOPLE),
        ("departments", "", "zero", Choice.PEOPLE),
        ("departments", "", "triage", NURSES),
        ("departments", "", "a person please", Choice.PEOPLE),
        ("departments", "", "your opening hours", Choice.HOURS),
        ("departments", "", "", None),
    ],
)
def test_what_a_caller_chooses(menu: str, digits: str, speech: str, choice: object) -> None:
    assert front_door.menu_choice(office(), MenuAnswered("CA1", menu, digits, speech)) == choice


@given(st.sampled_from(["main", "departments", "other"]), st.text("0123456789*#", max_size=3), st.text())
def test_every_answer_leads_somewhere(menu: str, digits: str, speech: str) -> None:
    choice = front_door.menu_choice(office(), MenuAnswered("CA1", menu, digits, speech))
    if digits.startswith("0"):
        assert choice is Choice.PEOPLE


def test_after_three_misses_people_are_rung() -> None:
    asked = front_door.not_understood(office(), "main", front_door.MISSES_MOST)
    assert isinstance(asked[0], Ask)
    assert asked[0].prompt.startswith(front_door.NOT_UNDERSTOOD)
    assert front_door.not_understood(office(), "main", front_door.MISSES_MOST + 1) == front_door.to_people(
        office()
    )


def test_the_hours_are_said_before_the_menu_is_asked_again() -> None:
    said, ask, *_ = front_door.hours(office())
    assert said == Say("We are open Monday to Friday from 8 a.m. to 5 p.m.")
    assert isinstance(ask, Ask)
