"""`attendant kb add|list|remove|reindex`: the documents that callers are answered from.

May import: everything; heavy parts inside the commands that need them.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.store import documents
from appliance.store.documents import Entry, Overview, State

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from appliance.service.knowledge import Standing

SHOWN = 60
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
WAIT = click.option("--wait/--no-wait", default=False, help="Wait until callers are answered from it.")


class _NotRead(AttendantError):
    """It was given, and is not what callers are answered from."""


@click.command()
@click.argument("what", metavar="FILE|URL")
@click.option("--title", help="What it is called aloud; left out, what it calls itself.")
@click.option("--language", help="Its language, such as es; left out, it is told by its words.")
@click.option("--reviewed", help="The day on which somebody last said that it is right, such as 2026-05-01.")
@click.option("--slug", help="The name by which commands know it; one that has it already is replaced.")
@WAIT
@with_settings
def add(
    settings: Settings,
    what: str,
    title: str | None,
    language: str | None,
    reviewed: str | None,
    slug: str | None,
    *,
    wait: bool,
) -> None:
    """Add a document, or a newer one in its place: Markdown, text, HTML, DOCX, PDF, CSV, a page's address."""
    from appliance.jobs.giving import Said
    from appliance.service import knowledge

    began = datetime.now(UTC)
    said = Said(_slug(slug), title, _language(language), _day(reviewed))
    if "://" in what:
        entry = knowledge.add_page(settings, what, said)
    else:
        entry = _file_added(settings, Path(what), said)
    if not wait:
        show.line(f"{entry.slug} is taken. The worker reads it: `attendant kb list` says how far it is.")
        return
    _follow(settings, began)
    entry = rows.read(settings, lambda db: documents.entry(db, entry.slug))
    if entry.state is not State.READY:
        raise _NotRead(
            entry.problem or f"{entry.slug} is not read yet: `attendant kb list` says how far it is."
        )
    show.line(f"{entry.slug} is read: callers are answered from it.")


def _file_added(settings: Settings, file: Path, said: Any) -> Entry:
    from appliance.service import knowledge

    try:
        return knowledge.add_file(settings, file, said)
    except OSError as exc:
        raise click.ClickException(f"{exc.filename or file}: {exc.strerror}.") from exc


@click.command("list")
@AS_JSON
@with_settings
def list_(settings: Settings, *, as_json: bool) -> None:
    """Print the documents: how far they are, their passages, and when they were last said to be right."""
    from appliance.jobs import giving

    found, troubles = rows.read(settings, lambda db: (documents.overview(db), giving.troubles(db)))
    if as_json:
        trees = [
            {**asdict(each.entry), "passages": each.passages, "embedded": each.embedded} for each in found
        ]
        click.echo(orjson.dumps(trees, option=orjson.OPT_INDENT_2).decode())
    elif not found:
        show.line("There are no documents yet: attendant kb add FILE")
    else:
        show.table(
            ("Document", "Title", "State", "Passages", "Language", "Reviewed", "Version", "Model"),
            [_row(each) for each in found],
        )
        for each in found:
            if each.entry.problem:
                show.line()
                show.line(f"{each.entry.slug}: {each.entry.problem}")
        for trouble in troubles:
            show.line()
            show.line(f"The worker: {trouble}")


def _row(each: Overview) -> tuple[str, ...]:
    entry = each.entry
    return (
        entry.slug,
        entry.title if len(entry.title) <= SHOWN else f"{entry.title[: SHOWN - 1]}…",
        _state(each),
        str(each.passages),
        "" if entry.language == "und" else entry.language,
        entry.reviewed_on or "",
        str(entry.version),
        each.model or "",
    )


def _state(each: Overview) -> str:
    if each.entry.state is State.QUEUED:
        return "waits to be read"
    if each.entry.state is State.FAILED:
        return "cannot be read"
    if each.embedded < each.passages:
        return f"being indexed, {each.embedded} of {each.passages}"
    return "ready"


@click.command()
@click.argument("slugs", nargs=-1, required=True, metavar="DOCUMENT...")
@WAIT
@with_settings
def remove(settings: Settings, slugs: tuple[str, ...], *, wait: bool) -> None:
    """Remove documents: callers are not answered from them any more."""
    from appliance.service import knowledge

    began = datetime.now(UTC)
    for slug in slugs:
        knowledge.remove(settings, slug)
        show.line(f"{slug} is removed.")
    if wait:
        _follow(settings, began)


@click.command()
@with_settings
def reindex(settings: Settings) -> None:
    """Make all passages, embeddings and the index anew from what is kept; callers are answered meanwhile."""
    from appliance.service import knowledge

    began = datetime.now(UTC)
    count = knowledge.read_again(settings)
    _follow(settings, began)
    show.line(f"The index of {count} documents is made anew.")


def _follow(settings: Settings, began: datetime) -> None:
    """Show how far it is until all is done. Raises _NotRead with what was not."""
    from appliance.service import knowledge

    with knowledge.doing(settings) as here:
        click.echo("No worker runs: it is done by this command." if here else "The worker does it.", err=True)
        last: Standing | None = None
        with _bar() as bar:
            for last in knowledge.followed(settings, began):
                bar.show(last)
    if last is not None and last.problems:
        later = " It is tried again by and by." if last.later else ""
        raise _NotRead(f"{' '.join(last.problems)}{later}")


class _Bar:
    """A bar where somebody looks on: documents first, then passages."""

    def __init__(self) -> None:
        self._bar: ProgressBar[int] | None = None
        self._label = ""

    def show(self, standing: "Standing") -> None:
        """Draw how far it is."""
        if not sys.stderr.isatty():
            return
        label = "Reading" if standing.to_read else "Indexing"
        if self._bar is None or label != self._label:
            self.end()
            total = standing.to_read if standing.to_read else standing.passages + 1
            self._bar = click.progressbar(length=total, label=label, file=sys.stderr)
            self._bar.render_progress()
            self._label, self._total = label, total
        done = self._total - standing.to_read if standing.to_read else standing.embedded + standing.done
        self._bar.length = max(self._total, standing.passages + 1 if not standing.to_read else self._total)
        self._bar.update(max(0, done - self._bar.pos))

    def end(self) -> None:
        """Draw no more."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None


@contextmanager
def _bar() -> Iterator[_Bar]:
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.end()


def _slug(slug: str | None) -> str | None:
    from appliance.jobs.giving import slug_of

    if slug is not None and slug != slug_of(slug):
        raise click.BadParameter(f"such as {slug_of(slug)}", param_hint="--slug")
    return slug


def _language(language: str | None) -> str | None:
    from appliance.languages.folders import codes

    if language is not None and language not in codes():
        raise click.BadParameter(f"one of {', '.join(codes())}", param_hint="--language")
    return language


def _day(reviewed: str | None) -> str | None:
    try:
        return None if reviewed is None else date.fromisoformat(reviewed).isoformat()
    except ValueError as exc:
        raise click.BadParameter("a day such as 2026-05-01", param_hint="--reviewed") from exc
