"""Rehearsals that are kept, played at the command line.

May import: click, appliance.cli, appliance.core, appliance.jobs, appliance.store.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.store import drafts, rehearsals, times
from appliance.store.database import Connection
from appliance.store.rehearsals import Result

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Store:
    """The database, for whoever plays."""

    settings: Settings

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read."""
        return rows.read(self.settings, query)

    def write(self, change: Callable[[Connection], T]) -> T:
        """The value of a change."""
        return rows.write(self.settings, change)


@click.group()
def rehearse() -> None:
    """Rehearsals that were kept in the admin: what is said in them, and what should come out."""


@rehearse.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List what is kept, and the drafts."""
    for each in rows.read(settings, rehearsals.every):
        show.line(f"{each.name}  ({len(each.steps)} steps)")
    for draft in rows.read(settings, drafts.every):
        show.line(f"draft: {draft.name}  ({', '.join(draft.values)})")


@rehearse.command()
@click.option("--draft", default="", help="Play them with what this draft would decide.")
@with_settings
def run(settings: Settings, *, draft: str) -> None:
    """Play all of them at the bridge, and say what comes out differently.

    Status 0: all is as it should be. 1: something differs, or could not be played.
    """
    from appliance.jobs import rehearsing

    known = {each.name: each for each in rows.read(settings, drafts.every)}
    if draft and draft not in known:
        raise SettingsError([f"There is no draft {draft!r}. There are: {', '.join(known) or 'none'}."])
    chosen = known[draft] if draft else None
    run_id = rows.write(settings, lambda db: rehearsing.begin(db, chosen, at=times.utc_now(), by=rows.who()))
    rehearsing.play(_Store(settings), settings.listen.local_port, run_id)
    found = rows.read(settings, lambda db: rehearsals.results(db, run_id))
    for each in found:
        _say(each)
    if any(each.problem or each.differs for each in found):
        sys.exit(1)


def _say(result: Result) -> None:
    state = "not played" if result.problem else "differs" if result.differs else "the same"
    show.line(f"{result.rehearsal.name}: {state}")
    if result.problem:
        show.line(f"  {result.problem}")
    for part, lines in result.differs.items():
        show.line(f"  {part}:")
        for line in lines:
            show.line(f"    {line}")
