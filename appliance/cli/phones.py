"""The desk phones, at the command line: list, add, set, show, remove.

May import: click, appliance.cli, appliance.core, appliance.store.
"""

from datetime import UTC, datetime

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.phones import Phone
from appliance.core.settings import Settings
from appliance.store import codes as code_rows
from appliance.store import phones as phone_rows
from appliance.store import times
from appliance.store.errors import NoSuchRow

DONE = {
    "closed": "closed the clinic for the day",
    "open": "opened it again",
    "greeting": "recorded the greeting",
    "spoken": "went back to the spoken greeting",
}
WHOSE = {True: "staff", False: "public"}
by_whom = click.option(
    "--public/--staff",
    "public",
    default=False,
    help="Anybody gets at it, as in a waiting room: it dials no codes of staff, and outside only for help.",
)


@click.group()
def phones() -> None:
    """The desk phones that register at the box's own Asterisk."""


@phones.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """Print the phones."""
    known = rows.read(settings, phone_rows.phones)
    if not known:
        show.line("There is no phone yet: attendant phones add EXTENSION NAME")
        return
    rows_ = [(phone.extension, phone.name, WHOSE[phone.staff]) for phone in known]
    show.table(("Extension", "Name", "Whose"), rows_)


@phones.command()
@click.argument("extension")
@click.argument("name")
@by_whom
@with_settings
def add(settings: Settings, extension: str, name: str, *, public: bool) -> None:
    """Add a phone with this EXTENSION (such as 101) and NAME; its password is made and shown."""
    at = times.written(datetime.now(UTC))
    phone = rows.write(settings, lambda db: phone_rows.add(db, extension, name, at=at, staff=not public))
    show.line(f"{phone.name} is added as {phone.extension}. Set the telephone up like this:")
    _set_up(settings, phone)


@phones.command("set")
@click.argument("extension")
@by_whom
@with_settings
def set_(settings: Settings, extension: str, *, public: bool) -> None:
    """Say whether the phone with this EXTENSION is the staff's alone, or anybody gets at it (--public)."""
    rows.write(settings, lambda db: phone_rows.change(db, extension, staff=not public))
    show.line(f"The phone {extension} is {WHOSE[not public]}.")


@phones.command("show")
@click.argument("extension")
@with_settings
def show_(settings: Settings, extension: str) -> None:
    """Print how a telephone is set up, with its password."""
    found = [phone for phone in rows.read(settings, phone_rows.phones) if phone.extension == extension]
    if not found:
        raise NoSuchRow(f"There is no phone {extension}.")
    _set_up(settings, found[0])


def _set_up(settings: Settings, phone: Phone) -> None:
    asterisk = settings.asterisk
    box = "this box's address" if asterisk.sip_host in ("0.0.0.0", "::") else asterisk.sip_host  # noqa: S104
    show.table(
        ("Field", "Value"),
        [
            ("SIP server", f"{box}, port {asterisk.sip_port}, UDP"),
            ("User name", phone.extension),
            ("Password", phone.secret),
            ("The assistant", f"dial {asterisk.assistant_dialled}"),
        ],
    )
    if not asterisk.enabled:
        show.line("[asterisk] enabled is false in the settings: until it is true no phone can register.")


@phones.command()
@with_settings
def codes(settings: Settings) -> None:
    """Print what phones had done by a code, the latest first."""
    done = rows.read(settings, code_rows.dialled)
    if not done:
        show.line("No phone has dialled a code yet.")
        return
    what = [
        DONE[each.what] + (f", before a message ({each.voicemail})" if each.voicemail else "")
        for each in done
    ]
    show.table(
        ("When", "Phone", "What"),
        [(each.at, each.phone, told) for each, told in zip(done, what, strict=True)],
    )


@phones.command()
@click.argument("extension")
@with_settings
def remove(settings: Settings, extension: str) -> None:
    """Remove the phone with this EXTENSION; it cannot register any more."""
    rows.write(settings, lambda db: phone_rows.remove(db, extension))
    show.line(f"The phone {extension} is removed.")
