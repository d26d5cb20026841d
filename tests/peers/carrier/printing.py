"""One line of text for each happening that a person would want to watch.

Pure. May import: the standard library, this package's happenings.
"""

from tests.peers.carrier import happenings as h


def line_of(happening: h.Happening) -> str:
    """The line, or nothing for what is too small to be watched."""
    match happening:
        case h.WebhookPosted():
            answer = f"{happening.status} in {happening.took_ms:.0f} ms" if happening.status else "no answer"
            return f"-> {happening.purpose} {happening.url}: {answer}"
        case h.VerbRun():
            shown = "".join(f" {name}={value}" for name, value in happening.attributes.items())
            return f"<{happening.verb}{shown}> {happening.text}".rstrip()
        case h.CallerActed():
            return f"caller: {happening.step}"
        case h.Troubled():
            return f"!! {happening.code} {happening.text}"
        case h.CallEnded():
            return f"ended: {happening.disposition} ({happening.status})"
        case h.DialRang():
            return f"dialled {happening.number}: {happening.status}, talked {happening.talked_s} s"
        case h.InStream():
            return _in_stream(happening)
        case _:
            return _other(happening)


def _other(happening: h.Happening) -> str:
    match happening:
        case h.StreamStarted():
            return f"stream {happening.stream_sid[:8]} open"
        case h.StreamEnded():
            return f"stream {happening.stream_sid[:8]} ended: {happening.reason}"
        case h.Recorded():
            return f"recorded {happening.length_ms / 1000:.1f} s"
        case h.Updated():
            return "the box changes the call: " + ", ".join(sorted(happening.params))
        case h.KeyPressed():
            return f"key {happening.key}"
        case _:
            return ""


def _in_stream(happening: h.InStream) -> str:
    match happening:
        case h.AgentHeard():
            return "agent begins to be heard"
        case h.CallerHeard():
            return "caller begins to be heard"
        case h.ClearReceived():
            return f"clear: {happening.dropped / 8:.0f} ms dropped"
        case h.PlaybackStopped():
            return "playback ran out"
        case _:
            return ""
