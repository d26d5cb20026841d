"""Renders our recorded sentences anew with espeak-ng: `python -m scripts.render_prompts`.

The sentences are those of appliance/languages/<code>/prompts.toml. May import: the standard library, numpy,
models.sound, appliance.core.
"""

import subprocess
import tomllib
import wave
from io import BytesIO
from pathlib import Path

import numpy as np

from appliance.core import ulaw
from models.sound import Resampler

LANGUAGES = Path(__file__).parent.parent / "appliance" / "languages"
LEVEL = 0.5


def spoken(text: str, voice: str) -> bytes:
    """A sentence as µ-law at 8 kHz, at a steady level, with a little silence around it."""
    command = ["espeak-ng", "-v", voice, "-s", "155", "--stdout", text]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(BytesIO(made)) as sound:
        pcm, rate = sound.readframes(sound.getnframes()), sound.getframerate()
    samples = np.frombuffer(Resampler(rate, 8000).feed(pcm), np.int16).astype(np.float64)
    level = samples * (LEVEL * 32767 / max(1.0, float(np.abs(samples).max())))
    silence = ulaw.SILENCE * 800
    return silence + ulaw.encode(level.astype(np.int16)) + silence


def main() -> None:
    """Render every sentence of every language."""
    for table in sorted(LANGUAGES.glob("*/prompts.toml")):
        tree = tomllib.loads(table.read_text("utf-8"))
        folder = table.parent / "prompts"
        folder.mkdir(exist_ok=True)
        for name, text in tree["sentences"].items():
            (folder / f"{name}.ulaw").write_bytes(spoken(text, tree["voice"]))


if __name__ == "__main__":
    main()
