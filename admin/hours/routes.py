"""The pages of hours.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms
from admin import visit as visits
from admin.box import the_box
from admin.forms import Field, Form
from admin.hours import grid, shown
from admin.hours.grid import Grid
from admin.tongue import later
from admin.visit import reader_tongue, visit
from admin.words import Words
from appliance.core import holidays, single_days
from appliance.core.errors import SettingsError
from appliance.core.single_days import Decided
from appliance.core.staff import StaffSettings
from appliance.store import office as rows
from appliance.store import times
from appliance.store.audit import Deed
from appliance.store.database import Connection

hours = Blueprint("hours", __name__, url_prefix="/hours", template_folder="templates")
FURTHEST_YEARS = 3

UNTIL = (Field("until", later("Open until"), kind="time", most=8),)
DAY = (Field("day", later("Day"), kind="date", most=10),)
PLACE = (
    Field("country", later("Country"), hint=later("Its two letters, such as US or MX."), most=2),
    Field(
        "region",
        later("State or province"),
        hint=later("Its letters, such as TX, for days that only it keeps."),
        most=10,
        needed=False,
    ),
)
OVER = later("That time is over already.")
NO_DAY = later("Choose a day from today on, within three years.")
NO_PLACE = later(
    "The holidays of this place are not known. Country and state are written as letters, such as US and TX."
)
TOO_MANY = later("There are too many special days already. Remove one first.")


@hours.get("")
def index() -> ResponseReturnValue:
    """How it stands, the week, single days, and what callers are told."""
    return _page(dropped=_dropped(_now()))


@hours.post("/close")
def close() -> ResponseReturnValue:
    """Close for today, as the code of the desk phones does."""
    now = _now()
    _decide(Deed.TODAY_CLOSED, lambda staff: single_days.closed(staff, staff.day_began(now).date(), now))
    flash(later("Closed for today. Calls that begin from now on are told so."))
    return redirect(url_for(".index"), code=303)


@hours.post("/until")
def until() -> ResponseReturnValue:
    """Today it is open now, and until then."""
    form, now = forms.read(UNTIL, request.form), _now()
    closes = grid.time_of(form["until"])
    if form.fine and closes is None:
        form.errors["until"] = grid.NO_TIME
    if closes is None or not form.fine:
        return _page(until=form), 422
    try:
        _decide(
            Deed.TODAY_UNTIL,
            lambda staff: single_days.open_until(staff, closes, now),
            target=f"{closes:%H:%M}",
        )
    except SettingsError:
        form.errors["until"] = OVER
        return _page(until=form), 422
    flash(later("The hours of today are changed. Calls that begin from now on are told so."))
    return redirect(url_for(".index"), code=303)


@hours.post("/planned")
def planned() -> ResponseReturnValue:
    """Take back what was decided about today."""
    now = _now()
    _decide(Deed.TODAY_PLANNED, lambda staff: single_days.as_planned(staff, staff.day_began(now).date(), now))
    flash(later("Today is as planned again."))
    return redirect(url_for(".index"), code=303)


@hours.post("/week")
def week() -> ResponseReturnValue:
    """The hours of a normal week."""
    typed = grid.read(request.form)
    if typed.week is None:
        return _page(week=typed), 422
    value = typed.week.model_dump(mode="json")
    _decide(Deed.WEEK_SET, lambda _: {"hours": value})
    flash(later("The week is saved. Calls that begin from now on go by it."))
    return redirect(url_for(".index"), code=303)


@hours.post("/days")
def set_day() -> ResponseReturnValue:
    """A day has hours of its own, or is closed."""
    form, now = forms.read(DAY, request.form), _now()
    pairs = grid.read_pairs("day", request.form)
    spans, error = grid.spans_of(pairs)
    on = _day(form["day"], now)
    if form.fine and on is None:
        form.errors["day"] = NO_DAY
    if error:
        form.errors["hours"] = error
    if on is None or not form.fine:
        return _page(day=form, pairs=pairs), 422
    try:
        _decide(
            Deed.DAY_SET,
            lambda staff: single_days.with_hours(staff, on, spans, now),
            target=on.isoformat(),
        )
    except SettingsError:
        form.errors["day"] = TOO_MANY
        return _page(day=form, pairs=pairs), 422
    flash(later("The day is saved."))
    return redirect(url_for(".index"), code=303)


@hours.post("/days/drop")
def drop_day() -> ResponseReturnValue:
    """A day is as its weekday again."""
    now = _now()
    on = _day(request.form.get("day", ""), now)
    if on is None:
        abort(400)
    staff = visit().office.staff
    spans = () if on in staff.closed_on else staff.special_hours.get(on, ())
    _decide(Deed.DAY_DROPPED, lambda staff: single_days.as_planned(staff, on, now), target=on.isoformat())
    had = ",".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans)
    return redirect(url_for(".index", dropped=on.isoformat(), had=had or None), code=303)


@hours.get("/holidays")
def show_holidays() -> ResponseReturnValue:
    """Which holidays there are, of the place that is kept or another one, and which are kept."""
    kept = visit().office.staff.holidays
    form = forms.empty(PLACE, country=kept.country, region=kept.region)
    if "country" in request.args:
        form = forms.read(PLACE, {name: value.upper() for name, value in request.args.items()})
    return _holidays_page(form)


@hours.post("/holidays")
def keep_holidays() -> ResponseReturnValue:
    """Keep some holidays, and no others."""
    form = forms.read(PLACE, {name: value.upper() for name, value in request.form.items()})
    kept = request.form.getlist("kept")
    value = {"country": form["country"], "region": form["region"], "kept": kept}
    try:
        if form.fine:
            _decide(Deed.HOLIDAYS_SET, lambda _: {"holidays": value}, target=form["country"])
    except SettingsError:
        form.errors["country"] = NO_PLACE
    if not form.fine:
        return _holidays_page(form), 422
    flash(later("The holidays are saved."))
    return redirect(url_for(".index"), code=303)


def _decide(deed: Deed, decided: Callable[[StaffSettings], Decided], *, target: str = "") -> None:
    """Decide in the visitor's name. Raises SettingsError."""
    at, by = the_box().now(), visit().account.name

    def change(db: Connection) -> None:
        rows.decide(db, decided(rows.staff(db)), at=at, by=by)

    visits.changed(deed, change, target=target)


