"""The soft sound: short, low, without a click, and the same in every coding."""

import asyncio

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.soft_sound import LOUDNESS, MS, soft_sound, sounding

SPOKEN = 10_000
"""What a voice of ours reaches."""


@pytest.mark.parametrize("coding", ["ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k"])
def test_it_is_as_long_in_every_coding_and_whole_frames_of_it(coding: Coding) -> None:
    sound = soft_sound(coding)
    assert len(sound) == MS * BYTES_PER_MS[coding]
    assert MS % 20 == 0


def test_it_is_soft_and_begins_and_ends_without_a_click() -> None:
    heard = np.abs(ulaw.decode(soft_sound("ulaw_8k")).astype(int))
    assert LOUDNESS * 0.9 < heard.max() < SPOKEN / 3
    assert max(heard[:8].max(), heard[-8:].max()) < LOUDNESS / 20


async def test_it_is_played_again_and_again_while_something_is_waited_for() -> None:
    played, thrice = [], asyncio.Event()

    async def play(audio: bytes, _mark: str) -> None:
        played.append(audio)
        if len(played) == 3:
            thrice.set()

    await sounding(thrice.wait(), play, "pcm_16k", silence_s=0.001)
    assert played == [soft_sound("pcm_16k")] * 3
    await sounding(thrice.wait(), play, "pcm_16k", silence_s=0.0)
    assert len(played) == 3
