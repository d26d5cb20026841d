"""The independent phone, baresip, with ours: calls both ways, sound both ways, keys, refusals, transfer.

What one author understood of SIP, another may not have: these calls hold ours against theirs.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.peers import baresip
from tests.peers.baresip import Baresip, Netstrings, Unwilling
from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, ears, listening
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.sound import Pcm, read_wav

SENTENCE = speech.SPEECH_FOLDER / "s2p_what_time_is_it.wav"
OTHER = speech.SPEECH_FOLDER / "s2p_nevermind.wav"
here = pytest.mark.skipif(not baresip.found(), reason="baresip-core is not installed")


def said(path: Path) -> Pcm:
    return read_wav(path, 8000)


def test_netstrings_are_read_in_pieces_of_any_size() -> None:
    wire = b"5:hello,0:,12:hello world!,"
    for size in range(1, len(wire)):
        netstrings = Netstrings()
        texts = [text for at in range(0, len(wire), size) for text in netstrings.feed(wire[at : at + size])]
        assert texts == [b"hello", b"", b"hello world!"]
    for wrong in (b"x:abc,", b"3:abcd,", b"99999999:"):
        with pytest.raises(ValueError, match="netstring"):
            Netstrings().feed(wrong)


@here
async def test_it_registers(tmp_path: Path) -> None:
    async with (
        Registrar({"desk9": "secret"}, unknown_first=False) as registrar,
        Baresip("desk9", "secret", server=registrar.where, folder=tmp_path) as phone,
    ):
        await phone.registered()
        assert registrar.contacts["desk9"].where() == ("127.0.0.1", int(phone.uri.rpartition(":")[2]))


@here
async def test_it_calls_us_and_both_hear_and_press(tmp_path: Path) -> None:
    async with Phone("ben") as ben, Baresip("desk9", folder=tmp_path, play=SENTENCE) as phone:
        ben.on_ring = Manner.answers(0.2)
        await phone.dial(ben.uri)
        came = await (await ben.rung()).answered()
        assert came.caller_number == "desk9"
        await phone.until("CALL_ESTABLISHED")
        came.say_wav(OTHER)
        match = await came.hear(listening.recording(said(SENTENCE), 0.95), 20, since_s=0)
        assert match
        await came.said()
        await phone.press("95")
        await came.until(lambda: came.digits == "95")
        await came.hear(listening.silence(100))
        await phone.hang_up()
        await came.ended()
        assert came.ended_by == "them"
        assert ears.find(said(OTHER), phone.heard_8k()).score > 0.95


@here
async def test_we_call_it_and_both_hear_and_press(tmp_path: Path) -> None:
    async with Phone("ben", display="Ben") as ben, Baresip("desk9", folder=tmp_path, play=OTHER) as phone:
        call = await ben.dial(phone.uri)
        await call.answered()
        call.say_wav(SENTENCE)
        call.press("7")
        assert await call.hear(listening.recording(said(OTHER), 0.95), 20, since_s=0)
        await call.said()
        await phone.until("CALL_DTMF_START")
        await call.hold()
        await call.resume()
        await call.hang_up()
        await phone.until("CALL_CLOSED")
        heard = phone.heard_8k()
        assert ears.find(said(SENTENCE), heard).score > 0.95
        assert np.abs(heard).max() > 1000


@here
async def test_it_is_refused_and_refuses(tmp_path: Path) -> None:
    async with Phone("ben") as ben, Baresip("desk9", folder=tmp_path, answers=False) as phone:
        ben.on_ring = Manner.busy()
        await phone.dial(ben.uri)
        closed = await phone.until("CALL_CLOSED")
        assert "486" in closed.param
        call = await (await ben.dial(phone.uri)).rang()
        await phone.until("CALL_INCOMING")
        await phone.hang_up()
        await call.ended()
        assert call.status in (486, 603)
        again = await (await ben.dial(phone.uri)).rang()
        await phone.until("CALL_INCOMING", 2)
        await phone.answer()
        await again.answered()


@here
async def test_it_is_transferred_by_us_and_transfers(tmp_path: Path) -> None:
    async with Phone("ben") as ben, Phone("carl") as carl, Baresip("desk9", folder=tmp_path) as phone:
        call = await (await ben.dial(phone.uri)).answered()
        await phone.refer(carl.uri)
        came = await (await carl.rung()).answered()
        assert came.caller_number == "ben"
        await phone.hang_up()
        await call.ended()


@here
async def test_what_it_cannot_do_is_said(tmp_path: Path) -> None:
    async with Baresip("desk9", folder=tmp_path) as phone:
        with pytest.raises(Unwilling, match="nonsense"):
            await phone.command("nonsense")
        with pytest.raises(Unwilling, match="nothing was recorded"):
            phone.heard_8k()
