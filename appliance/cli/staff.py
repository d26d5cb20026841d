"""What staff decide, at the command line: list, set, unset, and which holidays there are.

May import: the standard library, click, orjson, pydantic, appliance.cli, appliance.core, appliance.store.
"""

from datetime import UTC, datetime

import click
import orjson
from pydantic import ValidationError

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.cli.fallback import told_of_bins
from appliance.cli.prompts import rendered_after
from appliance.core import holidays
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings, told
from appliance.core.staff import DEFAULT_LANGUAGE, StaffSettings
from appliance.store import office, times
from appliance.store.database import Connection

EXAMPLE = '{"country": "US", "region": "", "kept": ["Thanksgiving Day", "Christmas Day"]}'


@click.group()
def staff() -> None:
    """What the clinic decides: its name, hours, menu, wording."""


@staff.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print each setting, its value as JSON, and what it means."""
    try:
        decided = {row.key: row for row in rows.read(settings, office.rows)}
    except rows.NothingYet:
        decided = {}
    language = orjson.loads(decided["language"].value) if "language" in decided else DEFAULT_LANGUAGE
    defaults = StaffSettings.model_validate({"language": language}).model_dump(mode="json")
    for key, field in StaffSettings.model_fields.items():
        row = decided.get(key)
        value = orjson.dumps(defaults[key]).decode() if row is None else row.value
        since = "the default" if row is None else f"set {row.changed_at[:10]} by {row.changed_by}"
        show.line(f"{key} = {value}")
        show.line(f"    {field.description} ({since})")


@staff.command("set")
@click.argument("key")
@click.argument("value")
@with_settings
def set_(settings: Settings, key: str, value: str) -> None:
    """Decide KEY; VALUE is text, or JSON where the setting is more than that."""
    by, at = rows.who(), times.utc_now()
    with told_of_bins(settings), rendered_after(settings):
        rows.write(settings, lambda db: _set(db, key, value, at=at, by=by))
        show.line(f"{key} is set. Calls that begin from now on go by it.")


@staff.command()
@click.argument("key")
@with_settings
def unset(settings: Settings, key: str) -> None:
    """Go back to the default of KEY."""
    _check_known(key)
    with told_of_bins(settings), rendered_after(settings):
        rows.write(settings, lambda db: office.unset(db, key))
        show.line(f"{key} has its default again. Calls that begin from now on go by it.")


@staff.command("holidays")
@click.argument("country", default="US")
@click.argument("region", default="")
@click.option("--year", type=click.IntRange(2000, 2100), help="Of which year; this one if left out.")
@with_settings
def holidays_(settings: Settings, country: str, region: str, year: int | None) -> None:
    """Print the holidays of COUNTRY (such as US) and REGION (such as TX), a * before those that are kept."""
    try:
        kept = rows.read(settings, office.load).staff.holidays
    except rows.NothingYet:
        kept = StaffSettings().holidays
    try:
        days = holidays.of_year(country, region, year or datetime.now(UTC).year)
    except ValueError as exc:
        raise SettingsError([f"It cannot be printed: {exc}."]) from exc
    for day, names in days.items():
        for name in names:
            mark = "*" if name in kept.kept and country == kept.country else " "
            show.line(f"{mark} {day:%a} {day}  {name}")
    show.line("To keep some: attendant staff set holidays '" + EXAMPLE + "'")


def _set(db: Connection, key: str, text: str, *, at: str, by: str) -> None:
    """Take the value as JSON where it is some that fits, else as the text it is."""
    _check_known(key)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if value is not None or text.strip() == "null":
        try:
            office.set_value(db, key, value, at=at, by=by)
        except SettingsError:
            # A clinic may be called 24, and that is JSON too. A list or an object is never meant as text.
            if isinstance(value, list | dict):
                raise
        else:
            return
    try:
        office.set_value(db, key, text, at=at, by=by)
    except SettingsError as exc:
        raise SettingsError([*exc.mistakes, *_example(key)]) from exc


def _check_known(key: str) -> None:
    if key in StaffSettings.model_fields:
        return
    try:
        StaffSettings.model_validate({key: None})
    except ValidationError as exc:
        raise SettingsError(told(exc, StaffSettings)) from exc


def _example(key: str) -> list[str]:
    """How a value that is more than text is written."""
    default = StaffSettings().model_dump(mode="json")[key]
    shown = ["+14155550100"] if key == "people" else default
    if not isinstance(shown, list | dict):
        return []
    return [f"It is written as JSON, such as '{orjson.dumps(shown).decode()}'."]
