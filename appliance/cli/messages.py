"""Messages at the command line: lists, one with all that was said, its recording as a file, what is done.

May import: click, appliance.archive, appliance.cli, appliance.core, appliance.store.
"""

import shutil
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson

from appliance.archive import moving
from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.jobs import giving
from appliance.store import callbacks, message_corrections, message_texts, recordings_away, times, voicemail
from appliance.store import messages as message_rows
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.message_corrections import Correction
from appliance.store.message_texts import MessageText, TextState
from appliance.store.messages import Message

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
SHOWN = 60


class NotThere(AttendantError):
    """The recording, or what would write it down, is not on this box."""


@click.group()
def messages() -> None:
    """What callers left for the staff, written down or recorded."""


@messages.command("list")
@click.option("--open", "unhandled", is_flag=True, help="Only those that nobody has dealt with.")
@click.option("--hang-ups", is_flag=True, help="Recordings in which nobody speaks, too.")
@click.option("--before", type=int, metavar="ID", help="Only those older than this one: the next page.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many.")
@AS_JSON
@with_settings
def list_(
    settings: Settings, before: int | None, limit: int, *, unhandled: bool, hang_ups: bool, as_json: bool
) -> None:
    """Print the messages, the newest first."""

    def query(db: Connection) -> list[tuple[Message, MessageText | None]]:
        found = message_rows.page(db, before_id=before, limit=limit, unhandled=unhandled, hang_ups=hang_ups)
        texts = message_texts.of_messages(db, [each.id for each in found])
        return [(each, texts.get(each.id)) for each in found]

    found = rows.read(settings, query)
    if as_json:
        _print_json([_tree(*each) for each in found])
    elif not found:
        show.line("There is no such message." if unhandled or before else "There is no message yet.")
    else:
        zone = ZoneInfo(rows.office(settings).staff.time_zone)
        heads = ("Id", "Left", "Kind", "From", "Name", "How", "What")
        show.table(heads, [_row(*each, zone) for each in found])


@messages.command("show")
@click.argument("message_id", type=int, metavar="ID")
@AS_JSON
@with_settings
def show_(settings: Settings, message_id: int, *, as_json: bool) -> None:
    """Print one message with all that was said; what a machine made of it is marked so."""
    message, text, corrections = rows.read(settings, lambda db: _one(db, message_id))
    if as_json:
        _print_json(_whole(message, text, corrections))
        return
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    for name, value in [*_facts(message, text, zone), *_corrected(corrections)]:
        if value:
            show.line(f"{name}: {value}")


@messages.command("export")
@click.argument("message_id", type=int, metavar="ID")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_settings
def export(settings: Settings, message_id: int, folder: Path) -> None:
    """Write one message into FOLDER: its recording, and all that is known of it as JSON."""
    message, text, corrections = rows.read(settings, lambda db: _one(db, message_id))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = folder / f"message-{message.id}.json"
    told.write_bytes(orjson.dumps(_whole(message, text, corrections), option=orjson.OPT_INDENT_2) + b"\n")
    show.line(str(told))
    if message.recording_path is None:
        return
    name = message.recording_path
    source = settings.box.data_dir / "recordings" / name
    target = folder / f"message-{message.id}{source.suffix}"
    away = rows.read(settings, lambda db: recordings_away.of(db, [name])).get(name)
    try:
        if away is not None and not source.exists():
            moving.bring_back(settings, away, target)
        else:
            shutil.copyfile(source, target)
    except OSError as exc:
        raise NotThere(f"The recording {source} cannot be copied: {exc.strerror}.") from exc
    show.line(str(target))


@messages.command("done")
@click.argument("message_id", type=int, metavar="ID")
@click.option("--again", is_flag=True, help="It is open again.")
@with_settings
def done(settings: Settings, message_id: int, *, again: bool) -> None:
    """Note that a message has been dealt with; its callback is done with it, when nothing else is in it."""
    change, now = callbacks.message_open if again else callbacks.message_done, datetime.now(UTC)
    rows.write(settings, lambda db: change(db, message_id, rows.who(), now=now))
    show.line(f"Message {message_id} is {'open again' if again else 'dealt with'}.")


