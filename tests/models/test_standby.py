"""Two brains as one: who talks, what is reported, where wishes go; brains that only note what is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from appliance.core.errors import AttendantError
from appliance.core.events import (
    BrainChanged,
    BrainLost,
    BrainReady,
    Event,
    Heard,
    SessionExpiring,
)
from appliance.core.ports import BrainEars
from appliance.core.story import Speaker, Turn
from appliance.core.testing import NotingBrain
from models.breaker import Breaker
from models.standby import Standby
from tests.models.test_local_brain import local_brain

STORY = (Turn("u1", Speaker.CALLER, "I want to leave a message"),)


class Noted:
    """The call's side."""

    def __init__(self) -> None:
        self.events = list[Event]()
        self.came = asyncio.Event()

    async def reply_audio(self, response_id: str, reply_id: str, ulaw_8k: bytes) -> None: ...

    def reply_complete(self, reply_id: str) -> None: ...

    def happened(self, event: Event) -> None:
        self.events.append(event)
        self.came.set()

    async def settled(self) -> None: ...

    async def next(self, kind: type[Event]) -> Event:
        async with asyncio.timeout(5):
            while not (found := [each for each in self.events if isinstance(each, kind)]):
                self.came.clear()
                await self.came.wait()
        self.events.remove(found[0])
        return found[0]


@dataclass
class Clouds:
    """The cloud brains that were asked for, each with the story it was given; `ill` says that probes fail."""

    made: list[tuple[tuple[Turn, ...], NotingBrain]] = field(default_factory=list)
    ill: bool = False

    def make(self, story: tuple[Turn, ...]) -> NotingBrain:
        self.made.append((story, NotingBrain()))
        return self.made[-1][1]

    async def probe(self) -> None:
        if self.ill:
            raise AttendantError("ill")

    async def ears(self) -> BrainEars:
        brain = self.made[-1][1]
        await brain.connected.wait()
        assert brain.ears is not None
        return brain.ears


@asynccontextmanager
async def standing(
    clouds: Clouds, *, spare: bool = True, breaker: Breaker | None = None
) -> AsyncIterator[tuple[Standby, Noted]]:
    noted = Noted()
    breaker = breaker or Breaker(clouds.probe, probe_after_s=(0.0,))
    standby = Standby(local_brain(), clouds.make, breaker, spare=spare)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        probing = tasks.create_task(breaker.run(), name="breaker")
        listening = tasks.create_task(standby.listen(noted), name="standby")
        await asyncio.sleep(0)
        yield standby, noted
        listening.cancel()
        probing.cancel()


async def test_the_cloud_begins_and_its_facts_are_passed_on() -> None:
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        ears.happened(Heard("u1", "hello"))
        await standby.greet()
        await standby.take_utterance(100, 900)
        assert noted.events == [BrainReady(), Heard("u1", "hello")]
        assert clouds.made[0][1].noted == [("greet", None), ("take_utterance", (100, 900))]


async def test_a_lost_cloud_is_followed_by_the_local_assistant() -> None:
    clouds = Clouds(ill=True)
    async with standing(clouds) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        ears.happened(BrainLost("closed_1006"))
        clouds.made[0][1].gone.set()
        assert await noted.next(BrainChanged) == BrainChanged("local", "closed_1006")
        await standby.greet()
        assert ("greet", None) not in clouds.made[0][1].noted


async def test_a_cloud_that_does_not_answer_is_given_up() -> None:
    clouds = Clouds(ill=True)
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        assert await noted.next(BrainChanged) == BrainChanged("local", "mute")


async def test_a_call_begins_locally_while_the_breaker_is_open() -> None:
    clouds = Clouds(ill=True)
    breaker = Breaker(clouds.probe, probe_after_s=(0.0,))
    breaker.trip("refused")
    async with standing(clouds, breaker=breaker) as (_, noted):
        assert await noted.next(BrainChanged) == BrainChanged("local", "refused")
        assert clouds.made == []


async def test_the_cloud_comes_back_at_a_pause_and_knows_the_story() -> None:
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        await noted.next(BrainChanged)
        await noted.next(SessionExpiring)
        await standby.take_over(STORY)
        ears = await clouds.ears()
        ears.happened(BrainReady())
        assert await noted.next(BrainChanged) == BrainChanged("cloud", "well again")
        assert clouds.made[1][0] == STORY
        await standby.ask_for_reply()
        assert clouds.made[1][1].noted == [("ask_for_reply", None)]


async def test_a_return_that_fails_is_tried_again_without_a_word() -> None:
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        await noted.next(BrainChanged)
        await noted.next(SessionExpiring)
        await standby.take_over(STORY)
        (await clouds.ears()).happened(BrainLost("refused"))
        clouds.made[1][1].gone.set()
        await noted.next(SessionExpiring)
        assert [each for each in noted.events if isinstance(each, BrainChanged)] == []


async def test_without_a_spare_a_lost_cloud_is_a_lost_brain() -> None:
    clouds = Clouds()
    async with standing(clouds, spare=False) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        assert await noted.next(BrainLost) == BrainLost("mute")
