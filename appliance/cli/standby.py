"""A second box that stands ready: it follows the first by its backups, and takes over when somebody says so.

May import: the standard library, click, appliance, twilio_bridge.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from appliance.backup import claims, following, place, restoring
from appliance.backup.following import NotStanding, Ready
from appliance.backup.making import back_up, name_of
from appliance.backup.restic import BackupFailed, Restic
from appliance.backup.restoring import Places
from appliance.backup.stage import NAME, SETTINGS
from appliance.cli import show
from appliance.cli.backup import as_owner
from appliance.cli.config import with_settings
from appliance.cli.restore import answers, nothing_runs, show_how_it_begins
from appliance.core import in_service
from appliance.core import settings as boot
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.store.backups import Snapshot

LOOK_S = 20.0
"""So long whoever begins this box waits for the repository: then callers are answered."""
POLL_S = 5.0


@click.group()
def standby() -> None:
    """A second box that stands ready for when this one dies: docs/boxes.md."""


@standby.command()
@with_settings
def follow(settings: Settings) -> None:
    """Have the last backup of the box that this one follows ready here, and answer nothing meanwhile."""
    as_owner(settings)
    copy = _followed(settings)
    show.line(f"Ready: the backup of {_moment(copy.of)}, {copy.files} files, {copy.bytes / 1e6:.1f} MB.")


@standby.command()
@with_settings
def look(settings: Settings) -> None:
    """What the timer does: a box that stands ready follows, one that answers sees that nobody took over."""
    place.see_that_one_is_set(settings)
    as_owner(settings)
    stood_down = in_service.why_not(settings.box.data_dir)
    if stood_down and settings.standby.follows:
        _followed(settings)
    elif not stood_down and settings.database.exists():
        restic = place.restic(settings, _within(LOOK_S))
        claims.see(restic, settings.box.data_dir, name_of(settings))


@standby.command()
@with_settings
def status(settings: Settings) -> None:
    """Say whether this box answers, what is ready here, and who answers by what stands in the repository."""
    data, standing = settings.box.data_dir, settings.standby
    show.line(in_service.why_not(data) or "This box answers.")
    if (copy := following.ready(data)) is not None:
        now = datetime.now(UTC)
        old, looked = copy.age_s(now) / 60, (now - copy.looked_at).total_seconds() / 60
        show.line(f"Ready here: the backup of {copy.host} of {_moment(copy.of)}, {old:.0f} minutes old.")
        show.line(f"It was looked for a newer one {looked:.0f} minutes ago.")
    elif standing.follows:
        show.line(f"Nothing of {standing.follows} is ready here: `attendant standby follow`.")
    if not settings.backup.repository:
        return
    as_owner(settings)
    name = standing.follows or name_of(settings)
    last = claims.holder(claims.all_of(place.restic(settings, _within(LOOK_S)), name))
    if last is None:
        show.line(f"Nobody ever took over from {name}.")
    else:
        own = last.machine == claims.machine(data)
        show.line(f"As {name} answers {'this machine' if own else 'another machine'}, {last.machine}.")


@standby.command("stand-down")
@with_settings
@click.pass_obj
def stand_down(file: Path, settings: Settings) -> None:
    """Answer no more, after a last backup, so that the other box can take over and nothing is lost.

    The programs of this box are to be ended before. One that was never backed up and is to follow another
    has nothing that anybody would take over.
    """
    data, follows = settings.box.data_dir, settings.standby.follows
    with nothing_runs(data, settings.listen, file):
        pass
    as_owner(settings)
    if follows and not (data / NAME).exists():
        following.stand_ready(data, follows)
        show.line(f"This box answers no more. `attendant standby follow` has {follows} ready here.")
        return
    back_up(settings, file)
    try:
        in_service.stand_down(data, "This box has stood down, so that another takes over.")
    except OSError as exc:
        raise BackupFailed(f"{data} cannot be written to: {exc.strerror}.") from exc
    claims.give_up(place.restic(settings), data, name_of(settings))
    show.line("This box answers no more. `attendant standby takeover` on the other one.")


@standby.command()
@click.option("--other-is-off", is_flag=True, help="Somebody has seen that the other box is off.")
@click.option(
    "--without-repository",
    is_flag=True,
    help="The place of the backups is lost, too: take what is ready here. Goes with --other-is-off.",
)
@with_settings
@click.pass_obj
def takeover(file: Path, settings: Settings, *, other_is_off: bool, without_repository: bool) -> None:
    """Be the box that answers, with all that the last backup of the other one holds."""
    data, name = settings.box.data_dir, following.begun(settings)
    _see_that_the_other_is_silent(settings, known_to_be_off=other_is_off)
    if without_repository and not other_is_off:
        raise NotStanding(
            "Without the repository the other box cannot be told: see that it is off, and say"
            " --other-is-off.",
            again=False,
        )
    with nothing_runs(data, settings.listen, file):
        if without_repository:
            copy = following.ready(data)
        else:
            copy = _claimed(settings, name, other_is_off=other_is_off)
        if copy is None:
            raise NotStanding(f"Nothing of {name} is ready here.", again=False)
        was = _public_url(following.folder(data, copy) / SETTINGS)
        places = Places(data, settings.asterisk_dir, settings.languages_dir, file)
        snapshot = Snapshot(copy.snapshot, copy.of, copy.host)
        restoring.take(following.folder(data, copy), snapshot, places, show.line)
        in_service.stand_up(data)
    lost = f"{copy.age_s(datetime.now(UTC)) / 60:.0f} minutes"
    show.line(f"This box is {name} now, as it was at {_moment(copy.of)}; what came in {lost} since is lost.")
    show.line("What was owed at that time is owed again: a text may go out a second time.")
    show_how_it_begins(stood_down=True)
    _have_calls_come_here(boot.load(file), was)


def _public_url(file: Path) -> str:
    """Under which address Twilio reached the box whose settings file this is."""
    tree = boot.written_by_hand(file) if file.exists() else {}
    return str(tree.get("twilio", {}).get("public_url", ""))


def _followed(settings: Settings) -> Ready:
    name = following.begun(settings)
    return following.follow(place.restic(settings), settings.box.data_dir, name)


def _see_that_the_other_is_silent(settings: Settings, *, known_to_be_off: bool) -> None:
    """See that the pages of the other box are not there, where that is set. Raises NotStanding."""
    host, _, port = settings.standby.other.rpartition(":")
    if host and answers(host, int(port)):
        more = ", though it is to be off" if known_to_be_off else ""
        raise NotStanding(
            f"The other box is there ({settings.standby.other} answers{more}): `attendant standby stand-down`"
            " there first, or switch it off.",
            again=False,
        )


def _claimed(settings: Settings, name: str, *, other_is_off: bool) -> Ready:
    """The newest copy, once it is certain that nobody else answers under the name. Raises BackupFailed."""
    data = settings.box.data_dir
    with _opened(settings) as restic:
        copy = following.follow(restic, data, name)
        restoring.given_all(data / following.FOLDER, data)
        own = claims.take(restic, data, name)
        if other_is_off or not (settings.asterisk.enabled and settings.asterisk.trunk.host):
            return copy
        wait_s = settings.standby.wait_s
        show.line(f"Waiting until the other box says that it has stood down, {wait_s} s at most.")
        _wait_for(lambda: claims.has_yielded(restic, name, own.machine), wait_s)
        copy = following.follow(restic, data, name)
        restoring.given_all(data / following.FOLDER, data)
    return copy


def _wait_for(done: Callable[[], bool], longest_s: float) -> None:
    """Raises NotStanding."""
    until_s = time.monotonic() + longest_s
    while not done():
        if time.monotonic() > until_s:
            raise NotStanding(
                "The other box has not said that it stood down, and the trunk would ring both. Switch it off,"
                " see that it is, and say --other-is-off.",
                again=False,
            )
        time.sleep(min(POLL_S, max(0.0, until_s - time.monotonic())))


@contextmanager
def _opened(settings: Settings) -> Iterator[Restic]:
    """The repository, with a cache of its own: root leaves nothing of its own in the box's, nor in that."""
    place.see_that_it_is_there(settings.backup.repository)
    password_file = settings.secrets_dir / settings.backup.password_file
    settings.secret(settings.backup.password_file)
    with tempfile.TemporaryDirectory(prefix="attendant-standby-") as cache:
        try:
            yield place.opener(settings.backup, settings.secrets_dir, password_file, Path(cache))
        finally:
            restoring.give_back(settings.backup.repository)


def _have_calls_come_here(settings: Settings, was: str) -> None:
    """Have Twilio call this box. What cannot be done is said: the box is in its place all the same."""
    twilio = settings.twilio
    if not twilio.account_sid:
        return
    if was in ("", twilio.public_url):
        show.line(f"Twilio calls {twilio.public_url} as before: have the tunnel or proxy end at this box.")
        return
    try:
        numbers = asyncio.run(_sent_here(settings, was))
    except AttendantError as exc:
        show.line(f"Twilio still calls {was}: {exc}. Set the addresses of the numbers in its console.")
        raise click.exceptions.Exit(1) from exc
    show.line(f"Twilio calls this box for {', '.join(numbers) or 'every number already'}.")


async def _sent_here(settings: Settings, was: str) -> list[str]:
    from twilio_bridge.rest import TwilioRest

    async with TwilioRest(settings.twilio, settings.secret(settings.twilio.auth_token_file)) as rest:
        return await rest.send_here(was)


def _within(longest_s: float) -> Callable[[], None]:
    until_s = time.monotonic() + longest_s

    def check() -> None:
        if time.monotonic() > until_s:
            raise BackupFailed(f"The repository did not answer within {longest_s:.0f} s.")

    return check


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
