"""The page of citations: the questions of all calls, searched and filtered; an answer is called bad, or not.

May import: flask, admin, appliance.store.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import visit
from admin.box import the_box
from admin.door.guard import safe_path
from admin.knowledge.asking import questions
from admin.tongue import later
from appliance.store import citations as rows
from appliance.store import documents, times, unanswered
from appliance.store.audit import Deed
from appliance.store.citations import CitationRow, Fate, Wanted
from appliance.store.database import Connection

PAGE = 50
WORDS_MOST = 100
ID_MOST = 2**63 - 1
FATES = {
    Fate.ANSWERED: later("Answered"),
    Fate.NOT_KNOWN: later("Not known"),
    Fate.UNVERIFIED: later("Answered without a source that was found"),
    Fate.BAD: later("Called bad"),
}
citations = Blueprint("citations", __name__, url_prefix="/citations", template_folder="templates")


@dataclass(frozen=True, slots=True)
class _Found:
    rows: list[CitationRow]
    languages: list[str]
    known: set[str]
    """The documents that there still are."""


@citations.get("")
def index() -> ResponseReturnValue:
    """The questions of all calls, the newest first."""
    before = request.args.get("before", default=0, type=int)
    fate, language = request.args.get("fate", ""), request.args.get("language", "")
    if not 0 <= before <= ID_MOST or (fate and fate not in list(Fate)):
        abort(404)
    words = " ".join(request.args.get("words", "").split())[:WORDS_MOST]
    wanted = Wanted(words, language, Fate(fate) if fate else None)

    def look(db: Connection) -> _Found:
        found = rows.page(db, wanted, before_id=before or None, limit=PAGE + 1)
        return _Found(found, rows.languages(db), {each.slug for each in documents.entries(db)})

    found = the_box().read(look)
    return render_template(
        "citations/index.html",
        rows=found.rows[:PAGE],
        languages=found.languages,
        known=found.known,
        fates=FATES,
        chosen={"words": words or None, "language": language or None, "fate": fate or None},
        older=found.rows[PAGE - 1].id if len(found.rows) > PAGE else 0,
        first=not before,
        least=visit.visit().office.staff.kb_min_confidence,
    )


@citations.post(f"/<int(max={ID_MOST}):row_id>/bad")
def dislike(row_id: int) -> ResponseReturnValue:
    """Call an answer bad: its question stands among those that wait for one."""
    box = the_box()
    row = box.read(lambda db: rows.one(db, row_id))
    if row.rating >= 0:
        now, (vector, model) = times.read(box.now()), questions().embedded(row.question)
        visit.changed(
            Deed.ANSWER_DISLIKED,
            lambda db: unanswered.disliked(db, row_id, now, vector, model),
            target=str(row_id),
        )
    flash(later("Its question stands under Knowledge, unanswered questions: write the right answer there."))
    return _back()


@citations.post(f"/<int(max={ID_MOST}):row_id>/not-bad")
def dislike_no_more(row_id: int) -> ResponseReturnValue:
    """An answer was called bad by mistake: its question waits for no other one."""
    row = the_box().read(lambda db: rows.one(db, row_id))
    if row.rating < 0:
        visit.changed(
            Deed.ANSWER_NOT_BAD, lambda db: unanswered.disliked_no_more(db, row_id), target=str(row_id)
        )
    flash(later("The answer counts as any other again, and its question is not among the unanswered ones."))
    return _back()


def _back() -> ResponseReturnValue:
    """To where it was asked for."""
    return redirect(safe_path(request.form.get("next", "")) or url_for(".index"), code=303)
