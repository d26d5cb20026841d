"""Recorded sentences of ours, read once when the process starts: µ-law at 8 kHz, one file a sentence.

May import: the standard library.
"""

from importlib.resources import files

NAMES = ("cloud_lost", "connecting", "goodbye")


def load(language: str) -> dict[str, bytes]:
    """The sentences of a language, by name; one whose file is missing is left out."""
    folder = files("appliance.languages") / language.partition("-")[0] / "prompts"
    found = {name: folder / f"{name}.ulaw" for name in NAMES}
    return {name: path.read_bytes() for name, path in found.items() if path.is_file()}
