"""What we write for the PBX: whose it is, and that a sentence is never replaced by an excuse for it."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from appliance.core import ulaw
from appliance.core.files import replace
from appliance.core.staff import Office, StaffSettings
from appliance.service.greetings import Greetings
from appliance.service.pbx import sounds
from appliance.service.pbx.house import House
from models.local.mouth import Mouth, Recordings, Voice
from models.local.prompt_cache import PromptCache
from models.local.speech_client import Sound, SpeechFailed
from tests.peers.phone import ears
from tests.peers.phone.sound import AUDIBLE_RMS

EXCUSE = bytes(range(160)) * 20
NOBODY = 65534


class Lips:
    """A voice that can be taken away."""

    well = True

    async def synthesise(
        self, text: str, language: str, within_s: float, voice: str = ""
    ) -> AsyncGenerator[Sound, None]:
        if not self.well:
            raise SpeechFailed("no voice", "unreachable", retry=False)
        yield Sound(b"\x00\x10\x00\xf0" * 4000, 8000)


async def test_what_no_voice_can_say_leaves_what_was_said_before(tmp_path: Path) -> None:
    lips = Lips()
    voice = Voice("test", lips, {"en": "test", "es": "test"}, 1.0, rests=False)
    mouth = Mouth((voice,), PromptCache(tmp_path / "prompts"), {"en": Recordings(no_voice=EXCUSE)})
    try:
        house = House(tmp_path / "asterisk")
        greetings = Greetings(tmp_path / "greetings", lambda: mouth)
        assert await sounds.rendered(house, Office(), mouth, greetings.sound) == []
        said = {path.name: path.read_bytes() for path in house.sounds.glob("*.ulaw")}
        assert len(said) > 10
        lips.well = False
        missing = await sounds.rendered(house, Office(), mouth, greetings.sound)
        assert {f"{name}.ulaw" for name in missing} == said.keys()
        assert {path.name: path.read_bytes() for path in house.sounds.glob("*.ulaw")} == said
    finally:
        mouth.close()


async def test_what_staff_recorded_is_heard_before_a_message_by_language_and_by_hours(tmp_path: Path) -> None:
    voice = Voice("test", Lips(), {"en": "test", "es": "test"}, 1.0, rests=False)
    mouth = Mouth((voice,), PromptCache(tmp_path / "prompts"), {})
    try:
        house = House(tmp_path / "asterisk")
        greetings = Greetings(tmp_path / "greetings", lambda: mouth)
        ours, spanish = b"\x01" * 8000, b"\x02" * 8000
        recorded = {
            "en-closed": await greetings.keep("en", ours),
            "es": await greetings.keep("es", spanish),
            "en": "en-" + "0" * 64,
        }
        office = Office(staff=StaffSettings(voicemail_recordings=recorded))
        assert await sounds.rendered(house, office, mouth, greetings.sound) == []
        said = {path.stem: path.read_bytes() for path in house.sounds.glob("voicemail*")}
        assert said.pop("voicemail") not in (ours, spanish, b"")
        assert said == {
            "voicemail_closed": ours, "voicemail_es": spanish, "voicemail_closed_es": spanish,
        }  # fmt: skip
    finally:
        mouth.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root: only root writes what is another's")
def test_what_root_writes_is_the_folders_owners(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    replace(tmp_path / "secret", b"word", mode=0o600)
    found = (tmp_path / "secret").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (NOBODY, NOBODY, 0o600)


def test_the_music_is_never_so_soft_that_it_could_be_silence() -> None:
    loud = ears.levels(ulaw.decode(sounds.hold()))
    assert AUDIBLE_RMS < loud.min() < loud.max() < 2000
