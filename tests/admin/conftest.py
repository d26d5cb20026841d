"""A box with a clinic's morning in it, its pages, and browsers in front of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from admin.app import belongs, pages
from admin.box import Box
from admin.door import passwords
from appliance.core.settings import Settings, load
from appliance.store import database, times
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people, rows

AS_ON_A_BOX = passwords.HASHER


@dataclass(slots=True)
class Clock:
    """The time as the pages know it; it moves when told to."""

    now: str = rows.NOW

    def __call__(self) -> str:
        return self.now

    def pass_by(self, minutes: float) -> None:
        self.now = times.written(times.read(self.now) + timedelta(minutes=minutes))


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """A password costs next to nothing to keep and to try; what it costs a box has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a box with rows and a recording."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    rows.fill(folder / "attendant.db")
    # No other process is asked how it is: their ports are none.
    written = f'[box]\ndata_dir = "{folder}"\n[listen]\nlocal_port = 0\nworker_port = 0\n'
    (tmp_path / "attendant.toml").write_text(written, "utf-8")
    return load(tmp_path / "attendant.toml")


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


@pytest.fixture(scope="session")
def all_pages() -> Flask:
    """The pages, put together once for all tests."""
    return pages()


@pytest.fixture
def app(all_pages: Flask, settings: Settings, clock: Clock, tmp_path: Path) -> Flask:
    """The pages of a box that no test has seen yet."""
    belongs(all_pages, Box(settings, clock, tmp_path / "attendant.toml", clock()))
    return all_pages


@pytest.fixture
def owner(db: Connection, clock: Clock) -> Account:
    """Who owns the box."""
    return people.add(db, Role.OWNER, clock())


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def browser(app: Flask, db: Connection, owner: Account, clock: Clock) -> FlaskClient:
    """A browser in which the owner is signed in."""
    client = app.test_client()
    people.come_in(client, db, owner, clock())
    return client


@pytest.fixture
def hours_pass(browser: FlaskClient, db: Connection, owner: Account, clock: Clock) -> Callable[[float], None]:
    """Lets hours go by, after which the owner signs in again."""

    def passed(hours: float) -> None:
        clock.pass_by(hours * 60)
        people.come_in(browser, db, owner, clock())

    return passed


@pytest.fixture
def browser_of(app: Flask, db: Connection, owner: Account, clock: Clock) -> Callable[[Role], FlaskClient]:
    """Makes a browser in which somebody of a role is signed in."""

    def made(role: Role) -> FlaskClient:
        client = app.test_client()
        account = owner if role is Role.OWNER else people.add(db, role, clock())
        people.come_in(client, db, account, clock())
        return client

    return made
