"""ARI as we use it, against a peer on a real socket: answers, refusals, and a telephone of our own."""

import asyncio

import pytest

from appliance.core.errors import CarrierFailed
from ari_bridge.ari import Ari, AriAccess
from ari_bridge.own_phone import CONTEXT, MARK, OwnPhone
from tests.peers.pbx.ari import AriPeer

SECRET = "ari-of-the-test"


def access(peer: AriPeer, secret: str = SECRET) -> AriAccess:
    return AriAccess(peer.base, "attendant", secret)


async def never(_channel: str, _digit: str) -> None:
    raise AssertionError("no key is pressed here")


async def test_it_says_how_the_pbx_is() -> None:
    async with AriPeer(SECRET) as peer, Ari(access(peer)) as ari:
        peer.channels = 3
        assert await ari.version() == "22.10.1"
        assert await ari.channels() == 3


async def test_a_wrong_password_and_no_answer_are_told_apart() -> None:
    async with AriPeer(SECRET) as peer:
        async with Ari(access(peer, "another")) as ari:
            with pytest.raises(CarrierFailed, match="refuses our password") as refused:
                await ari.version()
        assert not refused.value.retry
    async with Ari(access(peer)) as ari:
        with pytest.raises(CarrierFailed, match="cannot be reached") as away:
            await ari.version()
    assert away.value.retry


@pytest.mark.parametrize(("status", "text"), [(500, None), (404, None), (None, "<html>"), (None, "")])
async def test_what_is_no_answer_is_an_error_of_the_carrier(status: int | None, text: str | None) -> None:
    async with AriPeer(SECRET) as peer, Ari(access(peer)) as ari:
        peer.answers_with, peer.text = status, text
        with pytest.raises(CarrierFailed):
            await ari.channels()


async def test_our_telephone_rings_speaks_and_leaves_no_channel() -> None:
    async with AriPeer(SECRET) as peer, Ari(access(peer)) as ari:
        async with OwnPhone(ari, never, "self-1-") as phone, asyncio.TaskGroup() as tasks:
            ear = tasks.create_task(phone.listen(lambda _sound: None), name="ear")
            await phone.say(b"\x00" * 100_001)
            await phone.hang_up()
            await ear
            assert phone.over
        (placed,) = peer.placed
        assert (placed["context"], placed["variables"]) == (CONTEXT, {MARK: "self-1-"})
        assert peer.ended == [placed["channelId"]]
        (channel,) = peer.phones
        while channel.tick():
            """It plays."""
        # Whole frames only, in messages that Asterisk takes.
        assert len(channel.played) == 100_160
        assert not channel.broken


async def test_a_telephone_that_cannot_be_had_leaves_no_channel() -> None:
    async with AriPeer(SECRET) as peer, Ari(access(peer)) as ari:
        phone = OwnPhone(ari, never, "self-1-")
        peer.answers_with = 500
        with pytest.raises(CarrierFailed):
            await phone.__aenter__()
    async with Ari(access(peer)) as ari:
        with pytest.raises(CarrierFailed):
            await OwnPhone(ari, never, "self-1-").__aenter__()
