"""Acting on a live call: what is asked for, by whom, and what the desk reads of what became of it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.core.dispositions import PEOPLE, Outcome
from appliance.store import accounts, audit, calls, office, requests, times
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from appliance.store.requests import Request, What, Why
from tests.admin import rows
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of

NOW = "/calls/now"
TOKEN = {"form_token": "f" * 32}


def post(browser: FlaskClient, what: str, **sent: str) -> tuple[int, str]:
    answer = browser.post(f"{NOW}/{what}", data={**TOKEN, **sent}, follow_redirects=True)
    return answer.status_code, text_of(answer.text)


def asked(db: Connection) -> Request:
    (found,) = requests.of_call(db, "now")
    return found


def test_a_caller_is_put_through_to_a_department(browser: FlaskClient, db: Connection) -> None:
    page = browser.get(NOW).text
    assert '<option value="billing">Billing</option>' in page
    status, seen = post(browser, "put-through", department="billing")
    assert status == 200
    assert "Ana Ruiz has the caller put through: Billing. Asked for; the box answers within a second." in seen
    assert (asked(db).what, asked(db).department, asked(db).who) == (What.TRANSFER, "billing", "Ana Ruiz")
    (noted, *_) = audit.page(db)
    assert (noted.deed, noted.target, noted.detail) == ("call put through", "now", {"department": "billing"})


@pytest.mark.parametrize("department", ["nothing", "+19005550123", "on-call", "' OR 1=1"])
def test_nobody_is_put_through_to_what_staff_did_not_enter(
    browser: FlaskClient, db: Connection, department: str
) -> None:
    status, seen = post(browser, "put-through", department=department)
    assert (status, "There is no such department any more." in seen) == (200, True)
    assert requests.of_call(db, "now") == []


def test_a_call_is_taken_over_where_one_is_reached(
    browser: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    assert "I take it: The front desk rings" in text_of(browser.get(NOW).text)
    chosen = browser.post("/account/telephone", data={**TOKEN, "department": "nurses"})
    assert chosen.status_code == 303
    assert "I take it: Nurses rings" in text_of(browser.get(NOW).text)
    _, seen = post(browser, "take-over")
    assert "Ana Ruiz takes the call over: Nurses." in seen
    assert asked(db).department == "nurses"
    requests.settle(db, asked(db).id, Why.ELSEWHERE, at=clock())
    office.remove_department(db, "nurses")
    post(browser, "take-over")
    assert requests.of_call(db, "now")[-1].department == "", "the front desk is always there"
    assert browser.post("/account/telephone", data={**TOKEN, "department": "x"}).status_code == 400
    assert accounts.one(db, owner.id).department == "nurses"


def test_a_call_is_taken_from_today_and_one_is_back_there(browser: FlaskClient, db: Connection) -> None:
    assert 'action="/calls/now/take-over"' in browser.get("/today").text
    answer = browser.post(f"{NOW}/take-over", data={**TOKEN, "next": "/today"})
    assert (answer.status_code, answer.location) == (303, "/today")
    assert "Ana Ruiz takes the call over" in text_of(browser.get("/today").text)
    away = browser.post(f"{NOW}/take-over", data={**TOKEN, "next": "//evil.example"})
    assert away.location == NOW


@pytest.mark.parametrize(
    ("typed", "ends"),
    [("0199", True), (" 01 99 ", True), ("199", False), ("0198", False), ("12125550199", False), ("", False),
     ("０１９９", False)],
)  # fmt: skip
def test_a_call_is_ended_by_whoever_says_which(
    browser: FlaskClient, db: Connection, typed: str, ends: bool
) -> None:
    status, _ = post(browser, "hang-up", sure=typed)
    assert (status, bool(requests.of_call(db, "now"))) == (200 if ends else 422, ends)


def test_a_withheld_number_is_ended_by_a_word(browser: FlaskClient, db: Connection) -> None:
    db.execute("UPDATE call_log SET from_number = '' WHERE id = 'now'")
    assert post(browser, "hang-up", sure="end")[0] == 422
    assert post(browser, "hang-up", sure="END")[0] == 200
    assert asked(db).what is What.HANG_UP


def test_what_became_of_it_is_said_as_it_was(browser: FlaskClient, db: Connection, clock: Clock) -> None:
    said = {
        None: "The caller was told, and is being put through: Billing.",
        Why.OVER: "Not done: the caller had hung up.",
        Why.ELSEWHERE: "Not done: the caller was not with the assistant any more",
        Why.NO_DEPARTMENT: "Not done: there is no such department any more.",
        Why.LATE: "Not done: the box did not answer in time.",
    }
    for why, sentence in said.items():
        post(browser, "put-through", department="billing")
        waits = requests.waiting(db)[0]
        requests.begun(db, waits.id)
        assert "The caller is being told." in browser.get(f"{NOW}/live").text
        requests.settle(db, waits.id, why, at=clock())
        assert sentence in browser.get(f"{NOW}/live").text
    calls.end(db, "now", clock(), Outcome.TRANSFERRED, "completed")
    assert said[None] in text_of(browser.get(NOW).text)


def test_a_box_that_does_not_answer_is_said(browser: FlaskClient, db: Connection, clock: Clock) -> None:
    post(browser, "put-through")
    clock.pass_by(1)
    assert "Not done: the box did not answer in time." in text_of(browser.get(NOW).text)
    assert "Asked for" in post(browser, "put-through")[1], "and it can be asked for again"


def test_who_is_slower_hears_so(browser: FlaskClient, browser_of: Callable[[Role], FlaskClient]) -> None:
    post(browser, "put-through", department="billing")
    _, seen = post(browser_of(Role.FRONT_DESK), "hang-up", sure="0199")
    assert "Somebody has asked for something in this call just now" in seen


def test_a_call_that_is_over_is_not_acted_on(browser: FlaskClient, db: Connection) -> None:
    assert "The call is over already: nothing was done." in text_of(
        browser.post("/calls/talk/take-over", data=TOKEN, follow_redirects=True).text
    )
    assert browser.post("/calls/none/hang-up", data={**TOKEN, "sure": "1"}).status_code == 404
    assert "/take-over" not in browser.get("/calls/talk").text
    calls.leave(db, "now", PEOPLE)
    assert "/take-over" not in browser.get(NOW).text, "it is on its way to people"


def test_it_is_offered_to_the_desk_alone(browser_of: Callable[[Role], FlaskClient]) -> None:
    assert "/take-over" in browser_of(Role.FRONT_DESK).get(NOW).text
    reader = browser_of(Role.READ_ONLY)
    for path in (NOW, "/today"):
        assert "/take-over" not in reader.get(path).text
    assert reader.post(f"{NOW}/take-over", data=TOKEN).status_code == 403


def test_the_rows_know_the_time_of_the_pages(browser: FlaskClient, db: Connection) -> None:
    post(browser, "take-over")
    assert times.read(asked(db).asked_at) == times.read(rows.NOW)
