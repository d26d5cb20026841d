"""Drafts: they change nothing, lose nothing that was changed meanwhile, and say what was."""

from collections.abc import Mapping
from typing import Any

import pytest

from appliance.core.errors import SettingsError
from appliance.store import documents, drafted, drafts, office
from appliance.store.database import Connection
from appliance.store.documents import Given, Source
from appliance.store.errors import NoSuchRow
from tests.store.conftest import AT

BILLING: Mapping[str, Any] = {
    "name": "Billing", "numbers": ["+14155550111"], "aliases": ["accounts"], "hours": None,
}  # fmt: skip
GUIDE = {"title": "Guide", "language": "en", "content": "Parking is free."}


def keep(db: Connection, values: Mapping[str, Any], name: str = "Winter") -> int:
    return drafts.keep(db, name, values, at=AT, by="Ana")


def put(db: Connection, draft_id: int, **values: Any) -> None:
    drafts.put(db, draft_id, {key.replace("__", ":"): each for key, each in values.items()}, at=AT, by="Ben")


def clashing(db: Connection, draft_id: int) -> list[str]:
    return [each.key for each in drafts.items(db, drafts.one(db, draft_id)) if each.clashes]


def test_a_draft_is_kept_and_changes_nothing(db: Connection) -> None:
    first = keep(db, {"greeting": "Brr", "ring_s": 30})
    assert office.staff(db).ring_s == 20
    put(db, first, ring_s=40)
    found = drafts.one(db, first)
    assert (found.values, found.changed_by) == ({"greeting": "Brr", "ring_s": 40}, "Ben")
    assert found.before == {"greeting": office.staff(db).greeting, "ring_s": 20}
    drafts.forget(db, first)
    assert drafts.every(db) == []
    for gone in (drafts.forget, drafts.one):
        with pytest.raises(NoSuchRow):
            gone(db, first)


def test_what_would_change_nothing_is_not_in_it(db: Connection) -> None:
    first = keep(db, {"ring_s": 20, "greeting": "Brr"})
    assert [*drafts.one(db, first).values] == ["greeting"]
    put(db, first, greeting=office.staff(db).greeting)
    assert drafts.one(db, first).values == drafts.one(db, first).before == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("", {}),
        ("x" * 61, {}),
        ("Wrong", {"ring_s": 3}),
        ("Unknown", {"rings": 3}),
        ("Nobody", {"department:billing": {**BILLING, "numbers": ["none"]}}),
        ("Empty", {"document:guide": {**GUIDE, "content": " "}}),
        ("Long", {"document:guide": {**GUIDE, "content": "x" * 12_001}}),
        ("Untitled", {"document:guide": {**GUIDE, "title": ""}}),
    ],
)
def test_a_draft_that_could_not_be_decided_is_not_kept(
    db: Connection, name: str, values: Mapping[str, Any]
) -> None:
    with pytest.raises(SettingsError):
        keep(db, values, name)


