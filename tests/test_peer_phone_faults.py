"""What goes wrong around the phone peer, and in it: lost datagrams, hostile ones, phones that vanish."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.peers.phone import Faults, Manner, NotAnswered, Phone, PhoneCall, listening
from tests.peers.phone.dialog import new_token
from tests.peers.phone.message import Request, Response, write
from tests.peers.phone.relay import Relay
from tests.peers.phone.sound import tone
from tests.peers.phone.stand import connected, two_phones


@asynccontextmanager
async def far_phones() -> AsyncIterator[tuple[Phone, Phone, Relay]]:
    """Two phones with a way between them on which messages are lost."""
    async with (
        Relay() as relay,
        two_phones({"proxy": relay.left.where}, {"proxy": relay.right.where}) as (
            anna,
            ben,
        ),
    ):
        relay.left.phone, relay.right.phone = anna.where, ben.where
        yield anna, ben, relay


# Lost


@pytest.mark.parametrize(
    "lost",
    [
        {"INVITE": 2},
        {"100 INVITE": 1, "180 INVITE": 1},
        {"200 INVITE": 2},
        {"ACK": 2},
        {"BYE": 2},
        {"200 BYE": 2},
        {"INVITE": 1, "200 INVITE": 1, "ACK": 1, "BYE": 1, "200 BYE": 1},
    ],
    ids=str,
)
async def test_a_call_survives_the_loss_of(lost: dict[str, int]) -> None:
    async with far_phones() as (anna, ben, relay):
        for what, times in lost.items():
            relay.lose(what, times)
        call, came = await connected(anna, ben)
        call.say(tone(700, 150))
        await came.hear(listening.tone(700))
        await call.hang_up()
        await came.ended()
        assert (call.ended_by, came.ended_by) == ("us", "them")
        assert {what: relay.lost.count(what) for what in lost} == lost
        assert len(ben.incoming) == 1


@pytest.mark.parametrize("lost", ["486 INVITE", "ACK"])
async def test_a_refusal_survives_the_loss_of(lost: str) -> None:
    async with far_phones() as (anna, ben, relay):
        ben.on_ring = Manner.busy()
        relay.lose(lost, 2)
        call = await anna.dial(ben.uri)
        await call.ended()
        assert call.status == 486
        await ben.wait_for(lambda: relay.passed.count("ACK") >= 1 and relay.lost == [lost] * 2)


@pytest.mark.parametrize("lost", ["CANCEL", "200 CANCEL", "487 INVITE"])
async def test_taking_back_a_call_survives_the_loss_of(lost: str) -> None:
    async with far_phones() as (anna, ben, relay):
        ben.on_ring = Manner.never_answers()
        relay.lose(lost, 2)
        call = await (await anna.dial(ben.uri)).rang()
        came = await ben.rung()
        await call.hang_up()
        await came.ended()
        assert (call.status, came.status) == (487, 487)


async def test_a_call_may_be_taken_back_before_anything_was_answered() -> None:
    async with far_phones() as (anna, ben, relay):
        ben.on_ring = Manner.never_answers()
        relay.lose("INVITE", 2)
        call = await anna.dial(ben.uri)
        await call.hang_up()
        assert (call.status, call.reason) == (487, "cancelled")
        assert relay.passed[0] == "INVITE"
        assert relay.passed.count("CANCEL") == 1
        assert (await ben.rung()).over


async def test_a_re_invite_and_a_transfer_survive_losses() -> None:
    async with far_phones() as (anna, ben, relay):
        call, came = await connected(anna, ben)
        relay.lose("INVITE")
        relay.lose("200 INVITE")
        await call.hold()
        assert came.held
        relay.lose("REFER")
        relay.lose("202 REFER")
        relay.lose("NOTIFY", 2)
        transfer = await came.refer(ben.uri)
        assert transfer.told == [100, 200]


async def test_a_call_that_is_answered_while_it_is_taken_back_is_ended() -> None:
    async with far_phones() as (anna, ben, relay):
        ben.on_ring = Manner.never_answers()
        call = await (await anna.dial(ben.uri)).rang()
        came = await ben.rung()
        relay.lose("CANCEL", 3)
        relay.lose("200 INVITE", 1)
        came.answer()
        await call.hang_up()
        await came.ended()
        assert (call.ended_by, came.ended_by, came.reason) == ("us", "them", "they hung up")


# Misbehaving


async def test_an_answer_that_is_never_acknowledged_ends_the_call() -> None:
    async with two_phones() as (anna, ben):
        call = await anna.dial(ben.uri, faults=Faults(no_ack=True))
        await call.answered()
        came = await ben.rung()
        await came.ended()
        assert (came.ended_by, came.reason) == ("nobody", "our answer was never acknowledged")
        await call.ended()
        goods = [seen for seen in anna.wire.seen if str(seen.message).startswith("200 OK (1 INVITE")]
        # T1 doubled up to T2, for 64 T1.
        assert len(goods) > 10
        assert not any(str(seen.message).startswith("ACK") for seen in ben.wire.seen)


async def test_a_refusal_that_is_never_acknowledged_ends_too() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.busy()
        call = await anna.dial(ben.uri, faults=Faults(no_ack=True))
        await call.ended()
        refusals = [seen for seen in anna.wire.seen if str(seen.message).startswith("486")]
        assert not any(str(seen.message).startswith("ACK") for seen in ben.wire.seen)
        assert call.status == 486
        assert refusals


async def test_a_phone_that_vanishes_says_nothing_more() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        heard = len(came.hearing.arrivals)
        call.vanish()
        await came.hear(listening.silence(300))
        assert len(came.hearing.arrivals) <= heard + 2
        assert came.up
        sent = len(anna.wire.seen)
        assert await came.ask("OPTIONS") == 408
        assert len(anna.wire.seen) == sent
        # Another call of the same phone is not touched.
        await connected(anna, ben)
        came.vanish()


async def test_a_phone_without_a_voice_sends_no_packet() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner(faults=Faults(no_rtp=True))
        call, came = await connected(anna, ben)
        await call.hear(listening.silence(200))
        assert (call.hearing.arrivals, came.media.sent) == ([], 0)
        assert call.media.sent > 5


async def test_nobody_at_the_other_end_is_the_end_of_a_wait() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with two_phones() as (anna, _):
            call = await anna.dial(f"sip:x@127.0.0.1:{nobody.getsockname()[1]}")
            with pytest.raises(NotAnswered) as given_up:
                await call.answered()
            assert given_up.value.status == 408
            assert (call.ended_by, call.reason) == ("nobody", "Request Timeout")


# Hostile


@asynccontextmanager
async def attacked() -> AsyncIterator[tuple[Phone, Phone, PhoneCall, PhoneCall, socket.socket]]:
    """A call that is up, and somebody else's socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        attacker.bind(("127.0.0.1", 0))
        async with two_phones() as (anna, ben):
            call, came = await connected(anna, ben)
            yield anna, ben, call, came, attacker
            # Whatever happened: they still talk, press, and hang up.
            came.say(tone(700, 200))
            await call.hear(listening.tone(700))
            call.press("7")
            await came.until(lambda: came.digits == "7")
            await call.hang_up()
            await came.ended()


