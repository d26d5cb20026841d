"""The pages of documents: giving, following, reviewing and removing them, and what is refused."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin import permits
from appliance.core.settings import Settings
from appliance.service import knowledge
from appliance.store import audit, documents, jobs
from appliance.store.accounts import Role
from appliance.store.database import Connection
from appliance.store.documents import State
from kb.documents import kinds
from tests.admin import rows
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
GUIDE = b"# Visitor guide\n\nParking is free.\n\nQ: Do you take walk-ins?\nA: Yes, before noon.\n"


def give(browser: FlaskClient, name: str, data: bytes, **said: str) -> tuple[int, str]:
    """Send a file; the status, and where it leads or what is shown."""
    answer = browser.post("/knowledge/file", data={**TOKEN, **said, "file": (io.BytesIO(data), name)})
    # The client keeps a large body in a file, which it leaves open.
    answer.request.environ["wsgi.input"].close()
    return answer.status_code, answer.headers.get("Location", "") or text_of(answer.text)


def read(settings: Settings) -> None:
    """Have done what the worker does."""
    with knowledge.doing(settings):
        assert not [*knowledge.followed(settings, datetime.now(UTC))][-1].problems


def deeds(db: Connection) -> list[tuple[str, str]]:
    return [(row.deed, row.target) for row in audit.page(db)]


def test_without_documents_the_page_says_what_they_are_for(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/knowledge").text)
    assert "No documents yet Callers ask about parking" in seen
    assert "What would a caller hear?" in seen


def test_a_file_is_taken_followed_and_read(browser: FlaskClient, settings: Settings, db: Connection) -> None:
    given = give(browser, "Visitor guide.md", GUIDE, title="", language="", reviewed_on="2026-05-01")
    assert given == (303, "/knowledge/documents/visitor-guide")
    assert deeds(db) == [("document given", "Visitor guide.md")]
    assert "Waits to be read" in text_of(browser.get(given[1]).text)
    version = browser.get("/knowledge/live").headers["ETag"]
    assert browser.get("/knowledge/live", headers={"If-None-Match": version}).status_code == 304
    read(settings)
    changed = browser.get("/knowledge/live", headers={"If-None-Match": version})
    assert (changed.status_code, "<html" in changed.text) == (200, False)
    seen = text_of(browser.get("/knowledge").text)
    assert "Visitor guide File · English · reviewed May 1, 2026 Callers are answered from it" in seen
    seen = text_of(browser.get(given[1]).text)
    assert "What callers can be told of it: 2 passages" in seen
    assert "Do you take walk-ins? Yes, before noon." in seen


def test_a_file_of_the_same_name_takes_the_place_of_the_one_before(
    browser: FlaskClient, settings: Settings
) -> None:
    give(browser, "guide.md", GUIDE)
    read(settings)
    assert give(browser, "guide.md", b"# Guide\n\nParking costs two dollars.\n")[0] == 303
    read(settings)
    page = browser.get("/knowledge").text
    assert page.count('class="panel row"') == 1
    assert "Parking costs two dollars." in browser.get("/knowledge/documents/guide").text


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("", b"x", "Choose a file."),
        ("guide.md", b"", "The file is empty."),
        ("talk.mp3", b"ID3", "Files of this kind are not read."),
        ("scan.pdf", b"\x89PNG\r\n", "The file is a picture: write down what it says"),
        ("fees.pdf", b"nothing", "The file is no PDF, whatever its name says: is it whole?"),
        ("big.txt", b"x" * (kinds.LARGEST + 1), "20 MB are the most"),
    ],
)
def test_what_cannot_be_read_is_said_at_once(
    browser: FlaskClient, db: Connection, settings: Settings, name: str, data: bytes, problem: str
) -> None:
    code, seen = give(browser, name, data)
    assert (code, problem in seen) == (422, True), seen
    assert documents.entries(db) == []
    assert not [*settings.knowledge_dir.rglob("*.part")]


def test_what_is_said_of_it_is_checked_and_kept_in_the_form(browser: FlaskClient) -> None:
    code, seen = give(browser, "guide.md", GUIDE, reviewed_on="2026-02-30", language="xx")
    assert (code, "This is no day." in seen, "Choose one of these." in seen) == (422, True, True)


def test_a_document_is_the_only_large_thing_that_may_be_sent(browser: FlaskClient) -> None:
    assert permits.BODIES == {"knowledge.add_file": 2 * kinds.LARGEST}
    large = {**TOKEN, "address": "https://clinic.example/" + "x" * 100_000}
    assert browser.post("/knowledge/page", data=large).status_code == 413


def test_a_page_of_the_website_is_taken(browser: FlaskClient, db: Connection) -> None:
    sent = {**TOKEN, "address": "https://clinic.example/prices", "title": "Prices", "language": "en"}
    answer = browser.post("/knowledge/page", data=sent)
    assert answer.headers["Location"] == "/knowledge/documents/clinic-example-prices"
    (entry,) = documents.entries(db)
    assert (entry.url, entry.given_title, entry.state) == (sent["address"], "Prices", State.QUEUED)
    assert next(job.kind for job in jobs.page(db)) == "read document"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "This is needed."),
        ("ftp://clinic.example/", "begins with https"),
        ("http://192.168.1.1/", "is not on the public internet"),
    ],
)
def test_an_address_that_is_none_is_refused(browser: FlaskClient, address: str, problem: str) -> None:
    answer = browser.post("/knowledge/page", data={**TOKEN, "address": address})
    assert (answer.status_code, problem in text_of(answer.text)) == (422, True)


def test_a_problem_of_the_reader_is_shown(browser: FlaskClient, settings: Settings) -> None:
    give(browser, "empty.md", b" \n \n")
    read(settings)
    for path in ("/knowledge", "/knowledge/documents/empty"):
        assert "Cannot be read" in (seen := text_of(browser.get(path).text))
        assert "The file is empty." in seen


def test_a_review_is_noted_and_told_to_callers(
    browser: FlaskClient, settings: Settings, db: Connection, clock: Clock
) -> None:
    give(browser, "guide.md", GUIDE, reviewed_on="2024-05-01")
    read(settings)
    assert "Not reviewed for long" in text_of(browser.get("/knowledge").text)
    answer = browser.post("/knowledge/documents/guide/review", data=TOKEN)
    assert answer.status_code == 303
    assert "Not reviewed for long" not in text_of(browser.get("/knowledge").text)
    read(settings)
    entry = documents.entry(db, "guide")
    assert (entry.reviewed_on, entry.version) == ("2026-11-24", 2)
    assert deeds(db)[0] == ("document reviewed", "guide")


def test_a_document_is_removed_by_its_title(browser: FlaskClient, settings: Settings, db: Connection) -> None:
    give(browser, "guide.md", GUIDE)
    read(settings)
    refused = browser.post("/knowledge/documents/guide/remove", data={**TOKEN, "name": "guide"})
    assert (refused.status_code, "This is not its title." in refused.text) == (422, True)
    done = browser.post("/knowledge/documents/guide/remove", data={**TOKEN, "name": " visitor  GUIDE "})
    assert done.status_code == 303
    assert documents.entries(db) == []
    assert deeds(db)[0] == ("document removed", "guide")
    assert browser.get("/knowledge/documents/guide").status_code == 404
    assert browser.post("/knowledge/documents/guide/review", data=TOKEN).status_code == 404


def test_names_and_texts_stay_text(browser: FlaskClient, settings: Settings) -> None:
    _, place = give(browser, f"{rows.HOSTILE}.md", f"# {rows.HOSTILE}\n\n{rows.HOSTILE}\n".encode())
    read(settings)
    for path in ("/knowledge", place):
        page = browser.get(path).text
        assert "<script>alert" not in page


def test_who_only_reads_is_offered_nothing_to_change(
    browser: FlaskClient, browser_of: Callable[[Role], FlaskClient], settings: Settings
) -> None:
    give(browser, "guide.md", GUIDE)
    reader = browser_of(Role.READ_ONLY)
    for path in ("/knowledge", "/knowledge/documents/guide", "/knowledge/unanswered"):
        main = reader.get(path).text.partition("<main")[2]
        assert 'method="post"' not in main
        assert "/knowledge/new" not in main


def test_an_upload_lies_where_the_owner_alone_can_read_it(browser: FlaskClient, settings: Settings) -> None:
    give(browser, "guide.md", GUIDE)
    (upload,) = (settings.knowledge_dir / "uploads").iterdir()
    assert upload.stat().st_mode & 0o077 == 0
    assert Path(upload.name).stem != "guide"
