"""A box with a clinic's morning in it, its pages, and browsers in front of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.app import create_app
from appliance.core.settings import Settings, checked
from appliance.store import access, database, times
from appliance.store.database import Connection
from tests.admin import rows


@dataclass(slots=True)
class Clock:
    """The time as the pages know it; it moves when told to."""

    now: str = rows.NOW

    def __call__(self) -> str:
        return self.now

    def pass_by(self, minutes: float) -> None:
        self.now = times.written(times.read(self.now) + timedelta(minutes=minutes))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a box with rows and a recording."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    rows.fill(folder / "attendant.db")
    return checked({"box": {"data_dir": str(folder)}}, "test")


@pytest.fixture
def db(settings: Settings) -> Iterator[Connection]:
    """A connection to its database."""
    connection = database.connect(settings.database)
    yield connection
    connection.close()


@pytest.fixture
def clock() -> Clock:
    """The clock of the pages."""
    return Clock()


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Flask:
    """The pages."""
    return create_app(settings, now=clock)


@pytest.fixture
def new_link(db: Connection, clock: Clock) -> Callable[[], str]:
    """Makes the path of a link that opens the pages."""
    return lambda: f"/open/{access.add_link(db, at=clock())}"


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def browser(app: Flask, new_link: Callable[[], str]) -> FlaskClient:
    """A browser that came in by a link."""
    client = app.test_client()
    assert client.get(new_link()).status_code == 303
    return client
