"""A desk that is asked before it has a call, through a real Asterisk: what it hears, and what the caller."""

import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from appliance.core import ulaw
from appliance.core.dispositions import Outcome
from appliance.service.pbx import sounds
from tests.asterisk.house import DESK, NURSE, house
from tests.asterisk.test_departments import AGAIN, BUSY, back_with_the_assistant, put_through, rang
from tests.asterisk.test_faults import both_hear
from tests.asterisk.test_house import TRANSFER, spoken
from tests.asterisk.test_outside import CLINIC, FRIEND
from tests.peers.phone import Manner, Phone, PhoneCall, ears, listening
from tests.peers.phone.sound import NARROW_HZ, Pcm

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

SILENCE_S = 1.5
"""The longest silence that a caller may hear who waits."""
OLD_S = 0.3
"""How old what a desk hears of the caller may be."""
TALK_S, HEARD_MS, WINDOW_MS = 60, 3000, 200
"""How much the caller says, how much of it a desk hears, and of how much at once the age is found out."""


def murmur() -> Pcm:
    """Sound of which no piece is like another: what was heard of it tells when it was said."""
    rng = np.random.default_rng(11)
    return ulaw.decode(
        ulaw.encode((2500 * rng.standard_normal(TALK_S * NARROW_HZ)).clip(-8000, 8000).astype(np.int16))
    )


def longest_silence_s(call: PhoneCall, from_s: float, to_s: float) -> float:
    """The longest time in which nothing came that one would hear (time.monotonic())."""
    stamps = [at_s for at_s in call.hearing.audible_s if from_s < at_s < to_s]
    return max(later - earlier for earlier, later in pairwise([from_s, *stamps, to_s]))


def hears_music(call: PhoneCall, from_s: float, to_s: float) -> None:
    """All that was heard in this time is the music, as loud as it was made."""
    hearing = call.hearing
    begins, ends = (round(hearing.ms_of(at_s) * NARROW_HZ / 1000) for at_s in (from_s, to_s))
    heard = call.heard_8k()[begins:ends]
    made = np.tile(ulaw.decode(sounds.hold()), 2)
    pieces = [heard[at : at + NARROW_HZ] for at in range(0, len(heard) - NARROW_HZ + 1, NARROW_HZ)]
    assert pieces
    for piece in pieces:
        match = ears.find(piece, made)
        assert match.score > 0.95
        assert 0.9 < match.gain < 1.1


def oldest(desk: PhoneCall, said: Pcm, said_s: float, between_s: tuple[float, float]) -> float:
    """How old (s) the oldest was that the desk heard then of what somebody had begun to say at `said_s`.

    Takes a while: telephones stand still meanwhile.
    """
    hearing = desk.hearing
    begins_ms, ends_ms = hearing.begins_ms(between_s[0]), hearing.ms_of(between_s[1])
    heard = hearing.heard(NARROW_HZ, begins_ms)[: round((ends_ms - begins_ms) * NARROW_HZ / 1000)]
    size = WINDOW_MS * NARROW_HZ // 1000
    ages_s = []
    for at in range(0, len(heard) - size + 1, size):
        match = ears.find(heard[at : at + size], said) if heard[at : at + size].any() else None
        if match and match.score > 0.8:
            heard_s = hearing.began_s + begins_ms / 1000 + at / NARROW_HZ
            ages_s.append(heard_s - said_s - match.at / NARROW_HZ)
    # It is known of nearly all that was heard.
    assert len(ages_s) >= HEARD_MS // WINDOW_MS - 3
    return max(ages_s)


async def asked(desk: Phone, nth: int = 1) -> PhoneCall:
    """The call of a desk that has heard who calls, and why, and what it may press."""
    taken = await desk.rung(nth, timeout_s=20.0)
    await taken.answered()
    await taken.hear(listening.reply(1200), 30.0)
    return taken


async def test_a_caller_hears_music_until_the_desk_has_taken_the_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(2.0)
        call = await put_through(clinic)
        taken = await nurse.rung(timeout_s=20.0)
        rang_s = time.monotonic()
        said, said_s = murmur(), time.monotonic()
        call.say(said)
        await taken.answered()
        answered_s = time.monotonic()
        await taken.hear(listening.reply(1200), 30.0)
        pressed_s = time.monotonic()
        taken.press("1")
        await taken.hear(listening.sound(HEARD_MS))
        heard_s = time.monotonic()
        call.be_silent()
        await call.hear(listening.silence())
        await both_hear(call, taken)
        await taken.hang_up()
        await call.ended()
        silent_s = longest_silence_s(call, rang_s, pressed_s)
        oldest_s = oldest(taken, said, said_s, (pressed_s, heard_s))
        with capsys.disabled():
            print(
                f"\nasked for {pressed_s - answered_s:.1f} s: "
                f"longest silence {silent_s:.2f} s, oldest sound {oldest_s:.3f} s"
            )
        assert silent_s <= SILENCE_S
        assert oldest_s <= OLD_S
        hears_music(call, answered_s, pressed_s)
        (whole,) = await clinic.filed()
        assert whole.call.outcome is Outcome.TRANSFERRED
        assert rang(whole) == [("billing", "answered")]


