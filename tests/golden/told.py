"""What we told the realtime service in a call, as the lines of a [told] section.

May import: the standard library, tests.peers.realtime.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from tests.peers.realtime import Session

Event = dict[str, Any]


def told(sessions: Sequence[Session]) -> list[str]:
    """The lines of all sessions, in order of time."""
    at: list[tuple[float, int, str]] = []
    for session in sessions:
        words = _words(session)
        entries = [(when, text) for when, event in session.received for text in _line(event, words)]
        at.append((_opened_s(session), session.number, f"session {session.number}"))
        at += [(when, session.number, text) for when, text in entries]
    return [text for _, _, text in sorted(at, key=lambda each: each[:2])]


def _opened_s(session: Session) -> float:
    """When it began; one in which nothing was said stands last."""
    return min((entries[0][0] for entries in (session.sent, session.received) if entries), default=inf)


def _words(session: Session) -> dict[str, str]:
    """What was said in each reply, as far as it was generated."""
    words: dict[str, str] = {}
    for event in session.sent_of("response.output_audio_transcript.delta"):
        words[event["item_id"]] = words.get(event["item_id"], "") + event["delta"]
    return words


def _line(event: Event, words: dict[str, str]) -> Iterator[str]:
    reply = words.get(str(event.get("item_id")), "?")
    match event["type"]:
        case "session.update" if len(event["session"]) == 1:
            yield "is asked for a sign of life"
        case "session.update":
            yield from _unusual(event["session"]["audio"])
        case "conversation.item.create":
            yield _item(event["item"])
        case "response.create" if event.get("response", {}).get("conversation") == "none":
            yield "is asked for a word"
        case "response.create":
            yield "is asked to answer" + (", after a break" if event.get("response") else "")
        case "response.cancel":
            yield "is asked to stop"
        case "conversation.item.truncate":
            yield f"learns that not all was heard: {reply}"
        case "conversation.item.delete":
            yield f"learns that nothing was heard: {reply}"
        case "input_audio_buffer.commit":
            yield "learns that the caller has finished"


def _unusual(audio: Event) -> Iterator[str]:
    """What a session is set up with that is not as ever."""
    if (voice := audio["output"]["voice"]) != "marin":
        expected = ", then ".join(audio["input"]["transcription"]["languages"])
        yield f"speaks with the voice {voice}, and expects {expected}"
    detection = audio["input"]["turn_detection"]
    if detection is None:
        yield "leaves it to us when the caller has finished"
    elif detection["type"] == "semantic_vad":
        yield f"tells by the meaning when the caller has finished, eagerness {detection['eagerness']}"
    for side, verb in (("input", "hears"), ("output", "speaks")):
        if (coding := audio[side]["format"])["type"] != "audio/pcmu":
            yield f"{verb} {coding['type'].removeprefix('audio/')} at {coding['rate']} Hz"


def _item(item: Event) -> str:
    if item["type"] == "function_call_output":
        return f"is given: {item['output']}"
    text = item["content"][0]["text"]
    speakers = {"user": "the caller said", "assistant": "it said itself", "system": "note"}
    return f"is told, {speakers[item['role']]}: {text}"
