"""The page of languages: what each has and lacks, and switching one on and off."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin.app import create_app
from admin.languages import shown
from appliance.core.settings import Settings
from appliance.languages import complete, folders
from appliance.store import office
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
DATA = Path(__file__).parents[1] / "data" / "languages"


@pytest.fixture
def others(tmp_path: Path) -> Iterator[Path]:
    """A box with folders of its own: French, and one that is not complete."""
    own = tmp_path / "languages"
    shutil.copytree(DATA / "fr", own / "fr")
    shutil.copytree(DATA / "fr", own / "pt")
    (own / "pt" / "opening.toml").unlink()
    folders.look_in(own)
    yield own
    folders.look_in(None)
    shown.problems.cache_clear()


def languages(db: Connection) -> tuple[str, ...]:
    return office.staff(db).languages


def test_each_language_says_how_it_stands(browser: FlaskClient) -> None:
    page = browser.get("/languages").text
    seen = text_of(page)
    assert "English The clinic's own" in seen
    assert "Spanish Callers can have it Key 2" in seen
    assert '<blockquote lang="es">' in page
    assert "Para español, oprima 2." in seen
    assert "Nothing on this box recognises speech" in seen
    assert "It cannot be switched off." in seen


def test_a_language_is_switched_off_and_on_again(browser: FlaskClient, db: Connection) -> None:
    page = browser.post("/languages/es/off", data=TOKEN, follow_redirects=True).text
    assert languages(db) == ("en",)
    assert "Switch Spanish on" in text_of(page)
    browser.post("/languages/es/on", data=TOKEN)
    assert languages(db) == ("en", "es")
    told = [tuple(row) for row in db.execute("SELECT deed, target FROM audit")]
    assert told == [("language off", "es"), ("language on", "es")]
    assert next(row for row in office.rows(db) if row.key == "languages").changed_by == "Ana Ruiz"


def test_its_key_goes_with_it(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "language_keys", {"es": "7"}, at=rows.NOW, by="ana")
    assert "Key 7" in text_of(browser.get("/languages").text)
    browser.post("/languages/es/off", data=TOKEN)
    assert (languages(db), office.staff(db).language_keys) == (("en",), {})


def test_the_clinics_own_stays(browser: FlaskClient, db: Connection) -> None:
    assert browser.post("/languages/en/off", data=TOKEN).status_code == 404
    assert languages(db) == ("en", "es")


@pytest.mark.parametrize("code", ["xx", "..", "en-US", "x" * 200])
def test_what_is_no_language_is_not_found(browser: FlaskClient, db: Connection, code: str) -> None:
    assert browser.post(f"/languages/{code}/on", data=TOKEN).status_code == 404
    assert languages(db) == ("en", "es")


def test_a_folder_of_the_boxs_own_is_a_language(browser: FlaskClient, db: Connection, others: Path) -> None:
    seen = text_of(browser.get("/languages").text)
    assert "What callers go without in it" in seen
    assert shown.WITHOUT["intents"] in seen
    browser.post("/languages/fr/on", data=TOKEN)
    assert languages(db) == ("en", "es", "fr")


def test_a_folder_that_is_not_complete_says_what_is_missing(
    browser: FlaskClient, db: Connection, others: Path
) -> None:
    seen = text_of(browser.get("/languages").text)
    assert "pt Cannot be spoken" in seen
    assert "The language 'pt' has no opening.toml." in seen
    assert browser.post("/languages/pt/on", data=TOKEN).status_code == 404


def test_a_seventh_language_is_one_too_many(browser: FlaskClient, db: Connection, others: Path) -> None:
    for code in ("aa", "bb", "cc", "dd"):
        shutil.copytree(DATA / "fr", others / code)
        language = others / code / "language.toml"
        language.write_text(language.read_text("utf-8").replace('"fr-', f'"{code}-'), "utf-8")
    folders.look_in(others)
    office.set_value(db, "languages", ["en", "es", "fr", "aa", "bb", "cc"], at=rows.NOW, by="ana")
    page = browser.post("/languages/dd/on", data=TOKEN, follow_redirects=True).text
    assert "Callers can have six languages at most." in text_of(page)


def test_what_recognises_and_what_speaks_is_named(settings: Settings, db: Connection, owner: Account) -> None:
    speech = settings.speech.model_copy(update={"uri": "unix:///run/x.sock", "whisper": "whisper-tiny.en"})
    client = create_app(settings.model_copy(update={"speech": speech}), now=lambda: rows.NOW).test_client()
    people.come_in(client, db, owner, rows.NOW)
    seen = text_of(client.get("/languages").text)
    assert "The recogniser whisper-tiny.en understands English alone" in seen
    assert "the box's recogniser whisper-tiny.en" in seen
    assert "the box speaks it with es_MX-ald-medium" in seen


def test_who_only_looks_switches_nothing(browser_of: Callable[[Role], FlaskClient]) -> None:
    for role in (Role.READ_ONLY, Role.IT):
        assert "<button" not in browser_of(role).get("/languages").text.partition("<main")[2]


def test_every_lack_has_its_sentence() -> None:
    assert shown.WITHOUT.keys() == complete.LOST.keys() | complete.PARTS.keys()
