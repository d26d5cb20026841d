"""Two brains as one: the cloud while it is well, the local assistant when it is not, in the same call.

The call never learns how it is done: it is told BrainChanged and goes on where it stood, because the
conversation lives in it. The local assistant hears the caller's audio from the first frame on, so that a
sentence under way at a failure is not asked for again. When the cloud is well again the conversation says at
which pause to go back (`take_over`). May import: appliance.core, models.breaker, models.local.brain.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Self

from appliance.core.events import BrainChanged, BrainLost, BrainReady, Event, SessionExpiring
from appliance.core.ports import Brain, BrainEars
from appliance.core.story import Turn
from models.breaker import Breaker
from models.local.brain import Fields, LocalBrain

log = logging.getLogger(__name__)

MakeCloud = Callable[[tuple[Turn, ...]], Brain]


class _CloudEars:
    """What the cloud reports, until it is given up; its loss and its readiness are the standby's to tell."""

    def __init__(self, standby: "Standby", ears: BrainEars) -> None:
        self._standby = standby
        self._ears = ears
        self.lost = ""

    async def reply_audio(self, response_id: str, reply_id: str, ulaw_8k: bytes) -> None:
        """Pass audio on."""
        await self._ears.reply_audio(response_id, reply_id, ulaw_8k)

    def reply_complete(self, reply_id: str) -> None:
        """Pass it on."""
        self._ears.reply_complete(reply_id)

    def happened(self, event: Event) -> None:
        """Pass a fact on."""
        if isinstance(event, BrainLost):
            self.lost = event.reason
        elif isinstance(event, BrainReady):
            self._standby.cloud_ready()
        else:
            self._ears.happened(event)

    async def settled(self) -> None:
        """Pass it on."""
        await self._ears.settled()


class Standby:
    """The assistant of one call. `make_cloud` gives a cloud brain that knows a story, if any.

    `spare` says whether the local assistant may take over; without, a lost cloud is a lost brain.
    """

    def __init__(
        self, local: LocalBrain, make_cloud: MakeCloud | None, breaker: Breaker, *, spare: bool = True
    ) -> None:
        self._local = local
        self._make_cloud = make_cloud
        self._breaker = breaker
        self._spare = spare
        self._cloud: Brain | None = None
        self._coming: Brain | None = None
        self._talking: asyncio.Task[None] | None = None
        self._ears: BrainEars | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._begun = False
        self._given_up = ""

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
            if self._make_cloud is not None and (self._breaker.closed or not self._spare):
                self._call_cloud(self._make_cloud(()))
            else:
                self._local_takes_over(self._breaker.reason or "no cloud")

    def _beside(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        assert self._tasks is not None  # noqa: S101 -- set by listen
        return self._tasks.create_task(work, name=name)

    def _call_cloud(self, cloud: Brain) -> None:
        """Set up a cloud brain; it talks from its first word on."""
        self._coming = cloud
        self._talking = self._beside(self._talk(cloud), "cloud assistant")

    async def _talk(self, cloud: Brain) -> None:
        ears = _CloudEars(self, self._to())
        try:
            async with cloud:
                await cloud.listen(ears)
        finally:
            reason, self._given_up = self._given_up or ears.lost, ""
            if reason:
                self._cloud_lost(reason)

    def cloud_ready(self) -> None:
        """A cloud session is there: the first of the call, or one that takes over from ours."""
        self._cloud, self._coming = self._coming, None
        first, self._begun = not self._begun, True
        self._to().happened(BrainReady() if first else BrainChanged("cloud", "well again"))

    def _cloud_lost(self, reason: str) -> None:
        talked = self._cloud is not None or not self._begun
        self._cloud = self._coming = None
        if not self._spare:
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
        self._beside(self._until_well(), "cloud well again")

    async def _until_well(self) -> None:
        """When the cloud is well, ask for the story at the next pause."""
        await self._breaker.well()
        self._to().happened(SessionExpiring(0))

    def lose(self, reason: str) -> None:
        """Give the cloud up."""
        if self._talking is not None and not self._talking.done():
            self._given_up = reason
            self._talking.cancel()

    async def take_over(self, story: tuple[Turn, ...]) -> None:
        """Go on in a new cloud session that knows the story: the same cloud's, or one after an outage."""
        if self._cloud is not None:
            await self._cloud.take_over(story)
        elif self._make_cloud is not None and self._coming is None:
            self._call_cloud(self._make_cloud(story))

    # What is passed on ---------------------------------------------------------------------------------

    async def hear(self, ulaw_8k: bytes) -> None:
        """The caller's audio goes to both: the local assistant only keeps the last of it."""
        self._local.hear(ulaw_8k)
        cloud = self._cloud or self._coming
        if cloud is not None:
            await cloud.hear(ulaw_8k)

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

    async def start_recording(self) -> None:
        """Record the caller's message."""
        self._local.start_recording()

    async def stop_recording(self) -> None:
        """Keep the message."""
        self._local.stop_recording()
