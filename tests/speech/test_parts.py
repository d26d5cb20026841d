"""The pure parts: the wire, requests, turns, breaths, pieces of audio, and what was heard."""

import contextlib
import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event, read_event, write_event

from appliance.core.errors import WireError
from models import wyoming_wire as wire
from models.speech.heard import Heard, Segment, joined
from models.speech.pieces import LONGEST_S, pieces
from models.speech.refused import Refused
from models.speech.requests import Held, Recognise, Requests
from models.speech.sentences import FIRST_MOST, REST_MOST, breaths, plain
from models.speech.turns import Pace, Turns

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
EVENTS = st.lists(
    st.builds(
        Event,
        st.text(min_size=1, max_size=20),
        st.dictionaries(WORDS, WORDS | st.integers(-(2**53), 2**53) | st.none(), max_size=3),
        st.none() | st.binary(min_size=1, max_size=300),
    ),
    max_size=6,
)


@given(EVENTS, st.lists(st.integers(1, 400)))
def test_events_survive_any_cutting(sent: list[Event], cuts: list[int]) -> None:
    stream, reader, got = b"".join(map(wire.packed, sent)), wire.EventReader(), []
    for size in [*cuts, len(stream)]:
        got += reader.feed(stream[:size])
        stream = stream[size:]
    assert got == sent
    assert not reader.inside


@given(EVENTS)
def test_events_are_those_of_the_package(sent: list[Event]) -> None:
    pipe = io.BytesIO()
    for event in sent:
        write_event(event, pipe)
    assert wire.EventReader().feed(pipe.getvalue()) == sent
    theirs = io.BytesIO(b"".join(map(wire.packed, sent)))
    assert [read_event(theirs) for _ in sent] == sent


@given(st.binary(max_size=300))
def test_wrong_bytes_are_events_or_an_error(data: bytes) -> None:
    reader = wire.EventReader()
    with contextlib.suppress(WireError):
        reader.feed(data)


def test_no_more_is_held_than_allowed() -> None:
    bounds = wire.Bounds(line=100, data=100, payload=100)
    reader = wire.EventReader(bounds)
    reader.feed(b"x" * 100)
    with pytest.raises(WireError):
        reader.feed(b"x")


# Requests ----------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["transcribe", "audio-start", "audio-chunk", "odd", "audio-stop", "answered"]))
)
def test_audio_is_held_while_it_is_needed_and_no_longer(happens: list[str]) -> None:
    held = Held(40)
    requests, waiting = Requests(held), list[Recognise]()
    made = {
        "transcribe": Event("transcribe"),
        "audio-start": wire.audio_start(16000),
        "audio-chunk": wire.audio_chunk(bytes(11), 16000),
        "odd": wire.audio_chunk(bytes(11), 8000),
        "audio-stop": wire.audio_stop(),
    }
    for kind in happens:
        if kind == "answered":
            if waiting:
                requests.release(waiting.pop())
            continue
        try:
            request = requests.take(made[kind])
        except Refused:
            continue
        if isinstance(request, Recognise):
            assert len(request.pcm_16k) % 2 == 0
            waiting.append(request)
        assert sum(len(each.pcm_16k) for each in waiting) <= held.now <= held.most
    requests.close()
    assert held.now == 0


# Turns -------------------------------------------------------------------------------------------------


@given(st.lists(st.booleans()))
def test_live_comes_first_and_each_in_order(lives: list[bool]) -> None:
    turns: Turns[tuple[bool, int]] = Turns(100, 100)
    jobs = [(live, number) for number, live in enumerate(lives)]
    for job in jobs:
        turns.add(job, live=job[0])
    assert len(turns) == len(jobs)
    taken = list(itertools.takewhile(lambda job: job is not None, iter(turns.next, None)))
    assert taken == [job for job in jobs if job[0]] + [job for job in jobs if not job[0]]


def test_there_is_room_for_a_number_of_each_kind() -> None:
    turns: Turns[str] = Turns(1, 2)
    turns.add("call", live=True)
    assert not turns.room(live=True)
    assert turns.room(live=False)
    turns.add("first", live=False)
    turns.add("goes on", live=False, first=True)
    assert not turns.room(live=False)
    turns.drop("call")
    assert turns.room(live=True)
    assert turns.everybody() == ["goes on", "first"]
    assert turns.next() is None


