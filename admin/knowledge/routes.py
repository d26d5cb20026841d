"""The pages of documents: how far each is; giving one, saying that it is right, removing it.

May import: flask, admin, appliance.jobs, appliance.store, kb.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin import live as live_parts
from admin.box import the_box
from admin.forms import Form
from admin.knowledge import fields, problems, shown, unanswered
from admin.knowledge.shown import Standing
from admin.tongue import later
from admin.visit import reader_tongue
from admin.words import local
from appliance.jobs import giving
from appliance.jobs.giving import Said
from appliance.store import documents, times
from appliance.store import knowledge as passages
from appliance.store import unanswered as questions
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.documents import Entry
from kb import web
from kb.documents import kinds
from kb.documents.blocks import DocumentRefused
from kb.uploads import FOLDER, Uploads
from kb.web import PageFailed

SUBJECTS = ("knowledge", "jobs", "office")
SNIFFED = 4096
NAME_MOST = 200
PASSAGES_SHOWN = 100
NO_FILE = later("Choose a file.")
EMPTY = later("The file is empty.")
NOT_READ = later("Files of this kind are not read. What is read: .md, .txt, .html, .docx, .pdf and .csv.")
NOT_THE_TITLE = later("This is not its title.")

knowledge = Blueprint("knowledge", __name__, url_prefix="/knowledge", template_folder="templates")
unanswered.install(knowledge)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All documents, and what keeps the worker from reading them."""

    documents: list[Standing]
    troubles: list[str]
    open_questions: int


@knowledge.get("")
def index() -> ResponseReturnValue:
    """The documents, and a box to ask them."""

    def look(db: Connection) -> tuple[str, _Shelf]:
        return live_parts.version(db, *SUBJECTS, also=_today()), _shelf(db)

    version, shelf = the_box().read(look)
    form = forms.empty(unanswered.ask_fields(), language="")
    return render_template("knowledge/index.html", shelf=shelf, version=version, form=form)


@knowledge.get("/live")
def live() -> ResponseReturnValue:
    """The documents, or that they are as they were."""

    def render(db: Connection) -> str:
        return render_template("knowledge/_documents.html", shelf=_shelf(db))

    return live_parts.part(*SUBJECTS, render=render, also=_today())


@knowledge.get("/new")
def new() -> ResponseReturnValue:
    """Ask which document it is."""
    return _new_page()


@knowledge.post("/file")
def add_file() -> ResponseReturnValue:
    """Take a file to be read, in place of one of its name that was given before."""
    form = forms.read(fields.document(), request.form)
    given, box = request.files.get("file"), the_box()
    name = "" if given is None else _plain(given.filename or "")
    if given is None or not name:
        form.errors["file"] = NO_FILE
        return _new_page(file=form), 422
    try:
        _sniff(name, given.stream.read(SNIFFED))
        given.stream.seek(0)
        if not form.fine:
            return _new_page(file=form), 422
        upload = Uploads(box.settings.knowledge_dir / FOLDER).take(given.stream, name)
    except DocumentRefused as exc:
        form.errors["file"] = problems.said(str(exc), reader_tongue())
        return _new_page(file=form), 422
    return _taken(lambda db: giving.file(db, name, upload, _said(form), times.read(box.now())), name)


@knowledge.post("/page")
def add_page() -> ResponseReturnValue:
    """Take a page of a website to be fetched, now and each night."""
    form, box = forms.read((fields.ADDRESS, *fields.document()), request.form), the_box()
    if not form.fine:
        return _new_page(page=form), 422
    try:
        address = str(web.checked(form["address"], box.settings.knowledge.private_hosts))
    except PageFailed as exc:
        form.errors["address"] = problems.said(str(exc), reader_tongue())
        return _new_page(page=form), 422
    return _taken(lambda db: giving.page(db, address, _said(form), times.read(box.now())), address)


@knowledge.get("/documents/<slug>")
def document(slug: str) -> ResponseReturnValue:
    """One document: how far it is, and what was read of it."""
    return _document_page(slug)


