"""Our own ear: real speech is found, noise and silence are none, and the turns have hysteresis."""

import asyncio
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.events import Event, VoiceBegan, VoiceCeased
from appliance.core.pulse import Pulse
from appliance.core.ulaw import Gate
from models.local.detector import ListeningRoom
from models.local.silero import Silero, shipped_weights
from models.local.voice_turns import WINDOW_MS, Happened, VoiceTurns
from tests.peers.carrier import speech

WEIGHTS = shipped_weights()
needs_network = pytest.mark.skipif(
    WEIGHTS is None, reason="takes faster-whisper, whose package holds the network"
)
# Left out: df_book_a_room, 0.9 s long, of which the network itself is unsure in the telephone's band.
SPOKEN = ("s2p_what_time_is_it", "s2p_nevermind", "weather", "brooklyn", "jfk", "sb_spk1_snt3")
SILENCE = [b"\xff" * 160] * 75


async def heard(*recordings: str) -> list[Event]:
    """What the room reports of recordings with silence behind each, in steps of 100 ms."""
    assert WEIGHTS is not None
    events, gate = list[Event](), Gate()
    room = ListeningRoom(Silero(WEIGHTS), Pulse())
    room.start()
    line = room.detector(events.append)
    for frames in (chain(speech.load(name).frames, SILENCE) for name in recordings):
        for at, frame in enumerate(frames):
            line.take(frame, gate.open(frame))
            if at % 5 == 4:
                line.beat(0.0)
                # The thread is much faster than the caller; here it is given the time that a call gives it.
                await asyncio.sleep(0.01)
    room.stop()
    await asyncio.sleep(0)
    assert room.skipped == 0
    line.close()
    return events


@needs_network
@pytest.mark.parametrize("name", SPOKEN)
async def test_speech_is_found_and_its_end(name: str) -> None:
    events = await heard(name)
    began, ceased = events[0], events[-1]
    assert isinstance(began, VoiceBegan)
    assert isinstance(ceased, VoiceCeased)
    assert began.at_ms < ceased.at_ms <= len(speech.load(name).frames) * 20 + 400
    assert ceased.spoke_ms > 250
    assert [type(event) for event in events] == [VoiceBegan, VoiceCeased] * (len(events) // 2)


@needs_network
async def test_an_office_without_speech_is_no_caller() -> None:
    assert await heard("office_ambience") == []


@needs_network
async def test_a_line_that_is_closed_reports_nothing_more() -> None:
    assert WEIGHTS is not None
    pulse, events = Pulse(), list[Event]()
    room = ListeningRoom(Silero(WEIGHTS), pulse)
    room.start()
    line = room.detector(events.append)
    for frame in speech.load("brooklyn").frames:
        line.take(frame, loud=True)
    line.beat(0.0)
    line.close()
    room.stop()
    await asyncio.sleep(0)
    assert events == []
    assert not any(line.beat in pulse.members.of(beat) for beat in range(10))


def test_a_click_is_no_turn_and_a_pause_does_not_end_one() -> None:
    turns = VoiceTurns()
    assert turns.window(0.9) is None
    assert turns.window(0.1) is None
    assert not turns.speaking
    assert turns.window(0.9) is None
    assert turns.window(0.9) == VoiceBegan(2 * WINDOW_MS)
    assert turns.silence(500) is None
    assert turns.window(0.4) is None
    assert turns.silence(580) is None
    ended = turns.silence(60)
    assert ended == VoiceCeased(4 * WINDOW_MS + 500 + WINDOW_MS, 3 * WINDOW_MS + 500)
    assert not turns.speaking


@given(st.lists(st.one_of(st.floats(0, 1), st.integers(0, 2000)), max_size=200))
def test_turns_begin_and_end_alternately_and_in_time(steps: list[float | int]) -> None:
    turns, events = VoiceTurns(), list[Happened]()
    for step in steps:
        event = turns.silence(step) if isinstance(step, int) else turns.window(step)
        events += [event] if event else []
    kinds = [type(event) for event in events]
    assert kinds == ([VoiceBegan, VoiceCeased] * len(kinds))[: len(kinds)]
    times = [event.at_ms for event in events if isinstance(event, VoiceBegan | VoiceCeased)]
    assert times == sorted(times)
    assert all(event.spoke_ms > 0 for event in events if isinstance(event, VoiceCeased))
    assert turns.speaking is (len(kinds) % 2 == 1)


@needs_network
async def test_a_line_that_cannot_be_judged_deafens_no_other() -> None:
    assert WEIGHTS is not None
    events = list[Event]()
    room = ListeningRoom(Silero(WEIGHTS), Pulse())
    room.start()
    broken, sound = room.detector(lambda _: None), room.detector(events.append)
    broken.ear.h = np.zeros((1, 1, 1), np.float32)
    for frame in speech.load("brooklyn").frames:
        broken.take(frame, loud=True)
        sound.take(frame, loud=True)
    broken.beat(0.0)
    sound.beat(0.0)
    room.stop()
    await asyncio.sleep(0)
    assert room.faults == 1
    assert [type(event) for event in events][:1] == [VoiceBegan]
