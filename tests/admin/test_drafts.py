"""Drafts in the browser: what is changed in them, what clashes, what rehearsals say, and what is decided."""

from html import unescape
from re import findall, search

import pytest
from flask.testing import FlaskClient

from appliance.core.menu import Choice
from appliance.core.rehearsal import HangUp, Outline, Part
from appliance.core.settings import Settings
from appliance.service import knowledge
from appliance.store import audit, documents, drafted, drafts, jobs, office, rehearsals, times
from appliance.store.accounts import Role
from appliance.store.database import Connection
from appliance.store.documents import Given, Source
from appliance.store.rehearsals import Rehearsal
from tests.admin import rows
from tests.admin.test_calls import text_of
from tests.admin.test_menu import as_it_is
from tests.admin.test_permits import BrowserOf

TOKEN = {"form_token": "f" * 32}
SEEN = Outline({Part.TOOLS: ("get_business_hours",), Part.ENDING: ("people",)}, (("attendant", "Hello"),))
BILLING = {"name": "Bills", "number-0": "(212) 555-0111", "aliases": "accounts", "hours": "always"}


def post(browser: FlaskClient, path: str, **sent: str) -> tuple[int, str]:
    """Send a form; the status, and where it leads or what it says."""
    answer = browser.post(f"/rehearsals{path}", data={**TOKEN, **sent})
    return answer.status_code, answer.headers.get("Location", "") or text_of(answer.text)


def form(browser: FlaskClient, path: str) -> str:
    """Where the form of a page is sent, from its path under /rehearsals on."""
    page = browser.get(f"/rehearsals{path}")
    assert page.status_code == 200, path
    found = search(r'action="/rehearsals([^"]*seen=[^"]*)"', page.text)
    assert found is not None
    return unescape(found[1])


def fill(browser: FlaskClient, path: str, **sent: str) -> tuple[int, str]:
    """Open a page of a draft, and send its form."""
    return post(browser, form(browser, path), **sent)


@pytest.fixture
def winter(browser: FlaskClient) -> str:
    """The address of a draft with nothing in it."""
    assert post(browser, "/drafts", name="Winter") == (303, "/rehearsals/drafts/1")
    return "/drafts/1"


def values(db: Connection) -> dict[str, object]:
    return dict(drafts.one(db, 1).values)


def page_of(browser: FlaskClient, path: str) -> str:
    return text_of(browser.get(f"/rehearsals{path}").text)


def test_a_draft_begins_with_nothing_in_it(browser: FlaskClient, winter: str, db: Connection) -> None:
    assert values(db) == {}
    assert "Nothing yet." in page_of(browser, winter)
    assert "Winter" in page_of(browser, "")
    assert post(browser, "/drafts", name="Winter")[0] == 422
    assert post(browser, "/drafts", name="")[0] == 422


# What is changed in it -----------------------------------------------------------------------------------


def test_hours_and_who_answers(browser: FlaskClient, winter: str, db: Connection) -> None:
    sent = {"front_door": "assistant", "monday-0-opens": "10:00", "monday-0-closes": "12:00"}
    assert fill(browser, f"{winter}/hours", **sent) == (303, "/rehearsals/drafts/1")
    assert values(db).keys() == {"front_door", "hours"}
    page = page_of(browser, winter)
    assert "draft The assistant, at once" in page
    assert 'value="10:00"' in browser.get(f"/rehearsals{winter}/hours").text
    assert fill(browser, f"{winter}/hours", **{**sent, "monday-0-closes": "9"})[0] == 422


def test_the_menu_and_greetings_of_each_language(browser: FlaskClient, winter: str, db: Connection) -> None:
    sent = as_it_is()
    assert fill(browser, f"{winter}/menu", **sent) == (303, "/rehearsals/drafts/1")
    assert values(db) == {}
    assert fill(browser, f"{winter}/menu", **{**sent, "greeting": "Brr.", "digit-0": "7"})[0] == 303
    assert values(db).keys() == {"greeting", "menu"}
    page = browser.get(f"/rehearsals{winter}/menu").text
    assert "Brr." in page
    assert f'href="/rehearsals{winter}/menu/es"' in page
    spanish = {"greeting": "Hola.", "said-0": "Para el horario, el siete."}
    assert fill(browser, f"{winter}/menu/es", **spanish)[0] == 303
    there = drafted.drafted(office.load(db), values(db))
    assert there.staff.language_words["es"].menu[0].digit == "7"
    assert "Spanish · 7 · The opening hours: Para el horario, el siete." in page_of(browser, winter)
    assert fill(browser, f"{winter}/menu", **{**sent, "said-0": ""})[0] == 422
    assert browser.get(f"/rehearsals{winter}/menu/fr").status_code == 404
    assert office.staff(db).menu[0].choice is Choice.HOURS
    assert office.staff(db).menu[0].digit != "7"