def _dropped(now: datetime) -> tuple[date, list[tuple[str, str]]] | None:
    """The day that was just made as usual again, and the hours that it had, so that this can be undone."""
    on = _day(request.args.get("dropped", ""), now)
    if on is None:
        return None
    spans = [each.partition("-") for each in request.args.get("had", "").split(",") if each]
    return on, [(opens, closes) for opens, _, closes in spans[: grid.MOST]]


def _page(
    *,
    dropped: tuple[date, list[tuple[str, str]]] | None = None,
    until: Form | None = None,
    week: Grid | None = None,
    day: Form | None = None,
    pairs: list[tuple[str, str]] | None = None,
) -> str:
    office, now, words = visit().office, _now(), Words(reader_tongue())
    return render_template(
        "hours/index.html",
        standing=shown.standing(office.staff, now, words),
        told=shown.told(office, now, words),
        singles=shown.singles(office.staff, now, words),
        until=until or forms.empty(UNTIL),
        week=week or grid.of(office.staff.hours),
        day=day or forms.empty(DAY),
        pairs=pairs or grid.pairs_of(()),
        today=office.staff.opening.local(now).date(),
        dropped=dropped,
    )


def _holidays_page(form: Form) -> str:
    staff, now, tongue = visit().office.staff, _now(), reader_tongue()
    year = staff.opening.local(now).year
    kept = staff.holidays.kept if form["country"] == staff.holidays.country else ()
    found: Mapping[str, list[date]] = {}
    if form.fine:
        try:
            found = _named(form["country"], form["region"], (year, year + 1), staff.opening.local(now).date())
        except ValueError:
            form.errors["country"] = NO_PLACE
    words = Words(tongue)
    return render_template(
        "hours/holidays.html",
        form=form,
        days=[
            (
                name,
                shown.holiday(name, tongue),
                words.day(dates[0], staff.opening.local(now).date()),
                name in kept,
            )
            for name, dates in found.items()
        ],
    )


def _named(country: str, region: str, years: tuple[int, ...], today: date) -> dict[str, list[date]]:
    """The holidays that can be kept, each with its days to come. Raises ValueError for no such place."""
    known = holidays.names(country, region)
    found: dict[str, list[date]] = {}
    for year in years:
        for day, names in holidays.of_year(country, region, year).items():
            for name in names:
                if name in known and day >= today:
                    found.setdefault(name, []).append(day)
    return found


def _now() -> datetime:
    return times.read(the_box().now())


def _day(typed: str, now: datetime) -> date | None:
    """A day from today on, as browsers send it."""
    today = visit().office.staff.opening.local(now).date()
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return None
    return on if today <= on and on.year <= today.year + FURTHEST_YEARS else None
