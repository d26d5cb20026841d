"""What callers hear first: changed as a whole, shown in each language, and heard as far as it is rendered."""

import io
import wave

import pytest
from flask.testing import FlaskClient

from admin.menu import form as menu_form
from admin.menu import heard
from appliance.core import ulaw
from appliance.core.menu import Choice
from appliance.core.settings import Settings
from appliance.core.staff import Office, StaffSettings
from appliance.store import audit, office
from appliance.store.accounts import Role
from appliance.store.database import Connection
from models.local import espeak
from models.local.mouth import pieces_of
from models.local.prompt_cache import FOLDER, PromptCache, key_of
from tests.admin import rows
from tests.admin.test_calls import text_of
from tests.admin.test_permits import BrowserOf

TOKEN = {"form_token": "f" * 32}
USUAL = StaffSettings()


def as_it_is(staff: StaffSettings = USUAL) -> dict[str, str]:
    """The form as the page sends it when nothing was changed."""
    typed = menu_form.filled(staff)
    sent = dict(typed.form.values)
    for place, row in enumerate(typed.rows):
        for name in ("digit", "choice", "words", "said"):
            sent[f"{name}-{place}"] = getattr(row, name)
    return sent


def send(browser: FlaskClient, **sent: str) -> tuple[int, str]:
    fields = {key.replace("_at_", "-"): value for key, value in sent.items()}
    answer = browser.post("/menu", data={**TOKEN, **as_it_is(), **fields})
    return answer.status_code, text_of(answer.text)


def decided(db: Connection) -> set[str]:
    return {row.key for row in office.rows(db)} - {"business_name"}


def test_nothing_changed_changes_nothing(browser: FlaskClient, db: Connection) -> None:
    assert send(browser)[0] == 303
    assert decided(db) == set()
    assert [row for row in audit.page(db) if row.actor.who] == []


def test_what_is_typed_is_kept_and_nothing_else(browser: FlaskClient, db: Connection) -> None:
    last = len(USUAL.menu)
    more = {
        f"digit-{last}": "7",
        f"choice-{last}": "people",
        f"said-{last}": "For a nurse, press 7.",
        f"words-{last}": "nurse,  a nurse ,",
    }
    assert send(browser, greeting="Good morning, {business_name}.", **more)[0] == 303
    staff = office.staff(db)
    assert staff.greeting == "Good morning, {business_name}."
    assert staff.menu[:last] == USUAL.menu
    entry = staff.menu[last]
    assert (entry.digit, entry.choice, entry.words) == ("7", Choice.PEOPLE, ("nurse", "a nurse"))
    assert decided(db) == {"greeting", "menu"}
    assert [row.deed for row in audit.page(db) if row.actor.who] == ["menu changed"]
    page = text_of(browser.get("/menu").text)
    assert "Good morning, Riverside Family Clinic." in page


def test_an_emptied_row_goes(browser: FlaskClient, db: Connection) -> None:
    assert send(browser, **{"digit-0": "", "choice-0": "", "words-0": "", "said-0": ""})[0] == 303
    assert office.staff(db).menu == USUAL.menu[1:]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"said-0": ""}, "A key needs where it leads and what is said of it."),
        ({"digit-0": ""}, "A key needs where it leads and what is said of it."),
        ({"digit-0": USUAL.menu[1].digit}, "is there twice"),
        ({"digit-0": "0"}, "Key 0 always leads to a person, and to nothing else."),
        ({"choice-0": "moon"}, "Choose one of these."),
        ({"digit-0": "12"}, "This is not written as it has to be"),
        ({"greeting": "x" * 301}, "This has to be no longer than 300 letters."),
        ({"voicemail_prompt": "beep \x07"}, "This holds characters that cannot be typed."),
        (
            {f"{name}-{place}": "" for place in range(10) for name in ("digit", "words", "said")},
            "The menu needs an entry",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: FlaskClient, db: Connection, sent: dict[str, str], said: str
) -> None:
    code, page = send(browser, **{**sent, "greeting_closed": sent.get("greeting_closed", "We are away.")})
    assert code == 422
    assert said in page
    assert "We are away." in page
    assert decided(db) == set()


