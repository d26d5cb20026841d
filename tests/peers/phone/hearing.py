"""What a telephone's ear heard, packet by packet: what came when, what was lost, how it sounded, which keys.

The sound lies on the ear's clock, which begins with the call: packets stand where their sender's clock puts
them, for as long as that is about where they came; else, after a gap or a jump, where they came.
No clock of its own. May import: the standard library, numpy, this package's address, codec, rtp and sound.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

import numpy as np

from tests.peers.phone import rtp
from tests.peers.phone.address import Where
from tests.peers.phone.codec import BY_PAYLOAD, Codec
from tests.peers.phone.rtp import BadPacket, KeyEvent, Packet
from tests.peers.phone.sound import AUDIBLE_RMS, FRAME_MS, NARROW_HZ, WIDE_HZ, Pcm, resampled, rms

CLOCK_HZ = 8000
LATE = 300 * CLOCK_HZ // 1000
"""A packet that is later than this, though its sender saw no pause, is heard behind a gap: no telephone waits
longer. What is late by less is told by the spacing."""
EARLY = 400 * CLOCK_HZ // 1000
"""One that is earlier than this belongs to another count."""
JUMP = 1000
"""Sequence numbers further apart than this are not of one count (RFC 3550, A.1)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A packet, and when it came by time.monotonic()."""

    at_s: float
    seq: int
    timestamp: int
    payload_type: int
    ssrc: int
    rms: float
    """How loud it was; 0 for what is no sound."""
    place_ms: float | None
    """Where on the ear's clock it begins; None for what is no sound."""


