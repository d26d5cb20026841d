"""Settings: shown with where they are from, changed whole or not at all; secrets go in and never come out."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.settings import shown
from admin.settings.groups import ELSEWHERE, Group, groups, key_of
from admin.tongue import ENGLISH, Tongue
from appliance.core import changed_settings, known_settings
from appliance.core.settings import Settings, load
from appliance.core.staff import StaffSettings
from appliance.store import audit, office
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}


def seen(browser: FlaskClient, slug: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', browser.get(f"/settings/{slug}").text)
    assert found is not None
    return found.group(1)


def send(browser: FlaskClient, slug: str, **sent: str) -> tuple[int, str]:
    fields = {key.replace("__", "."): value for key, value in sent.items()}
    answer = browser.post(f"/settings/{slug}", data={**TOKEN, "seen": seen(browser, slug), **fields})
    return answer.status_code, answer.text


def noted(db: Connection) -> list[tuple[str, str]]:
    return [(row.deed, row.target) for row in audit.page(db) if row.actor.who]


def test_every_setting_stands_in_one_group() -> None:
    names = [known.name for group in groups() for known in group.settings]
    assert len(names) == len(set(names))
    keys = {key_of(known) for group in groups() if not group.of_file for known in group.settings}
    assert keys | set(ELSEWHERE) == set(StaffSettings.model_fields)
    assert not keys & set(ELSEWHERE)
    of_file = {known.name for group in groups() if group.of_file for known in group.settings}
    assert of_file == {known.name for section in known_settings.boot() for known in section.settings}


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.slug)
def test_each_group_shows_each_of_its_settings(browser: FlaskClient, group: Group) -> None:
    page = browser.get(f"/settings/{group.slug}").text
    for known in group.settings:
        made = known.secret is not None and known.secret.made
        assert (f'id="{known.name}"' in page) is not made, known.name


def test_what_staff_decide_is_changed_and_nothing_else(browser: FlaskClient, db: Connection) -> None:
    code, _ = send(browser, "answering", ring_s="35", people="101\n+12125550100", hold_sound="music")
    assert code == 303
    staff = office.staff(db)
    assert (staff.ring_s, staff.people) == (35, ("101", "+12125550100"))
    assert {row.key for row in office.rows(db)} == {"business_name", "ring_s", "people"}
    assert noted(db) == [("settings changed", "people, ring_s")]
    page = text_of(browser.get("/settings/answering").text)
    assert "Default: 20 Set by Ana Ruiz" in page
    assert "Changed settings: people, ring_s" in text_of(browser.get("/audit?kind=box").text)


def test_one_of_several_values_is_changed_and_taken_back(browser: FlaskClient, db: Connection) -> None:
    assert send(browser, "keeping", keep_days__calls="400", keep_days__texts="30")[0] == 303
    keep = office.staff(db).keep_days
    assert (keep.calls, keep.texts, keep.transcripts) == (400, 30, 30)
    for name, left in (("keep_days.calls", {"texts": 30}), ("keep_days.texts", {})):
        sent = {**TOKEN, "setting": name}
        assert browser.post("/settings/keeping/back", data=sent).status_code == 303
        keep, usual = office.staff(db).keep_days, StaffSettings().keep_days
        assert keep == usual.model_copy(update=left)
    assert "keep_days" not in {row.key for row in office.rows(db)}
    assert noted(db)[0] == ("setting put back", "keep_days.texts")


@pytest.mark.parametrize(
    ("slug", "sent", "said"),
    [
        ("answering", {"ring_s": "2"}, "This has to be 5 or more."),
        ("answering", {"ring_s": "long"}, "This has to be a number."),
        ("answering", {"people": "101\n555 0100"}, "Line 2: A number is written with + and its country code"),
        ("answering", {"people": "911"}, "Line 1: 911 is dialled for help and cannot be an extension."),
        ("answering", {"front_door": "nobody"}, "Choose one of these."),
        ("clinic", {"business_name": ""}, "This has to be 1 letters or more."),
        ("clinic", {"time_zone": "Riverside"}, "Must be a time zone such as America/New_York."),
        ("clinic", {"language_keys": "es"}, "Each line is written as: key = value"),
        ("callbacks", {"escalation": "[{"}, "This is no JSON"),
        ("keeping", {"keep_days__audit": "30"}, "Must be 365 or more, or 0."),
        ("box-limits", {"limits__calls_at_once": "0"}, "This has to be 1 or more."),
        ("box-cloud", {"cloud__model": "gpt 5"}, "This is not written as it has to be"),
        ("box-asterisk", {"asterisk__phone_networks": "here"}, "Line 1: 'here' is no network"),
        ("box-asterisk", {"asterisk__rtp_to": "10001"}, "rtp_to must be at least 19 above rtp_from"),
        ("box-twilio", {"twilio__account_sid": f"AC{'0' * 32}"}, "public_url must be set with account_sid"),
        ("box-cloud", {"cloud__model": "a\x07b"}, "This holds characters that cannot be typed."),
        ("clinic", {"address": "x" * 20_001}, "This is too long."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    browser: FlaskClient, db: Connection, tmp_path: Path, slug: str, sent: dict[str, str], said: str
) -> None:
    before = office.rows(db)
    code, page = send(browser, slug, **sent)
    assert code == 422
    assert said in text_of(page)
    (typed,) = sent.values()
    if typed.isprintable() and "front_door" not in sent:
        assert typed.partition("\n")[0][:40] in page
    assert office.rows(db) == before
    assert changed_settings.read(tmp_path / "data").settings == {}
    assert noted(db) == []


def test_settings_of_the_box_are_changed_beside_the_file(
    browser: FlaskClient, db: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "attendant.toml"
    written = file.read_bytes()
    code, _ = send(browser, "box-cloud", cloud__model="other-model", cloud__enabled="no")
    assert code == 303
    assert file.read_bytes() == written
    cloud = load(file).cloud
    assert (cloud.model, cloud.enabled) == ("other-model", False)
    assert noted(db) == [("settings changed", "cloud.enabled, cloud.model")]
    page = browser.get("/settings/box-cloud", follow_redirects=True).text
    assert "It counts when the box" in text_of(page)
    assert "Default: gpt-realtime-2.1-mini Set by Ana Ruiz" in text_of(page)
    sent = {**TOKEN, "setting": "cloud.model"}
    assert browser.post("/settings/box-cloud/back", data=sent).status_code == 303
    assert load(file).cloud.model == "gpt-realtime-2.1-mini"
    assert browser.post("/settings/box-cloud/back", data=sent).status_code == 404


def test_what_is_for_the_file_alone_is_not_taken_from_here(browser: FlaskClient, tmp_path: Path) -> None:
    sent = {"box__data_dir": "/srv", "box__log_level": "warning"}
    assert send(browser, "box-box", **sent)[0] == 303
    settings = load(tmp_path / "attendant.toml")
    assert (settings.box.data_dir, settings.box.log_level) == (tmp_path / "data", "warning")
    page = browser.get("/settings/box-box").text
    assert "From the settings file" in page
    assert str(tmp_path / "attendant.toml") in page


def test_a_secret_goes_in_and_never_comes_out(
    browser: FlaskClient, settings: Settings, db: Connection
) -> None:
    word = "sk-not-to-be-seen"
    assert "not set" in text_of(browser.get("/settings/box-cloud").text)
    sent = {**TOKEN, "setting": "cloud.key_file", "secret": word}
    answer = browser.post("/settings/box-cloud/secret", data=sent, follow_redirects=True)
    assert settings.secret(settings.cloud.key_file) == word
    pages = [answer.text, *(browser.get(path).text for path in ("/settings/box-cloud", "/audit"))]
    assert all(word not in page for page in pages)
    assert "Replace the secret" in pages[1]
    assert noted(db) == [("secret set", "cloud.key_file")]
    wrong = f"{word}\nsecond line"
    answer = browser.post("/settings/box-cloud/secret", data={**sent, "secret": wrong})
    assert answer.status_code == 422
    assert "A secret is plain text in one line" in answer.text
    assert word not in answer.text
    assert settings.secret(settings.cloud.key_file) == word
    assert word not in "".join(map(str, (tuple(row) for row in db.execute("SELECT * FROM audit"))))


@pytest.mark.parametrize("name", ["cloud.model", "asterisk.ami_secret_file", "cloud.ca_file", "no.such", ""])
def test_nothing_else_is_a_secret(browser: FlaskClient, name: str) -> None:
    for slug in ("box-cloud", "box-asterisk"):
        sent = {**TOKEN, "setting": name, "secret": "word"}
        assert browser.post(f"/settings/{slug}/secret", data=sent).status_code == 404


def test_who_has_not_seen_the_change_of_another_is_told(browser: FlaskClient, db: Connection) -> None:
    before = seen(browser, "answering")
    office.set_value(db, "ring_s", 40, at=rows.NOW, by="ben")
    answer = browser.post("/settings/answering", data={**TOKEN, "seen": before, "ring_s": "25"})
    assert answer.status_code == 422
    assert "Somebody has changed a setting of this page meanwhile" in answer.text
    assert 'value="25"' in answer.text
    assert office.staff(db).ring_s == 40


def test_a_change_that_cannot_be_noted_is_not_made(
    browser: FlaskClient, settings: Settings, db: Connection, tmp_path: Path
) -> None:
    digest = seen(browser, "box-limits")
    db.execute("DROP TABLE audit")
    sent = {**TOKEN, "seen": digest, "limits.calls_at_once": "3"}
    assert browser.post("/settings/box-limits", data=sent).status_code == 503
    assert load(tmp_path / "attendant.toml").limits.calls_at_once == settings.limits.calls_at_once
    sent = {**TOKEN, "setting": "cloud.key_file", "secret": "sk-new"}
    assert browser.post("/settings/box-cloud/secret", data=sent).status_code == 503
    assert not (settings.secrets_dir / settings.cloud.key_file).exists()


def test_a_file_that_cannot_be_read_leaves_the_rest(browser: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "attendant.toml").write_text("[cloud\n", "utf-8")
    page = browser.get("/settings")
    assert page.status_code == 200
    assert "is not valid TOML" in page.text
    assert browser.get("/settings/answering").status_code == 200
    answer = browser.get("/settings/box-cloud")
    assert answer.status_code == 503
    assert "is not valid TOML" in answer.text


def test_settings_are_found_by_words_in_both_languages() -> None:
    def names(text: str, code: str) -> set[str]:
        return {known.name for _, known in shown.found(text, Tongue(code))}

    assert "ring_s" in names("phones ring", "en")
    assert "ring_s" in names("suenan BUZÓN", "es")
    assert names("cloud.connect_ms", "en") == {"cloud.connect_ms"}
    assert names("zebra", "en") == set()


def test_the_first_words_of_the_help_stand_above_the_field() -> None:
    named = {known.name: known for group in groups() for known in group.settings}
    assert shown.told(named["desk_first_s"], ENGLISH) == (
        "How long the front desk rings before the box answers a call of the PBX",
        "0 answers at once.",
    )
    assert shown.told(named["cloud.model"], ENGLISH) == ("The model that talks", "")


def test_values_are_text(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "business_name", rows.HOSTILE, at=rows.NOW, by=rows.HOSTILE)
    for path in ("/settings/clinic", "/settings?text=<script>alert(1)</script>"):
        page = browser.get(path).text
        assert "<script>alert" not in page


def test_another_group_is_none(browser: FlaskClient) -> None:
    for slug in ("nothing", "box-", "box-nothing", "..", "%2e%2e"):
        assert browser.get(f"/settings/{slug}").status_code == 404


def test_a_spanish_reader_reads_spanish(app: Flask, db: Connection) -> None:
    client = app.test_client()
    people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
    page = text_of(client.get("/settings/answering", headers={"Accept-Language": "es"}).text)
    assert "Cuánto suena la recepción antes de que el equipo responda" in page
