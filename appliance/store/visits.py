"""What can be booked, as rows that staff edit: providers and visit types.

May import: orjson, pydantic, appliance.core, appliance.store.
"""

import logging
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
