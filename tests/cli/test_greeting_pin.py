"""The number by which staff record greetings from outside, as it is made and ended at the command line."""

from datetime import UTC, datetime
from pathlib import Path

from appliance.store import database, greeting_pin
from tests.cli.conftest import Typed

PHONE = "+14155550100"


def right(morning: Path, pin: str) -> bool:
    db = database.connect(morning)
    try:
        with database.immediate(db):
            return greeting_pin.tried(db, PHONE, pin, now=datetime.now(UTC))
    finally:
        db.close()


def test_a_number_is_made_shown_once_and_ended(typed: Typed, morning: Path) -> None:
    assert "none yet" in typed("greeting-pin").output
    assert typed("staff", "set", "greeting_phones", f'["{PHONE}"]').exit_code == 0
    told = typed("greeting-pin").output
    pin = told.partition(" ")[0]
    assert (len(pin), pin.isdigit(), PHONE in told) == (8, True, True)
    assert right(morning, pin)
    # The one before counts no more, and what is kept is not the number.
    again = typed("greeting-pin").output.partition(" ")[0]
    assert (right(morning, pin), right(morning, again)) == (False, True)
    assert again.encode() not in morning.read_bytes()
    assert typed("greeting-pin", "--off").output == "Nobody can record by it any more.\n"
    assert not right(morning, again)
    assert typed("greeting-pin", "--off").output == "There was none.\n"
