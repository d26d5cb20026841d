"""`python -m scripts.ears` measures our own ear and prints tables; docs/hearing.md holds what they said.

May import: the standard library, numpy, this package, models.local.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from appliance.core.events import VoiceBegan, VoiceCeased, VoicePaused
from models.local.silero import Ear, Silero, shipped_weights
from models.local.voice_turns import Happened
from scripts.ears.hearing import heard, heard_wide
from scripts.ears.sounds import (
    DATA,
    Floats,
    Recording,
    Take,
    edges_ms,
    frames,
    longest_pause_ms,
    recordings,
    takes,
    wordless,
)

PATIENCES_MS = (500, 700, 1200, 1500)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.ears", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=DATA / "speech-vad", help="recordings and manifest.json"
    )
    options = parser.parse_args()
    weights = shipped_weights()
    if weights is None:
        parser.error("the network is not installed: it comes with faster-whisper")
    network, found = Silero(weights), recordings(options.folder)
    spoken = [recording for recording in found if recording.speech]
    ambience = next(recording.sound for recording in found if recording.name == "office_ambience")
    _wide(network, spoken)
    _lines(network, spoken, ambience)
    _false_starts(network, found)
    _patience(network, spoken)
    _cost(network, spoken)
    return 0


def _wide(network: Silero, spoken: list[Recording]) -> None:
    known = [recording for recording in spoken if recording.wide_16k is not None]
    missed = [
        each.name for each in known if each.wide_16k is not None and not heard_wide(network, each.wide_16k)
    ]
    print(f"At 16 kHz: {len(known) - len(missed)} of {len(known)} found {' '.join(missed)}\n")


def _lines(network: Silero, spoken: list[Recording], ambience: Floats) -> None:
    print("| line, 8 kHz mu-law | found | missed | onset, ms late | end, ms late |")
    print("| --- | --- | --- | --- | --- |")
    by_line: dict[str, list[tuple[Recording, Take]]] = defaultdict(list)
    for recording in spoken:
        for take in takes(recording, ambience):
            by_line[take.line].append((recording, take))
    for line, taken in by_line.items():
        print(_line(network, line, taken))
    print()


def _line(network: Silero, line: str, taken: list[tuple[Recording, Take]]) -> str:
    missed, onsets, ends = list[str](), list[int](), list[int]()
    for recording, take in taken:
        happened = heard(network, frames(take.sound))
        began = [event.at_ms for event in happened if isinstance(event, VoiceBegan)]
        ceased = [event.at_ms for event in happened if isinstance(event, VoiceCeased)]
        first_ms, last_ms = edges_ms(recording.sound)
        within = [at for at in began if at >= take.at_ms + first_ms - 500]
        if not within:
            missed.append(recording.name)
            continue
        onsets.append(within[0] - take.at_ms - first_ms)
        ends += [ceased[-1] - take.at_ms - last_ms] if ceased else []
    count = len(taken)
    named = (", ".join(missed[:4]) or "–") + (" ..." if len(missed) > 4 else "")
    return f"| {line} | {count - len(missed)} of {count} | {named} | {_spread(onsets)} | {_spread(ends)} |"


def _spread(values: Iterable[int]) -> str:
    """The median, and the bounds of the middle 90 %."""
    ranked = np.array([*values])
    low, middle, high = np.percentile(ranked, (5, 50, 95))
    return f"{middle:+.0f} ({low:+.0f} to {high:+.0f})"


def _false_starts(network: Silero, found: list[Recording]) -> None:
    sounds = list(wordless(found))
    wrong = {name: len(heard(network, frames(sound))) // 2 for name, sound in sounds}
    seconds = sum(len(sound) for _, sound in sounds) / 8000
    told = ", ".join(f"{name}: {count}" for name, count in wrong.items() if count) or "none"
    print(f"False starts in {len(sounds)} sounds without speech, {seconds:.0f} s: {told}\n")


def _patience(network: Silero, spoken: list[Recording]) -> None:
    print("| patience | ends | 400 ms pauses | cut in the middle | the quiet of each cut, by energy, ms |")
    print("| --- | --- | --- | --- | --- |")
    for asked_ms in PATIENCES_MS:
        cuts, ends, pauses = dict[str, list[int]](), 0, 0
        for recording in spoken:
            happened = heard(network, frames(recording.sound), asked_ms)
            ends += sum(isinstance(event, VoiceCeased) for event in happened)
            pauses += sum(isinstance(event, VoicePaused) for event in happened)
            if quiet_ms := _cuts(recording, happened):
                cuts[recording.name] = quiet_ms
        told = ", ".join(f"{name} {' '.join(map(str, quiet_ms))}" for name, quiet_ms in cuts.items()) or "–"
        print(f"| {asked_ms} ms | {ends} | {pauses} | {len(cuts)} of {len(spoken)} | {told} |")
    print()


def _cuts(recording: Recording, happened: list[Happened]) -> list[int]:
    """How long it is really quiet at each place where a turn ended and another began."""
    began = [event.at_ms for event in happened if isinstance(event, VoiceBegan)]
    ceased = [event.at_ms for event in happened if isinstance(event, VoiceCeased)]
    between = zip(ceased, began[1:], strict=False)
    return [longest_pause_ms(recording.sound, end - 300, start + 300) for end, start in between]


def _cost(network: Silero, spoken: list[Recording]) -> None:
    whole = b"".join(frame for recording in spoken for frame in frames(recording.sound))
    ear, size = Ear(), 320 * 8
    began = time.process_time()
    for at in range(0, len(whole), size):
        network.windows(ear, whole[at : at + size])
    spent_s = time.process_time() - began
    print(f"Judging speech costs {spent_s / (len(whole) / 8000) * 1000:.2f} ms of a core a second of audio")


if __name__ == "__main__":
    raise SystemExit(main())
