"""A telephone that is not ours in the house: baresip registers, calls, presses keys, is rung, is heard."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from appliance.core import ulaw
from appliance.core.dispositions import Outcome
from ari_bridge.ami_session import ManagerSession
from ari_bridge.control import Access
from ari_bridge.passwords import USER
from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, House, house
from tests.asterisk.test_house import GREETING, TRANSFER, greeted, spoken
from tests.golden.clinic import until
from tests.peers import baresip
from tests.peers.baresip import Baresip
from tests.peers.carrier import speech
from tests.peers.phone import Manner, PhoneCall, ears, listening
from tests.peers.phone.sound import Pcm, read_wav

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
    pytest.mark.skipif(not baresip.found(), reason="baresip-core is not installed"),
]

BILLING = speech.SPEECH_FOLDER / "say_en_billing.wav"
OTHER = speech.SPEECH_FOLDER / "s2p_nevermind.wav"


TIMES = 4
"""What is to be heard is said so often: a telephone that had no core for a moment drops what came late."""
PAUSE = b"\xff" * 8000


def says(call: PhoneCall, name: str) -> None:
    """Say it, as often as may be needed for it to be heard whole once."""
    for _ in range(TIMES):
        call.say(spoken(name) + PAUSE)


async def telephone(
    clinic: House, extension: str, folder: Path, *, play: Path | None = None, times: int = 1
) -> Baresip:
    """One that is registered."""
    made = Baresip(
        extension,
        clinic.secrets[extension],
        folder=folder / extension,
        server=("127.0.0.1", clinic.ports.sip),
        play=play,
        times=times,
    )
    phone = await clinic.stack.enter_async_context(made)
    await phone.registered()
    return phone


def narrow(path: Path) -> Pcm:
    return read_wav(path, 8000)


async def test_it_calls_the_assistant_hears_and_presses_a_key(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        phone = await telephone(clinic, CALLER, tmp_path)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.3)
        await phone.dial(ASSISTANT)
        await phone.until("CALL_ESTABLISHED")
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions, 20.0)
        session = clinic.cloud.sessions[-1]
        await clinic.cloud.wait_for(lambda: session.sent_of("response.done"), 20.0)
        greeting = ulaw.decode(bytes(next(iter(session.audio_out.values()))))
        await until(lambda: ears.find(greeting, phone.heard_8k()).score > 0.99, 20.0)
        await phone.press("0")
        taken = await desk.rung(timeout_s=20.0)
        await taken.answered()
        says(taken, "s2p_nevermind")
        await until(lambda: ears.find(narrow(OTHER), phone.heard_8k()).score > 0.95, 20.0)
        await phone.hang_up()
        await taken.ended()
        (whole,) = await clinic.filed()
        assert whole.call.from_number == CALLER
        assert whole.call.outcome is Outcome.TRANSFERRED


async def test_it_is_understood_and_is_put_through(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        phone = await telephone(clinic, CALLER, tmp_path, play=BILLING)
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.3)
        await phone.dial(ASSISTANT)
        taken = await nurse.rung(timeout_s=30.0)
        await taken.answered()
        await taken.hear(listening.reply(), 20.0)
        taken.press("1")
        await taken.hear(listening.silence())
        says(taken, "s2p_nevermind")
        await until(lambda: ears.find(narrow(OTHER), phone.heard_8k()).score > 0.95, 20.0)
        await taken.hang_up()
        await phone.until("CALL_CLOSED")


async def test_it_takes_a_call_that_is_put_through(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller = await clinic.phone(CALLER)
        nurse = await telephone(clinic, NURSE, tmp_path, play=OTHER)
        call = await greeted(caller)
        call.say(spoken("say_en_billing"))
        await nurse.until("CALL_ESTABLISHED", timeout_s=20.0)
        # It is told who calls, and takes the call.
        await until(lambda: max(ears.levels(nurse.heard_8k()), default=0.0) > 1000, 20.0)
        await nurse.press("1")
        await call.hear(listening.silence())
        says(call, "weather")
        weather = ulaw.decode(spoken("weather"))
        await until(lambda: ears.find(weather, nurse.heard_8k()).score > 0.95, 20.0)
        await nurse.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED


async def test_it_hands_a_caller_on_to_another_desk(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        desk = await telephone(clinic, DESK, tmp_path, play=OTHER, times=TIMES)
        nurse.on_ring = Manner.answers(0.3)
        call = await greeted(caller)
        call.press("0")
        await desk.until("CALL_ESTABLISHED", timeout_s=20.0)
        await call.hear(listening.recording(narrow(OTHER)), 20.0, since_s=0)
        await desk.refer(NURSE)
        taken = await nurse.rung(timeout_s=20.0)
        await taken.answered()
        await desk.until("CALL_CLOSED")
        call.say(spoken("weather"))
        await taken.hear(listening.every_packet(ulaw.decode(spoken("weather"))), 20.0)
        await taken.hang_up()
        await call.ended()


async def dialog(clinic: House, channel: str) -> str:
    """A call of a phone as a Replaces header has it (RFC 3891), seen from Asterisk's side of it."""
    secret = (clinic.box.folder / "data/secrets/asterisk_ami").read_text().strip()
    found = {}
    async with ManagerSession(Access("127.0.0.1", clinic.ports.ami, USER, secret)) as ami:
        for what in ("call-id", "local_tag", "remote_tag"):
            answer = await ami.ask("Getvar", Channel=channel, Variable=f"CHANNEL(pjsip,{what})")
            found[what] = answer["Value"]
    return quote(f"{found['call-id']};to-tag={found['local_tag']};from-tag={found['remote_tag']}", safe="")


async def test_it_connects_a_caller_with_its_own_call_to_the_assistant(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        desk = await telephone(clinic, DESK, tmp_path)
        nurse.on_ring = Manner.answers(0.3)
        call = await greeted(caller)
        call.press("0")
        await desk.until("CALL_ESTABLISHED", timeout_s=20.0)
        (first,) = await channels(clinic, DESK)
        await desk.dial(ASSISTANT)
        await desk.until("CALL_ESTABLISHED", 2, timeout_s=20.0)
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[1:], 20.0)
        # baresip has no command for it; it sends what it is given.
        server = f"{DESK}@127.0.0.1:{clinic.ports.sip}"
        await desk.command("transfer", f"<sip:{server}?Replaces={await dialog(clinic, first)}>")
        await desk.until("CALL_CLOSED", 2, timeout_s=20.0)
        await call.hear(listening.silence(), 20.0)
        call.say(spoken("say_en_billing"))
        taken = await nurse.rung(timeout_s=20.0)
        await taken.answered()
        await taken.hear(listening.reply(), 20.0)
        taken.press("1")
        await call.hear(listening.silence())
        call.say(spoken("weather"))
        await taken.hear(listening.every_packet(ulaw.decode(spoken("weather"))), 20.0)
        await call.hang_up()
        await clinic.filed(2)
        assert clinic.open_calls() == 0


async def channels(clinic: House, extension: str) -> list[str]:
    """The names of a phone's channels."""
    shown = await clinic.pbx.cli("core show channels concise")
    names = [line.partition("!")[0] for line in shown.splitlines()]
    return [name for name in names if name.startswith(f"PJSIP/{extension}-")]