def test_a_key_that_is_a_languages_is_refused(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "language_keys", {"es": "8"}, at=rows.NOW, by="ana")
    code, page = send(browser, **{"digit-0": "8"})
    assert code == 422
    assert "language_keys: key 8 cannot be es's" in page


def test_each_language_is_shown_in_its_own_words(browser: FlaskClient) -> None:
    page = browser.get("/menu").text
    told = text_of(page)
    assert "Heard in English" in told
    assert "Heard in Spanish" in told
    assert "Para dejar un mensaje, oprima 3." in told
    assert '<blockquote lang="es">' in page
    assert "<audio" not in page
    assert "Sentences without a player are not spoken ahead yet" in told


def rendered(settings: Settings, text: str, code: str) -> bytes:
    """Have a text rendered as the worker does; its sound."""
    cache = PromptCache(settings.box.data_dir / FOLDER)
    whole = b""
    for place, piece in enumerate(pieces_of(text, code)):
        sound = bytes([place + 1]) * 800
        cache.write(key_of(f"espeak-ng:{espeak.voices()[code]}", 8000, piece), sound)
        whole += sound
    return whole


def test_what_is_rendered_is_heard(browser: FlaskClient, settings: Settings, db: Connection) -> None:
    text = office.staff(db).greeting_said()
    whole = rendered(settings, text, "en")
    assert 'src="/menu/sound/en/greeting"' in browser.get("/menu").text
    answer = browser.get("/menu/sound/en/greeting")
    assert answer.content_type == "audio/wav"
    with wave.open(io.BytesIO(answer.data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        heard_there = file.readframes(file.getnframes())
    assert heard_there[:1600] == ulaw.decode(whole[:800]).tobytes()
    assert len(heard_there) >= 2 * len(whole)


def test_what_is_spoken_meanwhile_can_be_heard_without_opening_the_page_anew(
    browser: FlaskClient, settings: Settings, db: Connection
) -> None:
    page = browser.get("/menu").text
    assert 'data-live="/menu/live"' in page
    version = browser.get("/menu/live").headers["ETag"]
    assert version.strip('"') in page
    assert browser.get("/menu/live", headers={"If-None-Match": version}).status_code == 304
    rendered(settings, office.staff(db).greeting_said(), "en")
    part = browser.get("/menu/live", headers={"If-None-Match": version})
    assert part.status_code == 200
    assert 'src="/menu/sound/en/greeting"' in part.text


@pytest.mark.parametrize(
    "path",
    ["en/greeting", "en/nothing", "fr/greeting", "../greeting", "en/..%2f..%2fattendant.db", "en/menu-99"],
)
def test_what_is_not_rendered_is_not_there(browser: FlaskClient, path: str) -> None:
    assert browser.get(f"/menu/sound/{path}").status_code == 404


def test_who_only_looks_sees_no_form(browser_of: BrowserOf) -> None:
    page = browser_of(Role.READ_ONLY).get("/menu").text
    assert "Heard in English" in text_of(page)
    assert 'name="greeting"' not in page


def test_an_offer_of_another_language_is_in_its_own() -> None:
    office_ = Office(staff=StaffSettings(languages=("en", "es")))
    (offer,) = [each for each in heard.heard(office_, "en") if each.name.startswith("offer-")]
    assert heard.language_of(offer, "en") == "es"
    assert heard.language_of(heard.heard(office_, "es")[0], "es") == "es"


def test_words_are_text(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "greeting", "<script>alert(1)</script> {{ 7*7 }}", at=rows.NOW, by="ana")
    page = browser.get("/menu").text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


# In other languages --------------------------------------------------------------------------------------


def send_spanish(browser: FlaskClient, **sent: str) -> tuple[int, str]:
    answer = browser.post("/menu/in/es", data={**TOKEN, **sent})
    return answer.status_code, text_of(answer.text)


def test_what_is_not_written_in_a_language_is_its_own_and_the_page_says_so(browser: FlaskClient) -> None:
    page = text_of(browser.get("/menu").text)
    assert page.count("The greeting is the language's own sentence: none was written.") == 1
    form = text_of(browser.get("/menu/in/es").text)
    assert "Left empty, callers hear: Gracias por llamar" in form
    assert "Left empty, callers hear: Para dejar un mensaje, oprima 3." in form


def test_what_is_written_in_a_language_is_what_its_callers_hear(
    browser: FlaskClient, settings: Settings, db: Connection
) -> None:
    office.set_value(db, "greeting_closed", "We are closed.", at=rows.NOW, by="ana")
    sent = {"greeting": "Buenos días, {business_name}.", "said-0": "Para el horario, el uno.",
            "words-0": "cuándo abren, horas"}  # fmt: skip
    assert send_spanish(browser, **sent)[0] == 303
    staff = office.staff(db)
    assert staff.language_words["es"].written() == {
        "greeting": "Buenos días, {business_name}.",
        "menu": [
            {
                "digit": USUAL.menu[0].digit,
                "choice": USUAL.menu[0].choice.value,
                "words": ["cuándo abren", "horas"],
                "said": "Para el horario, el uno.",
            }
        ],
    }
    assert staff.greeting == USUAL.greeting
    page = browser.get("/menu").text
    told = text_of(page)
    assert "Buenos días, Riverside Family Clinic." in told
    assert "Nothing else was written for while it is closed: this is heard then, too." in told
    assert "The emergency notice is the language's own: none was written." in told
    assert "The greeting is the language's own" not in told
    assert [(row.deed, row.target) for row in audit.page(db) if row.actor.who] == [
        ("words of a language changed", "es")
    ]
    rendered(settings, "Para el horario, el uno.", "es")
    assert browser.get("/menu/sound/es/menu-0").status_code == 200
    assert send_spanish(browser)[0] == 303
    assert office.staff(db).language_words == {}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"greeting": "x" * 301}, "This has to be no longer than 300 letters."),
        ({"voicemail_prompt": "pip \x07"}, "This holds characters that cannot be typed."),
        ({"words-0": "horas"}, "Words for a key need what is said of it, too."),
        ({"said-0": "x" * 301}, "This has to be no longer than 300 letters."),
    ],
)
def test_what_is_wrong_in_a_language_is_said(
    browser: FlaskClient, db: Connection, sent: dict[str, str], said: str
) -> None:
    code, page = send_spanish(browser, **{"greeting_closed": "Cerrado.", **sent})
    assert code == 422
    assert said in page
    assert "Cerrado." in page
    assert decided(db) == set()


def test_words_of_a_key_that_leads_elsewhere_now_are_told_as_gone(
    browser: FlaskClient, db: Connection
) -> None:
    assert send_spanish(browser, **{"said-0": "Para el horario, el uno."})[0] == 303
    menu = [each.model_dump(mode="json") for each in USUAL.menu]
    menu[0]["choice"] = "people"
    office.set_value(db, "menu", menu, at=rows.NOW, by="ana")
    page = text_of(browser.get("/menu/in/es").text)
    assert f"Not said any more, since these keys lead elsewhere now: {menu[0]['digit']}." in page
    assert "Para el horario, el uno." not in text_of(browser.get("/menu").text)


@pytest.mark.parametrize("code", ["en", "fr", "..%2fes"])
def test_other_languages_alone_have_such_a_page(browser: FlaskClient, code: str) -> None:
    assert browser.get(f"/menu/in/{code}").status_code == 404
    assert browser.post(f"/menu/in/{code}", data=TOKEN).status_code == 404
