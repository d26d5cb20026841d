"""Changing what a draft says of departments and documents: other ones, new ones, those that would be gone.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.departments import form as department_form
from admin.departments.form import Typed, region_of
from admin.forms import Field, Form
from admin.knowledge import fields as document_fields
from admin.rehearse.changing import KEPT, Opened, kept, opened
from admin.rehearse.drafting import ONE, back
from admin.tongue import later
from appliance.core import slugs
from appliance.core.errors import SettingsError
from appliance.core.menu import DepartmentLine
from appliance.jobs import drafted as drafted_jobs
from appliance.jobs import giving
from appliance.store import documents, drafted, drafts, office, times
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.documents import Entry, Source
from appliance.store.drafted import CONTENT_MOST, DEPARTMENT, DOCUMENT

TITLE = Field("title", later("Title"), hint=later("Callers hear it as the source."), most=120)
CONTENT = Field(
    "content",
    later("Text"),
    hint=later("Headings begin with #, items with -. Callers are told what stands in it."),
    kind="lines",
    most=CONTENT_MOST,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A department or document beside a draft: as it would be, and what the draft does with it."""

    slug: str
    name: str
    detail: str
    change: str
    """`new`, `changed`, `gone`, or empty: it stays as it is."""
    open: bool = True
    """Whether it can be changed in a draft."""


def install(pages: Blueprint) -> None:
    """Serve these pages."""
    pages.get(f"{ONE}/departments")(draft_departments)
    pages.get(f"{ONE}/departments/new")(draft_department_new)
    pages.post(f"{ONE}/departments/new")(draft_department_add)
    pages.get(f"{ONE}/departments/one/<slug>")(draft_department)
    pages.post(f"{ONE}/departments/one/<slug>")(keep_draft_department)
    pages.get(f"{ONE}/documents")(draft_documents)
    pages.get(f"{ONE}/documents/new")(draft_document_new)
    pages.post(f"{ONE}/documents/new")(draft_document_add)
    pages.get(f"{ONE}/documents/one/<slug>")(draft_document)
    pages.post(f"{ONE}/documents/one/<slug>")(keep_draft_document)
    pages.post(f"{ONE}/remove")(draft_remove)


def draft_remove(draft_id: int) -> ResponseReturnValue:
    """Have a department or document gone, once the draft is decided."""
    key = request.form.get("item", "")
    if not key.startswith((DEPARTMENT, DOCUMENT)):
        abort(404)
    box, by = the_box(), visit.visit().account.name
    name, at = box.read(lambda db: drafts.one(db, draft_id)).name, box.now()

    def remove(db: Connection) -> None:
        if drafted.standing(db, (key,))[key] is None:
            drafts.drop(db, draft_id, key, at=at, by=by)
        else:
            drafts.put(db, draft_id, {key: None}, at=at, by=by)
        drafted_jobs.owe(db, now=times.read(at))

    try:
        visit.changed(Deed.DRAFT_CHANGED, remove, target=name)
        flash(KEPT)
    except SettingsError as exc:
        flash(exc.mistakes[0])
    giving.ring(box.settings)
    return back(draft_id)


# Departments ---------------------------------------------------------------------------------------------


def draft_departments(draft_id: int) -> ResponseReturnValue:
    """The departments as they would be."""
    known = opened(draft_id, ())
    wanted, now = (
        drafted.departments_of(known.draft.values),
        {each.slug for each in visit.visit().office.departments},
    )
    rows = [
        Row(line.slug, line.name, ", ".join(line.numbers), _change(line.slug, wanted, now))
        for line in known.office.departments
    ]
    gone = [
        Row(line.slug, line.name, "", "gone")
        for line in visit.visit().office.departments
        if wanted.get(line.slug, line) is None
    ]
    full = len(known.office.departments) >= office.MOST_DEPARTMENTS
    return render_template("rehearse/draft_departments.html", known=known, rows=[*rows, *gone], full=full)


def draft_department_new(draft_id: int) -> ResponseReturnValue:
    """Ask for another one."""
    known = opened(draft_id, ())
    return _department_page(known, department_form.empty(known.office))


def draft_department_add(draft_id: int) -> ResponseReturnValue:
    """Have it in the draft, behind the others."""
    known = opened(draft_id, ())
    typed = department_form.read(request.form, region_of(known.office))
    if _put_department(known, typed):
        return redirect(url_for(".draft_departments", draft_id=draft_id), code=303)
    return _department_page(known, typed), 422


def draft_department(draft_id: int, slug: str) -> ResponseReturnValue:
    """One of them, as it would be."""
    known = opened(draft_id, (DEPARTMENT + slug,))
    line = _line(known, slug)
    return _department_page(known, department_form.filled(line, known.office), slug)


def keep_draft_department(draft_id: int, slug: str) -> ResponseReturnValue:
    """Have it so in the draft."""
    known = opened(draft_id, (DEPARTMENT + slug,))
    _line(known, slug)
    typed = department_form.read(request.form, region_of(known.office))
    if _put_department(known, typed, slug):
        return redirect(url_for(".draft_departments", draft_id=draft_id), code=303)
    return _department_page(known, typed, slug), 422


