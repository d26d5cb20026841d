"""What happened in a call, from the carrier's journal, as the lines of an [expect] section.

May import: the standard library, appliance.core, appliance.languages, models.transcoding,
scripts.loopback_box, tests.peers, this package.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from appliance.core.soft_sound import soft_sound
from models.transcoding import transcoded
from tests.golden.clinic import PHONES
from tests.golden.heard import UNKNOWN, pieces
from tests.peers.carrier import MediaStream, PhoneCall, speech
from tests.peers.carrier import happenings as h
from tests.peers.carrier.twiml import Verb, parse
from tests.peers.realtime import Script
from tests.peers.realtime.voices import Source, Voices

NAMES = {number: name for name, number in PHONES.items()}
RANG = {
    "completed": "answered",
    "busy": "busy",
    "no-answer": "not answered",
    "canceled": "rings no more",
    "failed": "unreachable",
}
ENDINGS = {
    "caller-hung-up": "the caller hung up",
    "twiml-ended": "the clinic hung up",
    "rest-ended": "the clinic ended it from outside",
}
SOFT_SOUND = "(a soft sound)"
At = tuple[float, int, str]
"""When, at which place in the journal, and what."""
Began = tuple[int, int, int]
"""From which byte of the played audio on, when, at which place in the journal."""


@cache
def prompts() -> dict[str, bytes]:
    """The recorded sentences of the product, by their words."""
    folder = files("appliance.languages") / "en"
    sentences = tomllib.loads((folder / "prompts.toml").read_text())["sentences"]
    return {words: (folder / "prompts" / f"{name}.ulaw").read_bytes() for name, words in sentences.items()}


def sounds(script: Script, audio: str = "pcmu") -> dict[str, bytes]:
    """Everything that can be heard in a media stream, by its words; `audio` is what the service speaks."""
    voices = Voices(script.voice)
    said = [each for turn in script.turns for reply in turn.replies for each in (reply.say, reply.then_say)]
    spoken = {words for words in (*said, script.fallback) if words}
    if audio == "pcm24":
        # Brought over in one piece: in however many it came, it has to sound the same.
        wide = {words: voices.sound(Source(words), "audio/pcm").coded for words in spoken}
        return {words: transcoded(sound, "pcm_24k", "ulaw_8k") for words, sound in wide.items()} | prompts()
    return {words: voices.sound(Source(words), "audio/pcmu").coded for words in spoken} | prompts()


def happened(call: PhoneCall, script: Script, audio: str = "pcmu") -> tuple[list[str], list[float]]:
    """The lines, in the order in which things began, and at which ms of the call they did."""
    known = sounds(script, audio) | {SOFT_SOUND: soft_sound("ulaw_8k")}
    at = [*_in_journal(call), *_heard_in_streams(call, known)]
    # Whether it is heard depends on how long the machine takes: soft_sounds() tells of it.
    at = [each for each in at if SOFT_SOUND not in each[2]]
    at.sort(key=lambda each: each[:2])
    return [text for _, _, text in at], [at_ms for at_ms, _, _ in at]


def soft_sounds(call: PhoneCall) -> int:
    """How often a silence of the assistant's was broken by the soft sound."""
    return sum(bytes(stream.played_audio).count(soft_sound("ulaw_8k")) for stream in call.streams)


def _in_journal(call: PhoneCall) -> Iterator[At]:
    verbs: Iterator[Verb] = iter(())
    for place, happening in enumerate(call.journal):
        if isinstance(happening, h.TwimlReceived):
            verbs = iter(parse(happening.twiml.encode(), "text/xml"))
        elif isinstance(happening, h.VerbRun):
            for text in _verb(next(verbs)):
                yield happening.call_ms, place, text
        elif text := _line(happening):
            yield happening.call_ms, place, text
    if call.line.caller.gave_up is not None:
        yield call.line.now_ms, len(call.journal), f"the caller lost patience: {call.line.caller.gave_up}"


def _verb(verb: Verb) -> Iterator[str]:
    match verb.name:
        case "Say":
            yield f"caller hears: {verb.text}"
        case "Gather":
            yield f"caller is asked: {' '.join(child.text for child in verb.children)}"
        case "Dial":
            yield f"phone rings: {' and '.join(NAMES.get(n.text, n.text) for n in verb.children)}"
        case "Record":
            yield "the tone sounds"


def _line(happening: h.Happening) -> str:
    match happening:
        case h.KeyPressed():
            return f"caller presses: {happening.key}"
        case h.CallerActed():
            return _said(happening.step)
        case h.StreamStarted():
            return "the assistant takes the call"
        case h.StreamEnded():
            return f"the assistant leaves: {happening.reason}"
        case h.DialRang():
            talked = f", talks {happening.talked_s} s" if happening.status == "completed" else ""
            return f"phone {RANG[happening.status]}{talked}"
        case h.Recorded():
            return f"message recorded: {happening.length_ms / 1000:.0f} s"
        case h.CallEnded():
            return f"call ends: {ENDINGS.get(happening.disposition, happening.disposition)}"
        case _:
            return _unusual(happening)


def _unusual(happening: h.Happening) -> str:
    match happening:
        case h.Troubled():
            return f"the carrier notes: {happening.code} {happening.text}"
        case h.WebhookPosted() if not 200 <= happening.status < 300:
            return f"the carrier's {happening.purpose} is answered: {happening.status}"
        case h.WebhookPosted() if happening.purpose.endswith((" again", "replayed")):
            return f"the carrier asks again: {happening.status}"
        case _:
            return ""


def _said(step: str) -> str:
    words = step.split(" ")
    if words[0] == "say":
        return f"caller says: {' '.join(words[2:]) or speech.load(words[1]).transcript}"
    if words[:2] == ["leave", "message"]:
        return f"caller leaves a message: {speech.load(words[2]).transcript}"
    return ""


def _heard_in_streams(call: PhoneCall, known: Mapping[str, bytes]) -> Iterator[At]:
    for stream, times in zip(call.streams, _playing_times(call), strict=True):
        yield from _heard(stream, times, known)


def _heard(stream: MediaStream, times: list[Began], known: Mapping[str, bytes]) -> Iterator[At]:
    for piece in pieces(bytes(stream.played_audio), known):
        began, began_ms, place = max(each for each in times if each[0] <= piece.begins)
        at_ms = began_ms + (piece.begins - began) / 8
        cut = "" if piece.whole or piece.words == UNKNOWN else " -- cut short"
        yield at_ms, place, f"caller hears: {piece.words}{cut}"


def _playing_times(call: PhoneCall) -> list[list[Began]]:
    """For each stream, when playback began anew."""
    streams: list[list[Began]] = []
    dropped = 0
    for place, happening in enumerate(call.journal):
        if isinstance(happening, h.StreamStarted):
            streams.append([])
            dropped = 0
        elif isinstance(happening, h.ClearReceived):
            # What follows is heard after the clear, though playback may not have paused for it.
            streams[-1].append((happening.position - dropped, happening.call_ms, place))
            dropped += happening.dropped
        elif isinstance(happening, h.PlaybackStarted):
            streams[-1].append((happening.position - dropped, happening.call_ms, place))
    return streams
