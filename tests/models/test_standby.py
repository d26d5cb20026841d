"""Two brains as one: who talks, what is reported, where wishes go; brains that only note what is asked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from appliance.core.errors import AttendantError
from appliance.core.events import (
    COST_CAP,
    BrainChanged,
    BrainLost,
    BrainReady,
    BrainRenewed,
    Event,
    Heard,
    SessionExpiring,
    UsageMissed,
    UsageReported,
)
from appliance.core.ports import BrainEars
from appliance.core.story import Speaker, Turn
from appliance.core.testing import NotingBrain
from models.breaker import Breaker
from models.purse import Purse
from models.standby import Standby
from tests.models.test_local_brain import local_brain

STORY = (Turn("u1", Speaker.CALLER, "I want to leave a message"),)


class Noted:
    """The call's side."""

    def __init__(self) -> None:
        self.events = list[Event]()
        self.completed = list[str]()
        self.came = asyncio.Event()

    async def reply_audio(self, response_id: str, reply_id: str, ulaw_8k: bytes) -> None: ...

    def reply_complete(self, reply_id: str) -> None:
        self.completed.append(reply_id)
        self.came.set()

    async def complete(self, reply_id: str) -> None:
        async with asyncio.timeout(5):
            while reply_id not in self.completed:
                self.came.clear()
                await self.came.wait()

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
    brain: Callable[[], NotingBrain] = NotingBrain
    languages: list[str] = field(default_factory=list)

    def make(self, story: tuple[Turn, ...], language: str) -> NotingBrain:
        self.made.append((story, self.brain()))
        self.languages.append(language)
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
    clouds: Clouds,
    *,
    spare: bool = True,
    breaker: Breaker | None = None,
    purse: Purse | None = None,
    menu: bool = False,
) -> AsyncIterator[tuple[Standby, Noted]]:
    noted = Noted()
    breaker = breaker or Breaker(clouds.probe, probe_after_s=(0.0,))
    standby = Standby(local_brain(), clouds.make, breaker, spare=spare, purse=purse, menu=menu)
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


async def test_an_answer_that_is_not_wanted_is_stopped_and_our_own_sentence_said() -> None:
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        await standby.speak("say:1", "emergency_911", "en", ())
        await standby.speak("say:2", "emergency_line", "en", ())
        await standby.refuse()
        await noted.complete("say:2")
        assert noted.completed == ["say:1", "say:2"]
        assert clouds.made[0][1].noted == [("cancel", None)]
        await standby.speak("say:3", "goodbye", "en", ())
        await standby.cancel()
        await standby.speak("say:4", "goodbye", "en", ())
        await noted.complete("say:4")
        assert "say:3" not in noted.completed


async def test_nothing_of_ours_is_said_any_more_but_what_is_to_be_heard_to_its_end() -> None:
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        for place in (1, 2, 3):
            await standby.speak(f"say:{place}", "emergency_911", "en", ())
        await standby.only(("say:2",))
        await standby.speak("say:4", "goodbye", "en", ())
        await noted.complete("say:4")
        assert noted.completed == ["say:2", "say:4"]
        assert clouds.made[0][1].noted == [("cancel", None)]


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
        await standby.take_over(STORY, "es")
        ears = await clouds.ears()
        ears.happened(BrainReady())
        assert await noted.next(BrainChanged) == BrainChanged("cloud", "well again")
        assert clouds.made[1][0] == STORY
        assert clouds.languages == ["", "es"]
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


async def test_who_asks_twice_gets_one_cloud() -> None:
    """A timer and the end of an outage ask at once: one comes, and is announced once."""
    clouds = Clouds()
    async with standing(clouds) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        await noted.next(BrainChanged)
        await noted.next(SessionExpiring)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2):
                tasks.create_task(standby.take_over(STORY), name="renewal")
        assert len(clouds.made) == 2
        (await clouds.ears()).happened(BrainReady())
        assert await noted.next(BrainChanged) == BrainChanged("cloud", "well again")
        assert noted.events == [BrainReady()]


async def test_what_comes_of_a_cloud_that_was_given_up_is_none() -> None:
    clouds = Clouds(ill=True)
    async with standing(clouds) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        standby.lose("mute")
        await noted.next(BrainChanged)
        ears.happened(BrainRenewed())
        assert noted.events == [BrainReady()]


async def test_without_a_spare_a_lost_cloud_is_a_lost_brain() -> None:
    clouds = Clouds()
    async with standing(clouds, spare=False) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        assert await noted.next(BrainLost) == BrainLost("mute")


