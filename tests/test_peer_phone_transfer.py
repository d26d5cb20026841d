"""Transfers by the phone peer: blind and attended, what is told of them, and those that come to nothing."""

from tests.peers.phone import Manner, Phone, listening
from tests.peers.phone import happenings as h
from tests.peers.phone.sound import tone
from tests.peers.phone.stand import QUICK, connected, two_phones


async def test_a_blind_transfer_leaves_the_others_talking() -> None:
    async with two_phones() as (anna, ben), Phone("carl", timers=QUICK) as carl:
        carl.on_ring = Manner.answers(0.1)
        call, _ = await connected(anna, ben)
        transfer = await ben.refer(carl.uri)
        assert (transfer.accepted, transfer.told) == (202, [100, 200])
        await call.ended()
        new = call.transferred_to
        assert new is not None
        came = await carl.rung()
        assert came.invite is not None
        assert came.invite.get("Referred-By") == f"<sip:ben@127.0.0.1:{ben.where[1]}>"
        assert (call.journal.first(h.TransferAsked).target, came.caller_number) == (carl.uri, "anna")
        came.say(tone(700, 200))
        await new.hear(listening.tone(700))


async def test_a_transfer_to_a_busy_phone_is_told_and_the_call_goes_on() -> None:
    async with two_phones() as (anna, ben), Phone("carl", timers=QUICK) as carl:
        carl.on_ring = Manner.busy()
        call, came = await connected(anna, ben)
        transfer = await came.refer(carl.uri)
        assert (transfer.accepted, transfer.told, transfer.status) == (202, [100, 486], 486)
        assert [entry.status for entry in came.journal.of(h.TransferTold)] == [100, 486]
        came.say(tone(700, 200))
        await call.hear(listening.tone(700))


async def test_an_attended_transfer_takes_the_place_of_the_call() -> None:
    async with two_phones() as (anna, ben), Phone("carl", timers=QUICK) as carl:
        call, came = await connected(anna, ben)
        consulting, consulted = await connected(ben, carl)
        transfer = await came.refer_to(consulting)
        assert transfer.told == [100, 200]
        await consulted.ended()
        await consulting.ended()
        assert (consulted.ended_by, consulting.ended_by) == ("us", "them")
        await came.hang_up()
        new = call.transferred_to
        assert new is not None
        (await carl.rung(2)).say(tone(700, 200))
        await new.hear(listening.tone(700))


async def test_a_call_that_is_to_replace_none_is_refused() -> None:
    async with two_phones() as (anna, ben):
        call = await anna.dial(ben.uri, headers=[("Replaces", "x;to-tag=1;from-tag=2")])
        await call.ended()
        assert call.status == 481
        assert not ben.incoming


async def test_what_is_no_transfer_is_refused() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        for headers in ((), (("Refer-To", "<mailto:x@y>"),), (("Refer-To", "<sip:x@h>"),) * 2):
            _, response = await call.leg.ask("REFER", headers)
            assert response.status == 400
        assert came.up
        assert came.transferred_to is None
