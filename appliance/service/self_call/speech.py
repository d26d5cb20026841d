"""A sentence said by the speech program and heard by it again: what works, and what only stands in for it.

May import: the standard library, appliance.core, models.local.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from appliance.core.menu import plain
from appliance.core.self_call import Check, Finding, State
from appliance.core.speech_settings import Speech
from models.local.doubling import pcm_16k
from models.local.espeak import PROGRAM, Espeak
from models.local.shaping import Shaper
from models.local.speech_client import Sound, SpeechClient, SpeechFailed

SAY_S = 5.0
HEAR_S = 10.0
DESCRIBE_S = 2.0
PIECES_MOST = 500
KNOWN = 0.6
"""So many of a sentence's words have to be recognised."""
WHY = {
    "unavailable": "its weights are missing",
    "unreachable": "nobody listens there",
    "late": "no answer in time",
    "lost": "it closed the connection",
    "crashed": "it crashed",
    "garbage": "what answers is no speech program",
}
STANDS_IN = "callers hear espeak-ng"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as sound (µ-law at 8 kHz; empty when no voice could say it), and who said it."""

    sound: bytes
    finding: Finding


async def said(
    text: str,
    language: str,
    settings: Speech,
    voice: SpeechClient | None,
    espeak: Callable[[], Espeak] = Espeak,
) -> Said:
    """Have a sentence spoken by what is configured, or by what stands in for it."""
    why = ""
    if voice is not None:
        try:
            sound = await _shaped(voice.synthesise(text, language, SAY_S))
            why = await _without_weights(voice, settings, language)
            return Said(sound, _synthesis(State.DEGRADED, f"{why}: {STANDS_IN}") if why else _synthesis())
        except SpeechFailed as exc:
            why = f"the speech program does not speak ({WHY.get(exc.code, exc.code)})"
    try:
        sound = await _shaped(espeak().synthesise(text, language, SAY_S))
    except SpeechFailed as exc:
        return Said(
            b"", _synthesis(State.FAILED, f"{why or PROGRAM}: espeak-ng does not speak either ({exc.code})")
        )
    return Said(sound, _synthesis(State.DEGRADED, f"{why}: {STANDS_IN}") if why else _synthesis())


def _synthesis(state: State = State.OK, told: str = "") -> Finding:
    return Finding(Check.SYNTHESIS, state, told)


async def _shaped(sounds: AsyncGenerator[Sound, None]) -> bytes:
    """Sound as a leg takes it. Raises SpeechFailed, also when there is none."""
    shaper, made = Shaper("ulaw_8k"), []
    async with aclosing(sounds) as pieces:
        async for piece in pieces:
            made.append(shaper.feed(piece.pcm, piece.rate))
            if len(made) >= PIECES_MOST:
                break
    sound = b"".join([*made, shaper.rest()])
    if not shaper.begun:
        raise SpeechFailed("it gave no sound", "mute", retry=False)
    return sound


async def _without_weights(voice: SpeechClient, settings: Speech, language: str) -> str:
    """Why it is not the configured voice that speaks, as far as the program says so."""
    wanted = settings.voices.get(language, "")
    if not (settings.piper and wanted):
        return ""
    try:
        names = {each.name for each in (await voice.describe(DESCRIBE_S)).voices}
    except SpeechFailed:
        # Not every server says what it has; it spoke.
        return ""
    missing = wanted not in names and PROGRAM in names
    return f"the weights of the voice {wanted} are missing" if missing else ""


async def heard(text: str, sound: bytes, language: str, ears: SpeechClient | None) -> Finding:
    """Have that sound recognised, behind the callers who wait for the same."""
    if ears is None:
        return Finding(Check.RECOGNITION, State.UNCHECKED, "no speech program is set: callers use keys")
    if not sound:
        return Finding(Check.RECOGNITION, State.UNCHECKED, "there was no voice to be heard")
    try:
        found = await ears.recognise(pcm_16k(sound), language, HEAR_S, live=False)
    except SpeechFailed as exc:
        return Finding(Check.RECOGNITION, *_failed(exc))
    if known(text, found.text) < KNOWN:
        return Finding(Check.RECOGNITION, State.FAILED, "a sentence of our own was not recognised")
    return Finding(Check.RECOGNITION, State.OK)


def _failed(exc: SpeechFailed) -> tuple[State, str]:
    why = WHY.get(exc.code, exc.code)
    if exc.code == "busy":
        return State.UNCHECKED, "the speech program is busy with callers"
    state = State.DEGRADED if exc.code == "unavailable" else State.FAILED
    return state, f"the speech program does not recognise ({why}): callers use keys"


def known(text: str, heard_as: str) -> float:
    """How many of a sentence's words are among those that were heard: 0 to 1."""
    words, found = plain(text).split(), set(plain(heard_as).split())
    return sum(word in found for word in words) / max(1, len(words))
