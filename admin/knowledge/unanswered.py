"""The pages of questions: asking the documents, what callers asked in vain, and writing the answer.

May import: flask, admin, appliance.jobs, appliance.store.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.forms import Field, Form
from admin.knowledge import fields
from admin.knowledge.asking import questions
from admin.tongue import later
from admin.words import local
from appliance.jobs import giving
from appliance.store import times, unanswered
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.unanswered import Group, Missed, State, Why

PAGE = 100
ID_MOST = 2**63 - 1
STATES = {
    State.OPEN: later("Not answered"),
    State.ANSWERED: later("Answered"),
    State.DISMISSED: later("Dismissed"),
}
WRITTEN = later("It is written. Callers are told it as soon as it is read, which takes some seconds.")


def install(knowledge: Blueprint) -> None:
    """Have a blueprint answer these addresses."""
    one = f"/unanswered/<int(max={ID_MOST}):group_id>"
    knowledge.get("/ask")(ask)
    knowledge.get("/answer")(own_answer)
    knowledge.post("/answer")(write_own_answer)
    knowledge.get("/unanswered", endpoint="unanswered")(index)
    knowledge.get(one)(question)
    knowledge.post(one)(answer)
    knowledge.post(f"{one}/dismiss")(dismiss)
    knowledge.post(f"{one}/open")(open_again)


def ask_fields() -> tuple[Field, ...]:
    """What is asked, and in which language."""
    return (fields.QUESTION, fields.language(later("That of the words")))


def ask() -> ResponseReturnValue:
    """What a caller would hear to a question, and from which passages."""
    form, office = forms.read(ask_fields(), request.args), visit.visit().office
    if not form.fine:
        return render_template("knowledge/ask.html", form=form, told=None), 422
    today = local(the_box().now(), office).date()
    told = questions().told(form["question"], form["language"], office.staff, today)
    return render_template("knowledge/ask.html", form=form, told=told)


def own_answer() -> ResponseReturnValue:
    """Ask for an answer to a question of one's own."""
    given = {name: request.args.get(name, "")[:300] for name in ("question", "language")}
    return render_template("knowledge/answer.html", form=forms.empty(_own_fields(), **given), group=None)


def write_own_answer() -> ResponseReturnValue:
    """Write it; a caller's question that means the same is answered by it."""
    form, box = forms.read(_own_fields(), request.form), the_box()
    if not form.fine:
        return render_template("knowledge/answer.html", form=form, group=None), 422
    now, vector = times.read(box.now()), questions().embedded(form["question"])
    missed = Missed(form["question"], form["language"], Why.NOT_KNOWN, 0.0, None, *vector)

    def write(db: Connection) -> None:
        giving.answer(db, unanswered.keep(db, missed, now), form["answer"], form["question"], now)

    visit.changed(Deed.ANSWER_WRITTEN, write)
    return _written()


def index() -> ResponseReturnValue:
    """The questions in groups, those first that were asked most."""
    state = request.args.get("state", State.OPEN.value)
    if state not in list(State):
        abort(404)

    def look(db: Connection) -> tuple[list[Group], dict[State, int]]:
        return unanswered.groups(db, State(state), limit=PAGE), unanswered.counts(db)

    groups, counts = the_box().read(look)
    return render_template(
        "knowledge/unanswered.html", found=groups, counts=counts, states=STATES, state=State(state)
    )


def question(group_id: int) -> ResponseReturnValue:
    """One group, and the form for its answer."""
    return _group_page(group_id)


def answer(group_id: int) -> ResponseReturnValue:
    """Write the answer to a group: it becomes a passage that callers are told."""
    form, box = forms.read((fields.QUESTION, fields.ANSWER), request.form), the_box()
    if not form.fine:
        return _group_page(group_id, form), 422
    now = times.read(box.now())
    visit.changed(
        Deed.ANSWER_WRITTEN,
        lambda db: giving.answer(db, group_id, form["answer"], form["question"], now),
        target=str(group_id),
    )
    return _written()


def dismiss(group_id: int) -> ResponseReturnValue:
    """Leave a group without an answer."""
    return _settled(group_id, State.DISMISSED, Deed.QUESTION_DISMISSED, later("Dismissed."))


def open_again(group_id: int) -> ResponseReturnValue:
    """Have a group wait for an answer again."""
    return _settled(group_id, State.OPEN, Deed.QUESTION_OPENED, later("It waits for an answer again."))


def _settled(group_id: int, state: State, deed: Deed, told: str) -> ResponseReturnValue:
    at = times.read(the_box().now())
    before = the_box().read(lambda db: unanswered.group(db, group_id)).state
    visit.changed(deed, lambda db: unanswered.settle(db, group_id, state, at), target=str(group_id))
    flash(told)
    return redirect(url_for("knowledge.unanswered", state=None if before is State.OPEN else before), code=303)


def _written() -> ResponseReturnValue:
    giving.ring(the_box().settings)
    flash(WRITTEN)
    return redirect(url_for("knowledge.unanswered"), code=303)


def _own_fields() -> tuple[Field, ...]:
    spoken = fields.language("")
    return (
        fields.QUESTION,
        Field("language", spoken.label, kind="choice", choices=spoken.choices[1:]),
        fields.ANSWER,
    )


def _group_page(group_id: int, form: Form | None = None) -> str:
    def look(db: Connection) -> tuple[Group, list[str]]:
        return unanswered.group(db, group_id), unanswered.questions(db, group_id)

    group, asked = the_box().read(look)
    form = form or forms.empty((fields.QUESTION, fields.ANSWER), question=group.question)
    return render_template("knowledge/answer.html", form=form, group=group, asked=asked)
