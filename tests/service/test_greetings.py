"""Recorded greetings: whole files, the one in use at hand, and the spoken one where there is none."""

import hashlib
import io
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core import ulaw
from appliance.core.staff import Office, StaffSettings
from appliance.service.greetings import KEPT, Greetings
from models.local.mouth import Mouth
from models.local.prompt_cache import PromptCache

SOUND = bytes(range(160)) * 50


@pytest.fixture
def mouth(tmp_path: Path) -> Iterator[Mouth]:
    made = Mouth((), PromptCache(tmp_path / "prompts"))
    yield made
    made.close()


def office(name: str, **staff: object) -> Office:
    return Office(staff=StaffSettings.model_validate({"greeting_recording": name, **staff}))


async def test_a_kept_greeting_is_heard_and_fetched(tmp_path: Path, mouth: Mouth) -> None:
    greetings = Greetings(tmp_path / "greetings", lambda: mouth)
    name = await greetings.keep("en", SOUND)
    assert name == f"en-{hashlib.sha256(SOUND).hexdigest()}"
    now = office(name, business_name="Riverside")
    assert await greetings.ready(now) == now
    assert mouth.own["en"].words == "Thank you for calling Riverside."
    assert mouth.own["en"].sound == SOUND
    fetched = await greetings.wav(name)
    assert fetched is not None
    with wave.open(io.BytesIO(fetched)) as file:
        assert file.readframes(file.getnframes()) == ulaw.decode(SOUND).tobytes()
    # A process that has just begun knows it as well.
    assert await Greetings(tmp_path / "greetings", lambda: mouth).wav(name) == fetched


async def test_what_is_not_to_be_heard_is_spoken(tmp_path: Path, mouth: Mouth) -> None:
    greetings = Greetings(tmp_path / "greetings", lambda: mouth)
    name = await greetings.keep("en", SOUND)
    closed = office(name, greeting_closed="We are closed.").model_copy(update={"open_now": False})
    for other in (office(""), office(name, language="es-US"), closed):
        assert await greetings.ready(office(name)) == office(name)
        assert mouth.own
        ready = await greetings.ready(other)
        assert ready.recording == ""
        assert not mouth.own


async def test_a_file_that_is_gone_or_broken_is_not_named_to_anybody(tmp_path: Path, mouth: Mouth) -> None:
    folder = tmp_path / "greetings"
    name = await Greetings(folder, lambda: mouth).keep("en", SOUND)
    (folder / f"{name}.ulaw").write_bytes(SOUND[:-1])
    for wrong in (name, "en-" + "0" * 64):
        greetings = Greetings(folder, lambda: mouth)
        assert (await greetings.ready(office(wrong))).staff.greeting_recording == ""
        assert await greetings.wav(wrong) is None
    assert await greetings.wav("../secrets/asterisk_ami") is None


async def test_those_before_a_message_are_at_hand_and_what_is_gone_is_not_named(
    tmp_path: Path, mouth: Mouth
) -> None:
    greetings = Greetings(tmp_path / "greetings", lambda: mouth)
    spanish = await greetings.keep("es", SOUND)
    recordings = {"es": spanish, "en-closed": "en-" + "0" * 64}
    ready = await greetings.ready(office("", voicemail_recordings=recordings))
    assert ready.staff.voicemail_recordings == {"es": spanish}
    (tmp_path / "greetings" / f"{spanish}.ulaw").unlink()
    # It is held for callers of now, and a file that comes back is found again.
    assert await greetings.sound(spanish) == SOUND
    assert (await greetings.ready(ready)).staff.voicemail_recordings == {"es": spanish}
    assert await Greetings(tmp_path / "greetings", lambda: mouth).sound(spanish) == b""
    assert await greetings.sound("../es") == b""


async def test_those_in_use_stay_however_old(tmp_path: Path, mouth: Mouth) -> None:
    greetings = Greetings(tmp_path / "greetings", lambda: mouth)
    used = await greetings.keep("es", SOUND)
    for each in range(KEPT + 2):
        await greetings.keep("en", bytes([each]) * 160, {used})
    assert await Greetings(tmp_path / "greetings", lambda: mouth).sound(used) == SOUND
    assert len([*(tmp_path / "greetings").iterdir()]) == KEPT + 1


async def test_the_last_few_are_kept(tmp_path: Path, mouth: Mouth) -> None:
    greetings = Greetings(tmp_path / "greetings", lambda: mouth)
    names = [await greetings.keep("en", bytes([each]) * 160) for each in range(KEPT + 2)]
    left = {path.stem for path in (tmp_path / "greetings").iterdir()}
    assert left == set(names[-KEPT:])
