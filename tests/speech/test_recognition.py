"""The real program hears: what is said, silence, turns, deadlines, and crashes of what infers."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from models import wyoming_wire as wire
from models.local.speech_client import Offer, Recognised, SpeechFailed
from tests.speech.peer import Peer
from tests.speech.program import WAIT_S, Program, spoken_digit

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, SEVEN, FOUR = (spoken_digit(name) for name in ("1_nicolas", "7_nicolas", "4_jackson"))


async def heard(speech: Program, pcm: bytes, *, live: bool = True) -> str:
    return (await speech.client.recognise(pcm, "en", WAIT_S, live=live)).text


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("1_nicolas", "one"),
        ("3_nicolas", "three"),
        ("4_jackson", "four"),
        ("5_nicolas", "five"),
        ("7_nicolas", "seven"),
        ("8_jackson", "eight"),
    ],
)
async def test_a_digit_is_recognised(speech: Program, name: str, word: str) -> None:
    found = await speech.client.recognise(spoken_digit(name), "en-US", WAIT_S)
    assert (found.text, found.language, found.speech) == (word, "en", True)
    assert found.confidence is not None
    assert found.confidence > 0.9


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(32000), b"\x01"])
async def test_silence_is_a_good_answer(speech: Program, pcm: bytes) -> None:
    found = await speech.client.recognise(pcm, "en", WAIT_S)
    assert (found.text, found.speech) == ("", False)


async def test_a_long_recording_is_heard_in_pieces(speech: Program) -> None:
    pcm = ONE + bytes(32000 * 40) + SEVEN
    assert await heard(speech, pcm, live=False) == "one seven"


async def test_how_sure_it_is_is_told_for_each_segment(speech: Program) -> None:
    async with Peer(speech.client.address) as peer:
        await peer.recognise(ONE)
        transcript = await peer.next("transcript")
    assert transcript.data["no_speech"] is False
    (segment,) = transcript.data["segments"]
    assert segment["text"] == "one"
    assert 0.9 < segment["confidence"] <= 1


async def test_a_language_that_the_weights_do_not_know_is_said(speech: Program) -> None:
    with pytest.raises(SpeechFailed) as refused:
        await speech.client.recognise(ONE, "xx", WAIT_S)
    assert (refused.value.code, refused.value.retry) == ("language", False)


def has(count: int) -> Callable[[Offer], bool]:
    """Whether so many utterances are at work or wait."""
    return lambda offer: offer.recognising + offer.recognitions_waiting == count


# Turns -------------------------------------------------------------------------------------------------


async def test_live_calls_come_before_voicemail(speech: Program) -> None:
    order: list[str] = []

    async def ask(name: str, *, live: bool, waiting: int) -> None:
        tasks.create_task(answered(name, live=live))
        await speech.until(lambda offer: (offer.recognising, offer.recognitions_waiting) == (1, waiting))

    async def answered(name: str, *, live: bool) -> None:
        await heard(speech, ONE, live=live)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears"):
            await ask("at work", live=False, waiting=0)
            await ask("first voicemail", live=False, waiting=1)
            await ask("second voicemail", live=False, waiting=2)
            await ask("first call", live=True, waiting=3)
            await ask("second call", live=True, waiting=4)
    assert order == ["at work", "first call", "second call", "first voicemail", "second voicemail"]


async def test_closing_the_connection_gives_up_the_turn(speech: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears"):
            first = tasks.create_task(heard(speech, ONE))
            await speech.until(lambda offer: offer.recognising == 1)
            second = tasks.create_task(heard(speech, SEVEN))
            await speech.until(lambda offer: offer.recognitions_waiting == 1)
            second.cancel()
            await speech.until(lambda offer: offer.recognitions_waiting == 0)
    assert first.result() == "one"


async def test_what_nobody_waits_for_is_thrown_away(speech: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears"):
            first = tasks.create_task(heard(speech, ONE))
            await speech.until(lambda offer: offer.recognising == 1)
            second = tasks.create_task(heard(speech, SEVEN))
            await speech.until(lambda offer: offer.recognitions_waiting == 1)
            first.cancel()
    assert second.result() == "seven"


async def test_too_many_are_refused_at_once(speech: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears"):
            waiting = []
            for count in range(1, 5):
                waiting.append(tasks.create_task(heard(speech, FOUR)))
                await speech.until(has(count))
            with pytest.raises(SpeechFailed) as refused:
                await speech.client.recognise(ONE, "en", WAIT_S)
    assert (refused.value.code, refused.value.retry) == ("busy", False)
    assert [task.result() for task in waiting] == ["four"] * 4


async def test_a_request_past_its_deadline_is_answered_as_late(speech: Program) -> None:
    with speech.held("ears"):
        async with Peer(speech.client.address) as peer:
            await peer.recognise(ONE, within_ms=1000)
            assert (await peer.next("error")).data["code"] == "late"
            await speech.until(lambda offer: offer.recognitions_waiting == 0)


async def test_what_cannot_be_done_in_its_time_is_refused_at_once(speech: Program) -> None:
    assert await heard(speech, ONE) == "one"
    async with Peer(speech.client.address) as peer:
        await peer.recognise(ONE, within_ms=1)
        assert (await peer.next()).data["code"] == "busy"


async def test_a_client_that_waited_long_enough_says_so(speech: Program) -> None:
    with speech.held("ears"), pytest.raises(SpeechFailed) as refused:
        await speech.client.recognise(ONE, "en", 1.0)
    assert (refused.value.code, refused.value.retry) == ("late", False)


async def test_speaking_does_not_wait_for_hearing(speech: Program) -> None:
    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears"):
            tasks.create_task(heard(speech, ONE))
            await speech.until(lambda offer: offer.recognising == 1)
            sounds = [sound async for sound in speech.client.synthesise("Hello.", "en", WAIT_S)]
    assert sounds


# Crashes -----------------------------------------------------------------------------------------------


async def test_a_crash_of_the_ears_costs_a_retry(speech: Program) -> None:
    answers: list[Recognised] = []

    async def ask(pcm: bytes) -> None:
        answers.append(await speech.client.recognise(pcm, "en", WAIT_S))

    async with asyncio.TaskGroup() as tasks:
        with speech.held("ears") as pid:
            tasks.create_task(ask(SEVEN))
            await speech.until(lambda offer: offer.recognising == 1)
            tasks.create_task(ask(ONE))
            await speech.until(lambda offer: offer.recognitions_waiting == 1)
            os.kill(pid, signal.SIGKILL)
    assert sorted(answer.text for answer in answers) == ["one", "seven"]


async def test_a_server_of_another_kind_is_told_of_a_crash(speech: Program) -> None:
    async with Peer(speech.client.address) as peer:
        with speech.held("ears") as pid:
            await peer.recognise(ONE)
            await speech.until(lambda offer: offer.recognising == 1)
            os.kill(pid, signal.SIGKILL)
        assert (await peer.next("error")).data["code"] == "crashed"
        await peer.recognise(SEVEN)
        assert wire.text_of(await peer.next("transcript")) == "seven"


@pytest.mark.drill
async def test_ears_that_are_stuck_are_started_again(speech: Program) -> None:
    with speech.held("ears"):
        assert await heard(speech, ONE) == "one"
