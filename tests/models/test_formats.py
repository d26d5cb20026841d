"""Audio formats of a session: the telephone's own, and PCM through the resampler."""

from appliance.core import ulaw
from models.realtime import formats
from tests.models.test_sound import power_db, tone


def test_the_telephones_own_format_is_passed_through() -> None:
    audio = bytes(range(256))
    made = formats.of("pcmu")
    assert made.to_service(audio) == made.from_service(audio) == audio


def test_speech_survives_24_khz_and_back() -> None:
    made = formats.of("pcm24")
    spoken = ulaw.encode(tone(500, 8000))
    back = b"".join(
        made.from_service(made.to_service(spoken[at : at + 160])) for at in range(0, len(spoken), 160)
    )
    assert 0 <= len(spoken) - len(back) <= 80
    signal, noise = power_db(ulaw.decode(back), 500, 8000)
    assert signal - noise > 30
