"""What the assistant is told of the office."""

from appliance.core.booking.visits import Bookable
from appliance.core.other_languages import spoken_in
from appliance.core.staff import Office
from models import prompt
from tests.core.office import office

BOOKABLE = {"provider": [{"slug": "lee", "name": "Dr. Lee"}], "visit": [{"slug": "visit", "name": "Visit"}]}


def test_the_instructions_hold_what_staff_decided_and_nothing_to_dial() -> None:
    told = prompt.instructions(
        office(business_name="Riverside", address="1 Main Street", assistant_notes="We speak slowly.")
    )
    for words in (
        "Riverside",
        "Address: 1 Main Street.",
        "Billing, Nurses",
        "Notes of the office: We speak slowly.",
    ):
        assert words in told
    assert "+1555" not in told


def test_what_is_not_known_is_asked_of_the_tools_and_never_guessed() -> None:
    told = prompt.instructions(office())
    for words in ("answer_question", "get_policy", "offer to take a message", "never guess"):
        assert words in told


def test_the_emergency_number_is_the_clinics() -> None:
    assert "hang up and dial 911." in prompt.instructions(office())
    told = prompt.instructions(office(emergency_number="112", emergency_notice=""))
    assert "hang up and dial 112." in told
    assert "911" not in told


def test_nothing_is_cancelled_before_it_was_read_out() -> None:
    there = Office(staff=office().staff, bookable=Bookable.model_validate(BOOKABLE))
    assert "only after you have read it out and the caller then said yes" in prompt.instructions(there)
    assert "read it out" not in prompt.instructions(office())


def test_braces_in_a_name_are_only_a_name() -> None:
    assert "{greeting} & {0}" in prompt.instructions(office(business_name="{greeting} & {0}"))


def test_what_is_empty_is_not_told() -> None:
    told = prompt.instructions(office())
    assert "Address:" not in told
    assert "Notes" not in told


def test_a_spanish_office_is_answered_in_spanish() -> None:
    spanish = office(language="es-US")
    assert "asks for English, call set_language" in prompt.instructions(spanish)
    assert "Speak English." in prompt.instructions(spanish, "en")
    assert 'Speak Spanish. Begin with: "Gracias por llamar a la clínica.' in prompt.instructions(spanish)


def test_who_was_greeted_by_a_recording_is_not_greeted_again() -> None:
    told = prompt.instructions(office(greeting="Hello, {business_name}."), greeted=True)
    assert "Begin with" not in told
    assert "do not greet" in told


def test_links_are_spoken_of_where_they_are_texted() -> None:
    assert "text_booking_link" in prompt.instructions(office(), links=True)
    assert "text_booking_link" not in prompt.instructions(office())


def test_another_language_is_told_of_only_where_there_is_one() -> None:
    assert "asks for Spanish, call set_language" in prompt.instructions(office())
    assert "set_language" not in prompt.instructions(office(languages=["en"]))
    assert "asks for English, call set_language" in prompt.instructions(office(), "es")


def test_the_clinics_voice_speaks_its_own_language_whichever_the_caller_chose() -> None:
    clinic = office(assistant_voice="cedar")
    for each in (clinic, spoken_in(clinic, "es")):
        assert prompt.voice(each, "en") == "cedar"
        assert prompt.voice(each, "es") != "cedar"
