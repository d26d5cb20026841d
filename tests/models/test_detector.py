"""Our own ear: real speech is found, noise and silence are none, and the turns have hysteresis."""

import asyncio
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.events import Event, VoiceBegan, VoiceCeased, VoicePaused
from appliance.core.pulse import Pulse
from appliance.core.ulaw import Gate
from models.embed import NETWORK, SHIPPED
from models.local.detector import Judge, ListeningRoom
from models.local.loudness import Loudness
from models.local.patience import Patience
from models.local.silero import DetectorBroken, Silero, shipped_weights
from models.local.voice_turns import WINDOW_MS, Happened, VoiceTurns
from tests.peers.carrier import speech

WEIGHTS = shipped_weights()
needs_network = pytest.mark.skipif(
    WEIGHTS is None, reason="takes faster-whisper, whose package holds the network"
)
SPOKEN = (
    "df_book_a_room",
    "s2p_what_time_is_it",
    "s2p_nevermind",
    "weather",
    "brooklyn",
    "jfk",
    "sb_spk1_snt3",
)
SILENCE = [b"\xff" * 160] * 75


async def heard(*recordings: str, judge: Judge | None = None) -> list[Event]:
    """What the room reports of recordings with silence behind each, in steps of 100 ms."""
    events, gate = list[Event](), Gate()
    if judge is None:
        assert WEIGHTS is not None
        judge = Silero(WEIGHTS)
    room = ListeningRoom(judge, Pulse())
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


