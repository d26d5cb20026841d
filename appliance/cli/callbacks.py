"""The callback list at the command line: who is to be called back, and what was done about it.

May import: click, orjson, appliance.cli, appliance.core, appliance.store.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.callbacks import Urgency
from appliance.core.settings import Settings
from appliance.store import callback_rows, message_corrections, message_texts, messages
from appliance.store import callbacks as entries
from appliance.store.callback_rows import Counts, Entry, State
from appliance.store.database import Connection
from appliance.store.message_corrections import Correction
from appliance.store.message_texts import MessageText

NOBODY = "Nobody is to be called back."
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
AS = click.option("--as", "who", metavar="NAME", help="Who does it; left out, whoever is logged in.")
ENTRY = click.argument("entry_id", type=int, metavar="ID")
WORDS = click.argument("words", nargs=-1)


@click.group()
def callbacks() -> None:
    """Who is to be called back: messages, voicemail, calls that broke off or reached nobody."""


@callbacks.command("list")
@click.option("--done", is_flag=True, help="What was done, the latest first.")
@click.option("--owner", metavar="NAME", help="Only what this person has taken.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The most.")
@AS_JSON
@with_settings
def list_(settings: Settings, owner: str | None, limit: int, *, done: bool, as_json: bool) -> None:
    """Print the list: emergencies first, then what is urgent, then what is due first."""
    now = datetime.now(UTC)

    def query(db: Connection) -> tuple[list[Entry], Counts]:
        found = (
            callback_rows.done_page(db, limit=limit)
            if done
            else callback_rows.open_page(db, owner=owner, limit=limit)
        )
        return found, callback_rows.counts(db, now)

    found, counts = rows.read(settings, query)
    if as_json:
        _print_json({"counts": asdict(counts), "callbacks": [_tree(each) for each in found]})
        return
    zone = _zone(settings)
    if found:
        heads = ("ID", "", "Caller", "Why", "Since", "Due", "Whose", "Tries")
        show.table(heads, [_row(each, zone, now) for each in found])
        show.line()
    show.line(_told(counts) if counts.open else NOBODY)


Left = tuple[messages.Message, MessageText | None, Correction | None]
"""What a caller left, what machines wrote down of it, and what staff made of that."""


def _left(db: Connection, message_id: int) -> list[Left]:
    message = messages.one(db, message_id)
    if message is None:
        return []
    corrections = message_corrections.of_message(db, message_id)
    return [(message, message_texts.of_message(db, message_id), next(iter(corrections), None))]


def _print_left(left: Left, zone: ZoneInfo) -> None:
    message, text, correction = left
    about = f": {message.subject}" if message.subject else ""
    told = message.told
    show.line(f"\n{_when(message.created_at, zone)}  {message.kind}{about} (message {message.id})")
    for name, words in (
        (f"Corrected by {correction.by}: " if correction else "", correction.text if correction else ""),
        ("", message.body),
        ("Not heard: ", told.unheard),
        ("Heard: ", told.words),
        ("By machine: ", text.summary if text is not None else ""),
        ("Recording: ", message.recording_path or ""),
    ):
        if words:
            show.line(f"{name}{words}")


@callbacks.command("show")
@ENTRY
@AS_JSON
@with_settings
def show_(settings: Settings, entry_id: int, *, as_json: bool) -> None:
    """Print one entry: why it is there, what was left, what was done, and what was promised before."""

    def query(db: Connection) -> tuple[Entry, list[callback_rows.Done], list[Left], list[Entry]]:
        entry = callback_rows.get(db, entry_id)
        left = [_left(db, each.message_id) for each in entry.causes if each.message_id is not None]
        before = [each for each in callback_rows.of_number(db, entry.number) if each.id != entry_id]
        return entry, callback_rows.history(db, entry_id), [each for found in left for each in found], before

    entry, done, left, before = rows.read(settings, query)
    if as_json:
        told = [{**asdict(each), "text": _json(text), "correction": _json(own)} for each, text, own in left]
        trees = {"history": [asdict(each) for each in done], "messages": told}
        _print_json({**_tree(entry), **trees, "before": [_tree(each) for each in before]})
        return
    zone, now = _zone(settings), datetime.now(UTC)
    _print_entry(entry, zone, now)
    for each_left in left:
        _print_left(each_left, zone)
    show.line()
    for each in done:
        by = f" by {each.by}" if each.by else ""
        show.line(f"{_at(each.at, zone)}  {each.what}{by}{': ' if each.note else ''}{each.note}")
    if before:
        show.line()
        show.line(
            "Before: " + ", ".join(f"{each.id} ({each.state}, {_at(each.last_at, zone)})" for each in before)
        )


@callbacks.command()
@ENTRY
@click.option("--for", "whose", metavar="NAME", help="Whose it is to be; left out, yours.")
@click.option("--over", is_flag=True, help="Also when somebody else has it.")
@click.option("--give-back", is_flag=True, help="It is nobody's again.")
@AS
@with_settings
def take(
    settings: Settings, entry_id: int, whose: str | None, who: str | None, *, over: bool, give_back: bool
) -> None:
    """Take an entry: it is yours, and nobody is reminded of it."""
    person, now = whose or _who(who), datetime.now(UTC)
    if give_back:
        _change(settings, lambda db: entries.give_back(db, entry_id, _who(who), now=now), "is nobody's again")
    else:
        _change(settings, lambda db: entries.take(db, entry_id, person, now=now, over=over), f"is {person}'s")


@callbacks.command()
@ENTRY
@WORDS
@AS
@with_settings
def note(settings: Settings, entry_id: int, words: tuple[str, ...], who: str | None) -> None:
    """Write WORDS down about an entry."""
    if not words:
        raise click.UsageError("What is to be written down?")
    now, said = datetime.now(UTC), " ".join(words)
    _change(settings, lambda db: entries.note(db, entry_id, _who(who), said, now=now), "has the note")


@callbacks.command()
@ENTRY
@WORDS
@click.option(
    "--again-in", type=click.IntRange(1, 10_080), metavar="MINUTES", help="Due again after so long."
)
@AS
@with_settings
def attempt(
    settings: Settings, entry_id: int, words: tuple[str, ...], again_in: int | None, who: str | None
) -> None:
    """Note that the caller was called in vain, with WORDS about it."""
    now, said = datetime.now(UTC), " ".join(words)
    again = None if again_in is None else now + timedelta(minutes=again_in)
    made = _change(
        settings,
        lambda db: entries.attempt(db, entry_id, _who(who), said, now=now, again=again),
        "has one try more",
    )
    show.line(f"Tries: {made.attempts}.")


@callbacks.command()
@ENTRY
@WORDS
@AS
@with_settings
def done(settings: Settings, entry_id: int, words: tuple[str, ...], who: str | None) -> None:
    """Note that all of it is dealt with, with WORDS about it."""
    now, said = datetime.now(UTC), " ".join(words)
    _change(settings, lambda db: entries.done(db, entry_id, _who(who), said, now=now), "is done")


@callbacks.command()
@ENTRY
@AS
@with_settings
def undo(settings: Settings, entry_id: int, who: str | None) -> None:
    """Have an entry open again that was done."""
    now = datetime.now(UTC)
    _change(settings, lambda db: entries.undo(db, entry_id, _who(who), now=now), "is open again")


@callbacks.command()
@ENTRY
@click.argument("minutes", type=click.IntRange(1, 43_200))
@AS
@with_settings
def snooze(settings: Settings, entry_id: int, minutes: int, who: str | None) -> None:
    """Put an entry off: it is due in so many MINUTES."""
    now = datetime.now(UTC)
    until = now + timedelta(minutes=minutes)
    made = _change(settings, lambda db: entries.snooze(db, entry_id, _who(who), until, now=now), "is put off")
    show.line(f"Due: {_at(made.due_at, _zone(settings))}.")


def _change(settings: Settings, change: Callable[[Connection], Entry], told: str) -> Entry:
    entry = rows.write(settings, change)
    show.line(f"Callback {entry.id} {told}.")
    return entry


def _who(given: str | None) -> str:
    return given or rows.who()


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(rows.office(settings).staff.time_zone)


def _row(entry: Entry, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    return (
        str(entry.id),
        _presses(entry, now),
        _caller(entry),
        _why(entry),
        _at(entry.last_at, zone),
        _at(entry.due_at, zone) if entry.state is State.OPEN else str(entry.state),
        entry.owner or entry.ended_by,
        str(entry.attempts or ""),
    )


def _presses(entry: Entry, now: datetime) -> str:
    late = "late" if entry.overdue(now) else ""
    return " ".join(filter(None, ("" if entry.urgency is Urgency.NORMAL else entry.urgency.name, late)))


def _caller(entry: Entry) -> str:
    other = f"(or {entry.number})" if entry.said and entry.number else ""
    return " ".join(filter(None, (entry.name, entry.to_dial, other))) or "number withheld"


def _why(entry: Entry) -> str:
    counted = Counter(str(each.cause).replace("_", " ") for each in entry.causes if not each.void_why)
    return ", ".join(f"{times} × {cause}" if times > 1 else cause for cause, times in counted.items())


def _print_entry(entry: Entry, zone: ZoneInfo, now: datetime) -> None:
    show.line(f"Callback {entry.id}: {_caller(entry)}")
    for name, value in (
        ("State", f"{entry.state}{f' into {entry.into}' if entry.into else ''}"),
        ("Urgency", entry.urgency.name.lower()),
        ("Due", f"{_at(entry.due_at, zone)}{', late' if entry.overdue(now) else ''}"),
        ("Whose", entry.owner),
        ("Tries", str(entry.attempts or "")),
        ("Done by", entry.ended_by),
    ):
        if value:
            show.line(f"{name:<8} {value}")
    for each in entry.causes:
        gone = f" -- does not count any more: {each.void_why}" if each.void_why else ""
        of = f", call {each.call_id}" if each.call_id else ""
        show.line(f"{_at(each.at, zone)}  {str(each.cause).replace('_', ' ')}{of}{gone}")


def _told(counts: Counts) -> str:
    more = [
        f"{number} {what}"
        for number, what in (
            (counts.emergencies, "emergency" if counts.emergencies == 1 else "emergencies"),
            (counts.urgent, "urgent"),
            (counts.overdue, "late"),
            (counts.owned, "taken"),
        )
        if number
    ]
    return f"{counts.open} to be called back" + (f": {', '.join(more)}." if more else ".")


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _when(at: str, zone: ZoneInfo) -> str:
    return _at(datetime.fromisoformat(at), zone)


def _tree(entry: Entry) -> dict[str, object]:
    return {**asdict(entry), "urgency": entry.urgency.name.lower()}


def _json(row: MessageText | Correction | None) -> dict[str, object] | None:
    return None if row is None else asdict(row)


def _print_json(tree: object) -> None:
    click.echo(orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
