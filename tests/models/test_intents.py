"""What callers want, understood from one utterance."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.linear import WeightsUnreadable
from appliance.core.menu import DepartmentLine
from appliance.core.wishes import Intent, Wish
from models.embed import Embedder
from models.local import lexicon
from models.local.classifier import SHIPPED, Classifier
from models.local.intents import Understanding
from tests.models import intent_sets

CLINIC = (
    DepartmentLine(slug="billing", name="Billing", numbers=("+14155550100",), aliases=("the money people",)),
    DepartmentLine(slug="pharmacy", name="Pharmacy", numbers=("+14155550101",)),
    DepartmentLine(slug="lab", name="Laboratory", numbers=("+14155550102",)),
    DepartmentLine(slug="therapy", name="Physical Therapy", numbers=("+14155550103",)),
    DepartmentLine(slug="x-ray", name="Radiology", numbers=("+14155550104",), aliases=("X-Ray",)),
)


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.shipped()


@pytest.fixture(scope="module")
def by_words() -> Understanding:
    """Without the embedding network."""
    return Understanding(Classifier.load(), None)


@dataclass(frozen=True)
class Found:
    """What a search for phrases finds."""

    what: str


@pytest.mark.parametrize(
    "name", ["en", "es", "en_second", "es_second", "en_third", "es_third", "en_fourth", "es_fourth"]
)
def test_the_written_sets_are_understood(understanding: Understanding, name: str) -> None:
    assert intent_sets.share_right(understanding, name) >= 0.95


@pytest.mark.parametrize(
    "name",
    [
        *("en_fifth", "es_fifth", "en_sixth", "es_sixth", "en_seventh", "es_seventh"),
        *("en_eighth", "es_eighth", "es_ninth"),
    ],
)
def test_a_set_that_nothing_was_adjusted_to_is_understood(understanding: Understanding, name: str) -> None:
    assert intent_sets.share_right(understanding, name) >= 0.9


@pytest.mark.parametrize("name", ["en", "es", "en_fifth", "es_fifth"])
def test_words_alone_are_one_step_down_and_no_more(by_words: Understanding, name: str) -> None:
    assert intent_sets.share_right(by_words, name) >= 0.88


def test_requests_to_other_machines_are_mostly_none(understanding: Understanding) -> None:
    found = Counter(understanding.wish(row["text"]).intent for row in intent_sets.rows("oos_en"))
    assert found[Intent.NONE] >= 90
    assert found[Intent.EMERGENCY] <= 3


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("billing", "billing"),
        ("biling please", "billing"),
        ("con facturasion por favor", "billing"),
        ("the money people", "billing"),
        ("can you connect me to the farmacy", "pharmacy"),
        ("quiero hablar con el farmacéutico", "pharmacy"),
        ("páseme al laboratorio", "lab"),
        ("labratory", "lab"),
        ("i need to talk to fisical therapy", "therapy"),
        ("con fisioterapia", "therapy"),
        ("xray", "x-ray"),
        ("me comunica con rayos equis", "x-ray"),
        ("can i speak to somebody about my bill", "billing"),
        ("not billing the pharmacy please", "pharmacy"),
        ("billing no wait i mean the lab", "lab"),
        ("I want to talk to a person in the LAB!", "lab"),
    ],
)
def test_departments_are_named_in_both_languages_and_misheard(
    understanding: Understanding, said: str, slug: str
) -> None:
    wish = understanding.wish(said, CLINIC)
    assert (wish.intent, wish.department, wish.candidates) == (Intent.TRANSFER_DEPARTMENT, slug, ())


def test_two_departments_are_asked_about(understanding: Understanding) -> None:
    wish = understanding.wish("connect me to billing or the pharmacy", CLINIC)
    assert (wish.intent, wish.department) == (Intent.TRANSFER_DEPARTMENT, "")
    assert wish.candidates == ("billing", "pharmacy")


def test_a_department_that_the_clinic_lacks_is_no_other_one(understanding: Understanding) -> None:
    wish = understanding.wish("cardiology please", CLINIC)
    assert (wish.intent, wish.department, wish.candidates) == (Intent.TRANSFER_DEPARTMENT, "", ())


@pytest.mark.parametrize(
    "said",
    ["i saw the building on fire", "the weather is pharma see", "la b", "i'm filling out the form", "lap"],
)
def test_like_sounding_words_name_no_department(understanding: Understanding, said: str) -> None:
    assert understanding.wish(said, CLINIC).department == ""


@pytest.mark.parametrize(
    ("said", "spoken", "language"),
    [
        ("spanish please", None, "es"),
        ("español", "en", "es"),
        ("habla español?", None, "es"),
        ("English please", "es", "en"),
        ("¿hablan inglés?", None, "en"),
        ("I don't speak English", "en", "es"),
        ("no hablo español", "es", "en"),
        ("no English, Spanish", None, "es"),
        ("can you change the language", "en", "es"),
        ("quiero cambiar de idioma", "es", "en"),
        ("do you speak English or Spanish", "en", "es"),
        ("my English is not good", "en", "es"),
        ("do you speak French", "en", None),
    ],
)
def test_the_language_asked_for_is_told(
    understanding: Understanding, said: str, spoken: str | None, language: str | None
) -> None:
    wish = understanding.wish(said, CLINIC, spoken)
    assert (wish.intent, wish.language) == (Intent.LANGUAGE_SWITCH, language)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("Yeah, sure.", Intent.YES),
        ("um yes please", Intent.YES),
        ("sí, claro", Intent.YES),
        ("That's right!", Intent.YES),
        ("nope", Intent.NO),
        ("No, thank you.", Intent.NO),
        ("no gracias", Intent.NO),
        ("not really", Intent.NO),
        ("What?", Intent.REPEAT),
        ("¿Cómo?", Intent.REPEAT),
        ("otra vez, por favor", Intent.REPEAT),
        ("", Intent.NONE),
        ("...", Intent.NONE),
    ],
)
def test_short_answers(
    understanding: Understanding, by_words: Understanding, said: str, intent: Intent
) -> None:
    assert understanding.wish(said).intent is by_words.wish(said).intent is intent


@pytest.mark.parametrize(
    ("said", "agreed"),
    [
        ("yes", True),
        ("yeah that's my number", True),
        ("sí, ese es", True),
        ("no", False),
        ("no that's wrong", False),
        ("no, está mal", False),
        ("i want to make an appointment", None),
        ("what", None),
        ("", None),
    ],
)
def test_a_question_is_answered_by_yes_or_no(
    understanding: Understanding, said: str, agreed: bool | None
) -> None:
    assert understanding.agreed(said) is agreed


def test_phrases_of_danger_decide_before_all_else() -> None:
    watch = Understanding(Classifier.load(), None, lambda text: Found("emergency") if "icy" in text else None)
    assert watch.wish("billing icy", CLINIC).intent is Intent.EMERGENCY
    assert watch.wish("billing", CLINIC).intent is Intent.TRANSFER_DEPARTMENT


def test_phrases_for_a_person_leave_finer_wishes_alone() -> None:
    watch = Understanding(Classifier.load(), None, lambda _: Found("person"))
    assert watch.wish("get me out of this").intent is Intent.PERSON
    assert watch.wish("connect me with someone in billing", CLINIC).department == "billing"
    assert watch.wish("someone who speaks spanish please", CLINIC).intent is Intent.LANGUAGE_SWITCH


def test_a_broken_embedding_model_is_done_without(tmp_path: Path) -> None:
    understanding = Understanding.shipped(model=tmp_path)
    assert understanding.by_words_alone
    assert understanding.wish("what are your hours").intent is Intent.HOURS
    assert not Understanding(Classifier.load(), Embedder()).by_words_alone


def test_the_shipped_weights_were_learnt_from_the_shipped_examples() -> None:
    with np.load(SHIPPED) as stored:
        assert str(stored["learnt_from"]) == lexicon.digest(), "run python -m scripts.train_intents"


def test_weights_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "intents.npz"
    with pytest.raises(WeightsUnreadable, match="cannot be read"):
        Classifier.load(broken)
    broken.write_bytes(b"nothing of use")
    with pytest.raises(WeightsUnreadable, match="cannot be read"):
        Classifier.load(broken)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from([None, "en", "es", "xx"]))
def test_any_text_gives_a_wish(by_words: Understanding, said: str, language: str | None) -> None:
    wish = by_words.wish(said, CLINIC, language)
    assert isinstance(wish, Wish)
    assert 0 <= wish.confidence <= 1
    assert not (wish.department and wish.candidates)
    assert by_words.agreed(said) in (True, False, None)
