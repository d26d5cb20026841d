"""The box's own menu: what staff wrote of a key is said there in each language, or its own sentence."""

from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.moves import LITERAL, Say
from appliance.core.other_languages import spoken_in
from appliance.core.staff import StaffSettings
from tests.core.office import office

USUAL = StaffSettings().menu
HOURS = USUAL[0]
OWN = [
    {**each.model_dump(mode="json"), **({"said": "Hours? Press one."} if each is HOURS else {})}
    for each in USUAL
]
SPANISH = {"es": {"menu": [{**HOURS.model_dump(mode="json"), "words": [], "said": "¿Horario? El uno."}]}}


def said(text: str) -> Say:
    return Say(LITERAL, (("text", text),))


def test_where_staff_wrote_nothing_the_box_has_its_own_sentences() -> None:
    facts = Facts.of(office(), "")
    assert facts.worded == ()
    assert Say("offer_hours", (("key", HOURS.digit),)) in facts.offered("en")


def test_what_staff_wrote_of_a_key_is_said_in_its_language() -> None:
    facts = Facts.of(office(menu=OWN, language_words=SPANISH), "")
    assert said("Hours? Press one.") in facts.offered("en")
    assert said("¿Horario? El uno.") in facts.offered("es")
    assert Say("offer_hours", (("key", HOURS.digit),)) not in (*facts.offered("en"), *facts.offered("es"))
    assert len(facts.offered("en")) == len(Facts.of(office(), "").offered("en"))


def test_who_has_chosen_a_language_and_goes_back_hears_the_clinics_words() -> None:
    facts = Facts.of(spoken_in(office(menu=OWN, language_words=SPANISH), "es"), "")
    assert said("¿Horario? El uno.") in facts.offered("es")
    assert said("Hours? Press one.") in facts.offered("en")


def test_another_key_for_a_person_is_not_told_as_the_usual_one() -> None:
    nurse = {"digit": "7", "choice": "people", "words": [], "said": "For a nurse, press 7."}
    facts = Facts.of(office(menu=[*OWN, nurse]), "")
    assert said("For a nurse, press 7.") not in facts.offered("en")
