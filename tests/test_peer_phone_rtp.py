"""Packets, mouth and ear of the phone peer: what is sent each 20 ms, and what is made of what came."""

import asyncio
import itertools
import select
import socket
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.peers.phone import ears, rtp
from tests.peers.phone.address import Where
from tests.peers.phone.codec import CODECS, G722, Pcmu
from tests.peers.phone.hearing import Hearing, KeyHeard, Listening
from tests.peers.phone.line import Line
from tests.peers.phone.mouth import Mouth, NoKeys
from tests.peers.phone.rtp import BadPacket, KeyEvent, Packet
from tests.peers.phone.sound import resampled, tone

SOURCE = ("127.0.0.1", 4000)
TICK_S = 0.020


def mouth(codec: str = "PCMU", events: int | None = 101) -> tuple[Mouth, list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []
    return Mouth(CODECS[codec](), events, lambda what, value: told.append((what, value))), told


def ear() -> tuple[Hearing, list[KeyHeard]]:
    told: list[KeyHeard] = []
    hearing = Hearing(0.0, told.append)
    hearing.events = 101
    return hearing, told


def voice(count: int, *, seq: int = 0, timestamp: int = 0, ssrc: int = 7) -> list[Packet]:
    """Packets of a tone, one after the other."""
    pcm = tone(400, 20 * count)
    frames = [Pcmu().encode(pcm[at : at + 160]) for at in range(0, len(pcm), 160)]
    return [
        Packet(0, (seq + place) & 0xFFFF, (timestamp + 160 * place) & 0xFFFFFFFF, ssrc, frame)
        for place, frame in enumerate(frames)
    ]


def hear(hearing: Hearing, packets: list[Packet], from_s: float = 0.0) -> None:
    for place, packet in enumerate(packets):
        hearing.take(packet.write(), from_s + place * TICK_S, SOURCE)


# Packets


def test_a_packet_is_read_as_it_was_written() -> None:
    packet = Packet(101, 65535, 2**32 - 1, 2**32 - 2, b"sound", True)
    assert rtp.parse(packet.write()) == packet


def test_contributors_extension_and_padding_are_no_sound() -> None:
    plain = Packet(0, 1, 2, 3, b"sound").write()
    extended = bytes([0x80 | 0x20 | 0x10 | 2]) + plain[1:12] + bytes(8) + b"\xbe\xde\x00\x01abcd" + plain[12:]
    assert rtp.parse(extended + b"\x00\x00\x03").payload == b"sound"


@pytest.mark.parametrize("data", [b"", b"\x80" * 11, b"\x00" * 40, b"\x8f" + bytes(20), b"\x90" + bytes(11)])
def test_what_is_no_packet_is_said(data: bytes) -> None:
    with pytest.raises(BadPacket):
        rtp.parse(data)


@given(st.binary(max_size=80))
def test_no_bytes_harm_an_ear(data: bytes) -> None:
    hearing, _ = ear()
    for first in (data, b"\x80\x00" + data, b"\x80\x65" + data, b"\x80\x09" + data, b"\xb0\x00" + data):
        hearing.take(first, 0.1, SOURCE)
    hear(hearing, voice(2), 0.2)
    assert len(hearing.heard(8000)) >= 320


def test_keys_are_read_as_they_were_written() -> None:
    for key, ended in itertools.product(rtp.KEYS, (True, False)):
        assert KeyEvent.parse(KeyEvent(key, ended, 1280).write()) == KeyEvent(key, ended, 1280)
    with pytest.raises(BadPacket):
        KeyEvent.parse(b"\x10\x0a\x00\x00")
    with pytest.raises(BadPacket):
        KeyEvent.parse(b"\x01\x0a\x00")


# Socket


async def test_packets_are_stamped_when_they_arrive_not_when_they_are_read() -> None:
    came: list[tuple[bytes, float]] = []
    arrived = asyncio.Semaphore(0)

    def take(data: bytes, at_s: float, _source: Where) -> None:
        came.append((data, at_s))
        arrived.release()

    async def send_and_stand_still(*each: bytes) -> float:
        """The loop stands still after each, as it does when it has much to do. Until when is returned."""
        for data in each:
            other.sendto(data, line.where)
            select.select([], [], [], 0.05)
        ended_s = time.monotonic()
        async with asyncio.timeout(5):
            for _ in each:
                await arrived.acquire()
        return ended_s

    line = Line("127.0.0.1", take)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        for _ in range(100):
            # The kernel begins to stamp a moment after the first socket of the machine asks for it.
            if await send_and_stand_still(b"before") - came.pop()[1] >= 0.045:
                break
        began_s = await send_and_stand_still(b"one", b"two", b"three")
    line.close()
    assert [data for data, _ in came] == [b"one", b"two", b"three"]
    assert all(later - earlier >= 0.045 for (_, earlier), (_, later) in itertools.pairwise(came))
    assert came[-1][1] <= began_s - 0.045


# Codecs


@pytest.mark.parametrize("name", CODECS)
def test_what_is_coded_is_heard(name: str) -> None:
    coder, decoder = CODECS[name](), CODECS[name]()
    size = coder.rate_hz // 50
    said = tone(700, 400, coder.rate_hz)
    payloads = [coder.encode(said[at : at + size]) for at in range(0, len(said), size)]
    assert {len(payload) for payload in payloads} == {160}
    heard = np.concatenate([decoder.decode(payload) for payload in payloads])
    assert len(heard) == len(said)
    # G.722 delays by its filters: the last of it is not heard yet.
    assert ears.find(said[: -2 * size], heard).score > 0.99


def test_another_rate_keeps_the_sound() -> None:
    pcm = tone(1000, 300)
    wide = resampled(pcm, 8000, 16000)
    assert len(wide) == 2 * len(pcm)
    assert ears.find(pcm, resampled(wide, 16000, 8000)).score > 0.999
    assert ears.tone_power(wide, 1000, 16000) > 0.98
    high = tone(6000, 300, 16000)
    assert np.abs(resampled(high, 16000, 8000)[200:-200]).max() < 100
    assert len(resampled(np.zeros(441, np.int16), 44100, 8000)) == 80


# Mouth


def spoken(lips: Mouth, ticks: int) -> list[Packet]:
    return [rtp.parse(lips.tick()) for _ in range(ticks)]


def test_there_is_one_packet_each_tick_whatever_there_is_to_say() -> None:
    lips, told = mouth()
    said = tone(400, 50)
    before = spoken(lips, 2)
    lips.say(said)
    assert not lips.idle
    packets = before + spoken(lips, 6)
    assert [packet.payload_type for packet in packets] == [0] * 8
    assert {(later.seq - earlier.seq) & 0xFFFF for earlier, later in itertools.pairwise(packets)} == {1}
    steps = {
        (later.timestamp - earlier.timestamp) & 0xFFFFFFFF for earlier, later in itertools.pairwise(packets)
    }
    assert steps == {160}
    assert len({packet.ssrc for packet in packets}) == 1
    sound = np.concatenate([Pcmu().decode(packet.payload) for packet in packets])
    assert (sound[:320] == 0).all()
    assert (sound[320 + len(said) :] == 0).all()
    assert ears.find(said, sound).at == 320
    assert told == [("speech", "begins"), ("speech", "ends")]
    assert lips.idle


def test_a_key_is_eight_updates_and_three_ends_and_the_same_key_twice_is_two() -> None:
    lips, told = mouth()
    spoken(lips, 1)
    lips.press("99")
    packets = spoken(lips, 30)
    keys = [packet for packet in packets if packet.payload_type == 101]
    assert len(keys) == 22
    first = keys[:11]
    assert [KeyEvent.parse(packet.payload).duration for packet in first] == [160 * n for n in range(1, 9)] + [
        1280
    ] * 3
    assert [KeyEvent.parse(packet.payload).ended for packet in first] == [False] * 8 + [True] * 3
    assert [packet.marker for packet in first] == [True] + [False] * 10
    assert len({packet.timestamp for packet in first}) == 1
    assert len({packet.timestamp for packet in keys}) == 2
    # Between them is a pause of 60 ms.
    types = [packet.payload_type for packet in packets]
    assert types == [101] * 11 + [0] * 3 + [101] * 11 + [0] * 5
    assert told == [("key", "9"), ("key", "9")]
    assert lips.idle
    lips.press("1", ms=40)
    durations = [KeyEvent.parse(packet.payload).duration for packet in spoken(lips, 5)]
    assert durations == [160, 320, 320, 320, 320]


def test_speech_waits_for_a_key_and_is_not_lost() -> None:
    lips, _ = mouth()
    said = tone(400, 200)
    lips.say(said)
    lips.press("5")
    packets = [packet for packet in spoken(lips, 24) if packet.payload_type == 0]
    sound = np.concatenate([Pcmu().decode(packet.payload) for packet in packets])
    assert ears.find(said, sound).score > 0.999


def test_keys_that_cannot_be_told_are_refused() -> None:
    lips, _ = mouth(events=None)
    with pytest.raises(NoKeys):
        lips.press("1")
    lips.speak_as(Pcmu(), 101)
    with pytest.raises(NoKeys):
        lips.press("x")


def test_speech_goes_on_in_another_coding() -> None:
    lips, _ = mouth()
    lips.say(tone(400, 100))
    spoken(lips, 2)
    lips.speak_as(G722(), 101)
    decoder = G722()
    packets = spoken(lips, 5)
    assert {packet.payload_type for packet in packets} == {9}
    heard = np.concatenate([decoder.decode(packet.payload) for packet in packets])
    (span,) = ears.sounds(heard, 16000)
    assert 60 <= span.end_ms - span.start_ms <= 80
    idle = [lips.idle]
    lips.say(tone(400, 400, 16000))
    for _ in range(2):
        spoken(lips, 1)
        lips.be_silent()
        idle.append(lips.idle)
    assert idle == [True, False, True]


# Ear


def test_what_came_lies_where_it_came_and_nothing_is_silence() -> None:
    hearing, _ = ear()
    hear(hearing, voice(10), 0.5)
    hear(hearing, voice(5, seq=10, timestamp=160 * 10), 1.5)
    heard = hearing.heard(8000)
    assert [(span.start_ms, span.end_ms) for span in ears.sounds(heard)] == [(500, 700), (1500, 1600)]
    assert ears.longest_gap_ms(heard) == 800
    assert hearing.lost == 0
    assert len(hearing.heard(8000, from_ms=1500)) == 800
    assert len(hearing.heard(16000)) == 2 * len(heard)


def test_small_delays_and_a_wrong_order_do_not_move_the_sound() -> None:
    hearing, _ = ear()
    packets = voice(20, seq=65530, timestamp=2**32 - 800)
    order = [0, 1, 3, 2, 4, 5, 6, 9, 8, 7, *range(10, 20)]
    for place, index in enumerate(order):
        late_s = 0.03 if place % 3 else 0.0
        hearing.take(packets[index].write(), 0.1 + place * TICK_S + late_s, SOURCE)
    (span,) = ears.sounds(hearing.heard(8000))
    assert (span.start_ms, span.end_ms) == (100, 500)
    assert ears.find(tone(400, 400), hearing.heard(8000)).score > 0.999
    assert hearing.lost == 0


def test_lost_packets_are_counted_and_heard_as_gaps() -> None:
    hearing, _ = ear()
    kept = [packet for place, packet in enumerate(voice(50, seq=65500)) if place not in (10, 30, 31)]
    for packet in kept:
        hearing.take(packet.write(), 0.02 * ((packet.seq - 65500) & 0xFFFF), SOURCE)
    hearing.take(kept[5].write(), 1.0, SOURCE)
    assert hearing.lost == 3
    assert ears.longest_gap_ms(hearing.heard(8000)) == 40
    assert len(hearing.arrivals) == 48


def test_another_sender_and_another_count_are_no_loss() -> None:
    hearing, _ = ear()
    hear(hearing, voice(10), 0.0)
    hear(hearing, voice(10, seq=40_000, timestamp=999_999, ssrc=8), 0.2)
    hear(hearing, voice(10, seq=3, timestamp=5, ssrc=8), 0.4)
    assert hearing.lost == 0
    assert [(span.start_ms, span.end_ms) for span in ears.sounds(hearing.heard(8000))] == [(0, 600)]


def test_spacing_is_that_of_the_sound() -> None:
    hearing, _ = ear()
    for place, packet in enumerate(voice(101)):
        hearing.take(packet.write(), place * TICK_S + (0.015 if place == 50 else 0.0), SOURCE)
    spacing = hearing.spacing()
    assert spacing.count == 101
    assert spacing.p50_ms == pytest.approx(20)
    assert spacing.max_ms == pytest.approx(35)
    assert 20 < spacing.p99_ms < 35
    assert hearing.spacing(0.0, 0.5).max_ms == pytest.approx(20)
    assert ear()[0].spacing().count == 0


def test_a_key_is_heard_once_whatever_is_repeated_or_lost() -> None:
    lips, _ = mouth()
    lips.press("1#1")
    packets = spoken(lips, 45)
    for lost in ((), (0,), (8, 9, 10), tuple(range(1, 11))):
        hearing, told = ear()
        hear(hearing, [packet for place, packet in enumerate(packets) if place not in lost])
        assert hearing.digits == "1#1"
        assert [heard.key for heard in told] == ["1", "#", "1"]
        assert hearing.keys[1].ms == 160
        assert hearing.keys[1].ended


def test_what_is_no_sound_is_told_apart() -> None:
    hearing, _ = ear()
    hearing.take(Packet(13, 1, 0, 7, b"\x40").write(), 0.0, SOURCE)
    hearing.take(Packet(77, 2, 160, 7, b"?").write(), 0.02, SOURCE)
    hearing.take(b"\x80\xc8" + bytes(26), 0.03, SOURCE)
    hearing.take(b"not RTP", 0.04, ("127.0.0.1", 5))
    assert (hearing.comfort_noise, hearing.unknown, hearing.rtcp, hearing.garbage) == (1, 1, 1, 1)
    assert len(hearing.heard(8000)) == 0
    assert dict(hearing.sources) == {SOURCE: 2}


def test_an_ear_that_listens_from_now_on_has_not_heard_what_was_before() -> None:
    hearing, _ = ear()
    hear(hearing, voice(10), 0.0)
    hear(hearing, voice(5, seq=10, timestamp=1600), 1.0)
    listening = Listening(hearing, 0.5, 1.38)
    assert (listening.audible_ms, listening.packets) == (100, 5)
    assert listening.quiet_ms == pytest.approx(300)
    assert [(span.start_ms, span.end_ms) for span in ears.sounds(listening.pcm())] == [(500, 600)]
    assert len(listening.pcm(last_ms=60)) == 480
    assert Listening(hearing, 2.0, 2.5).quiet_ms == pytest.approx(500)


def test_what_is_late_counts_from_where_it_was_due() -> None:
    hearing, _ = ear()
    packets = voice(60)
    hear(hearing, packets[:20])
    # The sender stood still for 100 ms, and catches up what was due meanwhile: all of it came after 0.5 s.
    for place, packet in enumerate(packets[20:], 20):
        hearing.take(packet.write(), max(0.505, place * TICK_S), SOURCE)
    heard = Listening(hearing, 0.5, 1.2).pcm()
    assert len(heard) == 40 * 160
    assert ears.find(tone(400, 1200)[20 * 160 :], heard).at == 0
    assert len(Listening(hearing, 1.3, 1.4).pcm()) == 0
