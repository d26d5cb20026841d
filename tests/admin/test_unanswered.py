"""Asking the documents, and the questions that nobody could answer: answered, dismissed, opened again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from admin.app import create_app
from appliance.core.settings import Settings
from appliance.store import audit, database, documents, times, unanswered
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from appliance.store.unanswered import Missed, State, Why
from models.embed import Embedder
from tests.admin import people, rows
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of
from tests.clinic_documents import given_to

TOKEN = {"form_token": "f" * 32}


@pytest.fixture
def asker(settings: Settings, db: Connection, owner: Account, clock: Clock) -> FlaskClient:
    """A browser of the owner, on a box that has the test clinic's documents and the model."""
    given_to(settings.box.data_dir, settings.database)
    client = create_app(settings, now=clock, embedder=Embedder).test_client()
    people.come_in(client, db, owner, clock())
    return client


def keep(db: Connection, *questions: str, language: str = "en") -> None:
    with database.immediate(db):
        for place, question in enumerate(questions):
            at = times.read(rows.NOW) - timedelta(minutes=60 - place)
            unanswered.keep(db, Missed(question, language, Why.NOT_KNOWN, 0.1), at)


def groups(db: Connection, state: State = State.OPEN) -> list[str]:
    return [group.question for group in unanswered.groups(db, state)]


def test_a_question_is_answered_as_a_caller_hears_it(asker: FlaskClient) -> None:
    seen = text_of(asker.get("/knowledge/ask?question=do+you+take+walk+in+patients").text)
    assert "Caller do you take walk in patients Attendant We see walk-in patients from Monday to" in seen
    assert "Attendant Source: Visitor guide, walk-in patients." in seen
    assert "sure; at least 55 % is wanted." in seen
    assert "Not right? Write the answer" in seen


def test_what_is_not_known_says_what_is_done_then(asker: FlaskClient) -> None:
    page = asker.get("/knowledge/ask?question=do+you+repair+bicycles&language=en").text
    assert "That is not known, so a message is offered." in text_of(page)
    assert 'href="/knowledge/answer?question=do+you+repair+bicycles&amp;language=en"' in page


def test_medical_advice_is_told_as_such(asker: FlaskClient) -> None:
    page = asker.get("/knowledge/ask?question=how+much+ibuprofen+can+I+take").text
    assert "It asks for medical advice" in text_of(page)
    assert "/knowledge/answer?" not in page


def test_a_spanish_question_is_answered_in_its_language(asker: FlaskClient) -> None:
    seen = text_of(asker.get("/knowledge/ask?question=cu%C3%A1nto+cuesta+la+vacuna+de+la+gripe").text)
    assert "Fuente: Pagos y seguros, vacuna de la gripe." in seen


