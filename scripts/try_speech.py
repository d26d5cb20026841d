"""What hears and speaks for the box of a call for show: weights that lie here, another server, or keys alone.

May import: the standard library, appliance.core, models.weights, scripts.loopback_box.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.core.settings import Speech as Section
from models.weights import folder, table
from models.weights.table import Table, Weights
from scripts.loopback_box import ROOT

KEPT = ROOT / ".try" / "models"
"""Where the box of a call for show has its weights: the folder of the box itself is made anew each time."""

PLACES = (KEPT, Path("/var/lib/attendant/models"))


@dataclass(frozen=True, slots=True)
class Speech:
    """The section [speech] of a box, and who hears by it in words; empty: nobody, and there are keys."""

    section: Mapping[str, Any]
    heard_by: str = ""
    own_program: bool = False
    """Whether `attendant speech` is to run beside the bridge."""


KEYS_ALONE = Speech({"models_dir": str(KEPT)})


def elsewhere(uri: str) -> Speech:
    """Another Wyoming server recognises."""
    return Speech({**KEYS_ALONE.section, "recognition_uri": uri}, f"the recogniser at {uri}")


def of_weights(
    box: Path, places: Iterable[Path] = PLACES, whisper: str = "", known: Table | None = None
) -> Speech:
    """By the first of these folders in which weights that recognise are whole; the box lies in its own.

    `whisper` names the ones that are wanted; weights that the table does not know are taken as they are.
    """
    known = known or table.load()
    for place in places:
        there = [each for each in known.weights if folder.state(each, place).condition == "there"]
        names = [each.name for each in there if each.kind == "recognition"]
        if whisper and whisper not in (each.name for each in known.weights) and _lies(place / whisper):
            names.append(whisper)
        wanted = [name for name in names if whisper in ("", name)]
        if wanted:
            return _by(wanted[0], _voices(there), place, box)
    return KEYS_ALONE


def _lies(weights: Path) -> bool:
    try:
        return weights.is_dir()
    except OSError:
        return False


def _voices(there: Sequence[Weights]) -> dict[str, str]:
    """The usual voice of each language where it is there, or another one."""
    names = [each.name for each in there]
    voices = {language: each.name for each in there if each.kind == "voice" for language in each.languages}
    return voices | {language: name for language, name in Section().voices.items() if name in names}


def _by(whisper: str, voices: dict[str, str], place: Path, box: Path) -> Speech:
    section = {
        "uri": f"unix://{box.absolute() / 'speech.sock'}",
        "models_dir": str(place.absolute()),
        "whisper": whisper,
        "voices": voices,
    }
    named = " and ".join(voices[language] for language in sorted(voices)) or "espeak-ng"
    return Speech(section, f"{whisper}, with the voice of {named}", own_program=True)
