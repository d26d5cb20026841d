"""What the PBX says by itself, as files: for callers whom we cannot serve, and for the desk.

May import: the standard library, numpy, appliance.core, appliance.languages, appliance.service.pbx,
models.local.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.core import front_door, staff_told, ulaw
from appliance.core.files import replace
from appliance.core.other_languages import home_of, keys, offer, spoken, spoken_in
from appliance.core.staff import Office
from appliance.core.steps import Say
from appliance.languages import prompts
from appliance.languages.folders import code_of
from appliance.languages.tables import table
from appliance.service.pbx import music
from appliance.service.pbx.house import House
from models.local.mouth import Mouth, Recordings
from models.local.shaping import recorded
from models.local.wording import Language

RATE = 8000
HEARD = frozenset({"fallback", "voicemail", "voicemail_closed", "message_kept", "not_kept", "no_message"})
"""What callers hear; all else is for the desk, in the clinic's language."""
CHORD_HZ = (220.0, 277.18, 329.63)
TONE_HZ, TONE_S, TONE_EDGE_S, TONE_LOUDNESS = 1000.0, 0.4, 0.01, 5000.0
HOLD_S, SWELL_S, LOUDNESS, SOFTEST = 8.0, 4.0, 900.0, 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the language that it is in; `recording` is that of staff which takes its place."""

    text: str
    language: str
    recording: str = ""


def lines(office: Office) -> dict[str, Line]:
    """The sentences by the names of their files: those for callers in each language that they can have."""
    home, found = home_of(office), dict[str, Line]()
    for code in spoken(office):
        mark = "" if code == home else f"_{code}"
        own = spoken_in(office, code)
        recordings = {
            "voicemail": own.staff.voicemail_recording(),
            "voicemail_closed": own.staff.voicemail_recording(closed=True),
        }
        found |= {
            name + mark: Line(text, code, recordings.get(name, ""))
            for name, text in texts(own).items()
            if not mark or name in HEARD
        }
    offered = {(code, key) for each in spoken(office) for code, key in keys(spoken_in(office, each))}
    return found | {f"offer_{code}_{key}": Line(offer(code, key)[0], code) for code, key in sorted(offered)}


def texts(office: Office) -> dict[str, str]:
    """The sentences in the language that the office is spoken in."""
    staff = office.staff
    said = prompts.prompts(code_of(staff.language))
    fallback = front_door.fallback(office)
    return {
        "fallback": " ".join(step.text for step in fallback[:2] if isinstance(step, Say)),
        "voicemail": staff.voicemail_words(),
        "voicemail_closed": staff.voicemail_words(closed=True),
        "message_kept": staff.said("message_kept"),
        "no_message": staff.said("no_message"),
        "screen_unknown": said.sentences["screen_unknown"],
        "screen_take": said.sentences["screen_take"],
        **{
            f"rota_{name}": said
            for name, said in staff_told.rota(staff.language, staff.business_name).items()
        },
        **table(staff.language, "desk")["sentences"],
    }


def names(office: Office, house: House) -> list[str]:
    """The files that there have to be, without their ending."""
    return [*lines(office), "tone", *(f"hold/{name}" for name in music.names(house) or (music.OURS,))]


async def rendered(
    house: House, office: Office, mouth: Mouth, recording: Callable[[str], Awaitable[bytes]]
) -> list[str]:
    """Have every sentence spoken into its file; the names of those that no voice could say.

    `recording` gives what staff recorded, by its name.
    """
    missing = []
    for name, line in (await asyncio.to_thread(lines, office)).items():
        path = house.sounds / f"{name}.ulaw"
        if line.recording and (sound := await recording(line.recording)):
            await asyncio.to_thread(_kept, path, sound)
            continue
        sound = b"".join([piece async for piece in mouth.speak(line.text, line.language)])
        if not await asyncio.to_thread(_spoken, mouth, line.language, path, sound):
            missing.append(name)
    return missing


def _spoken(mouth: Mouth, language: Language, path: Path, sound: bytes) -> bool:
    """Keep what was said, unless nothing was, or our excuse."""
    if not sound or _no_voice(mouth, language, sound):
        return False
    _kept(path, sound)
    return True


def without_words(house: House) -> None:
    """Write the music and the tone: they have to be there when the PBX begins, and looks for its music."""
    music.laid_out(house, hold())
    _kept(house.sounds / "tone.ulaw", tone())


def _no_voice(mouth: Mouth, language: Language, sound: bytes) -> bool:
    """Whether this ends with our excuse for having no voice: what was there is better."""
    recordings = mouth.recordings.get(language, Recordings())
    return bool(recordings.no_voice) and sound.endswith(recorded(recordings.no_voice, "ulaw_8k"))


def _kept(path: Path, sound: bytes) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != sound:
        replace(path, sound, mode=0o640)


def tone() -> bytes:
    """The tone after which a message may begin (µ-law, 8 kHz)."""
    at = np.arange(int(TONE_S * RATE)) / RATE
    edges = np.minimum(1.0, np.minimum(at, TONE_S - at) / TONE_EDGE_S)
    return ulaw.encode((TONE_LOUDNESS * edges * np.sin(2 * np.pi * TONE_HZ * at)).astype(np.int16))


def hold() -> bytes:
    """What is heard while phones ring: a soft chord that swells and fades, without a seam (µ-law, 8 kHz).

    It never fades so far that a caller would take it for silence.
    """
    at = np.arange(int(HOLD_S * RATE)) / RATE
    swell = 1 - (1 - SOFTEST) * (0.5 + 0.5 * np.cos(2 * np.pi * at / SWELL_S))
    # Whole numbers of waves in the length: the end goes over into the beginning.
    waves = [np.sin(2 * np.pi * round(hz * HOLD_S) / HOLD_S * at) for hz in CHORD_HZ]
    return ulaw.encode((LOUDNESS * swell * np.sum(waves, axis=0)).astype(np.int16))
