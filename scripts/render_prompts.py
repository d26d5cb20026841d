"""Renders our recorded sentences anew with espeak-ng: `python -m scripts.render_prompts [NAME...]`.

The sentences are those of appliance/languages/<code>/prompts.toml; without names, all of them. They sound as
the mouth makes them sound, and the same words make the same file.
May import: the standard library, appliance.core, appliance.languages, models.local.
"""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path

from appliance.core import ulaw
from appliance.languages import prompts
from models.local.espeak import Espeak
from models.local.mouth import pause_after, pieces_of
from models.local.rendering import shaped
from models.local.wording import Language

LANGUAGES = Path(__file__).parent.parent / "appliance" / "languages"
AROUND = ulaw.SILENCE * 160
WITHIN_S = 10.0


async def sound(text: str, language: Language, voice: str) -> bytes:
    """A text as µ-law at 8 kHz, at our loudness, with a little silence around it."""
    parts = [AROUND]
    for piece in pieces_of(text, language):
        async with aclosing(Espeak().synthesise(piece, language, WITHIN_S, voice)) as sounds:
            parts += [shaped([each async for each in sounds], "ulaw_8k"), pause_after(piece, "ulaw_8k")]
    return b"".join([*parts[:-1], AROUND])


def main(names: list[str]) -> None:
    """Render these sentences, or all, of every language; remove the files of sentences that are gone."""
    for code in prompts.codes():
        said, folder = prompts.prompts(code), LANGUAGES / code / "prompts"
        folder.mkdir(exist_ok=True)
        for name, text in said.sentences.items():
            if not names or name in names:
                made = asyncio.run(sound(text, code, said.voice))
                (folder / f"{name}.ulaw").write_bytes(made)
        for file in folder.glob("*.ulaw"):
            if file.stem not in said.sentences:
                file.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
