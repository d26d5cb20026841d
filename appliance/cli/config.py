"""The settings that a command is given: `--config` stands before or behind the command's name.

May import: click, appliance.core.
"""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from appliance.core import settings as boot
from appliance.core.settings import Settings

DEFAULT = Path("/etc/attendant/attendant.toml")
T = TypeVar("T")
P = ParamSpec("P")


def with_settings(command: Callable[Concatenate[Settings, P], T]) -> Callable[P, T]:
    """Give a command the settings as its first argument, and an option that says where they are."""

    @click.option(
        "--config", type=click.Path(path_type=Path), callback=_chosen, expose_value=False, hidden=True
    )
    @click.pass_context
    def given(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return command(boot.load(ctx.obj), *args, **kwargs)

    return update_wrapper(given, command)


def _chosen(ctx: click.Context, _option: click.Parameter, path: Path | None) -> None:
    if path is not None:
        ctx.obj = path
