"""Staff of a clinic without a PBX record its greetings by telephone; nobody else gets anywhere near it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.core.staff import Office
from appliance.languages.tables import table
from appliance.store import codes, database, greeting_pin, messages, office
from scripts.loopback_box import CALLER, PUBLIC_URL
from tests.calls.stage import Stage, staged

PIN, WRONG = "40718236", "00000000"
SAYS = "leave message weather.wav\npress #\n"


@asynccontextmanager
async def clinic(folder: Path, **staff: Any) -> AsyncIterator[Stage]:
    """A clinic whose staff may record from the telephone that calls."""
    decided = {"front_door": "menu", "greeting_phones": [CALLER], **staff}
    async with staged(folder, "", staff=decided) as stage:
        db = database.connect(stage.box.database)
        with database.immediate(db):
            greeting_pin.keep(db, PIN, now=datetime.now(UTC))
        db.close()
        yield stage


def kept(stage: Stage) -> tuple[Office, list[str], int]:
    """What staff have decided, by which telephones, and how many messages there are."""
    db = database.connect_readonly(stage.box.database)
    try:
        by = [row.phone for row in codes.dialled(db)]
        return office.load(db), by, len(messages.page(db))
    finally:
        db.close()


@pytest.mark.parametrize(
    ("tag", "keys", "place"),
    [
        ("en-US", ["1"], ""),
        ("es-US", ["1"], ""),
        ("en-US", ["2", "0"], "en"),
        ("es-US", ["3", "7"], "en-closed"),
    ],
)
async def test_a_greeting_is_recorded_heard_and_kept(
    tmp_path: Path, tag: str, keys: list[str], place: str
) -> None:
    code = tag.partition("-")[0]
    other = {"en": "es", "es": "en"}[code]
    async with clinic(tmp_path, language=tag, languages=[other], language_keys={other: "7"}) as stage:
        pressed = "".join(f"wait for speech\npress {key}\n" for key in keys)
        plan = f"wait for speech\npress {PIN}\n{pressed}{SAYS}wait for speech\npress 1\nwait 4\nhang up\n"
        call = await stage.call(plan)
        assert call.troubles == []
        said = table(code, "desk")
        decided, by, left = kept(stage)
        name = decided.staff.voicemail_recordings[place] if place else decided.staff.greeting_recording
        # It was heard before it was kept, and the sentences are those of the clinic's own language.
        assert f"{PUBLIC_URL}/twilio/sound/{name}.wav" in call.spoken
        assert call.spoken[0] == said["outside"]["pin"]
        assert said["outside"]["record"] in call.spoken
        assert call.spoken[-1].startswith(said["sentences"]["code_kept"].split(".")[0])
        assert name.partition("-")[0] == (place.partition("-")[0] or code)
        assert (stage.box.folder / "data/greetings" / f"{name}.ulaw").stat().st_size > 8000
        # It is no message, neither here nor with the carrier.
        assert (by, left) == ([CALLER[1:]], 0)
        assert list((stage.box.folder / "data/recordings").iterdir()) == []
        assert stage.carrier.network.recordings == {}


async def test_without_the_number_the_call_goes_on_as_any_other(tmp_path: Path) -> None:
    async with clinic(tmp_path) as stage:
        patient = await stage.call("wait 14\nhang up\n")
        assert patient.spoken[0] == table("en", "desk")["outside"]["pin"]
        assert any(said.startswith("Thank you for calling") for said in patient.spoken[1:])
        wrong = await stage.call(f"wait for speech\npress {WRONG}\nwait 3\npress 1\nhang up\n")
        assert wrong.spoken[1] == table("en", "desk")["outside"]["wrong"]
        assert wrong.spoken[2].startswith("Thank you for calling")
        # After too many of them the right one is none for a while, and nobody is asked.
        db = database.connect(stage.box.database)
        for _ in range(9):
            with database.immediate(db):
                assert not greeting_pin.tried(db, CALLER, WRONG, now=datetime.now(UTC))
        db.close()
        shut = await stage.call(f"wait for speech\npress {PIN}\nhang up\n")
        assert shut.spoken[0].startswith("Thank you for calling")
        assert kept(stage)[0].staff.greeting_recording == ""


async def test_what_is_too_quiet_is_said_again_and_what_is_dropped_changes_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as stage:
        begins = f"wait for speech\npress {PIN}\nwait for speech\npress 1\n"
        call = await stage.call(f"{begins}wait 12\n{SAYS}wait for speech\npress 0\nwait 3\nhang up\n")
        said = table("en", "desk")["sentences"]
        assert said["code_quiet"] in call.spoken
        assert call.spoken[-1] == said["code_dropped"]
        assert kept(stage)[:2] == (kept(stage)[0], [])
        assert kept(stage)[0].staff.greeting_recording == ""


async def test_a_telephone_that_staff_did_not_name_is_asked_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path, greeting_phones=["+14155550177"]) as stage:
        call = await stage.call(f"wait for speech\npress {PIN}\nwait 2\nhang up\n")
        assert table("en", "desk")["outside"]["pin"] not in call.spoken
        assert kept(stage)[0].staff.greeting_recording == ""
