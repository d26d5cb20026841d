"""The phone peer as a program: one call from the shell, printed, with what was heard as a file."""

import asyncio
import sys
from pathlib import Path

from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, ears, listening
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.sound import read_wav, tone

ROOT = Path(__file__).parents[1]
SENTENCE = speech.SPEECH_FOLDER / "s2p_nevermind.wav"


async def started(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.phone", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_it_dials_plays_presses_and_keeps_what_it_heard(tmp_path: Path) -> None:
    heard = tmp_path / "heard.wav"
    async with Phone("ben", codecs=("G722", "PCMU")) as ben:
        program = await started(
            *(ben.uri, "--play", str(SENTENCE), "--press", "42", "--for-s", "0.4", "--heard", str(heard)),
            *("--codecs", "g722,pcmu", "--trace"),
        )
        came = await (await ben.rung(timeout_s=30)).answered()
        came.say(tone(700, 400, 16000))
        await came.hear(listening.recording(read_wav(SENTENCE, 8000)), 20, since_s=0)
        await came.ended(20)
        assert came.digits == "42"
    out, _ = await program.communicate()
    assert program.returncode == 0, out.decode()
    text = out.decode()
    for told in ("Ringing 180", "Answered G722", "KeyPressed 4", "Ended us", ">>> 127.0.0.1", "lost 0"):
        assert told in text
    assert ears.sounds(read_wav(heard, 16000), 16000)[0].end_ms > 300


async def test_it_can_be_called(tmp_path: Path) -> None:
    program = await started("--user", "carl", "--ring-s", "0.1", "--for-s", "20")
    assert program.stdout is not None
    async with asyncio.timeout(30):
        waiting = (await program.stdout.readline()).decode()
    async with Phone("anna") as anna:
        call = await anna.dial(waiting.split()[-1])
        await call.answered()
        await call.hang_up()
    out, _ = await program.communicate()
    assert program.returncode == 0
    assert "Ended them they hung up" in out.decode()


async def test_a_call_that_is_not_answered_exits_with_1() -> None:
    async with Phone("ben") as ben:
        ben.on_ring = Manner.busy()
        program = await started(ben.uri)
        out, _ = await program.communicate()
    assert program.returncode == 1
    assert "486 Busy Here" in out.decode()


async def test_a_registration_that_is_refused_exits_with_1() -> None:
    async with Registrar({"desk1": "secret"}) as registrar:
        host, port = registrar.where
        program = await started("100", "--server", f"{host}:{port}", "--user", "desk1", "--password", "wrong")
        out, _ = await program.communicate()
    assert program.returncode == 1
    assert "REGISTER: 401" in out.decode()


async def test_what_cannot_be_dialled_or_played_exits_with_2(tmp_path: Path) -> None:
    for arguments in (("100",), ("sip:x@127.0.0.1:9", "--play", str(tmp_path / "none.wav"))):
        program = await started(*arguments)
        await program.communicate()
        assert program.returncode == 2