def _put_department(known: Opened, typed: Typed, slug: str = "") -> bool:
    """Have a department in the draft; one that is new in it is known by its name."""
    if not typed.fine:
        return False
    there = {line.slug for line in visit.visit().office.departments}
    wanted = slug if slug in there else office.slug_of(typed.name)
    taken = {line.slug for line in known.office.departments} | there
    if wanted != slug and wanted in taken:
        typed.form.errors["name"] = department_form.THERE_ALREADY
        return False
    value = {"name": typed.name, "numbers": typed.numbers, "aliases": typed.aliases, "hours": typed.hours}
    at, by = the_box().now(), visit.visit().account.name

    def change(db: Connection) -> None:
        if slug and wanted != slug:
            drafts.drop(db, known.draft.id, DEPARTMENT + slug, at=at, by=by)
        drafts.put(db, known.draft.id, {DEPARTMENT + wanted: value}, at=at, by=by)

    return kept(known, typed.form, change)


def _line(known: Opened, slug: str) -> DepartmentLine:
    return next((line for line in known.office.departments if line.slug == slug), None) or abort(404)


def _department_page(known: Opened, typed: Typed, slug: str = "") -> str:
    return render_template("rehearse/draft_department.html", known=known, typed=typed, slug=slug)


# Documents -----------------------------------------------------------------------------------------------


def draft_documents(draft_id: int) -> ResponseReturnValue:
    """The documents as they would be."""
    known = opened(draft_id, ())
    wanted = drafted.documents_of(known.draft.values)
    entries, letters = the_box().read(lambda db: (documents.entries(db), documents.lengths(db)))
    rows = [_document_row(entry, wanted, letters[entry.id]) for entry in entries]
    there = {entry.slug for entry in entries}
    rows += [
        Row(slug, value["title"], "", "new")
        for slug, value in wanted.items()
        if value is not None and slug not in there
    ]
    return render_template("rehearse/draft_documents.html", known=known, rows=rows)


def draft_document_new(draft_id: int) -> ResponseReturnValue:
    """Ask for another one."""
    return _document_page(opened(draft_id, ()), forms.empty(_fields(), language=""))


def draft_document_add(draft_id: int) -> ResponseReturnValue:
    """Have it in the draft."""
    known, form = opened(draft_id, ()), forms.read(_fields(), request.form)
    if form.fine and _put_document(known, form, _free(known, giving.slug_of(form["title"]))):
        return redirect(url_for(".draft_documents", draft_id=draft_id), code=303)
    return _document_page(known, form), 422


def draft_document(draft_id: int, slug: str) -> ResponseReturnValue:
    """One of them, as it would be."""
    known = opened(draft_id, (DOCUMENT + slug,))
    return _document_page(known, forms.empty(_fields(), **_document(known, slug)), slug)


def keep_draft_document(draft_id: int, slug: str) -> ResponseReturnValue:
    """Have it so in the draft."""
    known, form = opened(draft_id, (DOCUMENT + slug,)), forms.read(_fields(), request.form)
    _document(known, slug)
    if form.fine and _put_document(known, form, slug):
        return redirect(url_for(".draft_documents", draft_id=draft_id), code=303)
    return _document_page(known, form, slug), 422


def _put_document(known: Opened, form: Form, slug: str) -> bool:
    there, value = known.there.get(DOCUMENT + slug), dict(form.values)
    if there is not None and form["content"] == forms.read((CONTENT,), there)["content"]:
        # Nothing but its spaces is another, which forms do not keep.
        value["content"] = there["content"]
    at, by = the_box().now(), visit.visit().account.name

    def change(db: Connection) -> None:
        drafts.put(db, known.draft.id, {DOCUMENT + slug: value}, at=at, by=by)
        drafted_jobs.owe(db, now=times.read(at))

    done = kept(known, form, change)
    giving.ring(the_box().settings)
    return done


def _fields() -> tuple[Field, ...]:
    return (TITLE, document_fields.language(later("Told by its words")), CONTENT)


def _document(known: Opened, slug: str) -> Mapping[str, str]:
    """A document as the draft has it, or as it is; of one that cannot be changed here there is none."""
    key = DOCUMENT + slug
    value = known.draft.values.get(key)
    if value is None:
        value = known.there[key]
        entry = next((each for each in the_box().read(documents.entries) if each.slug == slug), None)
        if value is None or entry is None or not _may_change(entry, len(value["content"])):
            abort(404)
    return {name: str(value[name]) for name in ("title", "language", "content")}


def _may_change(entry: Entry, letters: int) -> bool:
    """A page of the website is changed there, and what is long in its own program."""
    return entry.source is not Source.PAGE and letters <= CONTENT_MOST


def _document_row(entry: Entry, wanted: Mapping[str, Any], letters: int) -> Row:
    value = wanted.get(entry.slug)
    change = "" if entry.slug not in wanted else "gone" if value is None else "changed"
    title = entry.title if value is None else value["title"]
    return Row(entry.slug, title, "", change, open=_may_change(entry, letters))


def _free(known: Opened, slug: str) -> str:
    """A slug that no document has, here or in the draft."""
    taken = {entry.slug for entry in the_box().read(documents.entries)}
    taken |= drafted.documents_of(known.draft.values).keys()
    return slugs.free(slug, taken)


def _document_page(known: Opened, form: Form, slug: str = "") -> str:
    return render_template("rehearse/draft_document.html", known=known, form=form, slug=slug)


def _change(slug: str, wanted: Mapping[str, Any], now: set[str]) -> str:
    return "" if slug not in wanted else "changed" if slug in now else "new"
