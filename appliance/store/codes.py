"""What staff had done from a desk phone: done and written down in one, and read back.

May import: the standard library, appliance.core, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance.core import single_days
from appliance.store import office, phones, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One thing done: `closed`, `open`, `greeting` (one was recorded) or `spoken` (it is spoken again).

    `phone` is one of the house, or without its plus sign the number of one outside.
    `voicemail` is empty for the greeting of the menus; else it is for whom one is heard before a message.
    """

    at: str
    phone: str
    what: str
    voicemail: str = ""


def close_today(db: Connection, phone: str, *, now: datetime) -> None:
    """Close the clinic for the day that it is there. Raises NoSuchRow for a phone that is none."""
    staff = office.staff(db)
    _done(db, phone, "closed", single_days.closed(staff, staff.day_began(now).date(), now), now)


def reopen(db: Connection, phone: str, *, now: datetime) -> None:
    """Take that back: the hours of its weekday hold, also on a holiday, and other days off stay.

    Raises NoSuchRow.
    """
    _done(db, phone, "open", single_days.opened_again(office.staff(db), now), now)


def use_greeting(db: Connection, phone: str, name: str, *, now: datetime) -> None:
    """Have callers hear the recording of this name; empty: the spoken greeting. Raises NoSuchRow."""
    _done(db, phone, "greeting" if name else "spoken", {"greeting_recording": name}, now)


def use_voicemail(db: Connection, phone: str, heard_by: str, name: str, *, now: datetime) -> None:
    """Have callers hear the recording of this name before they leave a message; empty: the spoken words.

    `heard_by` is a key of the setting `voicemail_recordings`. Raises NoSuchRow.
    """
    recordings = {**office.load(db).staff.voicemail_recordings, heard_by: name}
    decided = {"voicemail_recordings": {key: each for key, each in recordings.items() if each}}
    _done(db, phone, "greeting" if name else "spoken", decided, now, voicemail=heard_by)


def dialled(db: Connection) -> list[CodeRow]:
    """What was done last, the latest first."""
    rows = db.execute(
        "SELECT at, phone, what, voicemail FROM code_dialled ORDER BY id DESC LIMIT ?", (MOST_SHOWN,)
    )
    return [CodeRow(*row) for row in rows]


def _whose(db: Connection, phone: str) -> str:
    """Who decides by this phone: one of the house, or one outside that staff named. Raises NoSuchRow."""
    if phone in office.staff(db).greeting_phones:
        return f"the telephone {phone}"
    known = next((each for each in phones.phones(db) if each.extension == phone), None)
    if known is None or not known.staff:
        # The dialplan would not have asked us.
        raise NoSuchRow(f"There is no phone {phone} of the staff.")
    return f"the phone {phone}, {known.name}"


def _done(
    db: Connection,
    phone: str,
    what: str,
    decided: Mapping[str, object],
    now: datetime,
    *,
    voicemail: str = "",
) -> None:
    at = times.written(now)
    office.decide(db, decided, at=at, by=_whose(db, phone))
    db.execute(
        "INSERT INTO code_dialled (at, phone, what, voicemail) VALUES (?, ?, ?, ?)",
        (at, phone.removeprefix("+"), what, voicemail),
    )
