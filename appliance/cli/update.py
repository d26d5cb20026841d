"""Updates at the command line: another version beside this one, and back again.

May import: the standard library, click, appliance.cli, appliance.core, appliance.service.update.
"""

import signal
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from appliance.cli import show
from appliance.cli.config import with_settings
from appliance.core.installed import ROOT
from appliance.core.settings import Settings


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--to", "name", metavar="VERSION", help="Have one run that lies here already: see --list.")
@click.option("--rollback", is_flag=True, help="Have the version before run again.")
@click.option("--list", "list_", is_flag=True, help="Print the versions that lie here.")
@click.option("--sha256", default="", help="What the sum of SOURCE has to be.")
@click.option(
    "--wait",
    "wait_s",
    type=float,
    default=1800.0,
    show_default=True,
    help="Seconds to wait for calls to end.",
)
@click.option(
    "--watch",
    "watch_s",
    type=float,
    default=60.0,
    show_default=True,
    help="Seconds in which it has to be well.",
)
@click.option(
    "--root", type=click.Path(path_type=Path), default=ROOT, help="Where versions lie.", show_default=True
)
@with_settings
@click.pass_obj
def update(  # noqa: PLR0913 -- an argument for each option
    file: Path,
    settings: Settings,
    source: Path | None,
    *,
    name: str | None,
    rollback: bool,
    list_: bool,
    sha256: str,
    wait_s: float,
    watch_s: float,
    root: Path,
) -> None:
    """Have the box run the version in SOURCE: a checkout, a bundle, or a wheel beside its requirements.lock.

    No call is cut, and what is not well after it is taken back: docs/updates.md.
    """
    from appliance.service.update import placing
    from appliance.service.update.programs import Systemd
    from appliance.service.update.switching import Update
    from appliance.service.update.versions import Versions

    versions = Versions(root)
    if list_:
        _print(versions.names(), versions.current, versions.previous)
        return
    ends_in_order()
    made = Update(versions, file, settings, Systemd(), show.line, wait_s, watch_s)
    if rollback:
        made.back()
        return
    if (source is None) == (name is None):
        raise click.UsageError("Name a SOURCE, or a version that lies here with --to.")
    if source is not None:
        name = placing.place(versions, source, sha256=sha256)
        show.line(f"Version {name} lies in {versions.folder(name)}.")
    made.to(name or "")


def ends_in_order() -> None:
    """Told to end, as when the line of whoever typed it drops, take away the copies that were made."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        for each in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, end)


def _print(names: list[str], current: str | None, previous: str | None) -> None:
    said = {current: "runs", previous: "the one before"}
    show.table(("Version", ""), [(each, said.get(each, "")) for each in names])