@messages.command("write")
@click.argument("message_id", type=int, metavar="ID")
@with_settings
def write(settings: Settings, message_id: int) -> None:
    """Have the recording of a message written down again, at once and with all tries.

    Also where it is text already, or nobody was heard in it. What staff have corrected stays as it is.
    """
    if not settings.voicemail.written_down:
        raise NotThere("Nothing writes messages down on this box: see [voicemail] written_down.")
    now = datetime.now(UTC)

    def change(db: Connection) -> None:
        message, _, _ = _one(db, message_id)
        if message.recording_path is None:
            raise NotThere(f"Message {message_id} has no recording on this box.")
        voicemail.owe_text_anew(db, message_id, now=now, by_hand=True)

    rows.write(settings, change)
    giving.ring(settings)
    show.line(f"Message {message_id} is written down as soon as the worker comes to it.")


def _one(db: Connection, message_id: int) -> tuple[Message, MessageText | None, list[Correction]]:
    message = message_rows.one(db, message_id)
    if message is None:
        raise NoSuchRow(f"There is no message {message_id}.")
    corrections = message_corrections.of_message(db, message_id)
    return message, message_texts.of_message(db, message_id), corrections


def _row(message: Message, text: MessageText | None, zone: ZoneInfo) -> tuple[str, ...]:
    kind = "hang-up" if message.hang_up else message.kind
    name = message.told.name or (text.name if text else "")
    left = times.read(message.created_at).astimezone(zone)
    how = (text.urgency if text else "") or ("urgent" if message.told.urgent else "")
    what = (text.summary if text else "") or message.subject or _state(message, text)
    return (str(message.id), f"{left:%Y-%m-%d %H:%M}", kind, message.caller, name, how, what[:SHOWN])


def _state(message: Message, text: MessageText | None) -> str:
    """How far it is, in words."""
    if message.fetch_problem:
        return f"cannot be fetched: {message.fetch_problem}"
    if message.kind == "voicemail" and message.recording_path is None:
        return "still with the carrier"
    if text is None:
        return "not written down yet" if message.recording_path else ""
    words = {
        TextState.WAITING: f"not written down yet: {text.problem}",
        TextState.FAILED: f"cannot be written down: {text.problem}",
        TextState.NO_SPEECH: "nobody speaks in it",
        TextState.NOT_WRITTEN: f"to be heard: {text.problem or 'nothing writes messages down'}",
    }
    return words.get(text.state, text.problem)


def _facts(message: Message, text: MessageText | None, zone: ZoneInfo) -> list[tuple[str, str]]:
    left = times.read(message.created_at).astimezone(zone)
    found = [
        ("Message", f"{message.id}, {message.kind}, left {left:%Y-%m-%d %H:%M}"),
        ("Call", message.call_id or ""),
        ("Rang from", message.caller),
        ("Name", message.told.name),
        ("Call back", show.number(message.told.number, message.told.number_from)),
        ("About", message.subject),
        ("Message", message.body),
        ("Not heard", message.told.unheard),
        ("Heard", message.told.words),
        ("Recording", message.recording_path or ""),
        ("Length", f"{message.seconds} s" if message.seconds is not None else ""),
        ("Dealt with", f"{message.handled_at} by {message.handled_by}" if message.handled_at else ""),
        ("State", _state(message, text)),
    ]
    if text is None or not text.text:
        return found
    sure = "" if text.confidence is None else f", sure: {text.confidence:.0%}"
    return [
        *found,
        ("By machine", f"written in {text.language}{sure}; read by {text.made_by}"),
        ("Summary", text.summary),
        ("Urgency", f"{text.urgency}{f' ({text.because})' if text.because else ''}"),
        ("Name heard", text.name),
        ("Number", f"{text.number}{'' if text.number_said else ' (rang from it)'}"),
        ("Said", text.text),
    ]


def _corrected(corrections: list[Correction]) -> list[tuple[str, str]]:
    """What staff wrote in the place of it: the latest counts."""
    if not corrections:
        return []
    latest = corrections[0]
    return [
        ("Corrected", f"{latest.at} by {latest.by}"),
        ("Name", latest.name),
        ("Call back", latest.number),
        ("It says", latest.text),
    ]


def _whole(message: Message, text: MessageText | None, corrections: list[Correction]) -> dict[str, Any]:
    return {**_tree(message, text), "corrections": [asdict(each) for each in corrections]}


def _tree(message: Message, text: MessageText | None) -> dict[str, Any]:
    return {**asdict(message), "text": None if text is None else asdict(text)}


def _print_json(tree: object) -> None:
    click.echo(orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode())
