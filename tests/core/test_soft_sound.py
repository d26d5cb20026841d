"""The soft sound: short, low, without a click, and the same in every coding."""

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.soft_sound import LOUDNESS, MS, soft_sound

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
