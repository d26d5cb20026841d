"""Wideband from end to end: a phone that speaks G.722, 24 kHz to the box and on to the cloud."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.asterisk.house import ASSISTANT, CALLER, DESK, house
from tests.asterisk.test_house import GREETING, LONG, spoken
from tests.peers.phone import Manner, ears, listening
from tests.peers.phone.sound import NARROW_HZ, WIDE_HZ, Pcm, resampled

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

CLOUD_HZ = 24_000
WIDE: dict[str, dict[str, Any]] = {"asterisk": {"audio": "slin24"}, "cloud": {"audio": "pcm24"}}
ALIKE = 0.97
"""G.722 keeps no sample as it was."""
SWEEP_S = 1.5


def sweep(from_hz: float, to_hz: float) -> Pcm:
    """A tone that rises through a band, at 16 kHz."""
    at = np.arange(int(SWEEP_S * WIDE_HZ)) / WIDE_HZ
    phase = 2 * np.pi * (from_hz * at + (to_hz - from_hz) / (2 * SWEEP_S) * at**2)
    samples: Pcm = (6000 * np.sin(phase)).astype(np.int16)
    return samples


def from_cloud(audio: bytes | bytearray) -> Pcm:
    """What the service sent or heard, at 16 kHz."""
    return resampled(np.frombuffer(bytes(audio), "<i2"), CLOUD_HZ, WIDE_HZ)


async def test_both_hear_the_whole_band(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    low, high = sweep(300, 3300), sweep(4500, 6500)
    greeting = tmp_path / "greeting.pcm24"
    greeting.write_bytes(resampled(np.concatenate((low, high)), WIDE_HZ, CLOUD_HZ).astype("<i2").tobytes())
    script = f'[[turn]]\non = "greeting"\nsay = "Good morning."\naudio = "{greeting}"\n'
    async with house(tmp_path, script, settings=WIDE) as clinic:
        caller = await clinic.phone(CALLER, codecs=("G722", "PCMU"))
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.reply())
        assert call.codec == "G722"
        session = clinic.cloud.sessions[-1]
        # The coding is late by some samples: the last of them come with the next sound.
        played = np.concatenate((call.heard_16k(), np.zeros(WIDE_HZ, np.int16)))
        down = [ears.find(sound, played) for sound in (low, high)]
        for sound in (low, high):
            call.say(sound)
        await call.said()
        before = len(session.audio_in)
        await clinic.cloud.wait_for(lambda: len(session.audio_in) > before + CLOUD_HZ)
        heard = from_cloud(session.audio_in)
        up = [ears.find(sound, heard) for sound in (low, high)]
        with capsys.disabled():
            told = ", ".join(f"{match.score:.3f}" for match in (*down, *up))
            print(f"\nG.722, below and above 4 kHz, as the caller hears it and as the cloud does: {told}")
        for match in (*down, *up):
            assert match.score > ALIKE
            assert 0.85 < match.gain < 1.15
        await call.hang_up()
        await clinic.filed()


async def test_a_barge_in_is_told_as_it_was_heard(tmp_path: Path) -> None:
    answer = f'[[turn]]\non = "utterance"\nheard = "weather"\nsay = "{LONG}"\n'
    last = '[[turn]]\non = "utterance"\nheard = "nevermind"\nsay = "All right."\n'
    async with house(tmp_path, f"{GREETING}\n{answer}\n{last}", settings=WIDE) as clinic:
        caller = await clinic.phone(CALLER, codecs=("G722",))
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.reply())
        call.say(spoken("weather"))
        await call.hear(listening.sound(2000), 20.0)
        call.say(spoken("s2p_nevermind"))
        session = clinic.cloud.sessions[-1]
        (cut,) = await clinic.cloud.wait_for(lambda: session.received_of("conversation.item.truncate"), 20.0)
        await call.hear(listening.reply(), 20.0)
        long = resampled(from_cloud(session.audio_out[str(cut["item_id"])]), WIDE_HZ, NARROW_HZ)
        heard = call.heard_8k()
        begun = ears.find(long[:NARROW_HZ], heard)
        assert begun.score > 0.9
        # Until there it was heard as it was sent, and then there is silence.
        ends = begun.at + int(float(str(cut["audio_end_ms"])) * NARROW_HZ / 1000)
        levels = ears.levels(heard[begun.at : ends + 800])
        assert max(levels[-5:]) < 100 < max(levels[-9:-6])
        await call.hang_up()


async def test_a_narrow_phone_is_served_as_well_and_hands_over(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING, settings=WIDE) as clinic:
        caller = await clinic.phone(CALLER)
        desk = await clinic.phone(DESK, codecs=("G722",))
        desk.on_ring = Manner.answers(0.3)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.reply())
        assert call.codec == "PCMU"
        session = clinic.cloud.sessions[-1]
        greeting = resampled(from_cloud(next(iter(session.audio_out.values()))), WIDE_HZ, NARROW_HZ)
        assert ears.find(greeting, call.heard_8k()).score > ALIKE
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        assert taken.codec == "G722"
        sound = sweep(300, 3300)
        taken.say(sound)
        await taken.said()
        await call.hear(listening.silence())
        assert ears.find(resampled(sound, WIDE_HZ, NARROW_HZ), call.heard_8k()).score > ALIKE
        await taken.hang_up()
        await call.ended()
