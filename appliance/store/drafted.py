"""What drafts are made of: items by their keys, what stands in the box of each, and putting them there.

An item is a setting of staff by its key, `department:` with a slug, or `document:` with one; its value is
what it would be, None for what would be gone. Documents are put there by whoever has them read
(`appliance.jobs.drafted`). Functions that write are to run in a transaction of their own. May import: the
standard library, pydantic, orjson, appliance.core, appliance.store.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from appliance.core.errors import SettingsError
from appliance.core.menu import DepartmentLine
from appliance.core.settings import told
from appliance.core.staff import Office, StaffSettings
from appliance.store import documents, knowledge, office
from appliance.store.database import Connection
from appliance.store.documents import Entry

DEPARTMENT, DOCUMENT = "department:", "document:"
CONTENT_MOST = 12_000
"""Letters of a document that is written in a draft."""

Items = Mapping[str, Any]


def settings_of(items: Items) -> dict[str, Any]:
    """The settings of staff among them."""
    return {key: value for key, value in items.items() if ":" not in key}


def departments_of(items: Items) -> dict[str, Any]:
    """The departments among them, by their slugs."""
    return _of(items, DEPARTMENT)


def documents_of(items: Items) -> dict[str, Any]:
    """The documents among them, by their slugs."""
    return _of(items, DOCUMENT)


def of_line(line: DepartmentLine) -> dict[str, Any]:
    """A department as the value of an item."""
    return line.model_dump(mode="json", exclude={"slug"})


def of_document(entry: Entry, content: str) -> dict[str, Any]:
    """A document as the value of an item."""
    return {"title": entry.title, "language": entry.language, "content": content}


def standing(db: Connection, keys: Iterable[str]) -> dict[str, Any]:
    """What stands there now of these items; None for a department or document that is not there."""
    staff = office.staff(db).model_dump(mode="json")
    lines = {f"{DEPARTMENT}{line.slug}": of_line(line) for line in office.departments(db)}
    known = {f"{DOCUMENT}{entry.slug}": entry for entry in documents.entries(db)}
    found: dict[str, Any] = {}
    for key in keys:
        if (entry := known.get(key)) is not None:
            found[key] = of_document(entry, documents.content(db, entry.id))
        else:
            found[key] = lines.get(key) if ":" in key else staff.get(key)
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values of an item are the same; of a document its digest may stand for what is in it."""
    return bool(briefly(one) == briefly(other))


def briefly(value: Any) -> Any:
    """A value with the digest of a document in place of what is in it, to be kept for `same`."""
    if isinstance(value, Mapping) and "content" in value:
        rest = {key: each for key, each in value.items() if key != "content"}
        return {**rest, "sha256": hashlib.sha256(str(value["content"]).encode()).hexdigest()}
    return value


def fingerprint(db: Connection) -> str:
    """What is decided now, and what is known, in some letters: others as soon as one thing is another."""
    decided = [(row.key, row.value) for row in office.rows(db)]
    lines = [line.model_dump(mode="json") for line in office.departments(db)]
    return digest([decided, lines, knowledge.generation(db)])


def digest(tree: object) -> str:
    """Some letters that stand for a value."""
    return hashlib.sha256(orjson.dumps(tree, option=orjson.OPT_SORT_KEYS)).hexdigest()


def checked(db: Connection, items: Items, *, at: str, by: str) -> dict[str, Any]:
    """The items as they would be kept, once it is seen that all could be decided. Raises SettingsError."""
    for slug, value in documents_of(items).items():
        _check_document(slug, value)
    db.execute("SAVEPOINT draft")
    try:
        decide(db, items, at=at, by=by)
        there = standing(db, items)
    finally:
        db.execute("ROLLBACK TO draft")
        db.execute("RELEASE draft")
    return {key: value if ":" in key else there[key] for key, value in items.items()}


def decide(db: Connection, items: Items, *, at: str, by: str) -> None:
    """Put the settings and departments there. Raises SettingsError."""
    office.decide(db, settings_of(items), at=at, by=by)
    lines = {line.slug for line in office.departments(db)}
    # Those that go make room for those that come.
    for slug, value in sorted(departments_of(items).items(), key=lambda each: each[1] is not None):
        if value is None:
            if slug in lines:
                office.remove_department(db, slug)
            continue
        told_of = (value["name"], value["numbers"], value["aliases"], value["hours"])
        if slug in lines:
            office.change_department(db, slug, *told_of)
        else:
            office.add_department(db, *told_of)


def drafted(now: Office, items: Items) -> Office:
    """The office as it would be. Raises SettingsError when what stands there meanwhile rules that out."""
    decided = {**now.staff.model_dump(mode="json"), **settings_of(items)}
    try:
        staff = StaffSettings.model_validate(decided)
    except ValidationError as exc:
        raise SettingsError(told(exc, StaffSettings)) from exc
    wanted = departments_of(items)
    lines = [line for line in now.departments if line.slug not in wanted]
    places = {line.slug: place for place, line in enumerate(now.departments)}
    lines += [
        DepartmentLine.model_validate({"slug": slug, **value})
        for slug, value in wanted.items()
        if value is not None
    ]
    lines.sort(key=lambda line: places.get(line.slug, len(places)))
    return now.model_copy(update={"staff": staff, "departments": tuple(lines)})


def _of(items: Items, kind: str) -> dict[str, Any]:
    return {key.removeprefix(kind): value for key, value in items.items() if key.startswith(kind)}


def _check_document(slug: str, value: Any) -> None:
    """See that a document could be read. Raises SettingsError."""
    if value is None:
        return
    if not str(value["title"]).strip():
        raise SettingsError([f"The document {slug!r} needs a title."])
    if not 1 <= len(str(value["content"]).strip()) <= CONTENT_MOST:
        raise SettingsError([f"What stands in {slug!r} has 1 to {CONTENT_MOST:,} letters in a draft."])
