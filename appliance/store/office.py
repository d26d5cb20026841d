"""The office: the rows that staff edit, and the departments, as one call sees them.

May import: the standard library, orjson, pydantic, appliance.core, appliance.store.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from appliance.core.errors import SettingsError
from appliance.core.hours import WeeklyHours
from appliance.core.menu import DepartmentLine, person_kept, plain
from appliance.core.other_languages import conflicts
from appliance.core.phones import Reach
from appliance.core.settings import told
from appliance.core.staff import Office, StaffSettings
from appliance.store import office_clock, visits
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

log = logging.getLogger(__name__)

MOST_DEPARTMENTS = 9
"""One key of the telephone for each."""

MOST_NUMBERS = 10
"""So many telephones can ring together."""

KEYED = frozenset({"menu", "language", "languages", "language_keys"})
"""Settings that give out keys of the telephone together."""

_NUMBERS = TypeAdapter(list[Reach])
DepartmentHours = WeeklyHours | Literal["always"] | None
_HOURS: TypeAdapter[DepartmentHours] = TypeAdapter(DepartmentHours)


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """One decision of the staff: its value as JSON, when and by whom it was made."""

    key: str
    value: str
    changed_at: str
    changed_by: str


def load(db: Connection) -> Office:
    """What staff decided. Never fails for a bad row: that one is told in the log and its default holds."""
    return Office(staff=_staff(rows(db)), departments=tuple(departments(db)), bookable=visits.load(db))


def staff(db: Connection) -> StaffSettings:
    """The settings of staff alone; like `load` it never fails for a bad row."""
    return _staff(rows(db))


def rows(db: Connection) -> list[ConfigRow]:
    """The decisions as they are stored, by key."""
    found = db.execute("SELECT key, value, changed_at, changed_by FROM business_config ORDER BY key")
    return [ConfigRow(*row) for row in found]


def set_value(db: Connection, key: str, value: object, *, at: str, by: str) -> None:
    """Decide one thing; `value` is what JSON can hold. Raises SettingsError with a sentence per mistake."""
    try:
        checked = StaffSettings.model_validate({key: value})
    except ValidationError as exc:
        raise SettingsError(told(exc, StaffSettings)) from exc
    if mistakes := _conflicts(db, key, value):
        raise SettingsError(mistakes)
    stored = orjson.dumps(checked.model_dump(mode="json", include={key})[key]).decode()
    db.execute(
        """
        INSERT INTO business_config (key, value, changed_at, changed_by) VALUES (:key, :value, :at, :by)
        ON CONFLICT (key) DO UPDATE
        SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """,
        {"key": key, "value": stored, "at": at, "by": by},
    )
    _keep_clock(db, key)


def decide(db: Connection, values: Mapping[str, object], *, at: str, by: str) -> None:
    """Decide some things at once, as `set_value` does."""
    for key, value in values.items():
        set_value(db, key, value, at=at, by=by)


def _conflicts(db: Connection, key: str, value: object) -> list[str]:
    """What the new value has against others that stand, where keys of the telephone are given out."""
    if key not in KEYED:
        return []
    values = _values(row for row in rows(db) if row.key in KEYED)
    try:
        staff = StaffSettings.model_validate({**values, key: value})
    except ValidationError:
        # One that stands there is wrong: it is not in use.
        return []
    return list(conflicts(staff))


def unset(db: Connection, key: str) -> None:
    """Go back to the default of one thing; nothing happens when it holds already."""
    db.execute("DELETE FROM business_config WHERE key = ?", (key,))
    _keep_clock(db, key)


def _keep_clock(db: Connection, key: str) -> None:
    """Have the days of calls counted by the zone that was decided."""
    if key == "time_zone":
        office_clock.keep(db, staff(db).time_zone)


def departments(db: Connection) -> list[DepartmentLine]:
    """The departments in the order in which they are offered."""
    found = db.execute("SELECT slug, name, numbers, aliases, hours FROM department ORDER BY place, slug")
    return [
        DepartmentLine(
            slug=row["slug"],
            name=row["name"],
            numbers=tuple(orjson.loads(row["numbers"])),
            aliases=tuple(orjson.loads(row["aliases"])),
            hours=_hours(row["hours"]),
        )
        for row in found
    ]


def add_department(
    db: Connection, name: str, numbers: Sequence[str], aliases: Sequence[str] = (), hours: object = None
) -> DepartmentLine:
    """Add a department behind the others; its slug is made of its name. Raises SettingsError.

    `hours` is a week as JSON has it, `always`, or None for the clinic's.
    """
    line = _checked(name, numbers, aliases, hours)
    known = departments(db)
    if line.slug in {each.slug for each in known}:
        raise SettingsError([f"There is a department {line.name!r} already."])
    if len(known) >= MOST_DEPARTMENTS:
        raise SettingsError([f"There can be {MOST_DEPARTMENTS} departments, one for each key."])
    db.execute(
        """
        INSERT INTO department (slug, name, numbers, aliases, hours, place)
        SELECT :slug, :name, :numbers, :aliases, :hours, COALESCE(MAX(place), -1) + 1 FROM department
        """,
        _written(line),
    )
    return line


def change_department(
    db: Connection,
    slug: str,
    name: str,
    numbers: Sequence[str],
    aliases: Sequence[str] = (),
    hours: object = None,
) -> DepartmentLine:
    """Change a department; its slug and place stay. Raises SettingsError, or NoSuchRow."""
    line = _checked(name, numbers, aliases, hours).model_copy(update={"slug": slug})
    row = db.execute(
        """
        UPDATE department SET name = :name, numbers = :numbers, aliases = :aliases, hours = :hours
        WHERE slug = :slug RETURNING slug
        """,
        _written(line),
    ).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no department {slug!r}.")
    return line


def set_department_hours(db: Connection, slug: str, hours: object) -> None:
    """Decide when a department can be reached. Raises SettingsError, or NoSuchRow."""
    line = next((line for line in departments(db) if line.slug == slug), None)
    if line is None:
        raise NoSuchRow(f"There is no department {slug!r}.")
    change_department(db, slug, line.name, line.numbers, line.aliases, hours)


def move_department(db: Connection, slug: str, key: int) -> None:
    """Have a department at this key of the telephone; the others keep their order. Raises NoSuchRow."""
    slugs = [line.slug for line in departments(db)]
    if slug not in slugs:
        raise NoSuchRow(f"There is no department {slug!r}.")
    slugs.remove(slug)
    slugs.insert(max(0, key - 1), slug)
    for place, each in enumerate(slugs):
        db.execute("UPDATE department SET place = ? WHERE slug = ?", (place, each))


def remove_department(db: Connection, slug: str) -> None:
    """Remove a department. Raises NoSuchRow."""
    if db.execute("DELETE FROM department WHERE slug = ? RETURNING slug", (slug,)).fetchone() is None:
        raise NoSuchRow(f"There is no department {slug!r}.")


def _values(stored: Iterable[ConfigRow]) -> dict[str, Any]:
    """The decisions as they are used: of a menu of old, key 0 leads to a person all the same."""
    values = {row.key: orjson.loads(row.value) for row in stored}
    if "menu" in values and (kept := person_kept(values["menu"])) != values["menu"]:
        log.error("the menu is not used as it is set: key 0 always leads to a person, and to nothing else")
        values["menu"] = kept
    return values


def _staff(stored: list[ConfigRow]) -> StaffSettings:
    values = _values(stored)
    try:
        return StaffSettings.model_validate(values)
    except ValidationError as exc:
        for sentence in told(exc, StaffSettings):
            log.error("a setting of the staff is not used: %s", sentence)
        bad = {str(mistake["loc"][0]) for mistake in exc.errors() if mistake["loc"]}
    good = {key: value for key, value in values.items() if bad and key not in bad}
    return StaffSettings.model_validate(good)


def _hours(stored: str | None) -> DepartmentHours:
    """Those of a department as they are stored; the clinic's for what cannot be read, told in the log."""
    try:
        return _HOURS.validate_json(stored or "null")
    except ValidationError as exc:
        log.error("a department's hours are not used: %s", str(exc.errors()[0]["msg"]))
        return None


