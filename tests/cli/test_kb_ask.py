"""What a caller would hear, at the command line; and questions that nobody could answer, answered there."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.store import database, unanswered
from appliance.store.unanswered import Missed, Why
from tests.cli.conftest import Typed
from tests.clinic_documents import given_to

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def documents(morning: Path) -> Path:
    """A box that has the test clinic's documents."""
    given_to(morning.parent, morning)
    return morning


def keep(path: Path, *questions: str) -> None:
    db = database.connect(path)
    with database.immediate(db):
        for question in questions:
            unanswered.keep(db, Missed(question, "en", Why.NOT_KNOWN, 0.1), NOW)
    db.close()


def test_a_question_is_answered_as_a_caller_hears_it(typed: Typed, documents: Path) -> None:
    told = typed("kb", "ask", "do you take walk in patients")
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert "Visitor guide, walk-in patients (visitor-guide)" in lines[0]
    heard = lines[lines.index("A caller hears:") + 1 :]
    assert heard[0].startswith("  We see walk-in patients from Monday to Friday")
    assert heard[1] == "  Source: Visitor guide, walk-in patients."


def test_it_is_told_as_json_in_the_language_of_its_words(typed: Typed, documents: Path) -> None:
    told = json.loads(typed("kb", "ask", "¿cuánto cuesta la vacuna de la gripe?", "--json").output)
    assert (told["language"], told["then"]) == ("es", "")
    assert told["heard"][-1] == "Fuente: Pagos y seguros, vacuna de la gripe."
    assert told["passages"][0]["slug"] == "pagos"
    assert told["confidence"] >= told["least"]


@pytest.mark.parametrize(
    ("action", "heard"),
    [
        ("message", "I do not know that. I can take a message for our team."),
        ("people", "I do not know that. One moment please, I am connecting you with a person."),
        ("say", "I am sorry, I do not know that."),
        ("link", "I am sorry, I do not know that."),
    ],
)
def test_what_is_not_known_says_what_is_done_then(
    typed: Typed, documents: Path, action: str, heard: str
) -> None:
    assert typed("staff", "set", "low_confidence_action", json.dumps(action)).exit_code == 0
    told = json.loads(typed("kb", "ask", "do you repair bicycles", "--json").output)
    assert (told["then"], told["heard"][0]) == (action, heard)


def test_medical_advice_is_told_as_such(typed: Typed, documents: Path) -> None:
    told = typed("kb", "ask", "how much ibuprofen can I take").output
    assert "Done then: advice." in told
    assert "I cannot give medical advice." in told


def test_what_was_asked_in_vain_is_listed_answered_and_then_known(typed: Typed, documents: Path) -> None:
    assert typed("kb", "unanswered", "list").output == "There are no such questions.\n"
    keep(documents, "do you repair bicycles", "do you repair bicycles please", "do you sell bread")
    heads, first, second = typed("kb", "unanswered", "list").output.splitlines()
    assert heads.split() == ["Number", "Times", "Bad", "answers", "Last", "Language", "Question"]
    assert (first.split()[:2], first.endswith("do you repair bicycles")) == (["1", "2"], True)
    assert second.endswith("do you sell bread")
    (asked, _) = json.loads(typed("kb", "unanswered", "list", "--json").output)
    assert sorted(asked["asked"]) == ["do you repair bicycles", "do you repair bicycles please"]
    told = typed("kb", "unanswered", "answer", "1", "No, but the shop on Oak Avenue does.")
    assert "It is written into answers-en." in told.output
    assert typed("kb", "unanswered", "dismiss", "2").output == "Dismissed: 2.\n"
    assert typed("kb", "unanswered", "list").output == "There are no such questions.\n"
    assert typed("kb", "reindex").exit_code == 0
    told = typed("kb", "ask", "do you repair bicycles")
    assert "  No, but the shop on Oak Avenue does." in told.output.splitlines()
    assert "  Source: Answers of our team." in told.output.splitlines()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("answer", "9", "Yes."), "There is no unanswered question 9."),
        (("answer", "1", " "), "An answer has 1 to 2,000 letters."),
        (("dismiss", "9"), "There is no unanswered question 9."),
    ],
)
def test_what_cannot_be_done_is_told(
    typed: Typed, documents: Path, arguments: tuple[str, ...], problem: str
) -> None:
    keep(documents, "do you sell bread")
    told = typed("kb", "unanswered", *arguments)
    assert (told.exit_code, problem in told.stderr) == (1, True)
    assert typed("kb", "unanswered", "list").output.endswith("do you sell bread\n")