def test_the_pace_tells_when_one_more_is_done() -> None:
    pace = Pace()
    assert pace.expected_s(3, 0.0) == 0.0
    for began_s, took_s in ((0.0, 0.5), (1.0, 9.0)):
        pace.begin(began_s)
        pace.end(began_s + took_s, done=True)
    pace.begin(20.0)
    pace.end(20.1, done=False)
    assert pace.expected_s(0, 30.0) == 0.5
    pace.begin(30.0)
    assert pace.expected_s(2, 30.2) == pytest.approx(0.3 + 1.5)
    assert pace.expected_s(2, 39.0) == 1.5


# Breaths -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("Dr. Smith is in. Mrs. O. Jones is not.", ["Dr. Smith is in.", "Mrs. O. Jones is not."]),
        ("La Dra. Pérez atiende hoy. ¿Le viene bien?", ["La Dra. Pérez atiende hoy.", "¿Le viene bien?"]),
        ("We open at 8 a.m. Monday.", ["We open at 8 a.m. Monday."]),
        ("Version 2.5 costs $45.50. Yes.", ["Version 2.5 costs $45.50.", "Yes."]),
        ('He said "Stop." Then left.', ['He said "Stop."', "Then left."]),
        ("One\nTwo", ["One", "Two"]),
        ("  ", []),
        ("[[h@l'oU]] you", ["[h@l'oU] you"]),
    ],
)
def test_a_text_is_cut_at_its_sentences(text: str, parts: list[str]) -> None:
    assert [breath.text for breath in breaths(text)] == parts


def test_a_long_first_sentence_is_cut_at_a_comma() -> None:
    text = "If you would like to speak with the front desk now, press zero, and we will connect you at once."
    first, *_, last = breaths(text)
    assert first.text.endswith(",")
    assert len(first.text) <= FIRST_MOST
    assert (first.ends, last.ends) == (False, True)


@given(st.text(max_size=600))
def test_nothing_of_a_text_is_lost_but_white_space(text: str) -> None:
    parts = breaths(text)
    assert "".join("".join(part.text for part in parts).split()) == "".join(plain(text).split())
    assert all(0 < len(part.text) <= REST_MOST for part in parts)


# Pieces ------------------------------------------------------------------------------------------------


@given(st.integers(0, 200 * 16000))
def test_pieces_are_the_whole(samples: int) -> None:
    pcm = (np.arange(samples) % 251).astype(np.int16).tobytes()
    parts = list(pieces(pcm))
    assert b"".join(parts) == pcm
    assert all(len(part) <= LONGEST_S * 32000 for part in parts)
    assert len(parts) >= 1


def test_it_is_cut_where_it_is_quiet() -> None:
    sound = np.full(40 * 16000, 1000, np.int16)
    sound[25 * 16000 : 25 * 16000 + 3200] = 0
    first, _ = pieces(sound.tobytes())
    assert 25 <= len(first) / 32000 <= 25.2


# What was heard ----------------------------------------------------------------------------------------


def segment(text: str, logprob: float, no_speech: float = 0.0, seconds: float = 1.0) -> Segment:
    return Segment(text, seconds, logprob, no_speech)


def test_silence_is_what_the_network_calls_so_and_is_unsure_of() -> None:
    sure, unsure = segment("yes", -0.1, 0.9), segment("Thank you.", -1.2, 0.9)
    assert (sure.silent, unsure.silent) == (False, True)
    assert segment("?", -3.0, 0.0).silent
    heard = joined([Heard((sure,), "en"), Heard((unsure,), "en")], "")
    assert heard.text == "yes"
    assert heard.confidence == pytest.approx(0.905, abs=0.001)


@given(st.lists(st.tuples(st.floats(-10, 0), st.floats(0, 1), st.floats(0, 30))))
def test_confidence_is_a_share(parts: list[tuple[float, float, float]]) -> None:
    heard = Heard(tuple(segment("a", *part) for part in parts), "en")
    assert 0 <= heard.confidence <= 1