@pytest.mark.parametrize("desk", ["declines", "says nothing", "hangs up"])
async def test_a_caller_hears_music_until_the_desk_has_not_taken_the_call(desk: str, tmp_path: Path) -> None:
    async with house(tmp_path, AGAIN + TRANSFER) as clinic:
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.5)
        call = await put_through(clinic)
        taken = await nurse.rung(timeout_s=20.0)
        rang_s = time.monotonic()
        await taken.answered()
        answered_s = time.monotonic()
        await taken.hear(listening.reply(1200), 30.0)
        if desk == "declines":
            taken.press("2")
        elif desk == "hangs up":
            await taken.hang_up()
        await taken.ended(30.0)
        ended_s = time.monotonic()
        assert taken.ended_by == ("us" if desk == "hangs up" else "them")
        whole = await back_with_the_assistant(clinic, call, BUSY)
        assert longest_silence_s(call, rang_s, ended_s) <= SILENCE_S
        hears_music(call, answered_s, ended_s)
        assert rang(whole) == [("billing", "busy")]
        assert whole.call.outcome is not Outcome.TRANSFERRED


async def test_a_number_outside_is_asked_after_a_phone_that_is_busy_and_never_told_who_calls(
    tmp_path: Path,
) -> None:
    number = "+14155550177"
    async with Phone("provider") as provider:
        trunk = {"host": f"127.0.0.1:{provider.where[1]}", "from_networks": ["127.0.0.1/32"]}
        async with house(
            tmp_path,
            TRANSFER,
            staff={"caller_id": CLINIC},
            settings={"asterisk.trunk": trunk},
            departments={"Billing": [NURSE, FRIEND]},
        ) as clinic:
            nurse = await clinic.phone(NURSE)
            nurse.on_ring = Manner.busy(0.3)
            provider.on_ring = Manner.answers(0.5)
            call = await provider.dial(f"sip:100@127.0.0.1:{clinic.ports.sip}", number=number)
            await call.answered()
            await call.hear(listening.reply())
            call.say(spoken("say_en_billing"))
            busy = await nurse.rung(timeout_s=20.0)
            rang_s = time.monotonic()
            # A phone of the house sees who calls.
            assert busy.caller_number == number
            out = await asked(provider)
            pressed_s = time.monotonic()
            out.press("1")
            await call.hear(listening.silence())
            await both_hear(call, out)
            assert longest_silence_s(call, rang_s, pressed_s) <= SILENCE_S
            assert out.caller_number == CLINIC
            ours = [
                seen.message for seen in provider.wire.seen if seen.message.call_id == out.leg.dialog.call_id
            ]
            assert ours
            assert [message for message in ours if number in str(message)] == []
            await out.hang_up()
            await call.ended()
            (whole,) = await clinic.filed()
            assert rang(whole) == [("billing", "busy"), ("billing", "answered")]


async def test_a_desk_takes_the_call_while_the_bridge_is_dead(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        nurse = await clinic.phone(NURSE)
        nurse.on_ring = Manner.answers(0.5)
        call = await put_through(clinic)
        taken = await nurse.rung(timeout_s=20.0)
        rang_s = time.monotonic()
        await taken.answered()
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await taken.hear(listening.reply(1200), 30.0)
        pressed_s = time.monotonic()
        taken.press("1")
        await call.hear(listening.silence())
        await both_hear(call, taken)
        assert longest_silence_s(call, rang_s, pressed_s) <= SILENCE_S
        await call.hang_up()
        await taken.ended()


async def test_what_a_caller_says_as_a_desk_hands_them_on_is_heard_at_once_by_the_other(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        nurse, desk = await clinic.phone(NURSE), await clinic.phone(DESK)
        nurse.on_ring, desk.on_ring = Manner.answers(0.5), Manner.answers(0.5)
        call = await put_through(clinic)
        taken = await asked(nurse)
        taken.press("1")
        await call.hear(listening.silence())
        await both_hear(call, taken)
        said, said_s = murmur(), time.monotonic()
        call.say(said)
        await nurse.refer(DESK)
        other = await desk.rung()
        await other.answered()
        answered_s = time.monotonic()
        await other.hear(listening.sound(HEARD_MS))
        heard_s = time.monotonic()
        call.be_silent()
        await both_hear(call, other)
        await call.hang_up()
        await other.ended()
        assert oldest(other, said, said_s, (answered_s, heard_s)) <= OLD_S
        (whole,) = await clinic.filed()
        assert rang(whole) == [("billing", "answered"), (DESK, "answered")]
        assert clinic.open_calls() == 0


async def test_a_caller_is_handed_on_though_neither_end_has_made_a_sound(tmp_path: Path) -> None:
    async with house(tmp_path, TRANSFER) as clinic:
        nurse, desk = await clinic.phone(NURSE), await clinic.phone(DESK)
        nurse.on_ring, desk.on_ring = Manner.answers(0.5), Manner.answers(0.5)
        call = await put_through(clinic)
        taken = await asked(nurse)
        call.media.silent = True
        taken.press("1")
        await taken.said()
        taken.media.silent = True
        await call.hear(listening.silence())
        await nurse.refer(DESK)
        other = await desk.rung()
        await other.answered()
        call.media.silent = False
        await both_hear(call, other)
        await other.hang_up()
        await call.ended()
        await clinic.filed()
        assert clinic.open_calls() == 0