@pytest.mark.parametrize("query", ["", "question=", "question=" + "x" * 301, "question=a&language=xx"])
def test_what_is_no_question_is_not_asked(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/knowledge/ask?{query}").status_code == 422


def test_without_an_index_it_says_so(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/knowledge/ask?question=parking").text)
    assert "There is no index" in seen
    assert "No document has anything to do with these words." in seen


def test_questions_stay_text(browser: FlaskClient, db: Connection) -> None:
    keep(db, rows.HOSTILE)
    for path in ("/knowledge/unanswered", "/knowledge/unanswered/1"):
        assert "<script>alert" not in browser.get(path).text
    page = browser.get("/knowledge/ask", query_string={"question": rows.HOSTILE}).text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_what_was_asked_in_vain_is_counted_and_answered(browser: FlaskClient, db: Connection) -> None:
    assert "Write the answer to it once" in browser.get("/knowledge/unanswered").text
    keep(db, "do you sell bread", "do you repair bicycles", "do you repair bicycles please")
    seen = text_of(browser.get("/knowledge/unanswered").text)
    assert "do you repair bicycles asked 2 times English · last Today, 10:32 AM" in seen
    assert seen.index("repair bicycles") < seen.index("sell bread")
    assert "Unanswered questions 2" in seen
    number = unanswered.groups(db)[0].id
    page = text_of(browser.get(f"/knowledge/unanswered/{number}").text)
    assert "How it was asked asked 2 times" in page
    assert "do you repair bicycles please" in page
    said = {**TOKEN, "question": "Do you repair bicycles?", "answer": "No, but the shop\non Oak Avenue does."}
    assert browser.post(f"/knowledge/unanswered/{number}", data=said).status_code == 303
    assert groups(db) == ["do you sell bread"]
    assert groups(db, State.ANSWERED) == ["do you repair bicycles"]
    entry = documents.entry(db, "answers-en")
    assert "Do you repair bicycles?" in documents.content(db, entry.id)
    assert [(row.deed, row.target) for row in audit.page(db)] == [("answer written", str(number))]
    assert "Open again" in browser.get("/knowledge/unanswered?state=answered").text


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"question": "Q", "answer": ""}, "This is needed."),
        ({"question": "", "answer": "A"}, "This is needed."),
        ({"question": "Q", "answer": "x" * 2001}, "This is too long."),
    ],
)
def test_an_answer_that_is_none_is_not_written(
    browser: FlaskClient, db: Connection, sent: dict[str, str], problem: str
) -> None:
    keep(db, "do you sell bread")
    answer = browser.post("/knowledge/unanswered/1", data={**TOKEN, **sent})
    assert (answer.status_code, problem in answer.text) == (422, True)
    assert groups(db) == ["do you sell bread"]


def test_a_question_is_dismissed_and_opened_again(browser: FlaskClient, db: Connection) -> None:
    keep(db, "do you sell bread")
    answer = browser.post("/knowledge/unanswered/1/dismiss", data=TOKEN)
    assert answer.headers["Location"] == "/knowledge/unanswered"
    assert (groups(db), groups(db, State.DISMISSED)) == ([], ["do you sell bread"])
    answer = browser.post("/knowledge/unanswered/1/open", data=TOKEN)
    assert answer.headers["Location"] == "/knowledge/unanswered?state=dismissed"
    assert groups(db) == ["do you sell bread"]
    told = [(row.deed, row.target) for row in audit.page(db)]
    assert told == [("question opened again", "1"), ("question dismissed", "1")]


def test_an_own_answer_settles_what_callers_asked_like_it(browser: FlaskClient, db: Connection) -> None:
    keep(db, "do you sell bread")
    page = browser.get("/knowledge/answer?question=Do+you+sell+bread%3F&language=en").text
    assert 'value="Do you sell bread?"' in page
    sent = {**TOKEN, "question": "Do you sell bread?", "language": "en", "answer": "No."}
    assert browser.post("/knowledge/answer", data=sent).status_code == 303
    assert groups(db) == []
    assert "Do you sell bread?" in documents.content(db, documents.entry(db, "answers-en").id)


def test_an_own_answer_has_a_language(browser: FlaskClient) -> None:
    sent = {**TOKEN, "question": "Q", "language": "", "answer": "A"}
    assert browser.post("/knowledge/answer", data=sent).status_code == 422


@pytest.mark.parametrize("path", ["unanswered?state=none", "unanswered/9", "documents/nothing"])
def test_what_is_not_there_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(f"/knowledge/{path}").status_code == 404


def test_nothing_is_changed_of_what_is_not_there(browser: FlaskClient, db: Connection) -> None:
    for path in ("unanswered/9", "unanswered/9/dismiss", "unanswered/9/open", "documents/no/remove"):
        sent = {**TOKEN, "question": "Q", "answer": "A", "name": "no"}
        assert browser.post(f"/knowledge/{path}", data=sent).status_code == 404
    assert audit.page(db) == []


def test_what_patients_asked_is_not_for_it(browser_of: Callable[[Role], FlaskClient]) -> None:
    it = browser_of(Role.IT)
    for path in ("/knowledge", "/knowledge/unanswered", "/citations"):
        assert it.get(path).status_code == 403
