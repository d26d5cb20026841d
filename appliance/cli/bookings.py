"""What can be booked and what is booked, at the command line, until staff edit it on a page.

May import: click, appliance.cli, appliance.core, appliance.service, appliance.store.
"""

import asyncio
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.cli.prompts import rendered_after
from appliance.core.booking.visits import OWN, Bookable, Provider
from appliance.core.errors import SettingsError
from appliance.core.hours import DAYS
from appliance.core.settings import Settings
from appliance.store import bookings as booking_rows
from appliance.store import own_events, visits
from appliance.store.bookings import Booking
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NOTHING = (
    "Nothing can be booked yet: write providers and visits into a file and `attendant bookings import` it."
)
CODE_LENGTH = 5


@click.group()
def bookings() -> None:
    """What can be booked, with whom, and what is booked."""


@bookings.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def import_(settings: Settings, file: Path) -> None:
    """Put the providers and visits of this TOML FILE in place of those that are there."""
    wanted = visits.checked(_tree(file))
    with rendered_after(settings):
        now = datetime.now(UTC)
        rows.write(settings, lambda db: visits.replace(db, wanted, now=now))
        show.line(
            f"{len(wanted.provider)} providers and {len(wanted.visit)} visits are kept."
            " Calls that begin from now on can book them."
        )
    for problem in _missing(settings, wanted):
        show.line(problem)


@bookings.command("visits")
@with_settings
def visits_(settings: Settings) -> None:
    """Print what can be booked, and with whom."""
    found = rows.read(settings, visits.load)
    if not found.provider and not found.visit:
        show.line(NOTHING)
        return
    show.table(
        ("Visit", "Name", "Minutes", "Buffer", "Who", "With"),
        [
            (
                each.slug,
                each.name,
                str(each.minutes),
                str(each.buffer_minutes),
                each.who,
                ", ".join(each.providers) or "everybody",
            )
            for each in found.visit
        ],
    )
    show.table(
        ("Provider", "Name", "Calendar", "Hours"),
        [(each.slug, each.name, each.calendar, _hours(each)) for each in found.provider],
    )


@bookings.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print the appointments to come: code, time, visit, provider, patient."""

    def read(db: Connection) -> Sequence[Booking]:
        return booking_rows.to_come(db, datetime.now(UTC))

    found = rows.read(settings, read)
    if not found:
        show.line("There is no appointment to come.")
        return
    show.table(
        ("Code", "When", "Visit", "With", "Patient", "Born", "Number", "State"),
        [
            (
                each.key[:CODE_LENGTH].upper(),
                f"{each.span.start.astimezone(ZoneInfo(each.zone)):%a %Y-%m-%d %H:%M}",
                each.visit,
                each.provider,
                each.patient,
                each.born,
                each.phone,
                "being cancelled" if each.leaving else str(each.state),
            )
            for each in found
        ],
    )


@bookings.command("show")
@click.argument("code")
@with_settings
def show_(settings: Settings, code: str) -> None:
    """Print the appointments with this CODE: what, whose, and where they stand in the calendar."""
    found = rows.read(settings, lambda db: booking_rows.coded(db, code.strip().lower()))
    if not found:
        raise NoSuchRow(
            f"There is no appointment with the code {code!r}: `attendant bookings list` has them."
        )
    for each in found:
        start = each.span.start.astimezone(ZoneInfo(each.zone))
        for name, value in (
            ("Code", each.key[:CODE_LENGTH].upper()),
            ("When", f"{start:%a %Y-%m-%d %H:%M}"),
            ("Visit", f"{each.visit} with {each.provider}"),
            ("Patient", each.patient),
            ("Born", each.born),
            ("Number", show.number(each.phone, each.phone_from)),
            ("State", "being cancelled" if each.leaving else str(each.state)),
            ("Instead of", (each.replaces or "")[:CODE_LENGTH].upper()),
            ("Recording", each.recording),
            ("Event", each.event_id or ""),
            ("Opens at", each.link),
            ("Call", each.call_sid),
        ):
            if value:
                show.line(f"{name:<11} {value}")


@bookings.command()
@with_settings
def check(settings: Settings) -> None:
    """Ask every calendar whether it can be read and written. It takes some seconds."""
    from appliance.service.booking import calendars

    found = rows.read(settings, visits.load)
    failures = asyncio.run(calendars.looked(settings, found.provider))
    for name, failed in failures.items():
        show.line(f"{name}: {failed or 'can be read and written.'}")
    if any(failures.values()):
        raise SystemExit(1)


@bookings.command()
@click.argument("provider")
@with_settings
def link(settings: Settings, provider: str) -> None:
    """Print a secret link to the calendar that the box keeps for this PROVIDER; an older one ends."""
    _own(settings, provider)
    token = rows.write(settings, lambda db: own_events.add_link(db, provider, now=datetime.now(UTC)))
    base = settings.twilio.public_url or f"http://127.0.0.1:{settings.listen.public_port}"
    show.line(f"{base}/calendar/{token}.ics")
    show.line("Whoever has it can read the calendar; it is not shown again.")


@bookings.command()
@click.argument("provider")
@with_settings
def unlink(settings: Settings, provider: str) -> None:
    """Withdraw the link to the calendar of this PROVIDER."""
    had = rows.write(settings, lambda db: own_events.remove_link(db, provider))
    show.line("The link opens nothing any more." if had else f"There is no link to {provider!r}.")


def _own(settings: Settings, slug: str) -> None:
    """See that the box keeps a calendar for this provider. Raises NoSuchRow."""
    found = rows.read(settings, visits.load).provider_of(slug)
    if found is None:
        raise NoSuchRow(f"There is no provider {slug!r}.")
    if found.calendar != OWN:
        raise NoSuchRow(f"The calendar of {slug!r} is {found.calendar}, not one of the box: share it there.")


def _tree(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError([f"{file} is not valid TOML: {exc}."]) from exc


def _hours(provider: Provider) -> str:
    """The week in short, such as `mon 09:00-12:00`."""
    if provider.hours is None:
        return "the clinic's"
    days = [
        f"{day[:3]} {', '.join(f'{begins:%H:%M}-{ends:%H:%M}' for begins, ends in provider.hours.of(day))}"
        for day in DAYS
        if provider.hours.of(day)
    ]
    return "; ".join(days) or "never"


def _missing(settings: Settings, wanted: Bookable) -> list[str]:
    """What does not work yet as it is set up."""
    services = {
        name.partition(":")[0] for each in wanted.provider for name in (each.calendar, *each.busy_too)
    }
    problems = []
    if "google" in services and not (settings.secrets_dir / settings.google.key_file).exists():
        problems.append("Google Calendar is not set up yet: see docs/google-calendars.md.")
    if "microsoft" in services and not settings.microsoft.tenant:
        problems.append("Microsoft 365 is not set up yet: see docs/microsoft-calendars.md.")
    if not wanted.offered:
        problems.append(
            "Callers can book nothing: that takes a provider, and a visit that is not for staff alone."
        )
    return problems
