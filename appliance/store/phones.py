"""The desk phones: who may register at the box's own Asterisk, and with which secret.

May import: the standard library, pydantic, appliance.core, appliance.store.
"""

import secrets

from pydantic import ValidationError

from appliance.core.errors import SettingsError
from appliance.core.phones import Phone
from appliance.core.settings import told
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

MOST_PHONES = 200
SECRET_BYTES = 18


def phones(db: Connection) -> list[Phone]:
    """All of them, by extension."""
    found = db.execute(
        "SELECT extension, name, secret, staff FROM phone ORDER BY length(extension), extension"
    )
    return [Phone(extension=row[0], name=row[1], secret=row[2], staff=bool(row[3])) for row in found]


def add(db: Connection, extension: str, name: str, *, at: str, staff: bool = True) -> Phone:
    """Add a phone, of the staff or public, with a secret of its own. Raises SettingsError."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    try:
        phone = Phone(extension=extension, name=name.strip(), secret=secret, staff=staff)
    except ValidationError as exc:
        raise SettingsError(told(exc, Phone, called="a phone")) from exc
    known = phones(db)
    if extension in {each.extension for each in known}:
        raise SettingsError([f"There is a phone {extension} already."])
    if len(known) >= MOST_PHONES:
        raise SettingsError([f"There can be {MOST_PHONES} phones."])
    db.execute(
        "INSERT INTO phone (extension, name, secret, added_at, staff) VALUES (?, ?, ?, ?, ?)",
        (phone.extension, phone.name, phone.secret, at, int(phone.staff)),
    )
    return phone


def change(db: Connection, extension: str, *, staff: bool) -> None:
    """Say whether a phone is the staff's alone. Raises NoSuchRow."""
    changed = db.execute(
        "UPDATE phone SET staff = ? WHERE extension = ? RETURNING 1", (int(staff), extension)
    ).fetchone()
    if changed is None:
        raise NoSuchRow(f"There is no phone {extension}.")


def remove(db: Connection, extension: str) -> None:
    """Remove a phone. Raises NoSuchRow."""
    if db.execute("DELETE FROM phone WHERE extension = ? RETURNING 1", (extension,)).fetchone() is None:
        raise NoSuchRow(f"There is no phone {extension}.")
