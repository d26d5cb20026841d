"""The page of citations: what was asked, what it rested on, searching, and calling an answer bad."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from appliance.store import audit, citations, unanswered
from appliance.store.accounts import Role
from appliance.store.citations import Wanted
from appliance.store.database import Connection
from tests.admin import rows, told
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}


@pytest.fixture
def asked(db: Connection) -> Connection:
    """The database with what callers asked in it."""
    told.fill(db)
    return db


def questions(browser: FlaskClient, **filters: object) -> list[str]:
    """The questions that are shown."""
    page = browser.get(f"/citations?{urlencode(filters)}").text
    return [part.partition(">")[2].partition("<")[0] for part in page.split("<h2 lang=")[1:]]


def test_without_questions_the_page_says_what_will_be_here(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/citations").text)
    assert "Nothing was asked yet" in seen
    assert "Words of the question" not in seen


def test_a_question_is_shown_with_what_it_rested_on(browser: FlaskClient, asked: Connection) -> None:
    page = browser.get("/citations").text
    seen = text_of(page)
    assert "where can I park Answered Today, 11:12 AM · English · 91 % · See the call" in seen
    assert "Named as the source: Visitor guide, parking Passages that were found: 2" in seen
    assert "Visitor guide , Parking · version 1 · 91 % Old price list (not there any more) · 62 %" in seen
    assert "do you repair bicycles Not known" in seen
    assert "what does a visit cost Its source had not been found" in seen
    assert "Claimed as the source: Price list of last year" in seen
    assert 'href="/calls/talk"' in page
    assert 'href="/knowledge/documents/guide"' in page


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"words": "PARK"}, ["where can I park"]),
        ({"words": "park", "language": "es"}, []),
        ({"language": "es"}, ["¿dónde puedo estacionar?"]),
        ({"fate": "unknown"}, ["do you repair bicycles"]),
        ({"fate": "unverified"}, ["what does a visit cost"]),
        ({"fate": "answered", "words": "cost"}, ["what does a visit cost"]),
        ({"fate": "bad"}, []),
        ({"words": "%"}, []),
        ({"words": "_"}, []),
        ({"words": "' OR 1=1 --"}, []),
    ],
)
def test_questions_are_searched(
    browser: FlaskClient, asked: Connection, filters: dict[str, str], found: list[str]
) -> None:
    assert questions(browser, **filters) == found


def test_there_are_pages_of_them(browser: FlaskClient, db: Connection) -> None:
    for number in range(51):
        told.ask(db, f"question {number}")
    assert questions(browser)[0] == "question 50"
    page = browser.get("/citations?fate=unknown").text
    assert 'href="/citations?before=2&amp;fate=unknown"' in page
    assert questions(browser, before=2, fate="unknown") == ["question 0"]
    assert questions(browser, before=2) == ["question 0"]


@pytest.mark.parametrize("query", ["before=-1", "before=99999999999999999999", "fate=no"])
def test_an_address_that_is_none_is_not_found(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/citations?{query}").status_code == 404


def test_an_answer_is_called_bad_once(browser: FlaskClient, asked: Connection) -> None:
    (row,) = citations.page(asked, Wanted(words="where can I park"))
    back = f"/citations?words=park#c{row.id}"
    for _ in range(2):
        answer = browser.post(f"/citations/{row.id}/bad", data={**TOKEN, "next": back})
        assert answer.headers["Location"] == back
    assert questions(browser, fate="bad") == ["where can I park"]
    (group,) = [each for each in unanswered.groups(asked) if each.bad_answers]
    assert (group.question, group.times) == ("where can I park", 1)
    assert [(each.deed, each.target) for each in audit.page(asked)] == [("answer called bad", str(row.id))]
    assert "bad answers: 1" in text_of(browser.get("/knowledge/unanswered").text)


def test_that_is_undone_from_the_same_place(browser: FlaskClient, asked: Connection) -> None:
    (row,) = citations.page(asked, Wanted(words="where can I park"))
    browser.post(f"/citations/{row.id}/bad", data=TOKEN)
    assert "Not bad after all" in text_of(browser.get("/citations?fate=bad").text)
    back = f"/citations?words=park#c{row.id}"
    for _ in range(2):
        answer = browser.post(f"/citations/{row.id}/not-bad", data={**TOKEN, "next": back})
        assert answer.headers["Location"] == back
    assert questions(browser, fate="bad") == []
    assert not any(each.bad_answers for each in unanswered.groups(asked))
    assert [each.deed for each in audit.page(asked)] == ["answer not bad after all", "answer called bad"]
    assert browser.post("/citations/99/not-bad", data=TOKEN).status_code == 404
    assert "Took back that an answer is bad" in text_of(browser.get("/audit?kind=told").text)


def test_it_leads_back_to_pages_of_ours_alone(browser: FlaskClient, asked: Connection) -> None:
    answer = browser.post("/citations/1/bad", data={**TOKEN, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/citations"
    assert browser.post("/citations/99/bad", data=TOKEN).status_code == 404


def test_who_only_reads_calls_nothing_bad(
    browser_of: Callable[[Role], FlaskClient], asked: Connection
) -> None:
    assert "/bad" not in browser_of(Role.READ_ONLY).get("/citations").text


def test_questions_stay_text(browser: FlaskClient, db: Connection) -> None:
    told.ask(db, rows.HOSTILE, named=rows.HOSTILE)
    assert "<script>alert" not in browser.get("/citations").text
    assert "<script>alert" not in browser.get("/citations", query_string={"words": rows.HOSTILE}).text