class Teller(NotingBrain):
    """Takes its time to tell the last of what it used."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    async def finish(self) -> None:
        await super().finish()
        await self.told.wait()


USED = UsageReported("m", 1, 0, 1, 0, 1, 1, 0.01)


async def test_a_cloud_that_was_given_up_may_tell_what_it_used_and_no_more() -> None:
    teller = Teller()
    clouds = Clouds(ill=True, brain=lambda: teller)
    async with standing(clouds) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        standby.lose("mute")
        assert await noted.next(BrainChanged) == BrainChanged("local", "mute")
        ears.happened(USED)
        ears.happened(UsageMissed("r2"))
        ears.happened(Heard("u1", "said to both"))
        await ears.reply_audio("r1", "i1", b"\x01" * 160)
        teller.told.set()
        await standby.finish()
        assert noted.events == [BrainReady(), USED, UsageMissed("r2")]
        assert teller.noted == [("finish", None)]


async def test_the_last_of_a_call_is_no_failure_of_the_cloud() -> None:
    clouds = Clouds()
    breaker = Breaker(clouds.probe)
    async with standing(clouds, breaker=breaker) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        await standby.finish()
        assert clouds.made[0][1].noted == [("finish", None)]
    assert (breaker.closed, breaker.trips) == (True, 0)
    assert noted.events == [BrainReady()]


async def test_the_local_assistant_hears_the_last_of_a_call_as_well() -> None:
    clouds = Clouds(ill=True)
    breaker = Breaker(clouds.probe)
    breaker.trip("refused")
    async with standing(clouds, breaker=breaker) as (standby, noted):
        await noted.next(BrainChanged)
        await standby.take_so_far(0, 1000, whole=True)
        await standby.finish()
        assert await noted.next(Heard) == Heard("heard-0", "opening hours please")


async def test_a_loss_without_a_spare_is_known_until_a_call_has_the_cloud_again() -> None:
    clouds = Clouds()
    breaker = Breaker(clouds.probe)
    async with standing(clouds, spare=False, breaker=breaker) as (standby, noted):
        standby.lose("mute")
        await noted.next(BrainLost)
    assert (breaker.reason, breaker.closed) == ("mute", True)
    async with standing(clouds, spare=False, breaker=breaker):
        (await clouds.ears()).happened(BrainReady())
    assert breaker.down_s is None


def purse_of(left_usd: float) -> Purse:
    """One in which so much is left of today's five dollars."""
    day = datetime(2026, 3, 2, tzinfo=UTC)
    purse = Purse(lambda: (day, 5.0))
    purse.found(day, 5.0 - left_usd)
    return purse


async def test_a_cloud_that_cost_enough_is_spared_from_the_next_pause_on() -> None:
    clouds = Clouds()
    breaker = Breaker(clouds.probe)
    async with standing(clouds, breaker=breaker, purse=purse_of(0.015)) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        ears.happened(USED)
        assert noted.events == [BrainReady(), USED]
        ears.happened(USED)
        assert noted.events[2:] == [USED, SessionExpiring(0)]
        await standby.take_over(STORY)
        assert await noted.next(BrainChanged) == BrainChanged("local", COST_CAP)
        await standby.finish()
        assert clouds.made[0][1].noted == [("finish", None)]
        # It is well, and nobody waits for it.
        assert (breaker.closed, breaker.trips) == (True, 0)
        await standby.take_over(STORY)
        assert len(clouds.made) == 1
        assert noted.events == [BrainReady(), USED, USED, SessionExpiring(0)]


async def test_a_cloud_that_was_lost_is_not_gone_back_to_when_it_cost_enough() -> None:
    clouds = Clouds()
    purse = purse_of(1)
    async with standing(clouds, purse=purse) as (standby, noted):
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        await noted.next(SessionExpiring)
        purse.spend(1)
        await standby.take_over(STORY)
        assert len(clouds.made) == 1


async def test_a_cloud_that_is_fetched_and_cost_enough_meanwhile_is_said_not_to_come() -> None:
    clouds = Clouds()
    purse = purse_of(1)
    async with standing(clouds, purse=purse, menu=True) as (standby, noted):
        assert await noted.next(BrainChanged) == BrainChanged("local", "the menu")
        purse.spend(1)
        await standby.take_over(STORY)
        assert await noted.next(BrainChanged) == BrainChanged("local", COST_CAP)
        await standby.take_over(STORY)
        assert (clouds.made, noted.events) == ([], [])


async def test_a_cloud_that_was_fetched_once_is_spared_without_a_word() -> None:
    clouds = Clouds()
    purse = purse_of(1)
    async with standing(clouds, purse=purse, menu=True) as (standby, noted):
        await noted.next(BrainChanged)
        await standby.take_over(STORY)
        (await clouds.ears()).happened(BrainReady())
        standby.lose("mute")
        await noted.next(SessionExpiring)
        purse.spend(1)
        said = len(noted.events)
        await standby.take_over(STORY)
        assert (len(clouds.made), len(noted.events)) == (1, said)


async def test_without_a_spare_the_call_goes_on_whatever_it_costs() -> None:
    clouds = Clouds()
    async with standing(clouds, spare=False, purse=purse_of(0)) as (standby, noted):
        ears = await clouds.ears()
        ears.happened(BrainReady())
        ears.happened(USED)
        await standby.take_over(STORY)
        assert noted.events == [BrainReady(), USED]
        assert clouds.made[0][1].noted == [("take_over", STORY)]
