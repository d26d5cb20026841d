"""A greeting that staff recorded, on the carrier's menu: fetched from us, heard, and never missed."""

import hashlib
from pathlib import Path

import aiohttp

from appliance.core.hours import DAYS
from appliance.store import database, office
from scripts.loopback_box import AT, PUBLIC_URL
from tests.calls.stage import Stage, staged
from tests.peers.carrier import speech

SOUND = b"".join(speech.load("weather").frames)
NAME = f"en-{hashlib.sha256(SOUND).hexdigest()}"
NOTICE = "If this is an emergency, hang up and dial 911."
PLAN = "wait 3\nhang up\n"


def decided(stage: Stage, key: str, value: object) -> None:
    db = database.connect(stage.box.database)
    try:
        with database.immediate(db):
            office.set_value(db, key, value, at=AT, by="a test")
    finally:
        db.close()


async def test_callers_hear_the_recording_and_then_the_notice_and_the_menu(tmp_path: Path) -> None:
    async with staged(tmp_path, "", staff={"front_door": "menu", "emergency_notice": NOTICE}) as stage:
        folder = stage.box.folder / "data/greetings"
        folder.mkdir(mode=0o700)
        (folder / f"{NAME}.ulaw").write_bytes(SOUND)
        decided(stage, "greeting_recording", NAME)
        call = await stage.call(PLAN)
        url = f"{PUBLIC_URL}/twilio/sound/{NAME}.wav"
        assert call.spoken[0] == url
        assert call.spoken[1].startswith(NOTICE)
        assert SOUND in bytes(call.heard)
        async with aiohttp.ClientSession() as http:
            for name in (NAME[:-1], "en-" + "0" * 64, "..%2Fattendant", "message"):
                async with http.get(f"{stage.box.public_base}/twilio/sound/{name}.wav") as answer:
                    assert answer.status == 404
        # A closed clinic says so in its own words; one without the file speaks.
        decided(stage, "greeting_closed", "We are closed.")
        decided(stage, "hours", dict.fromkeys(DAYS, ()))
        assert (await stage.call(PLAN)).spoken[0].startswith(f"We are closed. {NOTICE}")
        decided(stage, "greeting_closed", "")
        decided(stage, "greeting_recording", "en-" + "0" * 64)
        assert (await stage.call(PLAN)).spoken[0].startswith("Thank you for calling Riverside Family Clinic.")


async def test_before_a_message_is_left_callers_hear_the_recording_for_the_hour(tmp_path: Path) -> None:
    staff = {"front_door": "menu", "hours": dict.fromkeys(DAYS, ())}
    plan = "wait for speech\npress 3\nleave message weather.wav\nhang up\n"
    async with staged(tmp_path, "", staff=staff) as stage:
        folder = stage.box.folder / "data/greetings"
        folder.mkdir(mode=0o700)
        (folder / f"{NAME}.ulaw").write_bytes(SOUND)
        decided(stage, "voicemail_recordings", {"en-closed": NAME})
        call = await stage.call(plan)
        assert call.spoken[-1] == f"{PUBLIC_URL}/twilio/sound/{NAME}.wav"
        assert SOUND in bytes(call.heard)
        assert call.troubles == []
        # One whose file is gone is spoken.
        decided(stage, "voicemail_recordings", {"en-closed": "en-" + "0" * 64})
        assert (await stage.call(plan)).spoken[-1].startswith("Nobody can take your call right now.")
