"""Real calls through a real Asterisk: what the caller hears, who rings, and how the call is filed."""

import os
import signal
import time
import wave
from pathlib import Path

import orjson
import pytest

from appliance.core import ulaw
from appliance.core.dispositions import Outcome
from tests.asterisk.house import ASSISTANT, CALLER, DESK, NURSE, house, measured
from tests.golden.clinic import until
from tests.peers.carrier import speech
from tests.peers.phone import Manner, Phone, PhoneCall, ears, listening
from tests.peers.phone.registrar import Registrar
from tests.peers.phone.sound import Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

DEAD_AIR_S = 5.0
GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning, this is the clinic speaking."\n'
LONG = "There is room for your car behind the house on all working days until six, and in front of the post."
TRANSFER = f"""{GREETING}
[[turn]]
on = "utterance"
heard = "billing"
calls = [{{ name = "transfer_to_department", arguments = '{{"department": "billing"}}' }}]

[[turn]]
on = "tool_output"
say = "I am connecting you with Billing."
"""


def spoken(name: str) -> bytes:
    """A recording as a phone says it."""
    return b"".join(speech.load(name).frames)


async def greeted(caller: Phone) -> PhoneCall:
    """A call that the assistant has answered and greeted."""
    call = await caller.dial(ASSISTANT)
    await call.answered()
    await call.hear(listening.reply())
    return call


