"""The page of analytics, and each chart's table as a file.

May import: flask, admin, appliance.store.
"""

from datetime import date

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin.analytics import sheet, span
from admin.analytics.figures import FIGURES, Asked, Figure
from admin.analytics.span import Span, Step
from admin.box import the_box
from admin.visit import reader_tongue, visit
from admin.words import Words, local
from appliance.store import tallies
from appliance.store.database import Connection

analytics = Blueprint("analytics", __name__, url_prefix="/analytics", template_folder="templates")


@analytics.get("")
def index() -> ResponseReturnValue:
    """All charts of some days."""
    today, words = _today(), Words(reader_tongue())
    form, chosen = span.read(request.args, today)

    def look(db: Connection) -> tuple[date | None, dict[str, Figure]]:
        asked = Asked(db, chosen, chosen.step, visit().office, words)
        return tallies.first_day(db), {key: made(asked) for key, (_, made) in FIGURES.items()}

    first, figures = the_box().read(look)
    page = render_template(
        "analytics/index.html",
        form=form,
        first=first,
        chosen=chosen,
        days={"since": chosen.since.isoformat(), "until": chosen.until.isoformat()},
        preset=span.preset(chosen, today),
        presets={days: (said, span.last_days(days, today)) for days, said in span.PRESETS.items()},
        marks=span.marks,
        titles={key: title for key, (title, _) in FIGURES.items()},
        figures=figures,
    )
    return page, 200 if form.fine else 422


@analytics.get("/<key>.csv")
def table(key: str) -> ResponseReturnValue:
    """The table of a chart, day by day."""
    form, chosen = span.read(request.args, _today())
    if key not in FIGURES or not form.fine:
        abort(404)
    figure = the_box().read(lambda db: _figure(db, key, chosen))
    name = f"attendant-{key}-{chosen.since}-{chosen.until}.csv"
    answer = Response(sheet.written(figure.table), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _figure(db: Connection, key: str, chosen: Span) -> Figure:
    _, made = FIGURES[key]
    return made(Asked(db, chosen, Step.DAY, visit().office, Words(reader_tongue()), filed=True))


def _today() -> date:
    return local(the_box().now(), visit().office).date()
