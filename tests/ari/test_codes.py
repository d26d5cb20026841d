"""Codes of desk phones as the dialplan asks for them: who may, when, and what is on disk then."""

import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.errors import WireError
from appliance.core.settings import Asterisk
from appliance.core.staff import Office
from appliance.store import codes, database, office, phones
from ari_bridge.codes import PATH, WAITS_S, CodeDialled, Wish, read
from ari_bridge.passwords import USER, Door, password
from scripts.loopback_box import AT
from tests.ari.stage import MEDIA_SECRET, Stage, staged
from tests.golden.clinic import until
from tests.peers.carrier import speech

CALL = "a0-1700000000.7"
GOOD = {"do": "close", "phone": "101", "name": CALL, "at": "1700000000"}


def test_what_the_dialplan_asks_is_read() -> None:
    assert read(GOOD) == CodeDialled(Wish.CLOSE, "101", CALL, 1700000000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "hang_up"},
        {"phone": "attendant-trunk"},
        {"phone": ""},
        {"phone": "0101"},
        {"name": "../../attendant"},
        {"name": ""},
        {"at": "now"},
        {"at": "-1"},
        {"at": "1" * 13},
    ],
)
def test_what_it_would_never_ask_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(WireError):
        read({**GOOD, **wrong})
    for name in wrong:
        with pytest.raises(WireError):
            read({key: value for key, value in GOOD.items() if key != name})


def test_codes_differ_and_may_be_left_out() -> None:
    assert Asterisk(close_code="", reopen_code="").greeting_code == "*63"
    with pytest.raises(ValueError, match="must differ"):
        Asterisk(close_code="*62")


KEY = password(MEDIA_SECRET, Door.DIALPLAN)


