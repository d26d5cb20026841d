"""What Twilio does by itself when the box does not answer: printed for the two TwiML Bins that hold it.

May import: the standard library, click, appliance.cli, appliance.core, twilio_bridge.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core import front_door
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.core.staff import Office
from twilio_bridge.twiml import Addresses, Wording, bin_document, document

NO_PEOPLE = "No phone rings in it, it only takes a message: `people` is empty (attendant staff set people)."
CHANGED = "It also stands in the TwiML Bins at Twilio, for when the box does not answer. Paste them anew:"
STEPS = {"goodbye": front_door.kept_by_carrier, "answer": front_door.fallback}
"""The Bins by the commands that print them."""


@click.group()
def fallback() -> None:
    """What Twilio does by itself when the box does not answer."""


@fallback.command()
@with_settings
def goodbye(settings: Settings) -> None:
    """Print the TwiML Bin that thanks for a message, and rings people for who stays on the line.

    Its address goes into the settings file.
    """
    _print(settings, "goodbye")


@fallback.command()
@with_settings
def answer(settings: Settings) -> None:
    """Print the TwiML Bin that answers: people ring, then a message is taken."""
    if not settings.twilio.goodbye_url:
        raise SettingsError(
            [
                "[twilio] goodbye_url is not set: make a TwiML Bin of what `attendant fallback goodbye`"
                " prints, and write its address there."
            ]
        )
    office = _print(settings, "answer")
    if not office.staff.people:
        click.echo(NO_PEOPLE, err=True)


def _print(settings: Settings, name: str) -> Office:
    if not settings.twilio.account_sid:
        raise SettingsError(["Twilio is not set up: [twilio] account_sid is empty."])
    office = rows.office(settings)
    addresses, wording = Addresses.of(settings.twilio), Wording.of(office.staff)
    show.line(bin_document(STEPS[name](office), addresses, wording))
    return office


@contextmanager
def told_of_bins(settings: Settings) -> Iterator[None]:
    """Around an edit: says which Bins it changes, once there are any."""
    before = _held(rows.office(settings))
    yield
    after = _held(rows.office(settings))
    changed = [name for name in STEPS if after[name] != before[name]]
    if changed and settings.twilio.goodbye_url:
        show.line("\n".join([CHANGED, *(f"    attendant fallback {name}" for name in changed)]))


def _held(office: Office) -> dict[str, str]:
    """What of the office stands in each Bin."""
    wording = Wording.of(office.staff)
    return {name: document(steps(office), Addresses(""), wording) for name, steps in STEPS.items()}
