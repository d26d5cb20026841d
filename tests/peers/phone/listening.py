"""Conditions to wait for: what a person would wait to hear before going on.

Each makes a condition for `call.hear()`, which looks at every packet and every 20 ms.
May import: the standard library, this package's ears, hearing and sound.
"""

from collections.abc import Callable

from tests.peers.phone import ears
from tests.peers.phone.hearing import Listening
from tests.peers.phone.sound import FRAME_MS, NARROW_HZ, Pcm

Condition = Callable[[Listening], object]
TONE_MS = 100
LOOK_PACKETS = 10
"""A recording is looked for once in so many packets: it takes more than a tick."""


def sound(ms: int = 60) -> Condition:
    """So much sound has come."""
    return lambda heard: heard.audible_ms >= ms


def silence(ms: int = 600) -> Condition:
    """No sound has come for so long."""
    return lambda heard: heard.quiet_ms >= ms


def reply(pause_ms: int = 600) -> Condition:
    """Somebody spoke, and has stopped."""
    return lambda heard: heard.audible_ms > 0 and heard.quiet_ms >= pause_ms


def tone(hertz: float) -> Condition:
    """A tone of this frequency sounds now, or did since we looked: many packets may come at once."""
    looked_at = 0
    long, frame = (ms * NARROW_HZ // 1000 for ms in (TONE_MS, FRAME_MS))

    def sounds(heard: Listening) -> bool:
        nonlocal looked_at
        new, looked_at = heard.packets - looked_at, heard.packets
        last = heard.pcm(last_ms=TONE_MS + new * FRAME_MS)
        pieces = (last[at : at + long] for at in range(0, len(last) - long + 1, frame))
        return any(ears.strongest_tone(piece, [hertz]) == hertz for piece in pieces)

    return sounds


def recording(known_8k: Pcm, score: float = 0.8) -> Condition:
    """The whole of a recording has come, in its own time; the match, when it has."""
    return _found(lambda heard: ears.find(known_8k, heard.pcm()), known_8k, score)


def every_packet(known_8k: Pcm, score: float = 0.8) -> Condition:
    """The whole of a recording has come, packet by packet, in whatever time.

    For what is no question of time: where the PBX, or this test, had no core for a while, there is a gap.
    """
    return _found(lambda heard: ears.find(known_8k, heard.in_a_row()), known_8k, score)


def _found(look: Callable[[Listening], ears.Match], known_8k: Pcm, score: float) -> Condition:
    looked_at = 0

    def found(heard: Listening) -> ears.Match | None:
        nonlocal looked_at
        packets = heard.packets
        if packets < looked_at + LOOK_PACKETS or packets * FRAME_MS * NARROW_HZ // 1000 < len(known_8k):
            return None
        looked_at = packets
        match = look(heard)
        return match if match.score >= score else None

    return found
