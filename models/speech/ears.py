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
from faster_whisper import BatchedInferencePipeline, WhisperModel
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

    def heard(self, pcm_16k: bytes, language: str | None, *, words: bool = False) -> dict[str, Any]:
        """What is said in this audio, as the data of an answer; with `words`, when each of them is said."""
        sound = np.frombuffer(pcm_16k, np.int16).astype(np.float32) / 32768.0
        voiced = _voiced(sound)
        if voiced is None:
            return {"segments": [], "language": language or ""}
        begin, end = voiced
        return self.written(sound[begin:end], language, words=words, from_s=begin / RATE)

    def written(
        self, sound: Float32, language: str | None, *, words: bool = False, from_s: float = 0.0
    ) -> dict[str, Any]:
        """What the network writes for this, speech or not; times of words count from `from_s` before it."""
        seconds = len(sound) / RATE
        # The usual way looks again behind the last word, as it is told; by a small network that is a loop.
        reader = BatchedInferencePipeline(self._model) if words else self._model
        segments, about = reader.transcribe(
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
            word_timestamps=words,
            max_new_tokens=min(TOKENS_MOST, TOKENS_LEAST + int(TOKENS_PER_S * seconds)),
        )
        return {
            "segments": list(_told(segments, seconds, from_s)),
            "language": about.language,
            "language_sure": round(float(about.language_probability), 3),
        }


def _told(segments: Any, seconds: float, from_s: float) -> Iterator[dict[str, Any]]:
    for segment in segments:
        yield {
            "text": segment.text,
            "seconds": round(min(segment.end, seconds) - segment.start, 2),
            "avg_logprob": float(segment.avg_logprob),
            "no_speech": float(segment.no_speech_prob),
            "words": [
                {
                    "text": word.word.strip(),
                    "start_ms": round((from_s + min(float(word.start), seconds)) * 1000),
                    "end_ms": round((from_s + min(float(word.end), seconds)) * 1000),
                    "confidence": round(min(1.0, max(0.0, float(word.probability))), 3),
                }
                for word in segment.words or ()
            ],
        }


def _voiced(sound: Float32) -> tuple[int, int] | None:
    """From the first speech to the last, with a little around it, in samples; None when there is none."""
    options = VadOptions(threshold=SPEECH_FROM, min_silence_duration_ms=500, speech_pad_ms=0)
    spoken = get_speech_timestamps(np.concatenate((np.zeros(WARM_UP, np.float32), sound)), options)
    if not spoken:
        return None
    pad = int(PAD_S * RATE)
    begin = max(0, spoken[0]["start"] - WARM_UP - pad)
    return begin, min(len(sound), spoken[-1]["end"] - WARM_UP + pad)


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
        told_words = bool(asked.data.get("words"))
        pipes.say("heard", ears.heard(asked.payload or b"", asked.data.get("language"), words=told_words))
    return 0


if __name__ == "__main__":
    sys.exit(main())
