"""How a leg's sound is coded: the telephone's µ-law, or linear samples of 16 bits (little-endian, mono).

One coding runs through a call, that of its leg; who has sound in another brings it over at his own border.
May import: the standard library.
"""

from typing import Literal

Coding = Literal["ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k"]

RATES: dict[Coding, int] = {"ulaw_8k": 8000, "pcm_8k": 8000, "pcm_16k": 16000, "pcm_24k": 24000}
BYTES_PER_MS: dict[Coding, int] = {"ulaw_8k": 8, "pcm_8k": 16, "pcm_16k": 32, "pcm_24k": 48}
