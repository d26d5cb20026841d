"""Audio formats of a session: the telephone's own, and PCM resampled, for each coding of a leg."""

from typing import Literal

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, RATES, Coding
from models.realtime.formats import CODINGS, Format
from models.transcoding import transcoded
from tests.models.test_sound import power_db, tone

Audio = Literal["pcmu", "pcm24"]
LEGS: tuple[Coding, ...] = ("ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k")


def reply(made: Format, reply_id: str, audio: bytes, piece: int) -> bytes:
    pieces = [made.from_service(reply_id, audio[at : at + piece]) for at in range(0, len(audio), piece)]
    return b"".join(pieces) + made.rest(reply_id)


def test_the_telephones_own_format_is_passed_through() -> None:
    audio, made = bytes(range(256)), Format("pcmu", "ulaw_8k")
    assert made.to_service(audio) is made.from_service("a", audio) is audio
    assert made.rest("a") == b""


@pytest.mark.parametrize("audio", ["pcmu", "pcm24"])
@pytest.mark.parametrize("leg", LEGS)
def test_speech_survives_the_service_and_comes_back_whole(leg: Coding, audio: Audio) -> None:
    made, pcm = Format(audio, leg), tone(500, RATES[leg])
    spoken = ulaw.encode(pcm) if leg == "ulaw_8k" else pcm.tobytes()
    frame = 20 * BYTES_PER_MS[leg]
    there = b"".join(made.to_service(spoken[at : at + frame]) for at in range(0, len(spoken), frame))
    assert 0 <= 1000 - len(there) / made.per_ms <= 2
    back = reply(made, "a", there, 4801)
    assert len(back) / BYTES_PER_MS[leg] == pytest.approx(len(there) / made.per_ms, abs=0.1)
    heard = ulaw.decode(back) if leg == "ulaw_8k" else np.frombuffer(back, np.int16)
    signal, noise = power_db(heard, 500, RATES[leg])
    assert signal - noise > 30


@pytest.mark.parametrize("leg", LEGS)
def test_each_reply_begins_anew_and_is_as_long_as_it_was_sent(leg: Coding) -> None:
    """Nothing of one reply sounds in the next, not even of one that was cut and never ended."""
    made, audio = Format("pcm24", leg), tone(900, 24000, 0.5).tobytes()
    alone = transcoded(audio, CODINGS["pcm24"], leg)
    assert reply(made, "a", audio, 960) == alone
    made.from_service("b", audio[:9601])
    assert reply(made, "c", audio, 4096) == alone
    assert made.rest("b") == b""
    assert len(alone) == 500 * BYTES_PER_MS[leg]