def slug_of(name: str) -> str:
    """How a department of this name is known in the box; empty for a name without letters."""
    return re.sub(r"[^a-z0-9]+", "-", plain(name)).strip("-")


def _checked(
    name: str, numbers: Sequence[str], aliases: Sequence[str], hours: object = None
) -> DepartmentLine:
    mistakes = []
    slug = slug_of(name)
    if not slug or len(name) > 60:
        mistakes.append("A department needs a name of 1 to 60 letters.")
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        mistakes.append(f"A department needs 1 to {MOST_NUMBERS} telephone numbers.")
    try:
        _NUMBERS.validate_python(list(numbers))
    except ValidationError as exc:
        wrong = ", ".join(str(mistake["input"])[:20] for mistake in exc.errors())
        mistakes.append(f"A telephone number is written like +14155550100; this is not: {wrong}.")
    own: DepartmentHours = None
    try:
        own = _HOURS.validate_python(hours)
    except ValidationError as exc:
        why = str(exc.errors()[0]["msg"])
        mistakes.append(
            f'Hours are `always`, or days as JSON ({why}): \'{{"monday": [["08:00", "12:00"]]}}\'.'
        )
    if mistakes:
        raise SettingsError(mistakes)
    known = tuple(numbers), tuple(aliases)
    return DepartmentLine(slug=slug, name=name.strip(), numbers=known[0], aliases=known[1], hours=own)


def _written(line: DepartmentLine) -> dict[str, Any]:
    return {
        "slug": line.slug,
        "name": line.name,
        "numbers": orjson.dumps(line.numbers).decode(),
        "aliases": orjson.dumps(line.aliases).decode(),
        "hours": None if line.hours is None else _HOURS.dump_json(line.hours).decode(),
    }
