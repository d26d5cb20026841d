"""How commands read and write the database: one state to read, one transaction to write, then say done.

May import: the standard library, appliance.core, appliance.store.
"""

import os
import pwd
from collections.abc import Callable
from typing import TypeVar

from appliance.core import telephone
from appliance.core.errors import AttendantError
from appliance.core.phones import outside
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.store import database, errors
from appliance.store import office as office_rows
from appliance.store.database import Connection
from appliance.store.migrations import migrate

T = TypeVar("T")


class NothingYet(AttendantError):
    """There is no database to read."""


def read(settings: Settings, query: Callable[[Connection], T]) -> T:
    """The value of a read. Raises NothingYet or another AttendantError."""
    try:
        db = database.connect_readonly(settings.database)
    except errors.DatabaseMissing as exc:
        raise NothingYet(
            f"There is no database in {settings.box.data_dir} yet: it is made when the bridge first starts."
        ) from exc
    try:
        with database.snapshot(db):
            return query(db)
    finally:
        db.close()


def write(settings: Settings, change: Callable[[Connection], T]) -> T:
    """The value of a change, on disk when this returns; a new box gets its database. Raises StoreError."""
    migrate(settings.database)
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            return change(db)
    finally:
        db.close()


def office(settings: Settings) -> Office:
    """What staff decided; on a new box, what they will find. Raises AttendantError."""
    try:
        return read(settings, office_rows.load)
    except NothingYet:
        return Office()


def number(settings: Settings, text: str) -> str:
    """A telephone number as it is typed, in E.164; empty when it is none."""
    staff = office(settings).staff
    region = telephone.region((settings.twilio.sms_from, staff.caller_id or "", *outside(staff.people)))
    return telephone.e164(text, region)


def who() -> str:
    """Who runs this command, for the rows that say who decided; the person behind sudo counts."""
    uid = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    number = int(uid) if uid.isdecimal() else os.getuid()
    try:
        return f"{pwd.getpwuid(number).pw_name} at the command line"
    except KeyError:
        return f"user {number} at the command line"
