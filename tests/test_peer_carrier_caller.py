"""The carrier peer's caller: plans, recordings, and what is done in which tick."""

from pathlib import Path

import pytest

from tests.peers.carrier import speech, ulaw
from tests.peers.carrier.caller import Acts, Caller
from tests.peers.carrier.plan import (
    BadPlan,
    HangUp,
    LeaveMessage,
    Press,
    Say,
    Wait,
    WaitForReply,
    WaitForSpeech,
    WaitHeard,
    as_plan,
    read_plan,
)
from tests.peers.carrier.sound_files import wav

PLAN = """
# A patient who is in a hurry
wait for reply
wait for speech within 2.5
wait heard 1200
wait 1.5

say brooklyn.wav
say brooklyn.wav as how old is it
press 9#
leave message jfk.wav within 60
hang up
"""


def ticks(caller: Caller, count: int, **heard: bool) -> list[Acts]:
    return [caller.tick(**heard) for _ in range(count)]


def test_a_plan_is_read_line_by_line() -> None:
    assert read_plan(PLAN) == (
        WaitForReply(),
        WaitForSpeech(2.5),
        WaitHeard(1200),
        Wait(1.5),
        Say("brooklyn.wav"),
        Say("brooklyn.wav", "how old is it"),
        Press("9#"),
        LeaveMessage("jfk.wav", 60),
        HangUp(),
    )


@pytest.mark.parametrize(
    "line", ["shout", "wait", "wait soon", "press x", "say", "hang up within 3", "wait -1"]
)
def test_a_line_that_is_no_step_is_refused(line: str) -> None:
    with pytest.raises(BadPlan):
        read_plan(line)


def test_steps_and_lines_may_be_mixed() -> None:
    assert as_plan([Press("1"), "hang up"]) == (Press("1"), HangUp())


def test_waiting_takes_50_ticks_a_second() -> None:
    caller = Caller(as_plan("wait 0.1\npress 1"))
    assert [acts.key for acts in ticks(caller, 6)] == [None] * 5 + ["1"]


def test_keys_are_100_ms_apart() -> None:
    caller = Caller(as_plan("press 12"))
    assert [place for place, acts in enumerate(ticks(caller, 12)) if acts.key] == [0, 5]


@pytest.mark.parametrize("awaited", ["reply", "speech"])
def test_a_sound_that_breaks_a_silence_is_none(awaited: str) -> None:
    caller = Caller(as_plan(f"wait for {awaited}\nhang up"))
    ticks(caller, 6, audible=True, playing=True)
    assert not any(acts.hang_up for acts in ticks(caller, 40))


def test_a_reply_is_over_after_600_ms_of_quiet() -> None:
    caller = Caller(as_plan("wait for reply\nhang up"))
    ticks(caller, 10, audible=True, playing=True)
    assert not any(acts.hang_up for acts in ticks(caller, 29))
    assert caller.tick().hang_up


def test_a_pause_within_a_reply_does_not_end_it() -> None:
    caller = Caller(as_plan("wait for reply\nhang up"))
    for _ in range(3):
        ticks(caller, 10, audible=True, playing=True)
        assert not any(acts.hang_up for acts in ticks(caller, 29))


def test_silence_that_is_played_is_no_reply() -> None:
    caller = Caller(as_plan("wait for reply within 2\nhang up"))
    ticks(caller, 99, playing=True)
    assert caller.gave_up is None


def test_waiting_heard_counts_playback_of_the_current_reply() -> None:
    caller = Caller(as_plan("wait heard 100\npress 1"))
    ticks(caller, 4, audible=True, playing=True)
    ticks(caller, 40)
    assert [acts.key for acts in ticks(caller, 5, audible=True, playing=True)] == [None] * 4 + ["1"]


def test_after_a_cut_the_next_sound_is_another_reply() -> None:
    caller = Caller(as_plan("wait heard 100\npress 1"))
    ticks(caller, 4, audible=True, playing=True)
    caller.ear.cut_off()
    assert caller.tick(audible=True, playing=True).key is None


def test_a_caller_who_waits_in_vain_gives_up() -> None:
    caller = Caller(as_plan("wait for speech within 1\nsay jfk"))
    assert not any(acts.hang_up for acts in ticks(caller, 50))
    assert caller.tick().hang_up
    assert caller.gave_up == WaitForSpeech(1.0)


def test_a_message_begins_when_the_line_records() -> None:
    caller = Caller(as_plan("leave message df_book_a_room"))
    assert caller.tick().frame is None
    caller.recording = True
    acts = caller.tick()
    assert acts.begins
    assert acts.utterance == "book a room"


def test_a_recording_is_said_frame_by_frame() -> None:
    caller = Caller(as_plan("say df_book_a_room as a room please"))
    said = [acts for acts in ticks(caller, 60) if acts.frame]
    assert [acts.frame for acts in said] == list(speech.load("df_book_a_room").frames)
    assert {acts.utterance for acts in said} == {"a room please"}
    assert caller.idle


def test_every_code_of_mu_law_survives_being_decoded() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert ulaw.encode(ulaw.decode(codes)) == codes


def test_silence_is_not_audible_and_speech_is() -> None:
    assert not ulaw.is_audible(ulaw.SILENCE)
    assert any(ulaw.is_audible(frame) for frame in speech.load("weather").frames)


def test_pcm_files_of_8_and_16_khz_are_read(tmp_path: Path) -> None:
    pcm_8k = wav(b"".join(speech.load("weather").frames))
    assert ulaw.decode(speech.wav_to_ulaw(pcm_8k)).tobytes() == pcm_8k[44:]
    pcm_16k = pcm_8k[:24] + (16000).to_bytes(4, "little") + pcm_8k[28:]
    path = tmp_path / "fast.wav"
    path.write_bytes(pcm_16k)
    assert speech.load(str(path)).length_ms == speech.load("weather").length_ms / 2


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEdata\0\0\0\0"])
def test_what_is_no_recording_is_refused(damage: bytes) -> None:
    with pytest.raises(speech.BadRecording):
        speech.wav_to_ulaw(damage)
