"""`attendant kb unanswered list|answer|dismiss`: what callers asked in vain.

May import: everything; heavy parts inside the commands that need them.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.store import times, unanswered
from appliance.store.database import Connection
from appliance.store.unanswered import Group, State

NOTHING = "There are no such questions."
STATES = click.Choice([str(state) for state in State])


@click.group("unanswered")
def unanswered_group() -> None:
    """Questions that the documents did not answer, or not well, each kind once."""


@unanswered_group.command("list")
@click.option("--lang", "language", default="", help="Those in this language, such as es.")
@click.option("--state", type=STATES, default=str(State.OPEN), help="Open ones, when left out.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, help="So many, the most asked first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all the ways they were asked.")
@with_settings
def list_(settings: Settings, language: str, state: str, limit: int, *, as_json: bool) -> None:
    """Print the questions: how often each was asked, when last, and in which words."""
    found = rows.read(settings, lambda db: _found(db, State(state), language, limit))
    if as_json:
        trees = [
            {
                "id": group.id,
                "language": group.language,
                "question": group.question,
                "times": group.times,
                "bad_answers": group.bad_answers,
                "first_at": group.first_at,
                "last_at": group.last_at,
                "asked": asked,
            }
            for group, asked in found
        ]
        click.echo(orjson.dumps(trees, option=orjson.OPT_INDENT_2).decode())
        return
    if not found:
        show.line(NOTHING)
        return
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    heads = ("Number", "Times", "Bad answers", "Last", "Language", "Question")
    show.table(heads, [_row(group, zone) for group, _ in found])


def _found(db: Connection, state: State, language: str, limit: int) -> list[tuple[Group, list[str]]]:
    groups = unanswered.groups(db, state, language, limit)
    return [(group, unanswered.questions(db, group.id)) for group in groups]


def _row(group: Group, zone: ZoneInfo) -> tuple[str, ...]:
    last = times.read(group.last_at).astimezone(zone)
    return (
        str(group.id),
        str(group.times),
        str(group.bad_answers or ""),
        f"{last:%Y-%m-%d %H:%M}",
        group.language,
        group.question,
    )


@unanswered_group.command("answer")
@click.argument("number", type=int)
@click.argument("answer")
@click.option("--question", default="", help="How it is asked, where the caller's words are not plain.")
@with_settings
def answer_(settings: Settings, number: int, answer: str, question: str) -> None:
    """Write the answer to a question: from then on callers are told it."""
    from appliance.service import knowledge

    entry = knowledge.answer(settings, number, answer, question)
    show.line(f"It is written into {entry.slug}. `attendant kb list` says when callers are answered from it.")


@unanswered_group.command("dismiss")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@with_settings
def dismiss(settings: Settings, numbers: tuple[int, ...]) -> None:
    """Leave questions unanswered: they are listed no more, unless they are asked again."""
    now = datetime.now(UTC)

    def settled(db: Connection) -> None:
        for number in numbers:
            unanswered.settle(db, number, State.DISMISSED, now)

    rows.write(settings, settled)
    show.line(f"Dismissed: {', '.join(map(str, numbers))}.")