@pytest.mark.parametrize("name", SPOKEN)
async def test_without_the_network_speech_is_found_by_its_loudness(name: str) -> None:
    events = await heard(name, judge=Loudness())
    assert [type(event) for event in events] == [VoiceBegan, VoiceCeased] * (len(events) // 2)
    assert sum(event.spoke_ms for event in events if isinstance(event, VoiceCeased)) > 250


async def test_without_the_network_a_quiet_office_is_no_caller() -> None:
    assert await heard("office_ambience", judge=Loudness()) == []


@needs_network
async def test_a_line_that_nobody_attends_to_is_not_listened_to() -> None:
    assert WEIGHTS is not None
    pulse, events = Pulse(), list[Event]()
    room = ListeningRoom(Silero(WEIGHTS), pulse, always=False)
    room.start()
    line = room.detector(events.append)

    def in_the_pulse() -> bool:
        return any(line.beat in pulse.members.of(beat) for beat in range(10))

    def says(name: str) -> int:
        recording = speech.load(name)
        for frame in recording.frames:
            line.take(frame, loud=True)
        line.beat(0.0)
        return recording.length_ms

    unheard_ms = says("brooklyn")
    assert not in_the_pulse()
    line.attend(1_500)
    assert in_the_pulse()
    says("weather")
    line.attend(0)
    says("brooklyn")
    assert not in_the_pulse()
    room.stop()
    await asyncio.sleep(0)
    times = [event.at_ms for event in events if isinstance(event, VoiceBegan)]
    assert 0 <= times[0] - unheard_ms < 1_000
    assert times[-1] <= unheard_ms + speech.load("weather").length_ms


async def test_a_voice_that_is_left_alone_is_not_taken_to_go_on_for_ever() -> None:
    events = list[Event]()
    room = ListeningRoom(Loudness(), Pulse(), always=False)
    room.start()
    line = room.detector(events.append)
    line.attend(1_500)
    for frame in speech.load("weather").frames[:75]:
        line.take(frame, loud=True)
    line.beat(0.0)
    line.attend(0)
    room.stop()
    await asyncio.sleep(0)
    began, left = events
    assert isinstance(began, VoiceBegan)
    assert isinstance(left, VoiceCeased)
    assert (left.spoke_ms, line.turns.speaking) == (0, False)


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


def said(turns: VoiceTurns, *windows: float, loud_db: float = -60.0) -> list[Happened]:
    """What happens in windows of these probabilities."""
    found = [turns.window(probability, loud_db) for probability in windows]
    return [event for event in found if event is not None]


def test_a_click_is_no_turn_and_a_pause_does_not_end_one() -> None:
    turns = VoiceTurns()
    assert said(turns, 0.9, 0.1) == []
    assert not turns.speaking
    assert said(turns, 0.9, 0.9) == [VoiceBegan(2 * WINDOW_MS)]
    assert turns.silence(500) is None
    assert said(turns, 0.4) == []
    assert turns.silence(580) is None
    ended = turns.silence(60)
    assert ended == VoiceCeased(4 * WINDOW_MS + 500 + WINDOW_MS, 3 * WINDOW_MS + 500)
    assert not turns.speaking


def test_what_stands_out_of_the_noise_needs_to_be_less_likely() -> None:
    unlikely = (0.3, 0.3, 0.3)
    quiet, aloud = VoiceTurns(), VoiceTurns()
    assert said(quiet, *unlikely, loud_db=-55.0) == []
    assert aloud.window(0.3, -40.0) is None
    assert aloud.window(0.3, -30.0) == VoiceBegan(0)


def test_an_even_tone_does_not_stand_out() -> None:
    turns = VoiceTurns()
    assert said(turns, 0.3, loud_db=-31.0) == []
    assert said(turns, *(0.4,) * 20, loud_db=-30.0) == []


def test_noise_that_goes_on_does_not_stand_out_for_long() -> None:
    turns = VoiceTurns()
    for _ in range(30):
        said(turns, 0.05, loud_db=-40.0)
    assert turns.window(0.3, -38.0) is None
    assert turns.window(0.3, -36.0) is None


def test_pauses_are_told_once_to_who_attends() -> None:
    turns = VoiceTurns(patience=Patience(1_000))
    said(turns, 0.9, 0.9)
    paused = VoicePaused(2 * WINDOW_MS, 2 * WINDOW_MS)
    assert turns.silence(399) is None
    assert turns.silence(1) == paused
    assert turns.silence(200) is None
    assert said(turns, 0.9) == []
    assert turns.silence(400) == VoicePaused(3 * WINDOW_MS + 600, 3 * WINDOW_MS + 600)
    assert turns.silence(600) == VoiceCeased(3 * WINDOW_MS + 600, 3 * WINDOW_MS + 600)
    assert turns.silence(2_000) is None


def test_a_slow_speaker_is_waited_for_longer() -> None:
    patience = Patience(500)
    turns = VoiceTurns(patience=patience)
    said(turns, 0.9, 0.9)
    turns.silence(450)
    said(turns, 0.9)
    assert patience.ms == 450 + 450 // 4 + 100
    assert isinstance(turns.silence(600), VoicePaused)
    assert isinstance(turns.silence(100), VoiceCeased)


def test_a_caller_who_goes_on_at_once_was_not_done() -> None:
    patience = Patience(500)
    turns = VoiceTurns(patience=patience)
    said(turns, 0.9, 0.9)
    assert isinstance(turns.silence(900), VoiceCeased)
    assert isinstance(said(turns, 0.9, 0.9)[0], VoiceBegan)
    assert patience.ms == 900 + 225 + 100


def test_who_interrupts_what_answered_them_is_no_slow_speaker() -> None:
    """The cloud had ended the turn before; we only attend since it is gone."""
    turns, patience = VoiceTurns(), Patience(700)
    said(turns, 0.9, 0.9)
    assert isinstance(turns.silence(1_400), VoiceCeased)
    turns.patience = patience
    assert isinstance(said(turns, 0.9, 0.9)[0], VoiceBegan)
    assert patience.ms == 700


steps = st.lists(st.one_of(st.tuples(st.floats(0, 1), st.floats(-90, 0)), st.integers(0, 2000)), max_size=200)


@given(steps, st.one_of(st.none(), st.integers(100, 2000)))
def test_turns_begin_and_end_alternately_and_in_time(
    steps: list[tuple[float, float] | int], patience_ms: int | None
) -> None:
    turns, every = VoiceTurns(patience=Patience(patience_ms) if patience_ms else None), list[Happened]()
    for step in steps:
        event = turns.silence(step) if isinstance(step, int) else turns.window(*step)
        every += [event] if event else []
    events = [event for event in every if not isinstance(event, VoicePaused)]
    kinds = [type(event) for event in events]
    assert kinds == ([VoiceBegan, VoiceCeased] * len(kinds))[: len(kinds)]
    assert turns.speaking is (len(kinds) % 2 == 1)
    times = [event.at_ms for event in every]
    assert times == sorted(times)
    assert all(event.spoke_ms > 0 for event in every if not isinstance(event, VoiceBegan))
    assert patience_ms or len(every) == len(events)
    for before, event in pairwise(every):
        assert not isinstance(event, VoicePaused) or not isinstance(before, VoiceCeased)


@needs_network
async def test_who_attends_hears_of_pauses_until_they_relax() -> None:
    assert WEIGHTS is not None
    events, came = list[Event](), asyncio.Event()

    def report(event: Event) -> None:
        events.append(event)
        came.set()

    room = ListeningRoom(Silero(WEIGHTS), Pulse())
    room.start()
    line = room.detector(report)
    line.attend(1_500)
    for frame in speech.load("weather").frames:
        line.take(frame, loud=True)
    line.beat(0.0)
    async with asyncio.timeout(5):
        await came.wait()
    for number, frame in enumerate((*SILENCE, *SILENCE), 1):
        line.take(frame, loud=False)
        if number % 5 == 0:
            line.beat(0.0)
    room.stop()
    await asyncio.sleep(0)
    assert [type(event) for event in events] == [VoiceBegan, VoicePaused, VoiceCeased]
    line.attend(0)
    assert line.turns.patience is None


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


@needs_network
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
def test_a_file_that_is_not_the_whole_network_is_refused(tmp_path: Path, kept: float) -> None:
    assert WEIGHTS is not None
    whole = WEIGHTS.read_bytes()
    broken = tmp_path / "silero.onnx"
    broken.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(DetectorBroken, match="cannot be used"):
        Silero(broken)


def test_another_network_is_refused() -> None:
    with pytest.raises(DetectorBroken):
        Silero(SHIPPED / NETWORK)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorBroken):
        Silero(tmp_path / "none.onnx")
