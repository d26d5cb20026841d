"""Calls of desk phones, placed on the machine where this runs: python -m tests.drill.callers --help.

The drills run it inside a tree that has booted. May import: the standard library, tests.peers.
"""

import argparse
import asyncio
from pathlib import Path

from appliance.core import ulaw
from tests.peers.phone import CallOver, Phone, PhoneCall, ears, listening
from tests.peers.phone.sound import Pcm

ROOT = Path(__file__).resolve().parents[2]
SPOKEN = ROOT / "tests/data/speech/brooklyn.wav"
PORT = 5060
ASSISTANT = "100"
HEARD_S = 30.0
CLEAR = 0.8
TONE_HZ = 1000.0


async def left_message(phone: Phone, sounds: Path) -> str:
    """Call the clinic, want a person, find nobody, and leave a message."""
    call = await phone.dial(ASSISTANT)
    await call.answered()
    await call.hear(listening.sound(500), HEARD_S)
    call.press("0")
    await call.hear(listening.tone(TONE_HZ), HEARD_S)
    await call.hear(listening.silence(100), HEARD_S)
    call.say_wav(SPOKEN)
    await call.said()
    call.press("#")
    await heard(call, sentence(sounds / "message_kept.ulaw"))
    return "greeted, and the message was kept"


async def dialled(phone: Phone, code: str, said: Path) -> str:
    """Dial a code, and hear what was done."""
    call = await phone.dial(code)
    await heard(call, sentence(said))
    return f"{code}: {said.stem}"


def sentence(file: Path) -> Pcm:
    """A sentence of the PBX as it was made."""
    return ulaw.decode(file.read_bytes())


async def heard(call: PhoneCall, words: Pcm) -> None:
    """Wait until this was heard, which may be the last of the call."""
    try:
        await call.hear(listening.recording(words, CLEAR), HEARD_S, since_s=0)
        await call.ended()
    except CallOver:
        if ears.find(words, call.heard_8k()).score < CLEAR:
            raise


async def _main() -> None:
    parser = argparse.ArgumentParser("callers", description="A call of a desk phone, and what it is for.")
    parser.add_argument("extension")
    parser.add_argument("password")
    parser.add_argument("--ip", default="127.0.0.1", help="where the PBX is, and the phone with it")
    parser.add_argument("sounds", type=Path, help="where the PBX's sentences lie")
    parser.add_argument(
        "code", nargs="*", help="what to dial, and the sentence to hear; none: leave a message"
    )
    given = parser.parse_args()
    async with Phone(given.extension, given.password, ip=given.ip, server=(given.ip, PORT)) as phone:
        await phone.register()
        if given.code:
            code, said = given.code
            print(await dialled(phone, code, given.sounds / f"{said}.ulaw"))
        else:
            print(await left_message(phone, given.sounds))


if __name__ == "__main__":
    asyncio.run(_main())