def test_departments_are_added_changed_and_gone(browser: FlaskClient, winter: str, db: Connection) -> None:
    here = [line.slug for line in office.departments(db)]
    assert fill(browser, f"{winter}/departments/new", **BILLING, **{"number-1": "101"})[0] == 303
    assert fill(browser, f"{winter}/departments/one/{here[0]}", **{**BILLING, "name": "Renamed"})[0] == 303
    assert post(browser, f"{winter}/remove", item=f"department:{here[1]}")[0] == 303
    assert values(db).keys() == {"department:bills", f"department:{here[0]}", f"department:{here[1]}"}
    page = page_of(browser, f"{winter}/departments")
    assert "New in this draft" in page
    assert "Other in this draft" in page
    assert "Gone in this draft" in page
    assert [line.slug for line in office.departments(db)] == here
    # One that is new in the draft is known by its name, and goes by being taken out.
    assert fill(browser, f"{winter}/departments/one/bills", **{**BILLING, "name": "Money"})[0] == 303
    assert "department:bills" not in values(db)
    assert fill(browser, f"{winter}/departments/new", **{**BILLING, "name": "Money"})[0] == 422
    assert fill(browser, f"{winter}/departments/new", **{**BILLING, "number-0": "none"})[0] == 422
    assert post(browser, f"{winter}/drop", item="department:money")[0] == 303
    assert values(db).keys() == {f"department:{here[0]}", f"department:{here[1]}"}
    assert browser.get(f"/rehearsals{winter}/departments/one/nobody").status_code == 404


def test_documents_are_written_changed_and_gone(browser: FlaskClient, winter: str, db: Connection) -> None:
    for slug, source in (("guide", Source.TEXT), ("site", Source.PAGE), ("old", Source.FILE)):
        given = Given(slug, source, content="A  word.", title=slug.title(), language="en")
        documents.give(db, given, at=rows.NOW)
    sent = {"title": "Prices", "language": "en", "content": "A flu shot costs 30 dollars."}
    assert fill(browser, f"{winter}/documents/new", **sent)[0] == 303
    assert fill(browser, f"{winter}/documents/new", **sent)[0] == 303
    assert (
        fill(browser, f"{winter}/documents/one/guide", title="Guide", language="en", content="A word.")[0]
        == 303
    )
    assert values(db).keys() == {"document:prices", "document:prices-2"}
    assert fill(browser, f"{winter}/documents/one/guide", **sent)[0] == 303
    assert post(browser, f"{winter}/remove", item="document:site")[0] == 303
    page = browser.get(f"/rehearsals{winter}/documents").text
    assert findall(r">(New|Other|Gone) in this draft", page) == ["Other", "Gone", "New", "New"]
    assert f"{winter}/documents/one/site" not in page
    assert browser.get(f"/rehearsals{winter}/documents/one/site").status_code == 404
    assert fill(browser, f"{winter}/documents/new", **{**sent, "content": ""})[0] == 422
    assert post(browser, f"{winter}/remove", item="greeting")[0] == 404
    # What is in the drafts is made searchable for rehearsals.
    assert any(each.kind == "index drafts" for each in jobs.page(db))
    assert "A flu shot costs 30 dollars." in page_of(browser, winter)


def test_the_label_of_a_documents_text_leads_to_its_field(browser: FlaskClient, winter: str) -> None:
    page = browser.get(f"/rehearsals{winter}/documents/new").text
    assert findall(r'<(\w+) id="content"', page) == ["textarea"]
    assert 'for="content"' in page


def test_words_are_text(browser: FlaskClient, winter: str, db: Connection) -> None:
    bad = "<script>alert(1)</script> {{ 7*7 }}"
    assert fill(browser, f"{winter}/menu", **{**as_it_is(), "greeting": bad})[0] == 303
    sent = {"title": bad, "language": "en", "content": bad}
    assert fill(browser, f"{winter}/documents/new", **sent)[0] == 303
    page = browser.get(f"/rehearsals{winter}").text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


# Meanwhile -----------------------------------------------------------------------------------------------


