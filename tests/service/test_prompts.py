"""The box's own sentences: the same in every language, short, and recorded as far as they can be."""

import re
from importlib.resources import files

import pytest

from appliance.core.dialogue.facts import offers
from appliance.core.menu import DepartmentLine
from appliance.core.other_languages import spoken_in
from appliance.core.staff import Office, StaffSettings
from appliance.languages import prompts as languages
from appliance.languages.tables import table
from appliance.service import prompts
from appliance.service.pbx import sounds
from models.local.mouth import pieces_of
from models.local.wording import Language

LANGUAGES: tuple[Language, ...] = ("en", "es")
SAID = ("closed", "open", "quiet", "short", "long", "kept", "spoken")
"""What a code is answered with that is said as it is."""
OFFICE = Office(departments=(DepartmentLine(slug="x-ray", name="X-Ray", numbers=("+14155550100",)),))


def test_both_languages_have_the_same_sentences_with_the_same_places() -> None:
    assert languages.codes() == LANGUAGES
    one, other = (languages.prompts(code) for code in LANGUAGES)
    assert list(one.sentences) == list(other.sentences)
    assert list(one.filled) == list(other.filled)
    for name in one.filled:
        assert one.places(name) == other.places(name), name


def test_both_languages_say_the_same_to_a_desk() -> None:
    one, other = (table(code, "desk")["sentences"] for code in LANGUAGES)
    assert list(one) == list(other)
    spanish = Office(staff=StaffSettings(language="es-US"))
    assert sounds.texts(spanish).items() >= other.items()
    # Every sentence that the dialplan plays is made.
    dialplan = (files("ari_bridge") / "etc" / "extensions.conf").read_text("utf-8")
    played = set(re.findall(r"@\{sounds\}/([a-z_]+)", dialplan))
    assert played - {"tone", "code_", "rota_"} <= sounds.texts(OFFICE).keys()
    assert {name for name in one if name.startswith("code_")} >= {f"code_{said}" for said in SAID}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_without_places_is_recorded(language: Language) -> None:
    said = languages.prompts(language)
    assert said.recorded.keys() == said.sentences.keys()
    for name, sound in said.recorded.items():
        assert len(sound) % 160 == 0, name
        # Nobody listens for long; a syllable takes at least 100 ms.
        assert 500 < len(sound) / 8 < 7500, name
        assert "{" not in said.sentences[name]


def test_the_recordings_are_small() -> None:
    assert sum(len(sound) for code in LANGUAGES for sound in prompts.load(code).values()) < 3_600_000


def test_a_language_may_be_named_with_its_country() -> None:
    assert prompts.load("en-US") == prompts.load("en")
    assert languages.prompts("es-MX").voice == "es-419"
    assert languages.prompts("xx") == languages.prompts("en")


def test_places_are_filled() -> None:
    said = languages.prompts("en")
    assert said.said("emergency", number="112") == (
        "This sounds like an emergency. Please hang up and call 112 now."
    )
    assert said.said("goodbye") == said.sentences["goodbye"]
    for name, words in (("emergency", {}), ("no such sentence", {"number": "112"})):
        with pytest.raises(KeyError):
            said.said(name, **words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_of_a_clinic(language: Language) -> None:
    said, texts = languages.prompts(language), prompts.texts(OFFICE, language)
    assert set(said.sentences.values()) <= set(texts)
    assert said.said("welcome", business_name="the clinic") in texts
    assert said.said("offer_one_department", department="X-Ray", key="1") in texts
    assert said.said("connecting_department", department="X-Ray") in texts
    elsewhere = Office(staff=OFFICE.staff.model_copy(update={"emergency_number": "112"}))
    assert said.said("emergency", number="1 1 2") in prompts.texts(elsewhere, language)
    assert OFFICE.staff.hours.said(language) in texts
    assert not [text for text in texts if "{" in text]
    assert len(texts) == len(set(texts))
    own = spoken_in(OFFICE, language).staff
    assert {own.greeting_said(), own.voicemail_words(), *(entry.said for entry in own.menu)} <= set(texts)
    assert (OFFICE.staff.greeting_said() in texts) == (language == "en")
    for text in texts:
        assert pieces_of(text, language), text


def test_offers_take_the_keys_of_the_menu() -> None:
    assert dict(offers(OFFICE))["offer_person"] == "0"
    entries = tuple(
        entry.model_copy(update={"digit": "7"}) if entry.digit == "1" else entry
        for entry in OFFICE.staff.menu
    )
    moved = Office(staff=OFFICE.staff.model_copy(update={"menu": entries}))
    assert dict(offers(moved))["offer_hours"] == "7"


def test_what_staff_wrote_in_a_language_is_rendered_and_laid_out_for_the_pbx() -> None:
    words = {"es": {"greeting": "Hola.", "voicemail_prompt": "Deje su recado."}}
    staff = StaffSettings.model_validate({"language_words": words})
    written = Office(staff=staff, departments=OFFICE.departments)
    texts = prompts.texts(written, "es")
    assert "Deje su recado." in texts
    assert any(text.startswith("Hola.") for text in texts)
    lines = sounds.lines(written)
    assert (lines["voicemail_es"].text, lines["voicemail_es"].language) == ("Deje su recado.", "es")
    assert lines["voicemail"].text == staff.voicemail_prompt
