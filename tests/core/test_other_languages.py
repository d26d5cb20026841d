"""The languages that callers can have: which key each has, and the office in one of them."""

from typing import Any

import pytest
from pydantic import ValidationError

from appliance.core.other_languages import conflicts, home_of, keys, spoken, spoken_in
from tests.core.office import office

BEFORE = [
    {"digit": digit, "choice": choice, "words": [], "said": f"{choice}: {digit}."}
    for digit, choice in (("1", "hours"), ("2", "departments"), ("3", "voicemail"), ("0", "people"))
]
FULL = [{"digit": digit, "choice": "hours", "words": [], "said": ""} for digit in "12356789"]


@pytest.mark.parametrize(
    ("decided", "given"),
    [
        ({}, (("es", "2"),)),
        ({"menu": BEFORE}, (("es", "8"),)),
        ({"language_keys": {"es": "7"}}, (("es", "7"),)),
        ({"menu": BEFORE, "language_keys": {"es": "2"}}, (("es", "8"),)),
        ({"language": "es-US"}, (("en", "2"),)),
        ({"language": "es-US", "languages": ["en"]}, (("en", "2"),)),
        ({"languages": ["en"]}, ()),
        ({"languages": []}, ()),
        ({"menu": FULL}, ()),
    ],
)
def test_a_language_has_the_key_that_staff_set_or_the_first_that_is_free(
    decided: dict[str, Any], given: tuple[tuple[str, str], ...]
) -> None:
    assert keys(office(**decided)) == given


@pytest.mark.parametrize(
    ("decided", "problem"),
    [
        ({}, ""),
        ({"language_keys": {"es": "2"}}, ""),
        ({"menu": BEFORE, "language_keys": {"es": "2"}}, "key 2 cannot be es's, it leads to departments"),
        ({"language_keys": {"es": "4"}}, "key 4 cannot be es's, it is that for appointments"),
        ({"language_keys": {"en": "2"}}, "en is none of the other languages of callers (es)"),
        ({"language_keys": {"fr": "7"}}, "fr is none of the other languages of callers (es)"),
        ({"languages": ["en"], "language_keys": {"es": "2"}}, "of callers (none)"),
    ],
)
def test_a_key_that_is_taken_is_told_in_a_sentence(decided: dict[str, Any], problem: str) -> None:
    told = list(conflicts(office(**decided).staff))
    assert problem in "".join(told)
    assert len(told) == bool(problem)


def test_the_key_of_a_language_leads_back_from_it() -> None:
    spanish = spoken_in(office(), "es")
    assert keys(spanish) == (("en", "2"),)
    assert (home_of(spanish), spoken(spanish)) == ("en", ("en", "es"))


def test_the_office_in_another_language_keeps_the_clinics_keys_and_what_it_leaves_out() -> None:
    clinic = office(menu=BEFORE, emergency_notice="", greeting_closed="Closed.", wording={"busy": "Busy!"})
    staff = spoken_in(clinic, "es").staff
    assert [entry.digit for entry in staff.menu] == ["1", "2", "3", "0"]
    assert staff.menu[1].said == "Para comunicarse con un departamento, oprima 2."
    assert "departamentos" in staff.menu[1].words
    assert (staff.emergency_notice, staff.greeting_closed) == ("", "")
    assert staff.said("busy") == "Todas nuestras líneas están ocupadas en este momento."
    assert staff.business_name == "la clínica"
    assert spoken_in(office(business_name="Riverside"), "es").staff.business_name == "Riverside"


def test_an_entry_of_which_nothing_is_said_stays_silent() -> None:
    assert {entry.said for entry in spoken_in(office(menu=FULL), "es").staff.menu} == {""}


SPANISH = {
    "greeting": "Gracias por llamar a {business_name}.",
    "greeting_closed": "Ahora estamos cerrados.",
    "emergency_notice": "Si es una emergencia, llame al {emergency_number}.",
    "voicemail_prompt": "Deje su recado.",
    "menu": [
        {"digit": "1", "choice": "hours", "words": ["cuándo abren"], "said": "Para el horario, el uno."},
        {"digit": "2", "choice": "people", "words": [], "said": "Para una persona, el dos."},
    ],
}


def test_what_staff_wrote_in_a_language_is_said_in_it() -> None:
    clinic = office(menu=BEFORE, business_name="Riverside", language_words={"es": SPANISH})
    spanish = spoken_in(clinic, "es")
    assert spanish.staff.greeting_said() == (
        "Gracias por llamar a Riverside. Si es una emergencia, llame al 911."
    )
    assert spanish.staff.greeting_said(closed=True).startswith("Ahora estamos cerrados.")
    assert spanish.staff.voicemail_words(closed=True) == "Deje su recado."
    assert spanish.staff.menu[0].said == "Para el horario, el uno."
    assert {"cuándo abren", "horario"} <= {*spanish.staff.menu[0].words}
    assert spoken_in(clinic, "en").staff.greeting == clinic.staff.greeting


def test_words_of_a_key_that_leads_elsewhere_now_are_not_said() -> None:
    staff = spoken_in(office(menu=BEFORE, language_words={"es": SPANISH}), "es").staff
    assert staff.menu[1].said == "Para comunicarse con un departamento, oprima 2."
    assert [entry.choice for entry in staff.menu] == ["hours", "departments", "voicemail", "people"]


def test_what_is_not_written_is_the_languages_own_and_the_notice_stays() -> None:
    staff = spoken_in(office(language_words={"es": {"greeting": "Hola."}}), "es").staff
    assert staff.greeting_said(closed=True) == f"Hola. {spoken_in(office(), 'es').staff.notice}"
    assert staff.voicemail_prompt == spoken_in(office(), "es").staff.voicemail_prompt


@pytest.mark.parametrize(
    "wrong",
    [{"xx": {}}, {"es": {"greeting": "x" * 301}}, {"es": {"greetings": "Hola"}}, {"es": {"menu": [{}]}}],
)
def test_words_that_cannot_be_said_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        office(language_words=wrong)
