"""A box's settings file, and the command as it is typed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli.main import main
from tests.admin import rows

Typed = Callable[..., Result]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings file of a box that has not run yet."""
    file = tmp_path / "attendant.toml"
    file.write_text(f'[box]\ndata_dir = "{tmp_path / "data"}"\n')
    return file


@pytest.fixture
def morning(config: Path) -> Path:
    """The database of that box after a clinic's morning."""
    database = config.parent / "data" / "attendant.db"
    database.parent.mkdir(mode=0o700)
    rows.fill(database)
    return database


@pytest.fixture
def typed(config: Path) -> Typed:
    """Types `attendant` with the settings file and these arguments."""
    return lambda *arguments: CliRunner().invoke(main, ["--config", str(config), *arguments])
