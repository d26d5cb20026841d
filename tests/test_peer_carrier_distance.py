"""A carrier that is far away: what goes over its media streams takes its time and keeps its order."""

import asyncio

import pytest

from tests.peers.carrier import Distance
from tests.peers.carrier import happenings as h
from tests.peers.carrier.distance import Way, milliseconds
from tests.peers.carrier.stand import open_stand
from tests.peers.carrier.toy_box import MediaSocket

FAR = Distance(round_trip_ms=120, jitter_ms=30)
TONE = b"\x10\x90" * 4
"""1 ms."""


async def test_a_message_takes_its_way_and_never_overtakes_another() -> None:
    way: Way[int] = Way(FAR, seed=1)
    loop = asyncio.get_running_loop()
    put_s = []
    for number in range(40):
        put_s.append(loop.time())
        way.put(number)
        await asyncio.sleep(0)
    assert way.waiting == 40
    for number in range(40):
        assert await way.get() == number
        assert loop.time() - put_s[number] >= FAR.one_way_s


async def test_a_way_of_no_length_takes_no_time() -> None:
    way: Way[int] = Way(Distance(), seed=1)
    way.put(7)
    assert await asyncio.wait_for(way.get(), 1) == 7


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e9", "far"])
def test_what_is_no_distance_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        milliseconds(text)


async def test_a_mark_comes_back_after_a_round_trip() -> None:
    took_s: list[float] = []

    async def talk(media: MediaSocket) -> None:
        loop = asyncio.get_running_loop()
        await media.receive("start")
        asked_s = loop.time()
        await media.mark("there and back")
        await media.receive("mark")
        took_s.append(loop.time() - asked_s)
        await media.socket.close()

    async with open_stand() as stand:
        stand.peer.network.distance = FAR
        call = await stand.stream(talk)
    assert took_s[0] >= 0.120
    assert call.journal.first(h.MarkEchoed).name == "there and back"
    assert call.stream.warnings == []


async def test_a_clear_is_obeyed_when_it_arrives_and_not_when_it_was_sent() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        for place in range(10):
            await media.media(TONE * 100)
            await media.mark(f"m{place}")
        for _ in range(2):
            await media.receive("mark")
        await media.clear()
        for _ in range(8):
            await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        stand.peer.network.distance = FAR
        call = await stand.stream(talk)
    arrived, obeyed = call.journal.first(h.ClearArrived), call.journal.first(h.ClearReceived)
    assert obeyed.at_s - arrived.at_s >= FAR.one_way_s
    # The second mark took 60 ms to the box, and the clear 60 ms back: five whole ticks are within that.
    assert obeyed.position - 1600 >= 5 * 160
    assert call.journal.of(h.MarkEchoed)[-1].name == "m9"


async def test_the_caller_s_hang_up_is_told_at_a_distance_too() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.drain()

    async with open_stand() as stand:
        stand.peer.network.distance = FAR
        call = await stand.stream(talk, "wait 0.5\nhang up")
        messages = stand.media().events()
    assert messages[-1] == "stop"
    # What was on its way when the caller hung up still arrives: 25 frames and the one of the hang-up.
    assert messages.count("media") == 26
    assert call.stream.warnings == []