class Desk:
    """A phone of the house, as the dialplan asks for it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def asks(self, wish: str, *, key: str = KEY, **more: str) -> tuple[int, str]:
        """The status and the words of the answer."""
        form = {"do": wish, "phone": "101", "name": CALL, "at": str(int(time.time())), **more}
        url = f"{self._stage.box.local_base}{PATH}"
        headers = {"Authorization": aiohttp.encode_basic_auth(USER, key)}
        async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answer:
            return answer.status, await answer.text()

    def speaks(self, pcm: ulaw.Pcm16) -> None:
        """What Asterisk has recorded of it."""
        path = self._stage.box.folder / "data/asterisk/spool/greetings" / f"{CALL}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(pcm.tobytes())

    def decides(self, key: str, value: Any) -> None:
        """Staff set something anew."""
        db = database.connect(self._stage.box.database)
        try:
            with database.immediate(db):
                office.set_value(db, key, value, at=AT, by="the test")
        finally:
            db.close()

    def office(self) -> Office:
        """What staff decided, as it is on disk."""
        db = database.connect_readonly(self._stage.box.database)
        try:
            return office.load(db)
        finally:
            db.close()

    @property
    def done(self) -> list[tuple[str, str]]:
        """What was done, the latest first."""
        db = database.connect_readonly(self._stage.box.database)
        try:
            return [(row.phone, row.what) for row in codes.dialled(db)]
        finally:
            db.close()


@asynccontextmanager
async def at_the_desk(folder: Path, script: str = "", **staff: Any) -> AsyncIterator[tuple[Desk, Stage]]:
    """A phone at a bridge without a cloud, where the box itself speaks the menu; or with one, by a script."""
    given = {"front_door": "menu", "emergency_notice": "", **staff}
    async with staged(folder, script, staff=given, settings={"cloud": {"enabled": bool(script)}}) as stage:
        db = database.connect(stage.box.database)
        try:
            with database.immediate(db):
                phones.add(db, "101", "Front desk", at=AT)
        finally:
            db.close()
        yield Desk(stage), stage


async def test_closing_is_on_disk_when_it_is_answered_and_calls_go_by_it(tmp_path: Path) -> None:
    words = "We are closed."
    async with at_the_desk(tmp_path, time_zone="America/Chicago", greeting_closed=words) as (desk, stage):
        began = desk.office().staff.day_began(datetime.now(UTC)).date()
        assert await desk.asks("close") == (200, "closed")
        (closed,) = desk.office().staff.closed_on
        assert closed in (began, desk.office().staff.day_began(datetime.now(UTC)).date())
        async with stage.call() as call:
            await call.wait_for(lambda: len(call.heard) > 20)
            await call.hang_up()
        stage.over()
        whole = await stage.filed()
        assert whole.turns[0].text.startswith("We are")
        assert await desk.asks("reopen") == (200, "open")
        assert desk.office().staff.closed_on == ()
        desk.decides("greeting_closed", "")
        # Who then asks nothing hears nothing of it, and nobody says so.
        assert await desk.asks("close") == (200, "closed_usual")
        assert await desk.asks("reopen") == (200, "open")
        assert desk.done[2:] == [("101", "open"), ("101", "closed")]


async def test_nobody_else_and_nothing_late_is_done(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as (desk, stage):
        assert (await desk.asks("close", key=MEDIA_SECRET))[0] == 401
        assert (await desk.asks("close", key=""))[0] == 401
        assert (await desk.asks("close", at=str(int(time.time()) - 8)))[0] == 410
        assert (await desk.asks("close", at=str(int(time.time()) + 60)))[0] == 410
        assert (await desk.asks("everything"))[0] == 400
        assert (await desk.asks("close", more="x" * 4000))[0] == 413
        # A phone that is no phone of the house has nothing done, and is told so.
        assert await desk.asks("close", phone="109") == (200, "failed")
        db = database.connect(stage.box.database)
        with database.immediate(db):
            phones.change(db, "101", staff=False)
        db.close()
        assert await desk.asks("close") == (200, "failed")
        assert desk.office().staff.closed_on == ()
        assert desk.done == []


async def test_what_cannot_be_done_in_time_is_said_in_time_and_not_done_later(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as (desk, stage):
        other = database.connect(stage.box.database)
        other.execute("BEGIN IMMEDIATE")
        try:
            for began_before_s in (0, 3):
                at = int(time.time()) - began_before_s
                assert await desk.asks("close", at=str(at)) == (200, "failed")
                # The dialplan waits for so long, and has heard it by then.
                assert time.time() < at + WAITS_S
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert await desk.asks("reopen") == (200, "open")
        assert desk.done == [("101", "open")]
        assert desk.office().staff.closed_on == ()


def tone(seconds: float, loudness: float) -> ulaw.Pcm16:
    at = np.arange(int(seconds * 8000)) / 8000
    samples: ulaw.Pcm16 = (loudness * np.sqrt(2) * np.sin(2 * np.pi * 300 * at)).astype(np.int16)
    return samples


async def test_a_greeting_is_judged_and_kept_only_as_it_was_heard(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as (desk, stage):
        assert await desk.asks("greeting") == (200, "ready")
        assert await desk.asks("check") == (200, "failed")
        assert await desk.asks("keep") == (200, "failed")
        for pcm, verdict in (
            (tone(3, 100), "quiet"),
            (tone(0, 0), "quiet"),
            (tone(0.5, 2000), "short"),
            (tone(31, 2000), "long"),
        ):
            desk.speaks(pcm)
            assert await desk.asks("check") == (200, verdict)
            assert await desk.asks("keep") == (200, "failed")
        words = ulaw.decode(b"".join(speech.load("jfk").frames))
        desk.speaks(words)
        assert await desk.asks("check") == (200, "well")
        assert desk.office().staff.greeting_recording == ""
        (heard,) = (stage.box.folder / "data/asterisk/etc/announcements").glob("*.ulaw")
        sound = heard.read_bytes()
        assert await desk.asks("keep") == (200, "kept")
        name = desk.office().staff.greeting_recording
        kept = stage.box.folder / "data/greetings" / f"{name}.ulaw"
        assert kept.read_bytes() == sound
        async with stage.call() as call:
            frames = len(sound) // 160
            await call.wait_for(lambda: len(call.heard) >= frames + 10, 30.0)
            assert b"".join(frame for _, frame in call.heard[:frames]) == sound
            await call.hang_up()
        stage.over()
        await stage.filed()
        desk.decides("greeting_closed", "We are closed.")
        assert await desk.asks("keep") == (200, "kept_open")
        assert await desk.asks("spoken") == (200, "spoken")
        assert desk.office().staff.greeting_recording == ""
        assert [what for _, what in desk.done] == ["spoken", "greeting", "greeting"]


def lies(path: Path, sound: bytes) -> bool:
    return path.exists() and path.read_bytes() == sound


async def test_what_is_heard_before_a_message_is_kept_by_language_and_by_hours(tmp_path: Path) -> None:
    async with at_the_desk(tmp_path) as (desk, stage):
        spoken = {}
        for greeting, became, name in (
            ("en", "kept", "jfk"),
            ("en-closed", "kept_closed", "weather"),
            ("en", "kept_open", "jfk"),
            ("es-closed", "kept_closed", "weather"),
            ("es", "kept_open", "jfk"),
        ):
            desk.speaks(ulaw.decode(b"".join(speech.load(name).frames)))
            assert await desk.asks("check", greeting=greeting) == (200, "well")
            assert await desk.asks("keep", greeting=greeting) == (200, became)
            spoken[greeting] = desk.office().staff.voicemail_recordings[greeting]
        staff = desk.office().staff
        assert (staff.voicemail_recordings, staff.greeting_recording) == (spoken, "")
        assert len(set(spoken.values())) == 4
        sounds = stage.box.folder / "data/asterisk/etc/sounds"
        for file, greeting in (("voicemail", "en"), ("voicemail_closed_es", "es-closed")):
            kept = (stage.box.folder / "data/greetings" / f"{spoken[greeting]}.ulaw").read_bytes()
            # The PBX is given it seconds later.
            await until(partial(lies, sounds / f"{file}.ulaw", kept), 30.0)
        assert await desk.asks("spoken", greeting="es") == (200, "spoken")
        assert "es" not in desk.office().staff.voicemail_recordings
        assert (await desk.asks("keep", greeting="../en"))[0] == 400
        assert desk.done[0] == ("101", "spoken")


async def test_a_greeting_whose_file_is_gone_is_spoken(tmp_path: Path) -> None:
    name = "en-" + "0" * 64
    async with at_the_desk(tmp_path, greeting="Hello there.", greeting_recording=name) as (_, stage):
        async with stage.call() as call:
            await call.wait_for(lambda: len(call.heard) > 20)
            assert np.abs(ulaw.decode(b"".join(frame for _, frame in call.heard)).astype(int)).max() > 1000
            await call.hang_up()
        stage.over()
        assert (await stage.filed()).turns[0].text.startswith("Hello")


async def test_a_recorded_greeting_is_heard_with_the_cloud_too_which_answers_then(tmp_path: Path) -> None:
    script = '[[turn]]\non = "utterance"\nheard = "weather"\nsay = "It rains today."\n'
    async with at_the_desk(tmp_path, script, front_door="assistant") as (desk, stage):
        desk.speaks(ulaw.decode(b"".join(speech.load("jfk").frames)))
        assert await desk.asks("check") == (200, "well")
        assert await desk.asks("keep") == (200, "kept")
        (kept,) = (stage.box.folder / "data/greetings").iterdir()
        sound = kept.read_bytes()
        frames = len(sound) // 160
        async with stage.call() as call:
            await call.wait_for(lambda: len(call.heard) >= frames + 40, 30.0)
            assert b"".join(frame for _, frame in call.heard[:frames]) == sound
            (session,) = stage.cloud.sessions
            assert not session.sent_of("response.created")
            call.say(b"".join(speech.load("weather").frames))
            await stage.cloud.wait_for(lambda: session.sent_of("response.done"))
            answered = len(call.heard)
            await call.wait_for(lambda: len(call.heard) > answered + 20)
            await call.hang_up()
        stage.over()
        turns = [turn.text for turn in (await stage.filed()).turns]
        # The caller spoke into our question.
        assert turns[1].startswith("How can I")
        assert turns[-1].startswith("It rains")
