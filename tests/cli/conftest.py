"""A box's settings file, and the command as it is typed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli.main import main
from tests.admin import rows

Typed = Callable[..., Result]


def settings_file(folder: Path) -> Path:
    """The settings file of a new box that lives in this folder."""
    file = folder / "attendant.toml"
    file.write_text(f'[box]\ndata_dir = "{folder / "data"}"\n')
    return file


def typing(config: Path) -> Typed:
    """Types `attendant` with this settings file."""
    return lambda *arguments: CliRunner().invoke(main, ["--config", str(config), *arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings file of a box that has not run yet."""
    return settings_file(tmp_path)


@pytest.fixture
def morning(config: Path) -> Path:
    """The database of that box after a clinic's morning."""
    database = config.parent / "data" / "attendant.db"
    database.parent.mkdir(mode=0o700, exist_ok=True)
    rows.fill(database)
    return database


@pytest.fixture
def typed(config: Path) -> Typed:
    """Types `attendant` with the settings file and these arguments."""
    return typing(config)
