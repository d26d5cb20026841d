"""What two telephones agree on to hear each other: SDP, offered and answered (RFC 4566, RFC 3264).

One audio stream; others are answered as not wanted. Sans-I/O. May import: the standard library, this
package's address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from tests.peers.phone.address import Where, bad, is_ipv4

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
TURNED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""The same from the other side."""
EVENTS = "telephone-event"
EVENTS_PAYLOAD = 101
PAYLOADS = {"PCMU": 0, "PCMA": 8, "G722": 9}
"""The codecs we can and their fixed payload types; each has a clock of 8000, also G.722 (RFC 3551, 4.5.2)."""
CLOCK = 8000
MEDIA_TYPE = "application/sdp"


class NothingInCommon(Exception):
    """No codec of theirs is one of ours: a 488."""


@dataclass(frozen=True, slots=True)
class Format:
    """A payload type and what is in it."""

    payload: int
    name: str
    clock: int = CLOCK


@dataclass(frozen=True, slots=True)
class Description:
    """One side: where it wants to hear, what it can hear, in which directions sound may go."""

    where: Where
    formats: tuple[Format, ...]
    direction: Direction = "sendrecv"
    version: int = 1
    session: int = 1
    refused: tuple[str, ...] = field(default=(), kw_only=True)
    """The streams beside the audio, each as its `m=` line has it but for the port."""
    audio_at: int = field(default=0, kw_only=True)
    """The place of the audio among the streams."""

    @property
    def codecs(self) -> tuple[str, ...]:
        """The codecs of ours that it names, in its order."""
        return tuple(each.name for each in self.formats if each.name in PAYLOADS)

    @property
    def events(self) -> int | None:
        """The payload type of keys, if there is one."""
        return next((each.payload for each in self.formats if each.name == EVENTS), None)

    @property
    def on_hold(self) -> bool:
        """Whether this side does not want to hear us: told by the direction, or by 0.0.0.0 as of old."""
        return self.direction in ("sendonly", "inactive") or self.where[0] == "0.0.0.0"


def offer(where: Where, codecs: Sequence[str], direction: Direction = "sendrecv") -> Description:
    """What we can, best first."""
    formats = [Format(PAYLOADS[name], name) for name in codecs]
    return Description(where, (*formats, Format(EVENTS_PAYLOAD, EVENTS)), direction)


def answer(
    offered: Description, where: Where, codecs: Sequence[str], wanted: Direction = "sendrecv"
) -> Description:
    """One codec of the offer, the first that we like best; raise NothingInCommon when there is none."""
    chosen = next((name for name in codecs if name in offered.codecs), None)
    if chosen is None:
        raise NothingInCommon(f"offered {', '.join(each.name for each in offered.formats)}")
    kept = [each for each in offered.formats if each.name == chosen][:1]
    kept += [each for each in offered.formats if each.name == EVENTS][:1]
    return Description(
        where,
        tuple(kept),
        _both(TURNED[offered.direction], wanted),
        refused=offered.refused,
        audio_at=offered.audio_at,
    )


def _both(one: Direction, other: Direction) -> Direction:
    """What is left of two wishes."""
    sends = "send" in one and "send" in other
    hears = "recv" in one and "recv" in other
    if sends:
        return "sendrecv" if hears else "sendonly"
    return "recvonly" if hears else "inactive"


def parse(body: bytes) -> Description:
    """Read the audio of a description; raise BadMessage when there is none that we can read."""
    try:
        lines = [line for line in body.decode("utf-8").splitlines() if line]
    except UnicodeDecodeError as exc:
        raise bad("no SDP", body) from exc
    head, *streams = _sections(lines)
    if not head or not head[0].startswith("v=0"):
        raise bad("no SDP", body)
    kinds = [stream[0][2:].split() for stream in streams]
    if any(len(kind) < 4 for kind in kinds):
        raise bad("no stream", body)
    audio_at = next((at for at, kind in enumerate(kinds) if kind[:1] == ["audio"]), None)
    if audio_at is None:
        raise bad("no audio", body)
    refused = [" ".join(kind) for at, kind in enumerate(kinds) if at != audio_at]
    described = _audio(head, streams[audio_at], kinds[audio_at])
    return replace(described, refused=tuple(refused), audio_at=audio_at)


def _sections(lines: list[str]) -> list[list[str]]:
    """The lines of the session, then those of each stream."""
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections


def _audio(head: list[str], stream: list[str], kind: list[str]) -> Description:
    if not all(part.isascii() and part.isdecimal() for part in (kind[1], *kind[3:])):
        raise bad("no audio stream", stream[0])
    port, payloads = int(kind[1][:6]), [int(each[:4]) for each in kind[3:]]
    if port > 65535:
        raise bad("no port", stream[0])
    names = {number: (name, CLOCK) for name, number in PAYLOADS.items()} | dict(_named(stream))
    formats = [Format(each, *names[each]) for each in payloads if each in names and each < 128]
    return Description((_host(head, stream), port), tuple(formats), _direction(head, stream))


def _named(stream: list[str]) -> list[tuple[int, tuple[str, int]]]:
    """What the `a=rtpmap` lines say."""
    found = []
    for line in stream:
        if not line.startswith("a=rtpmap:"):
            continue
        number, _, coding = line.removeprefix("a=rtpmap:").partition(" ")
        name, _, clock = coding.strip().partition("/")
        clock = clock.partition("/")[0]
        if not (number.isdecimal() and clock.isdecimal() and len(clock) < 8 and len(number) < 4):
            raise bad("no rtpmap", line)
        known = next((each for each in (*PAYLOADS, EVENTS) if each.lower() == name.lower()), name)
        if int(clock) == CLOCK:
            found.append((int(number), (known, CLOCK)))
    return found


def _host(head: list[str], stream: list[str]) -> str:
    lines = [line for line in (*stream, *head) if line.startswith("c=")]
    parts = lines[0][2:].split() if lines else []
    host = parts[2].partition("/")[0] if len(parts) == 3 and parts[:2] == ["IN", "IP4"] else ""
    if not is_ipv4(host):
        raise bad("no IPv4 connection", "".join(lines[:1]))
    return host


def _direction(head: list[str], stream: list[str]) -> Direction:
    for lines in (stream, head):
        for direction in DIRECTIONS:
            if f"a={direction}" in lines:
                return direction
    return "sendrecv"


def write(description: Description) -> bytes:
    """As it stands in a message."""
    host, port = description.where
    lines = [
        "v=0",
        f"o=- {description.session} {description.version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
    ]
    streams = [_refused(kind) for kind in description.refused]
    streams.insert(description.audio_at, _stream(description, port))
    return "".join(f"{line}\r\n" for line in lines + [each for stream in streams for each in stream]).encode()


def _refused(kind: str) -> list[str]:
    media, _, *rest = kind.split()
    return [f"m={media} 0 {' '.join(rest)}"]


def _stream(description: Description, port: int) -> list[str]:
    payloads = " ".join(str(each.payload) for each in description.formats)
    lines = [f"m=audio {port} RTP/AVP {payloads}"]
    for each in description.formats:
        lines.append(f"a=rtpmap:{each.payload} {each.name}/{each.clock}")
        if each.name == EVENTS:
            lines.append(f"a=fmtp:{each.payload} 0-15")
    return [*lines, "a=ptime:20", f"a={description.direction}"]
