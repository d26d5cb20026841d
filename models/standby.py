"""Two brains as one: the cloud while it is well, the local assistant when it is not, in the same call.

The call never learns how it is done: it is told BrainChanged and goes on where it stood, because the
conversation lives in it. The local assistant hears the caller's audio from the first frame on, so that a
sentence under way at a failure is not asked for again. When the cloud is well again the conversation says at
which pause to go back (`take_over`). Where the cloud has cost what it may today, the local assistant goes on
from such a pause. May import: appliance.core, models.breaker, models.local.brain, models.purse.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from appliance.core.events import (
    COST_CAP,
    BrainChanged,
    BrainLost,
    BrainReady,
    Event,
    SessionExpiring,
    UsageMissed,
    UsageReported,
)
from appliance.core.ports import Brain, BrainEars
from appliance.core.story import Turn
from models.breaker import Breaker
from models.local.brain import Fields, LocalBrain
from models.purse import Purse

log = logging.getLogger(__name__)

MakeCloud = Callable[[tuple[Turn, ...], str], Brain]
"""Of a story and a language, which is empty for that of the office."""


class _CloudEars:
    """What the cloud reports, until it is given up; its loss and its readiness are the standby's to tell.

    Of one that was given up only counts what it cost: the local assistant has its own ear on what was said.
    """

    def __init__(self, standby: "Standby", ears: BrainEars) -> None:
        self._standby = standby
        self._ears = ears
        self.lost = ""
        self.gone = False

    async def reply_audio(self, response_id: str, reply_id: str, audio: bytes) -> None:
        """Pass audio on."""
        if not self.gone:
            await self._ears.reply_audio(response_id, reply_id, audio)

    def reply_complete(self, reply_id: str) -> None:
        """Pass it on."""
        if not self.gone:
            self._ears.reply_complete(reply_id)

    def happened(self, event: Event) -> None:
        """Pass a fact on; what comes of a cloud after it was given up is none."""
        if isinstance(event, UsageReported | UsageMissed):
            self._ears.happened(event)
            if isinstance(event, UsageReported):
                self._standby.spent(event.cost_usd or 0.0)
        elif self.gone:
            return
        elif isinstance(event, BrainLost):
            self.lost = event.reason
        elif isinstance(event, BrainReady):
            self._standby.cloud_ready()
        else:
            self._ears.happened(event)

    async def settled(self) -> None:
        """Pass it on."""
        if not self.gone:
            await self._ears.settled()


@dataclass(frozen=True, slots=True)
class _Talk:
    """A cloud that listens and talks, or is about to."""

    cloud: Brain
    ears: _CloudEars
    task: asyncio.Task[None]


class Standby:
    """The assistant of one call. `make_cloud` gives a cloud brain that knows a story, if any.

    `spare` says whether the local assistant may take over; without, a lost cloud is a lost brain. `without`
    is the reason why there is no `make_cloud`. `story` is what was said before, in a call that comes back.
    With `menu` the local assistant begins, and the cloud comes when it is told to take over. `purse` says
    when the cloud has cost enough.
    """

    def __init__(
        self,
        local: LocalBrain,
        make_cloud: MakeCloud | None,
        breaker: Breaker,
        *,
        spare: bool = True,
        without: str = "no cloud",
        story: tuple[Turn, ...] = (),
        menu: bool = False,
        purse: Purse | None = None,
    ) -> None:
        self._local = local
        self._make_cloud = make_cloud
        self._breaker = breaker
        self._spare = spare
        self._without = without
        self._story = tuple(turn for turn in story if turn.text)
        self._menu = menu
        self._purse = purse
        self._cloud: Brain | None = None
        self._coming: Brain | None = None
        self._talking: _Talk | None = None
        self._finishing: asyncio.Task[None] | None = None
        self._awaiting: asyncio.Task[None] | None = None
        self._ears: BrainEars | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._begun = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _to(self) -> BrainEars:
        assert self._ears is not None  # noqa: S101 -- set by listen
        return self._ears

    # Who talks -----------------------------------------------------------------------------------------

    async def listen(self, ears: BrainEars) -> None:
        """Hold both brains until cancelled."""
        self._ears = ears
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(self._local.listen(ears), name="local assistant")
            if self._menu and self._make_cloud is not None and self._breaker.closed:
                # The cloud comes when it is asked for.
                self._begun = True
                ears.happened(BrainChanged("local", "the menu"))
            elif self._make_cloud is not None and (self._breaker.closed or not self._spare):
                self._call_cloud(self._make_cloud(self._story, ""))
            else:
                self._local_takes_over(self._breaker.reason or self._without)

    def _beside(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        assert self._tasks is not None  # noqa: S101 -- set by listen
        return self._tasks.create_task(work, name=name)

    def _call_cloud(self, cloud: Brain) -> None:
        """Set up a cloud brain; it talks from its first word on."""
        self._coming = cloud
        ears = _CloudEars(self, self._to())
        self._talking = _Talk(cloud, ears, self._beside(self._talk(cloud, ears), "cloud assistant"))

    async def _talk(self, cloud: Brain, ears: _CloudEars) -> None:
        try:
            async with cloud:
                await cloud.listen(ears)
        finally:
            if not ears.gone:
                ears.gone, self._talking = True, None
                if ears.lost:
                    self._cloud_lost(ears.lost)

    def cloud_ready(self) -> None:
        """A cloud session is there: the first of the call, or one that takes over from ours."""
        self._breaker.met()
        self._cloud, self._coming = self._coming, None
        first, self._begun = not self._begun, True
        self._to().happened(BrainReady() if first else BrainChanged("cloud", "well again"))

    def _cloud_lost(self, reason: str) -> None:
        talked = self._cloud is not None or not self._begun
        self._cloud = self._coming = None
        if not self._spare:
            self._breaker.missed(reason)
            self._to().happened(BrainLost(reason))
            return
        self._breaker.trip(reason)
        if talked:
            self._local_takes_over(reason)
        else:
            self._wait_for_cloud()

    def _local_takes_over(self, reason: str) -> None:
        self._begun = True
        self._to().happened(BrainChanged("local", reason))
        if self._make_cloud is not None:
            self._wait_for_cloud()

    def _wait_for_cloud(self) -> None:
        if self._awaiting is None or self._awaiting.done():
            self._awaiting = self._beside(self._until_well(), "cloud well again")

    async def _until_well(self) -> None:
        """When the cloud is well, ask for the story at the next pause."""
        await self._breaker.well()
        self._to().happened(SessionExpiring(0))

    def lose(self, reason: str) -> None:
        """Give the cloud up; it may tell for a moment yet what it used."""
        talk, self._talking = self._talking, None
        if talk is not None:
            talk.ears.gone = True
            self._finishing = self._beside(self._finished(talk), "cloud given up")
            self._cloud_lost(talk.ears.lost or reason)

    async def _finished(self, talk: _Talk) -> None:
        await talk.cloud.finish()
        talk.task.cancel()

    async def finish(self) -> None:
        """Have the cloud tell the last of what it used, also one that was given up just now.

        What the local assistant is just hearing it may hear to the end.
        """
        if self._cloud is not None:
            await self._cloud.finish()
        if self._finishing is not None:
            await asyncio.wait([self._finishing])
        await self._local.finish()

    def spent(self, cost_usd: float) -> None:
        """The cloud used something: where that was the last of what it may, ask for the next pause."""
        if self._purse is None:
            return
        self._purse.spend(cost_usd)
        if self._cloud is not None and self._over_cap():
            self._to().happened(SessionExpiring(0))

    def _over_cap(self) -> bool:
        return self._spare and self._purse is not None and self._purse.empty

    def _spare_the_cloud(self) -> None:
        """Go on without the cloud, which is well and has cost enough, for the rest of the call."""
        self._make_cloud = None
        talk, self._talking = self._talking, None
        self._cloud = self._coming = None
        if talk is not None:
            talk.ears.gone = True
            self._finishing = self._beside(self._finished(talk), "cloud spared")
        if talk is not None or self._menu:
            # Behind a menu the cloud was fetched, and the caller waits for it.
            self._menu = False
            self._local_takes_over(COST_CAP)

    async def take_over(self, story: tuple[Turn, ...], language: str = "") -> None:
        """Go on in a new cloud session that knows the story: the same cloud's, or one after an outage."""
        if self._over_cap():
            self._spare_the_cloud()
        elif self._cloud is not None:
            await self._cloud.take_over(story, language)
        elif self._make_cloud is not None and self._coming is None:
            self._menu = False
            self._call_cloud(self._make_cloud(story, language))

    # What is passed on ---------------------------------------------------------------------------------

    async def hear(self, audio: bytes, *, loud: bool = True) -> None:
        """The caller's audio goes to both: the local assistant only keeps the last of it."""
        self._local.hear(audio)
        cloud = self._cloud or self._coming
        if cloud is not None:
            await cloud.hear(audio, loud=loud)

    async def greet(self) -> None:
        """Have the cloud speak first."""
        if self._cloud is not None:
            await self._cloud.greet()

    async def ask_for_reply(self) -> None:
        """Have the cloud answer."""
        if self._cloud is not None:
            await self._cloud.ask_for_reply()

    async def cancel(self) -> None:
        """Silence both."""
        self._local.cancel()
        if self._cloud is not None:
            await self._cloud.cancel()

    async def refuse(self) -> None:
        """Silence the cloud alone: what it was about to answer we may be answering ourselves."""
        if self._cloud is not None:
            await self._cloud.cancel()

    async def only(self, reply_ids: tuple[str, ...]) -> None:
        """Silence the cloud, and all that we were about to say but this."""
        self._local.only(reply_ids)
        await self.refuse()

    async def truncate(self, reply_id: str, heard_ms: int) -> None:
        """Tell the cloud."""
        if self._cloud is not None:
            await self._cloud.truncate(reply_id, heard_ms)

    async def delete(self, reply_id: str) -> None:
        """Tell the cloud."""
        if self._cloud is not None:
            await self._cloud.delete(reply_id)

    async def take_utterance(self, began_ms: int, ended_ms: int) -> None:
        """Have it answered by who talks."""
        if self._cloud is not None:
            await self._cloud.take_utterance(began_ms, ended_ms)
        else:
            self._local.take_utterance(began_ms, ended_ms)

    async def take_so_far(self, began_ms: int, ended_ms: int, *, whole: bool) -> None:
        """Have the local assistant look at it."""
        self._local.take_so_far(began_ms, ended_ms, whole=whole)

    async def overhear(self, began_ms: int, ended_ms: int, language: str) -> None:
        """Have the local assistant look at what the cloud has no words for."""
        self._local.overhear(began_ms, ended_ms, language)

    async def probe(self) -> None:
        """Ask the cloud for a sign of life."""
        if self._cloud is not None:
            await self._cloud.probe()

    async def tell(self, text: str) -> None:
        """Tell the cloud."""
        if self._cloud is not None:
            await self._cloud.tell(text)

    async def answer_tools(self, outputs: tuple[tuple[str, str], ...], *, go_on: bool) -> None:
        """Give the cloud what its tools returned."""
        if self._cloud is not None:
            await self._cloud.answer_tools(outputs, go_on=go_on)

    async def speak(self, reply_id: str, sentence: str, language: str, fields: Fields) -> None:
        """Say a sentence of ours, whoever talks."""
        self._local.speak(reply_id, sentence, language, fields)

    async def recall(self, story: tuple[Turn, ...]) -> None:
        """Have the local assistant find the open wish."""
        self._local.recall(story)

    async def start_recording(self, since_ms: int) -> None:
        """Record the caller's message."""
        self._local.start_recording(since_ms)

    async def stop_recording(self) -> None:
        """Keep the message."""
        self._local.stop_recording()
