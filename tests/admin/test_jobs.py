"""The pages of jobs: what is owed, what failed, trying again, giving up, and when what is due."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from admin.jobs import shown
from appliance.core.settings import checked
from appliance.service.jobs import worker
from appliance.store import audit, jobs, times
from appliance.store.accounts import Role
from appliance.store.database import Connection
from appliance.store.jobs import State, Wanted
from tests.admin import rows, told
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}


def state(db: Connection, job_id: int) -> State:
    return jobs.get(db, job_id).state


def test_every_kind_of_the_worker_has_words() -> None:
    settings = checked({"box": {"data_dir": "/nowhere"}}, "test")
    assert worker.kinds(settings).keys() == shown.KINDS.keys()


def test_the_board_shows_counts_failures_and_the_timetable(browser: FlaskClient, db: Connection) -> None:
    told.fill(db)
    seen = text_of(browser.get("/jobs").text)
    assert "Tried again later 1 Given up 1 Done within a day 0" in seen
    assert (
        "Fetching a recording Given up The carrier does not have the recording RE2 any more (status 404)."
        " try 3 of 10 · owed since Today, 10:00 AM · given up Today, 11:00 AM"
    ) in seen
    assert "Text about an appointment Tried again later Twilio does not answer: timed out." in seen
    assert "Looking at pages of the website again next Tomorrow, 2:40 AM · not done yet" in seen
    assert "Making the index of documents To be begun: 1" in seen
    assert (
        seen.index("Looking at pages") < seen.index("Tidying up next") < seen.index("Checking the database")
    )


def test_an_idle_box_says_that_nothing_failed(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/jobs").text)
    assert "What failed Nothing. What fails is tried again by itself" in seen
    assert "it looks as if the worker did not run" not in seen


def test_jobs_that_nobody_begins_are_noticed(browser: FlaskClient, db: Connection, clock: Clock) -> None:
    jobs.owe(db, Wanted("tidy", "tidy:1"), now=times.read(rows.NOW))
    assert "it looks as if the worker did not run" not in text_of(browser.get("/jobs").text)
    clock.pass_by(2)
    seen = text_of(browser.get("/jobs").text)
    assert "Due now 1 the oldest since 2 min" in seen
    assert "it looks as if the worker did not run" in seen


def test_a_change_is_another_version(browser: FlaskClient, db: Connection) -> None:
    version = browser.get("/jobs/live").headers["ETag"]
    assert browser.get("/jobs/live", headers={"If-None-Match": version}).status_code == 304
    told.dead(db, "tidy", "no room")
    answer = browser.get("/jobs/live", headers={"If-None-Match": version})
    assert (answer.status_code, "no room" in answer.text) == (200, True)


def test_a_job_is_tried_again(browser: FlaskClient, db: Connection) -> None:
    job_id = told.dead(db, "fetch_recording", "away")
    assert browser.post(f"/jobs/{job_id}/retry", data=TOKEN).status_code == 303
    assert (state(db, job_id), jobs.get(db, job_id).attempts) == (State.QUEUED, 0)
    (row,) = audit.page(db)
    assert (row.deed, row.target, row.detail) == ("job retried", str(job_id), {"kind": "fetch_recording"})
    assert "Had a job begun again" in browser.get("/audit?kind=jobs").text


def test_all_that_were_given_up_are_tried_again(browser: FlaskClient, db: Connection) -> None:
    made = [told.dead(db, "fetch_recording", error) for error in ("a", "b")]
    waits = told.dead(db, "fetch_recording", "c", state="waiting")
    for _ in range(2):
        assert browser.post("/jobs/retry", data=TOKEN).status_code == 303
    assert [state(db, each) for each in (*made, waits)] == [State.QUEUED, State.QUEUED, State.WAITING]
    assert [(row.deed, row.detail) for row in audit.page(db)] == [("jobs retried", {"count": "2"})]


def test_a_job_is_given_up_by_its_number(browser: FlaskClient, db: Connection) -> None:
    job_id = told.dead(db, "fetch_recording", "away")
    refused = browser.post(f"/jobs/{job_id}/drop", data={**TOKEN, "number": "77"})
    assert (refused.status_code, "This is not its number." in refused.text) == (422, True)
    assert browser.post(f"/jobs/{job_id}/drop", data={**TOKEN, "number": str(job_id)}).status_code == 303
    assert state(db, job_id) is State.DROPPED
    assert [row.deed for row in audit.page(db)] == ["job dropped"]
    for what in ("retry", "drop"):
        answer = browser.post(f"/jobs/{job_id}/{what}", data={**TOKEN, "number": str(job_id)})
        assert (answer.status_code, "has moved on meanwhile" in answer.text) == (422, True)
    assert "Try again now" not in browser.get(f"/jobs/{job_id}").text


def test_one_job_is_shown(browser: FlaskClient, db: Connection) -> None:
    job_id = told.dead(db, "a kind of another version", rows.HOSTILE)
    page = browser.get(f"/jobs/{job_id}").text
    assert "a kind of another version Given up" in text_of(page)
    assert "<script>alert" not in page
    assert "<script>alert" not in browser.get("/jobs").text


@pytest.mark.parametrize("path", ["/jobs/99", "/jobs/0", "/jobs/x"])
def test_what_is_not_there_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_nothing_is_done_to_what_is_not_there(browser: FlaskClient, db: Connection) -> None:
    for what in ("retry", "drop"):
        assert browser.post(f"/jobs/99/{what}", data={**TOKEN, "number": "99"}).status_code == 404
    assert audit.page(db) == []


def test_jobs_are_for_who_looks_after_the_box(browser_of: Callable[[Role], FlaskClient]) -> None:
    assert browser_of(Role.IT).get("/jobs").status_code == 200
    assert browser_of(Role.FRONT_DESK).get("/jobs").status_code == 403