async def test_the_assistant_greets_and_a_hang_up_is_filed(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller = await clinic.phone(CALLER)
        call = await greeted(caller)
        session = clinic.cloud.sessions[-1]
        greeting = bytes(next(iter(session.audio_out.values())))
        match = ears.find(ulaw.decode(greeting), call.heard_8k())
        assert match.score > 0.99
        assert 0.9 < match.gain < 1.1
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.carrier == "asterisk"
        assert whole.call.from_number == CALLER
        assert whole.call.outcome is Outcome.ABANDONED


async def test_a_transfer_rings_the_department_and_both_hear_each_other(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        desk = await clinic.phone(DESK)
        nurse.on_ring = Manner.answers(3.0)
        call = await greeted(caller)
        call.say(spoken("say_en_billing"))
        taken = await nurse.rung()
        await taken.answered()
        # The desk hears first who calls, and why, and takes the call.
        await taken.hear(listening.reply(), 20.0)
        (told,) = (clinic.box.folder / "data/asterisk/etc/announcements").glob("*.ulaw")
        assert ears.find(ulaw.decode(told.read_bytes()), taken.heard_8k()).score > 0.9
        taken.press("1")
        await call.hear(listening.silence())
        call.say(spoken("weather"))
        await taken.hear(listening.recording(_pcm("weather")))
        taken.say(spoken("s2p_nevermind"))
        await call.hear(listening.recording(_pcm("s2p_nevermind")))
        assert desk.incoming == []
        await taken.hang_up()
        await call.ended()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED


async def test_zero_rings_the_front_desk_and_then_takes_a_message(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        call = await greeted(caller)
        call.press("0")
        await desk.rung()
        await call.hear(listening.reply(), 20.0)
        call.say(spoken("jfk"))
        await call.said()
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.VOICEMAIL
        (message,) = whole.messages
        assert message.kind == "voicemail"
        assert (message.seconds or 0) >= 8


def _pcm(name: str) -> Pcm:
    return ulaw.decode(spoken(name))


async def test_a_desk_that_hangs_up_when_it_is_asked_has_not_taken_the_call(tmp_path: Path) -> None:
    again = '[[turn]]\non = "any"\nconnection = 2\nsay = "Nobody in billing can take your call."\n'
    async with house(tmp_path, again + TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.5)
        call = await greeted(caller)
        call.say(spoken("say_en_billing"))
        taken = await nurse.rung()
        await taken.answered()
        await taken.hear(listening.sound())
        await taken.hang_up()
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[1:], 20.0)
        await call.hear(listening.reply())
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is not Outcome.TRANSFERRED
        (rang,) = [orjson.loads(row.data) for row in whole.events if row.kind == "PhonesRang"]
        assert (rang["department"], rang["result"]) == ("billing", "busy")


async def test_a_caller_on_hold_hears_music(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        await call.hear(listening.silence())
        await taken.hold()
        await call.hear(listening.sound(1000))
        await taken.resume()
        await taken.hang_up()
        await call.ended()


async def test_a_stranger_who_calls_himself_a_trunk_is_refused(tmp_path: Path) -> None:
    trunk = {"host": "192.0.2.1", "user": "clinic", "from_networks": ["192.0.2.0/24"]}
    settings = {"asterisk.trunk": trunk}
    async with house(tmp_path, GREETING, settings=settings, passwords={"trunk_secret": "x" * 20}) as clinic:
        server = ("127.0.0.1", clinic.ports.sip)
        async with Phone("attendant-trunk", "", server=server) as stranger:
            call = await stranger.dial(ASSISTANT)
            await call.ended(20.0)
            assert call.status == 401
        assert clinic.cloud.sessions == []


async def test_a_message_under_way_is_left_alone_when_the_bridge_comes_back(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await call.hear(listening.tone(1000.0), 30.0)
        call.say(spoken("jfk"))
        await clinic.box.start()
        await clinic.connected()
        await call.said()
        await call.hang_up()
        found = await until(lambda: [each for whole in clinic.all_filed() for each in whole.messages], 20.0)
        (message,) = found
        assert (message.seconds or 0) >= 10
        kept = clinic.box.folder / "data/recordings" / str(message.recording_path)
        with wave.open(str(kept)) as file:
            assert file.getnframes() >= 80_000


async def test_the_desk_rings_first_and_then_the_assistant_answers(tmp_path: Path) -> None:
    staff = {"desk_first_s": 5, "desk_first_when": "always"}
    async with house(tmp_path, GREETING, staff=staff) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.never_answers()
        call = await caller.dial(ASSISTANT)
        await desk.rung()
        assert clinic.cloud.sessions == []
        await call.answered(20.0)
        await call.hear(listening.reply())
        await call.hang_up()
        desk.on_ring = Manner.answers(0.5)
        again = await caller.dial(ASSISTANT)
        taken = await desk.rung(2)
        await taken.answered()
        again.say(spoken("weather"))
        await taken.hear(listening.recording(_pcm("weather")))
        await taken.hang_up()
        await again.ended()
        first, second = await clinic.filed(2)
        assert first.call.outcome is Outcome.ABANDONED
        assert second.call.outcome is Outcome.TRANSFERRED


async def test_without_the_bridge_people_ring_and_a_message_is_filed_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.busy()
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        dialled_s = time.monotonic()
        call = await caller.dial(ASSISTANT)
        await call.hear(listening.sound(), 20.0)
        waited_s = time.monotonic() - dialled_s
        measured(capsys, "bridge not running, until a sentence", waited_s)
        assert waited_s < DEAD_AIR_S
        await desk.rung(timeout_s=20.0)
        await call.answered()
        await call.hear(listening.tone(1000.0), 30.0)
        call.say(spoken("jfk"))
        await call.said()
        await call.hang_up()
        await clinic.box.start()
        (whole,) = await until(lambda: [each for each in clinic.all_filed() if each.messages], 20.0)
        assert whole.call.outcome is Outcome.VOICEMAIL
        assert len(whole.messages) == 1
        # Who it was the PBX has kept for us, and keeps no longer.
        assert whole.call.from_number == CALLER
        assert "0 results" in await clinic.pbx.cli("database show attendant-caller")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_bridge_that_goes_in_mid_call_leaves_the_caller_with_people(
    number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        gone_s = time.monotonic()
        clinic.box.signal(number)
        taken = await desk.rung()
        waited_s = time.monotonic() - gone_s
        measured(capsys, f"bridge ended by {number.name} in mid-call, until the desk rings", waited_s)
        assert waited_s < DEAD_AIR_S
        await taken.answered()
        taken.say(spoken("s2p_nevermind"))
        await call.hear(listening.recording(_pcm("s2p_nevermind")))
        await call.hang_up()


async def test_a_bridge_that_hangs_catches_no_call(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        clinic.box.signal(signal.SIGSTOP)
        try:
            call = await caller.dial(ASSISTANT)
            await call.hear(listening.sound(), 5.0)
            await desk.rung(timeout_s=20.0)
            await call.hang_up()
        finally:
            clinic.box.signal(signal.SIGCONT)


async def test_a_department_that_is_not_there_brings_the_caller_back(tmp_path: Path) -> None:
    again = '[[turn]]\non = "any"\nconnection = 2\nsay = "Nobody in billing can take your call."\n'
    async with house(tmp_path, again + TRANSFER) as clinic:
        caller = await clinic.phone(CALLER)
        call = await greeted(caller)
        call.say(spoken("say_en_billing"))
        # No phone of billing is registered: the assistant is there again, and knows.
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[1:], 20.0)
        session = clinic.cloud.sessions[1]
        await clinic.cloud.wait_for(
            lambda: (
                "whose phones could not be reached, and nobody there took the call"
                in str(session.received_of("conversation.item.create"))
            )
        )
        await call.hear(listening.reply())
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.HANDLED


async def test_one_who_is_never_reached_is_asked_for_a_message_in_the_end(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller = await clinic.phone(CALLER)
        call = await greeted(caller)
        # This assistant puts the caller through again and again.
        call.say(spoken("say_en_billing"))
        await clinic.cloud.wait_for(lambda: clinic.cloud.sessions[2:], 20.0)
        await call.hear(listening.tone(1000.0), 20.0)
        call.say(spoken("jfk"))
        await call.said()
        await call.hang_up()
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.VOICEMAIL


async def test_the_cloud_dies_and_the_box_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        call = await greeted(caller)
        call.say(spoken("weather"))
        await clinic.cloud.shut()
        await call.said()
        said_s = time.monotonic()
        await call.hear(listening.sound(), 15.0)
        waited_s = time.monotonic() - said_s
        measured(capsys, "cloud cut in the caller's sentence, until the box goes on", waited_s)
        assert waited_s < DEAD_AIR_S
        await call.hear(listening.reply(), 15.0)
        call.press("0")
        await desk.rung()
        await call.hang_up()
        await clinic.filed()


async def test_a_barge_in_is_silent_at_once_and_told_as_it_was_heard(tmp_path: Path) -> None:
    answer = f'[[turn]]\non = "utterance"\nheard = "weather"\nsay = "{LONG}"\n'
    last = '[[turn]]\non = "utterance"\nheard = "nevermind"\nsay = "All right."\n'
    async with house(tmp_path, f"{GREETING}\n{answer}\n{last}") as clinic:
        caller = await clinic.phone(CALLER)
        call = await greeted(caller)
        call.say(spoken("weather"))
        await call.hear(listening.sound(2000), 20.0)
        call.say(spoken("s2p_nevermind"))
        session = clinic.cloud.sessions[-1]
        (cut,) = await clinic.cloud.wait_for(lambda: session.received_of("conversation.item.truncate"), 20.0)
        await call.hear(listening.reply(), 20.0)
        long = ulaw.decode(bytes(session.audio_out[str(cut["item_id"])]))
        heard = call.heard_8k()
        begun = ears.find(long[:8000], heard)
        assert begun.score > 0.9
        told_ms = float(str(cut["audio_end_ms"]))
        # Until there it was heard as it was sent, and then there is silence.
        ends = begun.at + int(told_ms * 8)
        levels = ears.levels(heard[begun.at : ends + 800])
        assert max(levels[-5:]) < 100 < max(levels[-9:-6])
        await call.hang_up()


async def test_a_desk_hands_a_caller_on_to_another(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        caller, nurse = await clinic.phone(CALLER), await clinic.phone(NURSE)
        desk = await clinic.phone(DESK)
        desk.on_ring = Manner.answers(0.5)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        call.press("0")
        taken = await desk.rung()
        await taken.answered()
        call.say(spoken("s2p_nevermind"))
        await taken.hear(listening.recording(_pcm("s2p_nevermind")))
        nurse.on_ring = Manner.answers(0.5)
        await desk.refer(NURSE)
        other = await nurse.rung()
        await other.answered()
        call.say(spoken("weather"))
        await other.hear(listening.recording(_pcm("weather")))
        await other.hang_up()
        await call.ended()


async def test_a_pbx_that_is_started_anew_in_mid_call_leaves_no_call_open(tmp_path: Path) -> None:
    async with house(tmp_path, GREETING) as clinic:
        caller = await clinic.phone(CALLER)
        call = await caller.dial(ASSISTANT)
        await call.answered()
        await call.hear(listening.sound())
        clinic.pbx.signal(signal.SIGKILL)
        await clinic.pbx.ended()
        await clinic.pbx.restart()
        (whole,) = await clinic.filed()
        # Nobody can say that the caller gave up.
        assert whole.call.outcome is Outcome.INTERRUPTED
        again = await clinic.phone(CALLER)
        second = await again.dial(ASSISTANT)
        await second.answered()
        await second.hear(listening.reply())
        await second.hang_up()
        await clinic.filed(2)


async def test_a_trunk_brings_calls_in_and_carries_out_only_what_staff_entered(tmp_path: Path) -> None:
    outside, password = "+15550100055", "secret-of-the-trunk"
    registrar = Registrar({"clinic": password}, unknown_first=False)
    async with Phone("provider", registrar=registrar) as provider:
        trunk = {
            "host": f"127.0.0.1:{provider.where[1]}",
            "user": "clinic",
            "from_networks": ["127.0.0.1/32"],
        }
        async with house(
            tmp_path,
            TRANSFER,
            settings={"asterisk.trunk": trunk},
            departments={"Billing": [outside]},
            passwords={"trunk_secret": password},
        ) as clinic:
            await provider.wait_for(lambda: registrar.contacts.get("clinic"))
            call = await provider.dial(str(registrar.contacts["clinic"]), number="+15550100077")
            await call.answered()
            await call.hear(listening.reply())
            call.say(spoken("say_en_billing"))
            out = await provider.rung(timeout_s=20.0)
            assert out.invite is not None
            assert out.invite.uri.startswith(f"sip:{outside}@")
            await out.answered()
            await out.hear(listening.reply(), 20.0)
            out.press("1")
            await call.hear(listening.silence())
            call.say(spoken("weather"))
            await out.hear(listening.recording(_pcm("weather")))
            await out.hang_up()
            await call.ended()
            # Nothing else goes out, whoever dials it.
            desk = await clinic.phone(DESK)
            forbidden = await desk.dial("+15550100099")
            await forbidden.ended()
            assert forbidden.status == 403
            assert len(provider.incoming) == 1
            (whole,) = await clinic.filed()
            assert whole.call.from_number == "+15550100077"
            assert whole.call.outcome is Outcome.TRANSFERRED