def test_there_are_no_two_of_a_name_and_not_too_many(db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(db, {})
    with pytest.raises(SettingsError, match="already"):
        keep(db, {})
    monkeypatch.setattr(drafts, "DRAFTS_MOST", 1)
    with pytest.raises(SettingsError, match="forget one"):
        keep(db, {}, "Two")


def test_departments_are_new_other_or_gone_and_only_once_decided(db: Connection) -> None:
    office.add_department(db, "Nurses", ["+14155550112"])
    first = keep(db, {"department:billing": BILLING, "department:nurses": None})
    assert [line.name for line in office.departments(db)] == ["Nurses"]
    found = drafts.one(db, first)
    there = drafted.drafted(office.load(db), found.values)
    assert [(line.slug, line.aliases) for line in there.departments] == [("billing", ("accounts",))]
    drafted.decide(db, found.values, at=AT, by="Ana")
    assert [line.name for line in office.departments(db)] == ["Billing"]
    changed = {**BILLING, "name": "Bills", "hours": "always"}
    drafted.decide(db, {"department:billing": changed}, at=AT, by="Ana")
    assert drafted.of_line(office.departments(db)[0]) == changed


def test_a_change_of_the_same_thing_meanwhile_is_told_and_nothing_else_is(db: Connection) -> None:
    office.add_department(db, "Billing", ["+14155550111"])
    first = keep(db, {"greeting": "Brr", "ring_s": 30, "department:billing": BILLING})
    assert clashing(db, first) == []
    office.set_value(db, "greeting", "Good day.", at=AT, by="Cy")
    office.set_value(db, "address", "Main street 1", at=AT, by="Cy")
    office.change_department(db, "billing", "Billing", ["+14155550119"])
    assert clashing(db, first) == ["department:billing", "greeting"]
    office.set_value(db, "ring_s", 30, at=AT, by="Cy")
    # Somebody has decided just that: it is no clash, and changes nothing.
    found = {each.key: each for each in drafts.items(db, drafts.one(db, first))}
    assert (found["ring_s"].clashes, found["ring_s"].changes) == (False, False)
    drafts.drop(db, first, "greeting", at=AT, by="Ana")
    drafts.insist(db, first, "department:billing", at=AT, by="Ana")
    assert clashing(db, first) == []
    assert drafts.one(db, first).values.keys() == {"ring_s", "department:billing"}


def test_an_item_that_is_changed_again_keeps_what_it_was_written_against(db: Connection) -> None:
    first = keep(db, {"greeting": "Brr"})
    office.set_value(db, "greeting", "Good day.", at=AT, by="Cy")
    put(db, first, greeting="Brrr")
    assert clashing(db, first) == ["greeting"]


def test_a_department_that_went_meanwhile_is_told(db: Connection) -> None:
    office.add_department(db, "Billing", ["+14155550112"])
    first = keep(db, {"department:billing": BILLING})
    office.remove_department(db, "billing")
    assert clashing(db, first) == ["department:billing"]


def test_of_a_document_its_digest_is_enough_to_see_that_it_was_changed(db: Connection) -> None:
    given = Given("guide", Source.TEXT, content="Parking is free.", title="Guide", language="en")
    documents.give(db, given, at=AT)
    assert drafted.standing(db, ["document:guide", "document:none"]) == {
        "document:guide": GUIDE, "document:none": None,
    }  # fmt: skip
    first = keep(db, {"document:guide": {**GUIDE, "content": "Parking is 2 dollars."}})
    assert "Parking" not in str(drafts.one(db, first).before)
    assert clashing(db, first) == []
    documents.give(
        db,
        Given("guide", Source.TEXT, content="Parking is 3 dollars.", title="Guide", language="en"),
        at=AT,
    )
    assert clashing(db, first) == ["document:guide"]


def test_a_draft_of_before_has_no_clash(db: Connection) -> None:
    first = keep(db, {"greeting": "Brr"})
    db.execute("UPDATE rehearsal_draft SET before = '{}'")
    office.set_value(db, "greeting", "Good day.", at=AT, by="Cy")
    assert clashing(db, first) == []


def test_the_mark_is_another_one_as_soon_as_anything_is(db: Connection) -> None:
    first = keep(db, {"greeting": "Brr"})
    marks = [drafts.mark(db, drafts.one(db, first))]
    assert drafts.mark(db, drafts.one(db, first)) == marks[0]
    put(db, first, greeting="Brrr")
    marks.append(drafts.mark(db, drafts.one(db, first)))
    office.set_value(db, "address", "Main street 1", at=AT, by="Cy")
    marks.append(drafts.mark(db, drafts.one(db, first)))
    office.add_department(db, "Billing", ["+14155550112"])
    marks.append(drafts.mark(db, drafts.one(db, first)))
    assert len({*marks}) == len(marks)


def test_an_office_that_cannot_be_is_refused(db: Connection) -> None:
    with pytest.raises(SettingsError):
        drafted.drafted(office.load(db), {"ring_s": 3})