def test_a_form_of_before_does_not_take_back_what_was_decided_meanwhile(
    browser: FlaskClient, winter: str, db: Connection
) -> None:
    action = form(browser, f"{winter}/menu")
    office.set_value(db, "emergency_notice", "In an emergency, call us.", at=rows.NOW, by="Cy")
    status, page = post(browser, action, **{**as_it_is(), "greeting": "Brr."})
    assert status == 422
    assert "decided otherwise meanwhile" in page
    assert values(db) == {}


def test_a_form_of_before_does_not_take_back_what_another_put_into_the_draft(
    browser: FlaskClient, winter: str, db: Connection
) -> None:
    action = form(browser, f"{winter}/menu")
    assert fill(browser, f"{winter}/menu", **{**as_it_is(), "greeting": "Brr."})[0] == 303
    status, page = post(browser, action, **{**as_it_is(), "voicemail_prompt": "Speak."})
    assert status == 422
    assert "changed in the draft" in page
    assert values(db) == {"greeting": "Brr."}
    # What another changed elsewhere in it is no reason.
    action = form(browser, f"{winter}/hours")
    assert fill(browser, f"{winter}/menu", **{**as_it_is(), "greeting": "Cold."})[0] == 303
    sent = {"front_door": "assistant", "monday-0-opens": "10:00", "monday-0-closes": "12:00"}
    assert post(browser, action, **sent)[0] == 303


def test_what_clashes_is_told_and_somebody_says_which_it_should_be(
    browser: FlaskClient, winter: str, db: Connection
) -> None:
    sent = {**as_it_is(), "greeting": "Brr.", "voicemail_prompt": "Speak."}
    assert fill(browser, f"{winter}/menu", **sent)[0] == 303
    office.set_value(db, "greeting", "Good day.", at=rows.NOW, by="Cy")
    office.set_value(db, "voicemail_prompt", "Talk.", at=rows.NOW, by="Cy")
    page = page_of(browser, winter)
    assert "now Good day. draft Brr." in page
    assert page.count("Take the draft's version") == 2
    assert post(browser, f"{winter}/decide") == (303, "/rehearsals/drafts/1")
    assert "Something was changed meanwhile" in page_of(browser, winter)
    assert office.staff(db).greeting == "Good day."
    assert post(browser, f"{winter}/insist", item="greeting")[0] == 303
    assert post(browser, f"{winter}/drop", item="voicemail_prompt")[0] == 303
    assert post(browser, f"{winter}/decide") == (303, "/rehearsals")
    staff = office.staff(db)
    assert (staff.greeting, staff.voicemail_prompt) == ("Brr.", "Talk.")


def test_what_cannot_be_any_more_leads_back_to_the_draft(
    browser: FlaskClient, winter: str, db: Connection
) -> None:
    drafts.put(db, 1, {"language_keys": {"es": "7"}}, at=rows.NOW, by="Ana")
    office.set_value(
        db,
        "menu",
        [{"digit": "7", "choice": "people", "words": [], "said": "For a person, press 7."}],
        at=rows.NOW,
        by="Cy",
    )
    assert post(browser, f"{winter}/decide")[1] == "/rehearsals/drafts/1"
    assert len(drafts.every(db)) == 1


# Rehearsals, and deciding --------------------------------------------------------------------------------


def kept(db: Connection, name: str = "Hours") -> int:
    at = times.moved(rows.NOW, -60)
    return rehearsals.keep(db, Rehearsal(0, name, "", (HangUp(),), SEEN, frozenset(Part)), at=at, by="Ana")


def played(db: Connection, rehearsal: int, seen: Outline | None = SEEN, problem: str = "") -> None:
    """What the worker does with the last run: how one came out, and its end."""
    run = rehearsals.runs(db)[0]
    rehearsals.add(db, run.id, rehearsal, seen, problem, SEEN if seen else None)
    rehearsals.end(db, run.id, at=rows.NOW)


def decided(db: Connection) -> list[str]:
    return [row.deed for row in audit.page(db) if row.deed.startswith("draft decided")]


@pytest.fixture
def brr(browser: FlaskClient, winter: str) -> str:
    assert fill(browser, f"{winter}/menu", **{**as_it_is(), "greeting": "Brr."})[0] == 303
    return winter


def test_where_nothing_is_kept_it_is_decided_at_once(browser: FlaskClient, brr: str, db: Connection) -> None:
    assert post(browser, f"{brr}/decide") == (303, "/rehearsals")
    assert office.staff(db).greeting == "Brr."
    assert decided(db) == ["draft decided"]
    assert drafts.every(db) == []