@knowledge.get("/documents/<slug>/live")
def document_live(slug: str) -> ResponseReturnValue:
    """How far it is, or that it is as it was."""

    def render(db: Connection) -> str:
        return render_template("knowledge/_document.html", **_document(db, slug))

    return live_parts.part(*SUBJECTS, render=render, also=_today())


@knowledge.post("/documents/<slug>/review")
def review(slug: str) -> ResponseReturnValue:
    """Note that somebody has looked through it today, and that it is right."""
    box = the_box()
    now = times.read(box.now())
    day = local(box.now(), visit.visit().office).date()
    visit.changed(Deed.DOCUMENT_REVIEWED, lambda db: giving.reviewed(db, slug, day, now), target=slug)
    giving.ring(box.settings)
    flash(later("Noted: it was reviewed today."))
    return redirect(url_for(".document", slug=slug), code=303)


@knowledge.post("/documents/<slug>/remove")
def remove(slug: str) -> ResponseReturnValue:
    """Forget a document, once its title was typed."""
    box, form = the_box(), forms.read((fields.NAME,), request.form)
    entry = box.read(lambda db: documents.entry(db, slug))
    if form.fine and not forms.is_name(form["name"], entry.title):
        form.errors["name"] = NOT_THE_TITLE
    if not form.fine:
        return _document_page(slug, confirm=form), 422
    now = times.read(box.now())
    visit.changed(Deed.DOCUMENT_REMOVED, lambda db: giving.remove(db, slug, now), target=slug)
    giving.ring(box.settings)
    flash(later("It is removed: callers are not answered from it any more."))
    return redirect(url_for(".index"), code=303)


def _taken(give: Callable[[Connection], Entry], name: str) -> ResponseReturnValue:
    """A document is given in the visitor's name; its page shows how far it is."""
    entry = visit.changed(Deed.DOCUMENT_GIVEN, give, target=name)
    giving.ring(the_box().settings)
    return redirect(url_for(".document", slug=entry.slug), code=303)


def _plain(file_name: str) -> str:
    """The name of a file as browsers send it, without the way to it."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[-NAME_MOST:].strip()


def _sniff(name: str, beginning: bytes) -> None:
    """See early that it is nothing that is read. Raises DocumentRefused."""
    if not beginning:
        raise DocumentRefused(EMPTY)
    if kinds.known(name) is None:
        raise DocumentRefused(NOT_READ)
    kinds.seen(beginning, kinds.known(name))


def _said(form: Form) -> Said:
    return Said(None, form["title"] or None, form["language"] or None, form["reviewed_on"] or None)


def _today() -> str:
    """Reviews grow old by themselves."""
    return local(the_box().now(), visit.visit().office).date().isoformat()


def _shelf(db: Connection) -> _Shelf:
    open_ones = questions.counts(db).get(questions.State.OPEN, 0)
    return _Shelf([_standing(each) for each in documents.overview(db)], giving.troubles(db), open_ones)


def _standing(each: documents.Overview) -> Standing:
    office = visit.visit().office
    today = local(the_box().now(), office).date()
    return shown.standing(each, office.staff, today, reader_tongue())


def _new_page(*, file: Form | None = None, page: Form | None = None) -> str:
    return render_template(
        "knowledge/new.html",
        file=file or forms.empty(fields.document(), language=""),
        page=page or forms.empty((fields.ADDRESS, *fields.document()), language=""),
        most=kinds.LARGEST,
    )


def _document(db: Connection, slug: str) -> dict[str, Any]:
    found = documents.one_of(db, documents.entry(db, slug))
    return {"document": _standing(found), "passages": passages.first(db, found.entry.id, PASSAGES_SHOWN)}


def _document_page(slug: str, *, confirm: Form | None = None) -> str:
    def look(db: Connection) -> tuple[str, dict[str, Any]]:
        return live_parts.version(db, *SUBJECTS, also=_today()), _document(db, slug)

    version, known = the_box().read(look)
    return render_template(
        "knowledge/document.html", version=version, confirm=confirm or forms.empty((fields.NAME,)), **known
    )
