"""Retention at the command line: what is kept for how long, what is held, and what was deleted.

May import: click, appliance.cli, appliance.core, appliance.jobs, appliance.store.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.cli.desk import by_hand
from appliance.core.errors import AttendantError
from appliance.core.keeping import KeepDays
from appliance.core.settings import Settings
from appliance.jobs import retention as deleting
from appliance.store import calls, holds, office, times
from appliance.store import retention as old
from appliance.store.database import Connection
from appliance.store.holds import Hold
from appliance.store.retention import Run

WITHIN_S = 1800.0


class NotVerified(AttendantError):
    """What was deleted may be in the file still."""


@click.group()
def retention() -> None:
    """For how long what is known of callers is kept, and what may not be deleted."""


@retention.command("show")
@with_settings
def show_(settings: Settings) -> None:
    """Print what is kept for how long, what is too old by now, what is held, and what was deleted last."""
    now = datetime.now(UTC)
    keep, counts, held, runs = rows.read(settings, lambda db: _state(db, now))
    show.table(
        ("Kind", "Days", "What"),
        [
            (name, str(getattr(keep, name) or "for ever"), " ".join((field.description or "").split()))
            for name, field in KeepDays.model_fields.items()
        ],
    )
    show.line()
    _print_counts(counts)
    zone = ZoneInfo(rows.office(settings).staff.time_zone)
    for each in held:
        show.line(_hold_said(each, zone))
    if runs:
        show.line()
        show.table(
            ("When", "What", "Gone", "Held", "Seen to be gone"), [_run_row(each, zone) for each in runs]
        )


@retention.command()
@click.option("--dry-run", is_flag=True, help="Print what would go, and delete nothing.")
@with_settings
def run(settings: Settings, *, dry_run: bool) -> None:
    """Delete what is too old now, and not tonight."""
    now = datetime.now(UTC)
    if dry_run:
        _, counts, _, _ = rows.read(settings, lambda db: _state(db, now))
        _print_counts(counts)
        return
    key = f"by hand {times.written(now)}"
    with by_hand(settings, WITHIN_S) as desk:
        keep = desk.read(office.staff).keep_days
        desk.write(lambda db: old.begin(db, key, "retention", by=rows.who(), now=now))
        work = deleting.Deleting(desk, settings, key, now)
        work.too_old(keep)
        problem, held = work.verify(), desk.read(lambda db: deleting.held(db, keep, now))
        desk.write(lambda db: old.ended(db, key, held, problem))
        done = next(each for each in desk.read(old.runs) if each.key == key)
    show.line(f"Deleted: {_numbers(done.gone) or 'nothing'}.")
    if done.held:
        show.line(f"Held: {_numbers(done.held)}.")
    if problem:
        raise NotVerified(f"{problem} It is tried again in the night.")


@retention.command()
@click.argument("what", metavar="NUMBER|CALL")
@click.option("--reason", required=True, help="Why it may not be deleted.")
@with_settings
def hold(settings: Settings, what: str, reason: str) -> None:
    """Keep all of a telephone NUMBER, or one CALL, whatever its age, until it is released."""
    now = datetime.now(UTC)
    number = rows.number(settings, what)

    def change(db: Connection) -> Hold:
        if number:
            return holds.hold(db, number=number, reason=reason, by=rows.who(), now=now)
        if calls.one(db, what) is None:
            raise NotVerified(f"{show.plain(what)[:40]!r} is neither a telephone number nor a call.")
        return holds.hold(db, call_id=what, reason=reason, by=rows.who(), now=now)

    show.line(_hold_said(rows.write(settings, change), ZoneInfo(rows.office(settings).staff.time_zone)))


@retention.command()
@click.argument("hold_id", type=int, metavar="HOLD")
@with_settings
def release(settings: Settings, hold_id: int) -> None:
    """Hold it no more: what is too old of it goes in the next night."""
    now = datetime.now(UTC)
    freed = rows.write(settings, lambda db: holds.release(db, hold_id, by=rows.who(), now=now))
    show.line(f"{freed.number or f'Call {freed.call_id}'} is not held any more.")


def _state(
    db: Connection, now: datetime
) -> tuple[KeepDays, dict[str, tuple[int, int]], list[Hold], list[Run]]:
    keep = office.staff(db).keep_days
    return keep, deleting.counts(db, keep, now), holds.holding(db), old.runs(db)


def _print_counts(counts: dict[str, tuple[int, int]]) -> None:
    found = [(name, str(going), str(held)) for name, (going, held) in counts.items() if going or held]
    if found:
        show.table(("Too old", "Goes", "Held"), found)
    else:
        show.line("Nothing is too old.")


def _hold_said(each: Hold, zone: ZoneInfo) -> str:
    since = times.read(each.since).astimezone(zone)
    what = each.number or f"call {each.call_id}"
    return f"Hold {each.id}: {what}, since {since:%Y-%m-%d} by {each.by}: {each.reason}"


def _run_row(each: Run, zone: ZoneInfo) -> tuple[str, ...]:
    began = times.read(each.began_at).astimezone(zone)
    seen = (
        "" if each.verified_at is None else f"{times.read(each.verified_at).astimezone(zone):%Y-%m-%d %H:%M}"
    )
    return (
        f"{began:%Y-%m-%d %H:%M}",
        f"{each.what} by {each.by}" if each.by else each.what,
        _numbers(each.gone) or "nothing",
        _numbers(each.held),
        seen or each.problem or "not yet",
    )


def _numbers(counts: object) -> str:
    found = dict(counts)  # type: ignore[call-overload]
    return ", ".join(f"{number} {name}" for name, number in found.items())