def test_it_is_played_with_the_kept_ones_before_it_is_decided(
    browser: FlaskClient, brr: str, db: Connection
) -> None:
    hours = kept(db)
    assert "were not played with this draft" in page_of(browser, brr)
    assert post(browser, f"{brr}/decide")[0] == 422
    assert post(browser, "/run", against="1", back="draft") == (303, "/rehearsals/drafts/1#played")
    assert "are being played" in page_of(browser, brr)
    version = browser.get(f"/rehearsals{brr}/live").headers["ETag"]
    unchanged = browser.get(f"/rehearsals{brr}/live", headers={"If-None-Match": version})
    assert unchanged.status_code == 304
    played(db, hours)
    part = browser.get(f"/rehearsals{brr}/live", headers={"If-None-Match": version}).text
    assert "data-over" in part
    assert "All the same" in part
    assert post(browser, f"{brr}/decide") == (303, "/rehearsals")
    assert decided(db) == ["draft decided"]


def test_in_spite_of_a_difference_it_is_decided_by_its_name_alone(
    browser: FlaskClient, brr: str, db: Connection
) -> None:
    hours = kept(db)
    post(browser, "/run", against="1", back="draft")
    other = Outline({**SEEN.parts, Part.ENDING: ("voicemail",)}, (("attendant", "Hi"),))
    played(db, hours, other)
    page = page_of(browser, brr)
    assert "Kept rehearsals that come out differently with this draft: 1." in page
    assert "with it A caller would now leave a voicemail." in page
    for typed in ("", "Summer"):
        status, said = post(browser, f"{brr}/decide", sure=typed)
        assert status == 422
        assert "This is not its name." in said or "This is needed." in said
    assert office.staff(db).greeting != "Brr."
    assert post(browser, f"{brr}/decide", sure="winter") == (303, "/rehearsals")
    row = next(row for row in audit.page(db) if row.deed == "draft decided in spite of rehearsals")
    assert (row.target, row.detail) == ("Winter", {"played": "differs", "differing": "Hours"})
    assert office.staff(db).greeting == "Brr."


def test_what_was_played_counts_for_the_draft_and_the_office_as_they_were(
    browser: FlaskClient, brr: str, db: Connection
) -> None:
    hours = kept(db)
    post(browser, "/run", against="1", back="draft")
    played(db, hours)
    assert "All the same" in page_of(browser, brr)
    office.set_value(db, "address", "Main street 1", at=rows.NOW, by="Cy")
    assert "were not played with this draft" in page_of(browser, brr)


def test_one_that_could_not_be_played_is_a_difference(browser: FlaskClient, brr: str, db: Connection) -> None:
    hours = kept(db)
    post(browser, "/run", against="1", back="draft")
    played(db, hours, None, "It broke off.")
    page = page_of(browser, brr)
    assert "Not played" in page
    assert "It broke off." in page
    assert post(browser, f"{brr}/decide")[0] == 422


def test_a_draft_is_forgotten(browser: FlaskClient, brr: str, db: Connection) -> None:
    assert post(browser, f"{brr}/forget") == (303, "/rehearsals")
    assert drafts.every(db) == []
    assert post(browser, f"{brr}/forget")[0] == 404
    for path in ("", "/hours", "/menu", "/departments", "/documents", "/live"):
        assert browser.get(f"/rehearsals{brr}{path}").status_code == 404, path


def test_who_looks_after_the_box_sees_it_and_changes_nothing(
    browser_of: BrowserOf, brr: str, db: Connection
) -> None:
    page = browser_of(Role.IT).get(f"/rehearsals{brr}")
    assert page.status_code == 200
    assert "Brr." in page.text
    assert "Decide it" not in page.text
    assert "Menu and greetings</a>" not in page.text.split("<main")[1]


def test_documents_are_read_once_it_is_decided(
    browser: FlaskClient, winter: str, db: Connection, settings: Settings
) -> None:
    sent = {"title": "Prices", "language": "en", "content": "A flu shot costs 30 dollars."}
    assert fill(browser, f"{winter}/documents/new", **sent)[0] == 303
    assert post(browser, f"{winter}/decide") == (303, "/rehearsals")
    (entry,) = documents.entries(db)
    assert (entry.slug, entry.title) == ("prices", "Prices")
    with knowledge.doing(settings):
        assert not [*knowledge.followed(settings, times.read(rows.NOW))][-1].problems
    assert documents.content(db, entry.id).strip() == "A flu shot costs 30 dollars."
