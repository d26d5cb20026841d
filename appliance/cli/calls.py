"""The call log, at the command line: the list, and one call as a conversation.

May import: click, admin.words, appliance.core, appliance.store.
"""

import click

from admin.words import words
from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.store import calls as call_log
from appliance.store import left_building, times
from appliance.store import office as office_rows
from appliance.store.calls import Call, WholeCall
from appliance.store.messages import Message


class NoSuchCall(AttendantError):
    """No call has this id."""


@click.command()
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The most calls."
)
@with_settings
def calls(settings: Settings, limit: int) -> None:
    """Print the calls, the newest first."""
    office, found = rows.read(settings, lambda db: (office_rows.load(db), call_log.page(db, limit=limit)))
    if not found:
        show.line("No calls yet: ring the clinic's number.")
        return
    now = times.utc_now()
    show.table(
        ("When", "Caller", "What became of it", "Length", "Cloud cost", "Call"),
        [_row(call, office, now) for call in found],
    )


@click.command()
@click.argument("call_id", metavar="ID")
@with_settings
def call(settings: Settings, call_id: str) -> None:
    """Print one call: what was said, where it went, how quick it was."""
    office, whole, left = rows.read(
        settings,
        lambda db: (office_rows.load(db), call_log.whole(db, call_id), left_building.of_call(db, call_id)),
    )
    if whole is None:
        raise NoSuchCall(f"There is no call {show.plain(call_id)[:40]!r}: `attendant calls` lists their ids.")
    _print_head(whole.call, office)
    show.line()
    for turn in whole.turns:
        at = words.clock(words.local(turn.at, office), seconds=True)
        cut = " — the caller broke in here" if turn.cut else ""
        text = turn.text or "(nothing that could be understood)"
        show.line(f"{at:>11}  {words.speaker(turn.speaker)}: {text}{cut}")
    if not whole.turns:
        show.line("The assistant was not part of this call, so nothing was written down.")
    for message in whole.messages:
        show.line()
        show.line(_message(message))
    _print_speed(whole)
    if left:
        show.line()
    for each in left:
        show.line(f"Left the building, to {each.to}{'' if each.certain else ', perhaps'}: {each.what}")


def _row(call: Call, office: Office, now: str) -> tuple[str, ...]:
    return (
        words.moment(call.started_at, office, now),
        words.number(call.from_number),
        words.outcome(call),
        words.lasted(call, now),
        words.cost(call),
        call.id,
    )


def _print_head(call: Call, office: Office) -> None:
    now = times.utc_now()
    show.line(
        f"Call {call.id}, {words.number(call.from_number)}, {words.moment(call.started_at, office, now)}"
    )
    show.line(f"{words.outcome(call)}; {words.lasted(call, now)}; cloud cost {words.cost(call)}")
    for name, value in (
        ("Way", " > ".join(words.menu_way(call.menu_path, office))),
        ("Led on to", words.led_to(call, office)),
        ("Ended because", words.reason(call)),
    ):
        if value:
            show.line(f"{name}: {value}")


def _message(message: Message) -> str:
    if message.kind == "voicemail":
        given_up = message.fetch_problem and f"cannot be fetched ({message.fetch_problem})"
        where = message.recording_path or given_up or "still with the carrier"
        return f"Voicemail, {words.duration(message.seconds or 0)}: {where}"
    return f"Message: {message.subject}\n{message.body}".rstrip()


def _print_speed(whole: WholeCall) -> None:
    if whole.timings:
        show.line()
    for timing in whole.timings:
        show.line(f"{timing.name} after {words.second(timing.ms)}, at {timing.at_ms / 1000:.1f} s")
