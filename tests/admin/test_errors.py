"""Pages that cannot be shown: a sentence, an id that the log has too, and nothing else."""

import logging
import re

import pytest
from flask.testing import FlaskClient

from appliance.core.settings import Settings
from appliance.store.database import Connection


def shown_id(page: str) -> str:
    found = re.search(r"Number in the log: ([0-9a-f]{8})", page)
    assert found is not None
    return found.group(1)


def test_a_fault_of_ours_shows_an_id_alone(
    browser: FlaskClient, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    db.execute("UPDATE call_log SET outcome = 'of-a-later-version' WHERE id = 'talk'")
    answer = browser.get("/calls/talk")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "of-a-later-version" not in answer.text
    (record,) = [record for record in caplog.records if record.getMessage() == "a page failed"]
    assert record.__dict__["error_id"] == shown_id(answer.text)
    assert record.exc_info is not None


def test_a_database_that_does_not_answer_is_said_plainly(
    browser: FlaskClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.database.rename(settings.database.with_suffix(".away"))
    answer = browser.get("/calls")
    assert answer.status_code == 503
    assert "cannot be read just now" in answer.text
    assert str(settings.database) not in answer.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.__dict__["error_id"] == shown_id(answer.text)


def test_a_missing_page_shows_a_way_back(browser: FlaskClient) -> None:
    answer = browser.get("/nothing")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert 'href="/calls"' in answer.text
    assert "Number in the log" not in answer.text


def test_a_missing_page_of_a_stranger_tells_nothing(stranger: FlaskClient) -> None:
    answer = stranger.get("/nothing")
    assert answer.status_code == 404
    assert "Riverside" not in answer.text
