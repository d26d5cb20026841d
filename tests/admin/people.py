"""Accounts of a clinic for tests, and browsers that are signed in as one.

Their password is hashed once for all tests. May import: flask, pytest, admin, appliance.
"""

import functools
import re

from flask.testing import FlaskClient

from admin.door import passwords
from appliance.store import access, accounts
from appliance.store.access import Stage
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection

PASSWORD = "kiltkiosk maple 7"
NAMES = {
    Role.OWNER: "Ana Ruiz",
    Role.FRONT_DESK: "Ben Okafor",
    Role.READ_ONLY: "Chloé Martin",
    Role.IT: "Dev Patel",
}
HERE = "127.0.0.1"


@functools.cache
def kept() -> str:
    """What is kept of the password."""
    return passwords.hashed(PASSWORD)


def add(db: Connection, role: Role, at: str, name: str = "") -> Account:
    """Somebody who can sign in."""
    account = accounts.add(db, name or NAMES[role], role, at=at)
    accounts.set_password(db, account.id, kept(), at=at)
    return accounts.one(db, account.id)


def come_in(client: FlaskClient, db: Connection, account: Account, at: str) -> None:
    """Give a browser a session without the forms, which have tests of their own."""
    token = access.begin(db, account.id, Stage.WHOLE, source=HERE, at=at, lasts_s=12 * 3600)
    with client.session_transaction() as session:
        session["token"] = token
        session["form"] = "f" * 32


def form_token(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> int:
    """Fill the form in as a person does; return the status of the answer."""
    token = form_token(client.get("/sign-in").text)
    data = {"name": name, "password": password, "form_token": token, **more}
    return client.post("/sign-in", data=data).status_code
