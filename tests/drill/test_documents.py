"""Giving the box a document in a real browser, with JavaScript and without, and writing an answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.settings import Settings, checked
from appliance.jobs.giving import Said
from appliance.service import knowledge
from appliance.store import database, times, unanswered
from appliance.store.unanswered import Missed, Why
from kb.documents import kinds
from tests.admin.process import link, prepare, running
from tests.drill.chromium import Tab
from tests.drill.signed_in import fill, press, text
from tests.drill.test_access import base_of, become_owner, scripted, tab

__all__ = ["scripted", "tab"]

pytestmark = pytest.mark.drill


@pytest.fixture
def first_link(tmp_path: Path) -> Iterator[str]:
    """The first link of a real process on a box with a clinic's morning in it."""
    config = prepare(tmp_path)
    with running(config) as (_, port):
        yield link(config, port)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """That box's settings."""
    return checked({"box": {"data_dir": str(tmp_path / "data")}}, "test")


async def choose(tab: Tab, file: Path) -> None:
    """Choose a file in the form of the page, as a person does in the browser's own window."""
    root = await tab.ask("DOM.getDocument")
    field = await tab.ask(
        "DOM.querySelector", nodeId=root["root"]["nodeId"], selector="main input[type=file]"
    )
    await tab.ask("DOM.setFileInputFiles", files=[str(file)], nodeId=field["nodeId"])


async def test_a_document_is_given_and_followed(
    first_link: str, tab: Tab, tmp_path: Path, settings: Settings
) -> None:
    file = tmp_path / "Visitor guide.md"
    file.write_text("# Visitor guide\n\nParking is free.\n")
    await become_owner(tab, first_link)
    await press(tab, "Knowledge")
    await press(tab, "Add a document")
    await choose(tab, file)
    await fill(tab, "Add the file", reviewed_on="2026-05-01")
    assert await tab.run("location.pathname") == "/knowledge/documents/visitor-guide"
    assert "Waits to be read" in await text(tab)
    with knowledge.doing(settings):
        assert [*knowledge.followed(settings, datetime.now(UTC))][-1].done
    await tab.open(f"{base_of(first_link)}/knowledge/documents/visitor-guide")
    assert "Callers are answered from it" in await text(tab)
    assert "Parking is free." in await text(tab)
    assert tab.complaints == []


async def test_what_the_box_refuses_stands_at_the_field(
    first_link: str, tab: Tab, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"\x89PNG\r\n")
    await become_owner(tab, first_link)
    await tab.open(f"{base_of(first_link)}/knowledge/new")
    await choose(tab, file)
    before = tab.loads
    await tab.run("document.querySelector('main .form button').click()")
    if "without JavaScript" in request.node.name:
        await tab.loaded(before)
    else:
        await told(tab, "The file is a picture")
    assert "The file is a picture: write down what it says." in await text(tab)
    assert await tab.run("document.querySelector('#file').getAttribute('aria-invalid')") == "true"


async def test_a_file_that_is_too_large_is_not_even_sent(
    first_link: str, scripted: Tab, tmp_path: Path
) -> None:
    file = tmp_path / "large.txt"
    with file.open("wb") as large:
        large.truncate(kinds.LARGEST + 1)
    await become_owner(scripted, first_link)
    await scripted.open(f"{base_of(first_link)}/knowledge/new")
    await choose(scripted, file)
    await told(scripted, "This file is larger than 20 MB.")
    await scripted.run("document.querySelector('main .form button').click()")
    assert await scripted.run("document.activeElement.id") == "file"
    assert await scripted.run("location.pathname") == "/knowledge/new"
    small = tmp_path / "small.txt"
    small.write_text("Parking is free.")
    await choose(scripted, small)
    await press(scripted, "Add the file")
    assert await scripted.run("location.pathname") == "/knowledge/documents/small"
    assert scripted.complaints == []


async def test_the_list_follows_by_itself(
    first_link: str, scripted: Tab, tmp_path: Path, settings: Settings
) -> None:
    await become_owner(scripted, first_link)
    await press(scripted, "Knowledge")
    file = tmp_path / "guide.md"
    file.write_text("# Guide\n\nParking is free.\n")
    knowledge.add_file(settings, file, Said())
    await told(scripted, "Waits to be read")
    with knowledge.doing(settings):
        assert [*knowledge.followed(settings, datetime.now(UTC))][-1].done
    await told(scripted, "Callers are answered from it")


async def test_an_answer_is_written_with_one_click(first_link: str, tab: Tab, settings: Settings) -> None:
    db = database.connect(settings.database)
    with database.immediate(db):
        missed = Missed("do you repair bicycles", "en", Why.NOT_KNOWN, 0.1)
        unanswered.keep(db, missed, times.read(times.utc_now()))
    db.close()
    await become_owner(tab, first_link)
    await tab.open(f"{base_of(first_link)}/knowledge/unanswered")
    await press(tab, "Write the answer")
    assert await tab.run("document.activeElement.name") == "answer"
    await fill(tab, "Have callers told this", answer="No, but the shop on Oak Avenue does.")
    assert "Callers are told it as soon as it is read" in await text(tab)
    assert tab.complaints == []


async def told(tab: Tab, words: str) -> None:
    """Wait until the page says it."""
    script = """
        new Promise((seen) => {
            const look = () => document.querySelector('main')?.innerText.includes(WORDS) ? seen(true)
                : requestAnimationFrame(look);
            look();
        })
    """
    await tab.run(script.replace("WORDS", repr(words)))
