"""The child that hears: faster-whisper, one utterance at a time, asked through pipes.

It ends by itself when its weights cannot be used (status 3, the reason in an error event) and when the
program is gone. What goes wrong in one utterance ends it too: it is started again.
May import: numpy, faster_whisper, models.speech.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from models.speech.pipes import Pipes, told

RATE = 16000
WEIGHTS_UNUSABLE = 3
NEEDED = ("model.bin", "config.json", "tokenizer.json")
# The bridge has judged already that somebody spoke, and the network judges once more: this gate lets pass
# what may be speech. From a cold start Silero misses short words, so a little quiet is put before.
SPEECH_FROM = 0.2
WARM_UP = RATE // 2
PAD_S = 0.3
# Speech has five tokens a second; a loop of the network has no end of its own.
TOKENS_LEAST, TOKENS_PER_S, TOKENS_MOST = 24, 12, 220

Float32 = NDArray[np.float32]


class Ears:
    """The network in memory."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        self.languages = list(self._model.supported_languages)

    def heard(self, pcm_16k: bytes, language: str | None) -> dict[str, Any]:
        """What is said in this audio, as the data of an answer."""
        sound = np.frombuffer(pcm_16k, np.int16).astype(np.float32) / 32768.0
        voiced = _voiced(sound)
        if voiced is None:
            return {"segments": [], "language": language or ""}
        return self.written(voiced, language)

    def written(self, sound: Float32, language: str | None) -> dict[str, Any]:
        """What the network writes for this, speech or not."""
        seconds = len(sound) / RATE
        segments, about = self._model.transcribe(
            sound,
            language=language,
            beam_size=1,
            temperature=0,
            condition_on_previous_text=False,
            without_timestamps=True,
            no_speech_threshold=None,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
            vad_filter=False,
            max_new_tokens=min(TOKENS_MOST, TOKENS_LEAST + int(TOKENS_PER_S * seconds)),
        )
        return {"segments": list(_told(segments, seconds)), "language": about.language}


def _told(segments: Any, seconds: float) -> Iterator[dict[str, Any]]:
    for segment in segments:
        yield {
            "text": segment.text,
            "seconds": round(min(segment.end, seconds) - segment.start, 2),
            "avg_logprob": float(segment.avg_logprob),
            "no_speech": float(segment.no_speech_prob),
        }


def _voiced(sound: Float32) -> Float32 | None:
    """From the first speech to the last, with a little around it; None when there is none."""
    options = VadOptions(threshold=SPEECH_FROM, min_silence_duration_ms=500, speech_pad_ms=0)
    spoken = get_speech_timestamps(np.concatenate((np.zeros(WARM_UP, np.float32), sound)), options)
    if not spoken:
        return None
    pad = int(PAD_S * RATE)
    begin = max(0, spoken[0]["start"] - WARM_UP - pad)
    return sound[begin : spoken[-1]["end"] - WARM_UP + pad]


def main() -> int:
    """Hear until the program is gone."""
    pipes, given = Pipes(), told()
    folder = Path(given["folder"])
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        pipes.say("error", {"text": f"{folder} has no {', '.join(missing)}", "code": "unavailable"})
        return WEIGHTS_UNUSABLE
    ears = Ears(folder, given["threads"])
    began = time.monotonic()
    ears.written(np.zeros(2 * RATE, np.float32), "en")
    ears.heard(bytes(2 * RATE), "en")
    took_ms = round((time.monotonic() - began) * 1000)
    pipes.say("ready", {"languages": ears.languages, "took_ms": took_ms})
    for asked in pipes.questions():
        pipes.say("heard", ears.heard(asked.payload or b"", asked.data.get("language")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
