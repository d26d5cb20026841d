"""The program's voice of last resort: espeak-ng, in a few milliseconds and without weights.

May import: the standard library, models.local.espeak, models.local.speech_client, models.speech.
"""

from contextlib import aclosing

from models.local.espeak import PROGRAM, Espeak
from models.local.speech_client import SpeechFailed
from models.speech.refused import Code, Refused

WITHIN_S = 5.0
AT_ONCE = 4
USUAL = "en"
REFUSALS: dict[str, Code] = {"unavailable": "unavailable", "busy": "late", "late": "late"}


class LastResort:
    """Speaks, a few texts at a time."""

    def __init__(self) -> None:
        self._espeak = Espeak(at_once=AT_ONCE, longest_s=WITHIN_S)

    async def spoken(self, text: str, language: str) -> tuple[bytes, int]:
        """The text as mono 16-bit audio, and its rate. Raises Refused. Cancelling ends the subprocess."""
        meant = language.lower() or USUAL
        try:
            made = self._espeak.synthesise(text, meant, WITHIN_S)
            async with aclosing(made) as sounds:
                pieces = [sound async for sound in sounds]
        except SpeechFailed as exc:
            raise Refused(REFUSALS.get(exc.code, "language"), str(exc)) from exc
        if not pieces:
            raise Refused("language", f"{PROGRAM} does not speak {language!r}")
        return b"".join(piece.pcm for piece in pieces), pieces[0].rate
