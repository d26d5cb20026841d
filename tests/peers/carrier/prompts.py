"""<Say>, <Play> and <Pause> as sound: ticks of 20 ms, with the bytes of it where we have them.

May import: the standard library, this package.
"""

from collections.abc import Iterator
from itertools import chain, repeat

from tests.peers.carrier.call import Document
from tests.peers.carrier.requests import Answer, RequestFailed
from tests.peers.carrier.speech import BadRecording, wav_to_ulaw
from tests.peers.carrier.stage import DocumentFailed, Stage
from tests.peers.carrier.twiml import Verb
from tests.peers.carrier.ulaw import FRAME_BYTES, FRAME_MS

Sound = Iterator[tuple[bytes, bool]]
TICKS_A_SECOND = 1000 // FRAME_MS
CHARACTERS_A_SECOND = 15
ENDLESS = 100
"""What loop=0 comes to inside of a <Gather>; elsewhere it has no end."""
UNKNOWN_LENGTH_S = 3
"""MP3 and the like are not decoded here."""
WAV_TYPES = frozenset({"audio/wav", "audio/wave", "audio/x-wav"})
MEDIA_TYPES = WAV_TYPES | {
    "audio/mpeg",
    "audio/mp3",
    "audio/aiff",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
}


async def sound_of(stage: Stage, verb: Verb) -> Sound:
    """The sound of one verb, with its repetitions."""
    times = verb.number("loop", 1) or ENDLESS
    if verb.name == "Pause":
        return _silence(verb.number("length", 1))
    stage.call.spoken.append(verb.text or verb.get("digits"))
    if verb.name == "Say":
        return _voice(max(0.5, len(verb.text) / CHARACTERS_A_SECOND) * times)
    if verb.get("digits"):
        return _silence(len(verb.get("digits")) / 2)
    return await _fetched(stage, verb, times)


def _silence(seconds: float) -> Sound:
    return repeat((b"", False), round(seconds * TICKS_A_SECOND))


def _voice(seconds: float) -> Sound:
    return repeat((b"", True), round(seconds * TICKS_A_SECOND))


async def _fetched(stage: Stage, verb: Verb, times: int) -> Sound:
    url = stage.resolve(verb.text)
    answer = await stage.unless_interrupted(stage.post(Document(url, "GET", purpose="media")), "media")
    if isinstance(answer, RequestFailed):
        raise DocumentFailed(answer.code, str(answer), url)
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise DocumentFailed(12300, f"invalid content type of media: {kind or 'none'}", url)
    if kind not in WAV_TYPES:
        return _voice(UNKNOWN_LENGTH_S * times)
    return chain.from_iterable(repeat(_frames(answer, url), times))


def _frames(answer: Answer, url: str) -> list[tuple[bytes, bool]]:
    try:
        ulaw_8k = wav_to_ulaw(answer.body)
    except BadRecording as exc:
        raise DocumentFailed(12300, f"media cannot be played: {exc}", url) from exc
    return [(ulaw_8k[at : at + FRAME_BYTES], False) for at in range(0, len(ulaw_8k), FRAME_BYTES)]
