"""What is rendered ahead of a text, as callers hear it; nothing is spoken for it.

Reading blocks. May import: appliance.core, models.local.
"""

from collections.abc import Sequence

from appliance.core.coding import Coding
from models.local.mouth import Voice, pause_after, pieces_of
from models.local.prompt_cache import PromptCache
from models.local.wording import Language


def rendered(
    cache: PromptCache, voices: Sequence[Voice], text: str, language: Language, coding: Coding = "ulaw_8k"
) -> bytes | None:
    """The whole text, each sentence by the first voice that it is kept of; None where one is missing."""
    pieces = pieces_of(text, language)
    sounds = [_piece(cache, voices, piece, language, coding) for piece in pieces]
    if not sounds:
        return None
    whole = []
    for piece, sound in zip(pieces, sounds, strict=True):
        if sound is None:
            return None
        whole += [sound, pause_after(piece, coding)]
    return b"".join(whole[:-1])


def _piece(
    cache: PromptCache, voices: Sequence[Voice], piece: str, language: Language, coding: Coding
) -> bytes | None:
    kept = (cache.read(voice.key(piece, language, coding)) for voice in voices)
    return next((sound for sound in kept if sound is not None), None)
