"""The phone peer's conditions: what somebody has heard also when a machine stood still meanwhile."""

from dataclasses import replace

import numpy as np
import pytest

from tests.peers.carrier import speech
from tests.peers.phone import ears, listening, rtp
from tests.peers.phone.codec import CODECS
from tests.peers.phone.hearing import Hearing, Listening
from tests.peers.phone.mouth import Mouth
from tests.peers.phone.rtp import Packet
from tests.peers.phone.sound import NARROW_HZ, Pcm, read_wav, tone

SOURCE = ("127.0.0.1", 4000)
TICK_S = 0.020
STOOD_S = 0.8
SENTENCE = speech.SPEECH_FOLDER / "s2p_what_time_is_it.wav"
OTHER = speech.SPEECH_FOLDER / "s2p_nevermind.wav"


def ear() -> Hearing:
    return Hearing(0.0, lambda _: None)


def spoken(*parts: Pcm) -> list[Packet]:
    """The packets in which this is said."""
    lips = Mouth(CODECS["PCMU"](), 101, lambda _, __: None)
    whole = np.concatenate(parts)
    lips.say(whole)
    return [rtp.parse(lips.tick()) for _ in range(len(whole) // 160 + 1)]


@pytest.mark.parametrize("stood", ["sender", "ear"])
def test_a_sentence_is_whole_although_a_machine_stood_still_in_its_midst(stood: str) -> None:
    hearing, known = ear(), read_wav(SENTENCE, NARROW_HZ)
    packets = spoken(known)
    loud = ears.levels(known) ** 2
    half = int((loud.cumsum() > loud.sum() / 2).argmax())
    for place, packet in enumerate(packets):
        due_s, stamp = place * TICK_S, packet.timestamp
        if place >= half and stood == "sender":
            due_s, stamp = due_s + STOOD_S, stamp + round(STOOD_S * NARROW_HZ)
        elif place >= half:
            due_s = max(due_s, half * TICK_S + STOOD_S)
        hearing.take(replace(packet, timestamp=stamp & 0xFFFFFFFF).write(), due_s, SOURCE)
    heard = Listening(hearing, 0.0, 9.0)
    assert listening.recording(known)(heard) is None
    match = listening.every_packet(known)(heard)
    assert isinstance(match, ears.Match)
    assert match.score > 0.99
    # Another sentence is not it, nor is what came of it later.
    assert listening.every_packet(read_wav(OTHER, NARROW_HZ))(heard) is None
    assert listening.every_packet(known)(Listening(hearing, half * TICK_S, 9.0)) is None


def test_a_tone_is_heard_although_it_came_together_with_what_was_behind_it() -> None:
    hearing, sounds = ear(), listening.tone(400)
    quiet = np.zeros(4800, np.int16)
    packets = spoken(quiet, tone(400, 200), quiet)
    for packet in packets[:30]:
        hearing.take(packet.write(), 0.0, SOURCE)
    assert not sounds(Listening(hearing, 0.0, 0.6))
    for place, packet in enumerate(packets[30:], 30):
        hearing.take(packet.write(), place * TICK_S, SOURCE)
    # Nobody looked while it sounded.
    assert sounds(Listening(hearing, 0.0, 1.5))
    assert not sounds(Listening(hearing, 0.0, 1.5))
