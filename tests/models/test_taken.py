"""What a call takes an utterance for: keys, questions for advice, danger, and wishes that are plain."""

import pytest

from appliance.core.menu import DepartmentLine
from appliance.core.phrases.advice import asks_advice
from appliance.core.wishes import Intent
from models.local.classifier import Classifier
from models.local.intents import Understanding
from models.local.taken import taken
from tests.core.test_advice import lines as advice
from tests.models import intent_sets

BILLING = DepartmentLine(slug="billing", name="Billing", numbers=())
DONE = (
    *(Intent.BOOK, Intent.MOVE, Intent.CANCEL, Intent.LEAVE_MESSAGE, Intent.TRANSFER_DEPARTMENT),
    *(Intent.HOURS, Intent.LANGUAGE_SWITCH),
)
SETS = sorted(path.stem for path in intent_sets.FOLDER.glob("e[ns]*.jsonl"))


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.shipped()


@pytest.mark.parametrize("name", SETS)
def test_who_wants_something_done_is_not_told_that_no_advice_is_given(
    understanding: Understanding, name: str
) -> None:
    rows = intent_sets.rows(name)
    departments = intent_sets.clinic(rows)
    asking = [row["text"] for row in rows if row["intent"] in DONE and asks_advice(row["text"])]
    found = {text: taken(understanding, text, departments).wish.intent for text in asking}
    assert [text for text, intent in found.items() if intent is Intent.QUESTION] == []


@pytest.mark.parametrize("name", ["en", "es", "en_fresh", "es_fresh", "en_unseen", "es_unseen"])
def test_who_asks_for_advice_is_taken_to_ask(understanding: Understanding, name: str) -> None:
    asking = [text for text in advice(name, "advice") if asks_advice(text)]
    lost = [text for text in asking if taken(understanding, text).wish.intent in DONE]
    assert len(lost) <= 0.04 * len(asking), lost


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("can you bump me up to an earlier slot", Intent.MOVE),
        ("need to push back my physical", Intent.MOVE),
        ("cancele todo lo que tengo pendiente", Intent.CANCEL),
        ("puede apuntar una notita para mi médico", Intent.LEAVE_MESSAGE),
        ("podría correr mi turno una hora", Intent.MOVE),
        ("how much ibuprofen can I take for my back", Intent.QUESTION),
        ("cuántas de estas pastillas me puedo tomar", Intent.QUESTION),
        ("is it serious that i have blood in my urine", Intent.QUESTION),
        ("my father cannot breathe should i give him aspirin", Intent.EMERGENCY),
    ],
)
def test_a_plain_wish_goes_before_a_question_for_advice(
    understanding: Understanding, said: str, intent: Intent
) -> None:
    assert taken(understanding, said).wish.intent is intent


@pytest.mark.parametrize(("said", "key"), [("press zero", "0"), ("ayuda", "*"), ("pound", "#")])
def test_a_key_may_be_said_and_nothing_need_be_understood_for_it(said: str, key: str) -> None:
    found = taken(None, said)
    assert (found.wish.intent, found.digits) == (Intent.NONE, key)


def test_without_what_understands_wishes_there_is_none() -> None:
    assert taken(None, "what are your hours").wish.intent is Intent.NONE


def test_a_wish_comes_with_its_department_and_the_digits_in_it(understanding: Understanding) -> None:
    found = taken(understanding, "have billing call me at five five five oh one two three", (BILLING,))
    assert found.digits == "5550123"
    assert taken(understanding, "billing please", (BILLING,)).wish.department == "billing"


@pytest.mark.parametrize(("answered", "intent"), [(True, Intent.QUESTION), (False, Intent.NONE)])
def test_documents_are_asked_about_what_sounds_like_nothing(answered: bool, intent: Intent) -> None:
    by_words = Understanding(Classifier.load(), None)
    assert taken(by_words, "mmm", answered=lambda: answered).wish.intent is intent
