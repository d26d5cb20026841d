"""The certificate of the pages on the office's network, at the command line.

May import: the standard library, click, appliance.cli, appliance.core, appliance.service.certificate.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli.config import with_settings_by_hand
from appliance.core.settings import Settings

if TYPE_CHECKING:
    from appliance.service.certificate.kept import Served
    from appliance.service.certificate.making import Names

TRUST = """
So that browsers trust it, install the authority's certificate on each computer and telephone of the office;
it can speak for this office's network alone. Print it with `attendant certificate authority`, and compare its
fingerprint with the one above before you install it. docs/admin.md says where it goes.""".strip()
NONE = "There is none yet: `attendant certificate renew` makes it."


@click.group()
def certificate() -> None:
    """The certificate with which the pages are served on the office's network."""


@certificate.command()
@with_settings_by_hand
def renew(settings: Settings) -> None:
    """Make it where there is none, it ends soon, or the box is called otherwise; one of your own stays."""
    _renew(settings, anew=False)


@certificate.command()
@with_settings_by_hand
def make(settings: Settings) -> None:
    """Make it anew now, in the place of whatever is there."""
    _renew(settings, anew=True)


@certificate.command()
@click.option(
    "--chain",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="The box's certificate and those that signed it, one after the other, in PEM.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Its private key, in PEM and without a password.",
)
@with_settings_by_hand
def use(settings: Settings, chain: Path, key: Path) -> None:
    """Serve one of your own, once it is seen that it can be."""
    from appliance.service.certificate import making
    from appliance.service.certificate.kept import Folder
    from appliance.service.certificate.names import names

    folder = Folder(settings.front.certificate_dir)
    taken = folder.use(chain.read_bytes(), key.read_bytes(), datetime.now(UTC))
    click.echo(f"It is served from now on, until {taken.not_valid_after_utc:%Y-%m-%d}.")
    click.echo("The box does not renew it: give it the next one in time. `attendant doctor` says when.")
    if settings.front.name in making.lacking(taken, names(settings)):
        click.echo(f"It is not for {settings.front.name}: browsers will warn whoever opens that.", err=True)


@certificate.command()
@with_settings_by_hand
def show(settings: Settings) -> None:
    """Say what is served, until when, its fingerprint, and how to trust it."""
    from appliance.service.certificate.kept import Folder

    served = Folder(settings.front.certificate_dir).served()
    if served is None:
        click.echo(NONE)
        raise SystemExit(1)
    for line in _lines(served):
        click.echo(line)
    if served.ours:
        click.echo(f"\n{TRUST}")


@certificate.command()
@with_settings_by_hand
def authority(settings: Settings) -> None:
    """Print the certificate that computers of the office are to trust, in PEM."""
    from appliance.service.certificate.kept import Folder, fingerprint

    folder = Folder(settings.front.certificate_dir)
    served = folder.served()
    if served is None or served.authority is None:
        click.echo(NONE, err=True)
        raise SystemExit(1)
    click.echo(folder.authority_file.read_text("ascii"), nl=False)
    click.echo(f"Its fingerprint (SHA-256): {fingerprint(served.authority)}", err=True)


def _renew(settings: Settings, *, anew: bool) -> None:
    from appliance.service.certificate import making
    from appliance.service.certificate.kept import Folder, Renewed
    from appliance.service.certificate.names import names

    folder, wanted = Folder(settings.front.certificate_dir), names(settings)
    became = folder.renew(wanted, datetime.now(UTC), anew=anew)
    served = folder.served()
    assert served is not None  # noqa: S101 -- renewed just now, or it raised
    until = f"until {served.certificate.not_valid_after_utc:%Y-%m-%d}"
    match became:
        case Renewed.MADE:
            click.echo(f"Made: for {_written(making.names_of(served.certificate))}, {until}.")
        case Renewed.KEPT:
            click.echo(f"It holds {until}: nothing is to be done.")
        case Renewed.THEIRS:
            click.echo(f"It is one of your own, which holds {until}: nothing is done.")
    if served.ours and (without := making.lacking(served.certificate, wanted)):
        told = ", ".join(without)
        click.echo(f"Not for {told}: the box's authority speaks for private networks alone.", err=True)


def _lines(served: "Served") -> list[str]:
    from appliance.service.certificate import making
    from appliance.service.certificate.kept import fingerprint

    told = served.certificate
    holds = f"{told.not_valid_before_utc:%Y-%m-%d} to {told.not_valid_after_utc:%Y-%m-%d}"
    lines = [
        f"For:         {_written(making.names_of(told))}",
        f"Holds:       {holds}",
        f"Fingerprint: {fingerprint(told)} (SHA-256)",
    ]
    if not served.ours or served.authority is None:
        return [*lines, "Signed by:   others; the box does not renew it"]
    until, renewed = served.authority.not_valid_after_utc, told.not_valid_after_utc - making.RENEWED_BEFORE
    return [
        *lines,
        f"Renewed:     by the box itself, from {renewed:%Y-%m-%d} on",
        f"Signed by:   the box's own authority, until {until:%Y-%m-%d}",
        f"Authority's: {fingerprint(served.authority)} (SHA-256)",
    ]


def _written(names: "Names") -> str:
    return ", ".join((*names.dns, *map(str, names.addresses)))
