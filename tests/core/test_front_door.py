"""What a caller is led through: every way ends at a person, a message or a goodbye."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import front_door
from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, transfer
from appliance.core.front_door import MAIN, menu_choice
from appliance.core.menu import Choice, DepartmentLine, MenuEntry, spoken_digit
from appliance.core.other_languages import spoken_in
from appliance.core.staff import Office
from appliance.core.steps import Ask, Assist, HangUp, MenuAnswered, Ring, Say, Steps, TakeVoicemail
from appliance.core.wording import Wording, sentences
from tests.core.office import ARCHIVE, BILLING, FRONT_DESK, NURSES, office

NIGHT = datetime(2026, 11, 25, 3, tzinfo=UTC)
"""Ten in the evening in New York."""
ONE_ENTRY = {"digit": "4", "choice": "hours", "words": [], "said": ""}
SAID = sentences("en-US")
LAB = DepartmentLine(slug="lab", name="Lab", numbers=("+15550100013",))


def shut(clinic: Office) -> Office:
    """The clinic with a laboratory, at night."""
    return clinic.model_copy(update={"departments": (*clinic.departments, LAB)}).at(NIGHT)


SPANISH = Say("Para español, oprima 2.", "es-US")


WAYS: dict[str, Callable[[Office], Steps]] = {
    "voicemail": front_door.voicemail,
    "people": front_door.people,
    "assistant": lambda o: front_door.assistant(o, "t0ken"),
    "greeted_menu": front_door.greeted_menu,
    "in_language": lambda o: front_door.in_language(spoken_in(o, "es")),
    "main_menu": front_door.main_menu,
    "department_menu": front_door.department_menu,
    "busy": front_door.busy,
    "danger": front_door.danger,
    "transfer": lambda o: front_door.transfer(BILLING, o),
    "department": lambda o: front_door.to_department(BILLING, o),
    "department_closed": lambda o: front_door.to_department(LAB, shut(o)),
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
    "at_the_tone": front_door.at_the_tone,
    "given_up": lambda o: front_door.not_understood(o, "main", 3),
    "hours": front_door.hours,
    "thanks": front_door.thanks,
    "kept_by_carrier": front_door.kept_by_carrier,
    "fallback": front_door.fallback,
}
ENDS_WITHOUT_A_MESSAGE = {"rang_and_talked", "after_goodbye", "thanks", "kept_by_carrier"}
"""Of those that end without telling us: all others have a message before their end."""


@pytest.mark.parametrize(
    "staffed",
    [
        {},
        {"people": []},
        {"menu": [ONE_ENTRY]},
        {"emergency_notice": "", "greeting": ""},
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_ends_with_a_goodbye_or_with_phones_that_we_are_told_of(
    way: str, staffed: dict[str, Any]
) -> None:
    steps = WAYS[way](office(**staffed))
    told = isinstance(steps[-1], Ring) and steps[-1].report
    assert told or isinstance(steps[-1], HangUp)
    assert any(isinstance(step, TakeVoicemail) for step in steps) is not (
        told or way in ENDS_WITHOUT_A_MESSAGE
    )
    for at, step in enumerate(steps[:-1]):
        # The carrier does nothing that stands behind these.
        assert not isinstance(step, HangUp)
        assert not (isinstance(step, Ring) and step.report)
        if isinstance(step, Ring) and way != "kept_by_carrier":
            # There the message is taken already.
            assert any(isinstance(later, TakeVoicemail) for later in steps[at:])
    assert all(step.numbers for step in steps if isinstance(step, Ring))


@pytest.mark.parametrize("result", ["busy", "no-answer", "failed", "canceled", "anything"])
def test_a_message_is_taken_when_phones_rang_that_nobody_answered(result: str) -> None:
    steps = front_door.after_ring(office(), result)
    assert steps == front_door.voicemail(office(), Say(SAID["nobody"]))


def test_a_key_before_a_message_leads_to_a_person_or_to_the_tone() -> None:
    message = front_door.voicemail(office())[0]
    assert isinstance(message, TakeVoicemail)
    assert (message.menu, message.before) == (front_door.MESSAGE, ())
    assert menu_choice(office(), MenuAnswered("CA1", message.menu, "0")) is Choice.PEOPLE
    assert menu_choice(office(), MenuAnswered("CA1", message.menu, "1")) is None
    tone, *end = front_door.not_understood(office(), message.menu, front_door.MISSES_MOST + 1)
    assert isinstance(tone, TakeVoicemail)
    assert (tone.prompt, tone.recording, tone.menu, tone.report) == ("", "", "", True)
    assert end == [Say(SAID["no_message"]), HangUp()]


def test_the_fallback_says_what_is_wrong_rings_people_and_takes_a_message() -> None:
    said, connecting, ring, talked, message, *end = front_door.fallback(office(business_name="Riverside"))
    assert said == Say(
        "You have reached Riverside. Our telephone system has a problem at the moment. "
        "If this is an emergency, please hang up and dial 911."
    )
    assert (connecting, ring) == (Say(SAID["connecting"]), Ring((FRONT_DESK,), 20, report=False))
    assert talked == Say(SAID["talked"])
    assert isinstance(message, TakeVoicemail)
    assert not message.report
    assert end == [Say(SAID["no_message"]), HangUp()]


def test_the_fallback_of_an_office_without_people_takes_a_message_at_once() -> None:
    said, message, *_ = front_door.fallback(office(people=[], emergency_notice=""))
    assert said == Say(f"{SAID['fallback'].format(business_name=office().staff.business_name)}")
    assert isinstance(message, TakeVoicemail)


ENGLISH, CLOSED_ENGLISH, SPANISH_VOICE = (
    f"{code}-{place:064}" for place, code in enumerate(["en", "en", "es"])
)


@pytest.mark.parametrize(
    ("given", "by_day", "by_night", "in_spanish_by_night"),
    [
        ({}, "", "", ""),
        ({"en": ENGLISH}, ENGLISH, ENGLISH, ""),
        ({"en": ENGLISH, "en-closed": CLOSED_ENGLISH}, ENGLISH, CLOSED_ENGLISH, ""),
        ({"en-closed": CLOSED_ENGLISH, "es": SPANISH_VOICE}, "", CLOSED_ENGLISH, SPANISH_VOICE),
    ],
)
def test_a_recording_is_heard_before_a_message_by_language_and_by_hours(
    given: dict[str, str], by_day: str, by_night: str, in_spanish_by_night: str
) -> None:
    clinic = office(voicemail_recordings=given)
    night = clinic.at(NIGHT)
    for each, recording in (
        (clinic, by_day), (night, by_night), (spoken_in(night, "es"), in_spanish_by_night),
    ):  # fmt: skip
        message = front_door.voicemail(each)[0]
        assert isinstance(message, TakeVoicemail)
        assert message.recording == recording


def test_words_for_closed_hours_are_said_in_the_clinics_language_and_go_before_the_usual_recording() -> None:
    clinic = office(voicemail_prompt_closed="We are closed.", voicemail_recordings={"en": ENGLISH})
    night = clinic.at(NIGHT)
    said = [front_door.voicemail(each)[0] for each in (clinic, night, spoken_in(night, "es"))]
    assert [step.prompt for step in said if isinstance(step, TakeVoicemail)] == [
        clinic.staff.voicemail_prompt, "We are closed.", spoken_in(clinic, "es").staff.voicemail_prompt,
    ]  # fmt: skip
    assert [step.recording for step in said if isinstance(step, TakeVoicemail)] == [ENGLISH, "", ""]


def test_what_stands_behind_the_assistant_needs_no_answer_of_ours() -> None:
    steps = front_door.assistant(office(), "t0ken")
    assert steps[0] == Assist("t0ken")
    rings = [step for step in steps if isinstance(step, Ring)]
    assert rings == [Ring((FRONT_DESK,), 20, report=False)]
    assert not any(isinstance(step, Ask) for step in steps)


def test_a_transfer_rings_what_staff_entered_and_hears_of_it() -> None:
    assert Ring(BILLING.numbers, 20) in front_door.transfer(BILLING, office())
    nobody = front_door.voicemail(office(), Say(SAID["nobody"]))
    assert front_door.transfer(ARCHIVE, office()) == nobody
    alone = office(people=[])
    assert front_door.to_people(alone) == front_door.voicemail(alone, Say(SAID["nobody"]))


def test_the_menu_is_asked_twice_then_people_are_rung() -> None:
    alone = office(business_name="Riverside", languages=["en"])
    first, second, said, ring, *_ = front_door.greeted_menu(alone)
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert first.prompt == f"{alone.staff.greeting_said()} {second.prompt}"
    assert first.prompt.startswith("Thank you for calling Riverside. If this is an emergency")
    assert (first.before, first.behind, second.before, second.behind) == ((), (), (), ())
    assert "person" in first.hints
    assert (said, ring) == (Say(SAID["connecting"]), Ring((FRONT_DESK,), 20, report=False))


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
        ("main", "", "seven", None),
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


ENTRIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    digit=st.sampled_from([*"0123456789*", ""]),
    choice=st.sampled_from(["hours", "departments", "voicemail", "assistant", "people"]),
    words=st.lists(st.sampled_from(["hours", "zero", "0", "press zero", "nurse"]), max_size=2),
    said=st.just("Press it."),
)
MENUS = st.lists(ENTRIES, min_size=1, max_size=11, unique_by=lambda each: each["digit"])


@given(
    MENUS,
    st.sampled_from([*front_door.MENUS, "other"]),
    st.text("0123456789*#", max_size=3),
    st.sampled_from(["", "zero", "press zero", "oprima el cero"]) | st.text(),
)
def test_0_is_a_person_in_every_menu_whatever_staff_made_of_it(
    menu: list[dict[str, Any]], at: str, digits: str, speech: str
) -> None:
    # As no check has seen it: an entry of an older box may have that key.
    entries = tuple(
        MenuEntry.model_construct(**{**each, "choice": Choice(each["choice"]), "words": tuple(each["words"])})
        for each in menu
    )
    clinic = office().model_copy(update={"staff": office().staff.model_copy(update={"menu": entries})})
    choice = front_door.menu_choice(clinic, MenuAnswered("CA1", at, digits, speech))
    if digits.startswith("0") or (not digits and spoken_digit(speech) == "0"):
        assert choice is Choice.PEOPLE


def test_after_three_misses_people_are_rung() -> None:
    asked = front_door.not_understood(office(), "main", front_door.MISSES_MOST)
    assert isinstance(asked[0], Ask)
    assert asked[0].before[0] == Say(SAID["not_understood"])
    assert front_door.not_understood(office(), "main", front_door.MISSES_MOST + 1) == front_door.to_people(
        office()
    )


def test_a_spanish_office_is_spanish_throughout() -> None:
    spanish = office(language="es-US", business_name="Clínica Sur")
    ask, _, said, *_ = front_door.greeted_menu(spanish)
    assert isinstance(ask, Ask)
    assert ask.before[0].text.startswith("Gracias por llamar a Clínica Sur. Si se trata de una emergencia")
    assert ask.before[1] == Say("For English, press 2.", "en-US")
    assert {"cita", "english"} <= {*ask.hints}
    assert said == Say("Un momento, por favor, le comunico.")
    hours = "Abrimos de lunes a viernes de las 8 de la mañana a las 5 de la tarde."
    in_spanish = front_door.hours(spanish)[0]
    assert isinstance(in_spanish, Ask)
    assert in_spanish.before[0] == Say(hours)
    departments = front_door.department_menu(spanish)[0]
    assert isinstance(departments, Ask)
    assert departments.prompt.startswith("Para Billing, oprima 1. Para Nurses, oprima 2.")
    assert front_door.menu_choice(spanish, MenuAnswered("CA1", "main", "", "oprima el cero")) is Choice.PEOPLE
    assert front_door.menu_choice(spanish, MenuAnswered("CA1", "main", "", "una cita")) is Choice.ASSISTANT


@pytest.mark.parametrize("name", Wording.model_fields)
def test_every_sentence_of_the_front_door_is_the_clinics_to_change(name: str) -> None:
    own = office(wording={name: "Our own words."})
    steps = [step for way in WAYS.values() for step in (*way(own), *front_door.unconfirmed(own))]
    before = [said for step in steps if isinstance(step, Ask | TakeVoicemail) for said in step.before]
    said = [
        step.text if isinstance(step, Say) else step.prompt
        for step in (*steps, *before)
        if isinstance(step, Say | Ask)
    ]
    assert any("Our own words." in text for text in said)
    usual = sentences("en")[name].format(
        department="Billing", key=1, number="9 1 1", business_name=own.staff.business_name
    )
    assert not any(usual in text for text in said)


def test_what_staff_write_into_an_entry_is_said_as_it_is() -> None:
    ask = front_door.department_menu(office(wording={"department": "{key}: {department} {0} {now}."}))[0]
    assert isinstance(ask, Ask)
    assert ask.prompt.startswith("1: Billing {0} {now}. 2: Nurses {0} {now}.")


def test_the_menus_keys_count_while_the_hours_are_said() -> None:
    first, again, *_ = front_door.hours(office())
    assert isinstance(first, Ask)
    assert first.before == (Say("We are open Monday to Friday from 8 a.m. to 5 p.m."), SPANISH)
    assert again == front_door.main_menu(office())[1]
    back = front_door.hours(spoken_in(office(), "es"))[0]
    assert isinstance(back, Ask)
    assert [said.language for said in (*back.before, *back.behind)] == ["es-US", "en-US"]


@pytest.mark.parametrize(
    ("speech", "wish", "choice"),
    [
        ("my chest hurts since I had that voicemail", "emergency", Choice.DANGER),
        ("is nobody there who has a pulse", "person", Choice.PEOPLE),
        ("your opening hours, or a real human", "person", Choice.HOURS),
        ("the weather", "", None),
    ],
)
def test_danger_goes_before_the_menu_and_a_person_behind_it(
    speech: str, wish: str, choice: Choice | None
) -> None:
    assert menu_choice(office(), MenuAnswered("CA1", MAIN, "", speech), wish) == choice


def test_a_department_that_is_closed_is_not_rung_from_a_menu() -> None:
    night = shut(office())
    steps = front_door.to_department(LAB, night)
    said = Say("Lab is closed now, and open again tomorrow at 8 a.m.")
    assert steps == front_door.voicemail(night, said)
    in_spanish = shut(office(language="es-US"))
    (first, *_) = front_door.to_department(LAB, in_spanish)
    assert isinstance(first, TakeVoicemail)
    assert first.before == (Say("Lab está cerrado ahora, y abre de nuevo mañana a las 8 de la mañana."),)
    assert front_door.to_department(BILLING, night) == front_door.transfer(BILLING, night)
    morning = night.at(NIGHT + timedelta(hours=11))
    assert front_door.to_department(LAB, morning) == front_door.transfer(LAB, morning)


def test_what_the_assistant_has_promised_rings_also_when_it_closes_meanwhile() -> None:
    night = shut(office())
    rings = front_door.transfer(LAB, night, announced=True)
    assert front_door.after_leg(night, transfer("lab")) == rings


def test_another_language_is_offered_in_its_own_words_behind_the_greeting() -> None:
    first, second, *_ = front_door.greeted_menu(office())
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert first.before == (Say(office().staff.greeting_said()), SPANISH)
    assert (second.before, first.behind, second.behind) == ((SPANISH,), (), ())
    assert first.prompt == second.prompt
    assert first.prompt.startswith("For our opening hours, press 1.")
    assert "espanol" in first.hints


@pytest.mark.parametrize(
    ("menu", "digits", "speech", "language"),
    [
        ("main", "2", "", "es"),
        ("main", "", "dos", "es"),
        ("main", "", "press two", "es"),
        ("main", "", "español", "es"),
        ("main", "", "in Spanish please", "es"),
        ("main", "", "do you speak Spanish", "es"),
        ("main", "", "English please", ""),
        ("main", "", "is there somebody at the front desk who can speak Spanish with me", ""),
        ("main", "1", "", ""),
        ("main", "8", "", ""),
        ("main", "", "", ""),
        ("departments", "2", "", ""),
        ("departments", "", "español", "es"),
    ],
)
def test_a_language_is_chosen_by_its_key_or_its_name(
    menu: str, digits: str, speech: str, language: str
) -> None:
    assert front_door.language_chosen(office(), MenuAnswered("CA1", menu, digits, speech)) == language
    alone = office(languages=["en"])
    assert front_door.language_chosen(alone, MenuAnswered("CA1", menu, digits, speech)) == ""


def test_who_has_chosen_a_language_is_led_in_it_and_can_go_back() -> None:
    spanish = spoken_in(office(emergency_number="112"), "es")
    first, second, connecting, _, message, goodbye, _ = front_door.in_language(spanish)
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    assert first.prompt.startswith("Si se trata de una emergencia, cuelgue y marque el 1 1 2. Para nuestro")
    assert first.behind == second.behind == (Say("For English, press 2.", "en-US"),)
    assert first.language == second.language == "es-US"
    assert connecting == Say("Un momento, por favor, le comunico.", "es-US")
    assert isinstance(message, TakeVoicemail)
    assert (message.language, message.prompt[:18]) == ("es-US", "En este momento na")
    assert goodbye == Say("Gracias por llamar. Hasta luego.", "es-US")
    assert front_door.language_chosen(spanish, MenuAnswered("CA1", "main", "2")) == "en"
    assert front_door.menu_choice(spanish, MenuAnswered("CA1", "main", "", "una cita")) is Choice.ASSISTANT
    assert spoken_in(spanish, "es") is spanish