def bye_of(call: PhoneCall) -> Request:
    """What would end the call, without having been counted."""
    dialog = call.leg.dialog
    before = dialog.local_seq
    request = dialog.request("BYE")
    dialog.local_seq = before
    return request


async def answered(phone: Phone, request: Request) -> int:
    """What the phone answered to a request of the attacker."""

    def status() -> int:
        for seen in phone.wire.seen:
            if isinstance(seen.message, Response) and seen.message.via.branch == request.via.branch:
                return seen.message.status
        return 0

    return await phone.wait_for(status)


async def test_garbage_disturbs_no_call() -> None:
    async with attacked() as (_, ben, _, came, attacker):
        invite = came.invite
        assert invite is not None
        good = write(invite)
        hostile = [
            b"\x01" * 2000,
            b"\xff" * 60_000,
            good[:100],
            good[:-5],
            good.replace(b"CSeq: 1", b"CSeq: x"),
            b"INVITE sip:ben SIP/2.0\r\n" + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
            b"SIP/2.0 200 OK\r\n\r\n",
        ]
        for data in hostile:
            attacker.sendto(data, ben.where)
        await ben.wait_for(lambda: len(ben.problems) >= len(hostile))
        assert ben.wire.garbage_count == len(hostile)
        attacker.sendto(b"\r\n\r\n", ben.where)
        attacker.sendto(b"\x80\x00" + b"\xff" * 1000, came.media.where)
        attacker.sendto(b"", came.media.where)
        await came.until(lambda: len(came.hearing.sources) == 2)


async def test_a_bye_of_nobody_ends_nothing() -> None:
    async with attacked() as (anna, ben, call, came, attacker):
        right = bye_of(call)
        strangers = [
            right.having(("From", f"<sip:x@h>;tag={new_token()}")),
            right.having(("To", f"<sip:x@h>;tag={new_token()}")),
            right.having(("Call-ID", new_token())),
        ]
        for stranger in strangers:
            attacker.sendto(write(stranger.having(anna.me.via())), ben.where)
        # Out of turn: a BYE that is numbered like the INVITE.
        late = right.having(("CSeq", "1 BYE"), anna.me.via())
        attacker.sendto(write(late), ben.where)

        def answers() -> list[int]:
            sent = [seen.message for seen in ben.wire.seen if seen.way == "sent" and seen.peer == stranger_at]
            return sorted(message.status for message in sent if isinstance(message, Response))

        stranger_at = attacker.getsockname()
        await ben.wait_for(lambda: len(answers()) == 4)
        assert answers() == [481, 481, 481, 500]
        assert came.up


async def test_hostile_requests_are_answered_and_disturb_no_call() -> None:
    async with attacked() as (anna, ben, _, came, attacker):
        invite = came.invite
        assert invite is not None
        new = invite.having(anna.me.via(), ("Call-ID", new_token()))

        def of(method: str) -> Request:
            return replace(new.having(("CSeq", f"1 {method}"), anna.me.via()), method=method, body=b"")

        cases = [
            (invite.having(anna.me.via()), 482),
            (new.having(("Require", "100rel"), anna.me.via()), 420),
            (new.having(("Content-Type", "text/html"), anna.me.via()), 400),
            (replace(new.having(anna.me.via()), body=b"v=0"), 400),
            *((of(method), 481) for method in ("BYE", "CANCEL", "INFO")),
            *((of(method), 405) for method in ("DANCE", "SUBSCRIBE")),
            (of("OPTIONS"), 200),
        ]
        for request, status in cases:
            attacker.sendto(write(request), ben.where)
            assert await answered(ben, request) == status
        assert len(ben.incoming) == 1


async def test_answers_to_nothing_are_nothing() -> None:
    async with attacked() as (anna, _, call, _, attacker):
        good = next(seen.message for seen in anna.wire.seen if str(seen.message).startswith("200 OK"))
        stray = good.having(("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnone"))
        before = len(anna.wire.seen)
        attacker.sendto(write(stray), anna.where)
        await call.until(lambda: len(anna.wire.seen) > before)
        assert [seen.way for seen in [*anna.wire.seen][before:]] == ["came"]
