"""The settings that a command is given: `--config` stands before or behind the command's name.

Further languages are known from then on. May import: click, appliance.core, appliance.languages.
"""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from appliance.core import settings as boot
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.languages import complete, folders

DEFAULT = Path("/etc/attendant/attendant.toml")
T = TypeVar("T")
P = ParamSpec("P")


def with_settings(command: Callable[Concatenate[Settings, P], T]) -> Callable[P, T]:
    """Give a command the settings as its first argument, and an option that says where they are."""

    def given(file: Path, /, *args: P.args, **kwargs: P.kwargs) -> T:
        settings = boot.load(file)
        _languages_of(settings)
        return command(settings, *args, **kwargs)

    return with_file(update_wrapper(given, command))


def with_settings_by_hand(command: Callable[Concatenate[Settings, P], T]) -> Callable[P, T]:
    """The same of the file alone: for a user who may not look into the folder of what was changed."""

    def given(file: Path, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return command(boot.checked(boot.written_by_hand(file), str(file)), *args, **kwargs)

    return with_file(update_wrapper(given, command))


def with_file(command: Callable[Concatenate[Path, P], T]) -> Callable[P, T]:
    """Give a command the place of the settings file as its first argument; nothing of it is read."""

    @click.option(
        "--config", type=click.Path(path_type=Path), callback=_chosen, expose_value=False, hidden=True
    )
    @click.pass_context
    def given(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return command(ctx.obj, *args, **kwargs)

    return update_wrapper(given, command)


def _languages_of(settings: Settings) -> None:
    """Know the languages of this box. Raises SettingsError when one of them cannot be spoken."""
    folders.look_in(settings.languages_dir)
    problems = [
        problem for code, folder in folders.own().items() for problem in complete.problems(code, folder)
    ]
    if problems:
        raise SettingsError(problems)


def _chosen(ctx: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is not None:
        ctx.obj = path