@dataclass(slots=True)
class KeyHeard:
    """A key that the other side pressed."""

    key: str
    at_s: float
    ms: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Spacing:
    """The time between a packet of sound and the next, in ms."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    count: int


@dataclass(slots=True)
class Track:
    """Sound of one rate on a clock; where nothing was written is silence."""

    rate_hz: int
    end: int = 0
    _samples: Pcm = field(default_factory=lambda: np.zeros(WIDE_HZ, np.int16))

    def write(self, at: int, pcm: Pcm) -> None:
        """From this sample on."""
        self.end = max(self.end, at + len(pcm))
        while self.end > len(self._samples):
            self._samples = np.concatenate((self._samples, np.zeros_like(self._samples)))
        self._samples[at : at + len(pcm)] = pcm

    def read(self, start: int = 0) -> Pcm:
        return self._samples[start : self.end].copy()


@dataclass(slots=True)
class Count:
    """The packets of one sender that are numbered in a row."""

    ssrc: int
    first: int
    last: int
    seen: set[int] = field(default_factory=set)

    def take(self, packet: Packet) -> bool:
        """Whether the packet belongs to it."""
        step = (packet.seq - self.last + 0x8000 & 0xFFFF) - 0x8000
        if packet.ssrc != self.ssrc or abs(step) > JUMP:
            return False
        number = self.last + step
        self.first, self.last = min(self.first, number), max(self.last, number)
        self.seen.add(number)
        return True

    @property
    def lost(self) -> int:
        return self.last - self.first + 1 - len(self.seen)


class Hearing:
    """Feed it datagrams and when they came. `began_s` is the ear's zero; `told` hears of each key, once."""

    def __init__(self, began_s: float, told: Callable[[KeyHeard], None]) -> None:
        self.began_s = began_s
        self.events: int | None = None
        """The payload type by which keys come."""
        self.arrivals: list[Arrival] = []
        self.audible_s: list[float] = []
        """When each packet came that somebody would hear as sound."""
        self.keys: list[KeyHeard] = []
        self.sources: Counter[Where] = Counter()
        """How many packets came from where."""
        self.comfort_noise = 0
        self.rtcp = 0
        self.garbage = 0
        self.unknown = 0
        """Packets of a payload type that was not agreed on."""
        self._told = told
        self._tracks = {rate: Track(rate) for rate in (NARROW_HZ, WIDE_HZ)}
        self._row = Track(NARROW_HZ)
        self._row_starts: list[tuple[float, int]] = []
        self._counts: list[Count] = []
        self._decoders: dict[tuple[int, int], Codec] = {}
        self._placed: float | None = None
        """Where on the ear's clock the packet lies that is being taken, in ms."""
        self._anchor = (-1, 0, 0)
        self._key_began: dict[tuple[int, int], KeyHeard] = {}

    def take(self, data: bytes, at_s: float, source: Where) -> None:
        """A datagram came."""
        if rtp.is_rtcp(data):
            self.rtcp += 1
            return
        self._placed = None
        try:
            packet = rtp.parse(data)
            loud = self._hear(packet, at_s)
        except BadPacket:
            self.garbage += 1
            return
        self.sources[source] += 1
        self._number(packet)
        kind = (packet.seq, packet.timestamp, packet.payload_type, packet.ssrc)
        self.arrivals.append(Arrival(at_s, *kind, loud, self._placed))
        if loud >= AUDIBLE_RMS:
            self.audible_s.append(at_s)

    def _hear(self, packet: Packet, at_s: float) -> float:
        """How loud it is."""
        if packet.payload_type == rtp.COMFORT_NOISE:
            self.comfort_noise += 1
        elif packet.payload_type == self.events:
            self._key(packet, KeyEvent.parse(packet.payload), at_s)
        elif packet.payload_type in BY_PAYLOAD:
            return self._sound(packet, at_s) if packet.payload else 0.0
        else:
            self.unknown += 1
        return 0.0

    def _sound(self, packet: Packet, at_s: float) -> float:
        stream = packet.ssrc, packet.payload_type
        if stream not in self._decoders:
            self._decoders[stream] = BY_PAYLOAD[packet.payload_type]()
        decoder = self._decoders[stream]
        pcm = decoder.decode(packet.payload)
        place = self._place(packet, round((at_s - self.began_s) * CLOCK_HZ))
        self._placed = place * 1000 / CLOCK_HZ
        self._tracks[decoder.rate_hz].write(place * decoder.rate_hz // CLOCK_HZ, pcm)
        if decoder.rate_hz == NARROW_HZ:
            self._row_starts.append((at_s, self._row.end))
            self._row.write(self._row.end, pcm)
        return rms(pcm)

    def _place(self, packet: Packet, arrived: int) -> int:
        """Where on the ear's clock it begins, in its ticks."""
        ssrc, timestamp, place = self._anchor
        if packet.ssrc == ssrc:
            ahead = (packet.timestamp - timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
            if place + ahead >= 0 and -EARLY <= arrived - (place + ahead) <= LATE:
                return place + ahead
        place = max(0, arrived)
        self._anchor = packet.ssrc, packet.timestamp, place
        return place

    def _number(self, packet: Packet) -> None:
        if not self._counts or not self._counts[-1].take(packet):
            self._counts.append(Count(packet.ssrc, packet.seq, packet.seq, {packet.seq}))

    def _key(self, packet: Packet, event: KeyEvent, at_s: float) -> None:
        # All packets of one key bear the time at which it began: by that, a repeated end is no second key.
        ms = event.duration * 1000 // CLOCK_HZ
        known = self._key_began.get((packet.ssrc, packet.timestamp))
        if known:
            known.ms, known.ended = max(known.ms, ms), known.ended or event.ended
            return
        heard = KeyHeard(event.key, at_s, ms, event.ended)
        self._key_began[packet.ssrc, packet.timestamp] = heard
        self.keys.append(heard)
        self._told(heard)

    # What came of it

    @property
    def digits(self) -> str:
        """The keys, in order."""
        return "".join(heard.key for heard in self.keys)

    @property
    def lost(self) -> int:
        """Packets that never came, by the gaps in their numbers."""
        return sum(count.lost for count in self._counts)

    @property
    def sound(self) -> list[Arrival]:
        """The packets that are sound or silence."""
        return [arrival for arrival in self.arrivals if arrival.payload_type in BY_PAYLOAD]

    def spacing(self, from_s: float = 0.0, to_s: float = float("inf")) -> Spacing:
        """How regularly sound came in this time; silence that was not sent counts as well."""
        stamps = [arrival.at_s for arrival in self.sound if from_s <= arrival.at_s <= to_s]
        gaps = np.array([(later - earlier) * 1000 for earlier, later in pairwise(stamps)] or [0.0])
        return Spacing(
            float(np.percentile(gaps, 50)), float(np.percentile(gaps, 99)), float(gaps.max()), len(stamps)
        )

    def heard(self, rate_hz: int, from_ms: float = 0.0) -> Pcm:
        """All sound from this ms of the call on, gaps as silence."""
        parts = [
            resampled(track.read(round(from_ms * track.rate_hz / 1000)), track.rate_hz, rate_hz)
            for track in self._tracks.values()
            if track.end
        ]
        whole = np.zeros(max((len(part) for part in parts), default=0), np.int32)
        for part in parts:
            whole[: len(part)] += part
        return np.clip(whole, -32768, 32767).astype(np.int16)

    def in_a_row(self, since_s: float = 0.0) -> Pcm:
        """What came narrow from then on, each packet right behind the one before, however late it was.

        A machine that stands still delays packets, and changes none of them. The silence of a packet lies on
        either side: the first of a sound may come before there is an ear, the last after a hang-up.
        """
        first = bisect_left(self._row_starts, (since_s, 0))
        begins = self._row_starts[first][1] if first < len(self._row_starts) else self._row.end
        return np.pad(self._row.read(begins), NARROW_HZ * FRAME_MS // 1000)

    @property
    def end_ms(self) -> float:
        """Where on the ear's clock the last sound ends."""
        return max(track.end * 1000 / track.rate_hz for track in self._tracks.values())

    def ms_of(self, at_s: float) -> float:
        """The ear's clock at this time.monotonic()."""
        return (at_s - self.began_s) * 1000

    def begins_ms(self, at_s: float) -> float:
        """Where on the ear's clock that begins which came from this time.monotonic() on.

        It is before that time for packets that were late: they lie where they were due.
        """
        first = bisect_left(self.arrivals, at_s, key=lambda arrival: arrival.at_s)
        later = (self.arrivals[n].place_ms for n in range(first, len(self.arrivals)))
        place_ms = next((place for place in later if place is not None), inf)
        return max(0.0, min(self.ms_of(at_s), place_ms))


@dataclass(frozen=True, slots=True)
class Listening:
    """An ear from a moment on, as a condition sees it that somebody waits for."""

    hearing: Hearing
    since_s: float
    now_s: float

    @property
    def audible_ms(self) -> int:
        """How much sound there has been."""
        stamps = self.hearing.audible_s
        return (len(stamps) - bisect_left(stamps, self.since_s)) * FRAME_MS

    @property
    def quiet_ms(self) -> float:
        """How long there has been none."""
        last_s = max(self.hearing.audible_s[-1:], default=self.since_s)
        return (self.now_s - max(last_s, self.since_s)) * 1000

    @property
    def packets(self) -> int:
        """How many have come."""
        arrivals = self.hearing.arrivals
        return len(arrivals) - bisect_left(arrivals, self.since_s, key=lambda arrival: arrival.at_s)

    def in_a_row(self) -> Pcm:
        """What came, without the time between its packets."""
        return self.hearing.in_a_row(self.since_s)

    def pcm(self, rate_hz: int = NARROW_HZ, last_ms: float = inf) -> Pcm:
        """What was heard, or only the last of it."""
        since_ms = max(self.hearing.begins_ms(self.since_s), self.hearing.end_ms - last_ms)
        return self.hearing.heard(rate_hz, since_ms)
