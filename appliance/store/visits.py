"""What can be booked, as rows that staff edit: providers and visit types.

May import: orjson, pydantic, appliance.core, appliance.store.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from appliance.core.booking.visits import Bookable, Provider, VisitType
from appliance.core.errors import SettingsError
from appliance.core.settings import told
from appliance.store import times
from appliance.store.database import Connection

log = logging.getLogger(__name__)


def load(db: Connection) -> Bookable:
    """What can be booked. Rows that cannot be used are told in the log, and nothing is booked then."""
    rows = {"provider": _values(db, "provider"), "visit": _values(db, "visit_type")}
    try:
        return Bookable.model_validate(rows)
    except ValidationError as exc:
        for sentence in told(exc, Bookable):
            log.error("nothing can be booked: %s", sentence)
        return Bookable()


def checked(tree: dict[str, Any]) -> Bookable:
    """What can be booked, of a tree of values. Raises SettingsError with a sentence for each mistake."""
    try:
        return Bookable.model_validate(tree)
    except ValidationError as exc:
        raise SettingsError(_sentences(exc)) from exc


def replace(db: Connection, wanted: Bookable, *, now: datetime) -> None:
    """Put this in place of what was there.

    Raises SettingsError when somebody would go who still has appointments: nobody could find them then.
    """
    known = {provider.slug for provider in wanted.provider}
    rows = db.execute(
        """
        SELECT provider, count(*) FROM booking
        WHERE state IN ('promised', 'booked') AND ends_at > ? GROUP BY provider ORDER BY provider
        """,
        (times.written(now),),
    )
    left = [f"{slug!r} still has {count}" for slug, count in rows if slug not in known]
    if left:
        raise SettingsError([f"A provider with appointments to come cannot go: {', '.join(left)}."])
    db.execute("DELETE FROM provider")
    db.execute("DELETE FROM visit_type")
    for place, row in enumerate(wanted.provider):
        db.execute("INSERT INTO provider (slug, place, value) VALUES (?, ?, ?)", _written(row, place))
    for place, visit in enumerate(wanted.visit):
        db.execute("INSERT INTO visit_type (slug, place, value) VALUES (?, ?, ?)", _written(visit, place))


def save_provider(db: Connection, wanted: Mapping[str, Any], *, now: datetime) -> None:
    """Change the provider of this slug, or put it behind the others. Raises SettingsError."""
    _changed(db, "provider", _with(_values(db, "provider"), wanted), now)


def save_visit(db: Connection, wanted: Mapping[str, Any], *, now: datetime) -> None:
    """The same with a visit type."""
    _changed(db, "visit", _with(_values(db, "visit_type"), wanted), now)


def remove_provider(db: Connection, slug: str, *, now: datetime) -> None:
    """Nobody is booked with a provider any more. Raises SettingsError, also while somebody is to come.

    A visit that is with it alone would be with everybody without it, and keeps it here.
    """
    visits = _values(db, "visit_type")
    alone = [each["name"] for each in visits if each.get("providers") == [slug]]
    if alone:
        raise SettingsError(
            [f"{', '.join(alone)}: this is with that provider alone; change or remove it first."]
        )
    for each in visits:
        each["providers"] = [other for other in each.get("providers", ()) if other != slug]
    left = [each for each in _values(db, "provider") if each["slug"] != slug]
    replace(db, checked({"provider": left, "visit": visits}), now=now)


def remove_visit(db: Connection, slug: str, *, now: datetime) -> None:
    """It is booked no more; what was booked of it stays. Raises SettingsError."""
    _changed(db, "visit", [each for each in _values(db, "visit_type") if each["slug"] != slug], now)


def move_provider(db: Connection, slug: str, to: int, *, now: datetime) -> None:
    """Have a provider at this place among the others, from 0. Raises SettingsError."""
    _changed(db, "provider", _moved(_values(db, "provider"), slug, to), now)


def move_visit(db: Connection, slug: str, to: int, *, now: datetime) -> None:
    """The same with a visit type."""
    _changed(db, "visit", _moved(_values(db, "visit_type"), slug, to), now)


def _changed(db: Connection, kind: str, rows: list[Any], now: datetime) -> None:
    tree = {"provider": _values(db, "provider"), "visit": _values(db, "visit_type")}
    replace(db, checked({**tree, kind: rows}), now=now)


def _with(rows: list[Any], wanted: Mapping[str, Any]) -> list[Any]:
    known = [row["slug"] for row in rows]
    if wanted["slug"] not in known:
        return [*rows, wanted]
    return [wanted if row["slug"] == wanted["slug"] else row for row in rows]


def _moved(rows: list[Any], slug: str, to: int) -> list[Any]:
    moving = [row for row in rows if row["slug"] == slug]
    rest = [row for row in rows if row["slug"] != slug]
    place = max(0, min(len(rest), to))
    return [*rest[:place], *moving, *rest[place:]]


def _values(db: Connection, table: str) -> list[Any]:
    rows = db.execute(f"SELECT value FROM {table} ORDER BY place, slug")  # noqa: S608 -- names of ours
    return [orjson.loads(row[0]) for row in rows]


def _written(row: Provider | VisitType, place: int) -> tuple[str, int, str]:
    # With its defaults: in hours a day that is left out is a day off.
    return row.slug, place, row.model_dump_json()


def _sentences(error: ValidationError) -> list[str]:
    """A sentence for each mistake; `provider.0` is the first of its kind, and is called so."""
    return [_counted(sentence) for sentence in told(error, Bookable)]


def _counted(sentence: str) -> str:
    kind, _, rest = sentence.partition(".")
    place, _, field = rest.partition(".")
    return f"{kind} {int(place) + 1}: {field}" if place.isdecimal() else sentence
