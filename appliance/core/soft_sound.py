"""The soft sound that breaks a silence: short and low, so that nobody takes it for the tone of a voicemail.

May import: the standard library, numpy, appliance.core.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

import numpy as np

from appliance.core import ulaw
from appliance.core.coding import RATES, Coding

HZ, MS, EDGE_MS = 440.0, 100, 30
LOUDNESS = 2400.0
SILENCE_S = 1.5
MARK = "soft"


async def sounding(
    work: Awaitable[object],
    play: Callable[[bytes, str], Awaitable[None]],
    coding: Coding,
    silence_s: float = SILENCE_S,
) -> None:
    """Wait for this; as often as it has been silent for so long meanwhile, the sound is played."""
    async with asyncio.TaskGroup() as tasks:
        sounds = tasks.create_task(_again(play, coding, silence_s), name="soft sounds")
        await work
        sounds.cancel()


async def _again(play: Callable[[bytes, str], Awaitable[None]], coding: Coding, silence_s: float) -> None:
    while True:
        await asyncio.sleep(silence_s)
        await play(soft_sound(coding), MARK)


@cache
def soft_sound(coding: Coding) -> bytes:
    """The sound as a leg of this coding takes it."""
    rate = RATES[coding]
    at_ms = np.arange(MS * rate // 1000) * 1000 / rate
    edges = np.minimum(1.0, np.minimum(at_ms, MS - at_ms) / EDGE_MS)
    pcm = (LOUDNESS * edges * np.sin(2 * np.pi * HZ * at_ms / 1000)).astype("<i2")
    return ulaw.encode(pcm.astype(np.int16)) if coding == "ulaw_8k" else pcm.tobytes()
