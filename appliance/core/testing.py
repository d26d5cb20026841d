"""The ports' own fakes, kept beside them: a leg and a brain that note what they are asked, a log in memory.

For tests alone; nothing of the product imports it. May import: the standard library, appliance.core.
"""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from appliance.core.citations import Citation
from appliance.core.coding import Coding
from appliance.core.dispositions import Disposition, Outcome
from appliance.core.events import BrainLost, CallAnswered, Event, PhonesRang, ToolAnswered, ToolCall
from appliance.core.ports import BrainEars, LegEars
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker, Turn


class _Side:
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


@dataclass(eq=False)
class NotingLeg(_Side):
    """A leg that notes what is played; the test speaks as the carrier through `ears`."""

    noted: list[tuple[str, object]] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    ears: LegEars | None = None
    coding: Coding = "ulaw_8k"

    async def listen(self, ears: LegEars) -> None:
        """Answer, then stay."""
        self.ears = ears
        ears.happened(CallAnswered())
        self.connected.set()
        await asyncio.Event().wait()

    async def play(self, audio: bytes, mark: str) -> None:
        """Note a piece."""
        self.noted.append(("play", (audio, mark)))

    async def clear(self) -> None:
        """Note a clear."""
        self.noted.append(("clear", None))

    async def end(self, disposition: Disposition) -> None:
        """Note the end."""
        self.noted.append(("end", disposition))


@dataclass(eq=False)
class NotingBrain(_Side):
    """A brain that notes what it is told; the test speaks as the service through `ears`."""

    noted: list[tuple[str, object]] = field(default_factory=list)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    ears: BrainEars | None = None

    async def listen(self, ears: BrainEars) -> None:
        """Be there, until it is to be gone."""
        self.ears = ears
        self.connected.set()
        await self.gone.wait()

    async def hear(self, audio: bytes, *, loud: bool = True) -> None:
        """Take the caller's audio."""

    async def greet(self) -> None:
        """Note it."""
        self.noted.append(("greet", None))

    async def ask_for_reply(self) -> None:
        """Note it."""
        self.noted.append(("ask_for_reply", None))

    async def cancel(self) -> None:
        """Note it."""
        self.noted.append(("cancel", None))

    async def refuse(self) -> None:
        """Note it."""
        self.noted.append(("refuse", None))

    async def only(self, reply_ids: tuple[str, ...]) -> None:
        """Note it."""
        self.noted.append(("only", reply_ids))

    async def truncate(self, reply_id: str, heard_ms: int) -> None:
        """Note it."""
        self.noted.append(("truncate", (reply_id, heard_ms)))

    async def delete(self, reply_id: str) -> None:
        """Note it."""
        self.noted.append(("delete", reply_id))

    async def take_utterance(self, began_ms: int, ended_ms: int) -> None:
        """Note it."""
        self.noted.append(("take_utterance", (began_ms, ended_ms)))

    async def take_so_far(self, began_ms: int, ended_ms: int, *, whole: bool) -> None:
        """Note it."""
        self.noted.append(("take_so_far", (began_ms, ended_ms, whole)))

    async def overhear(self, began_ms: int, ended_ms: int, language: str) -> None:
        """Note it."""
        self.noted.append(("overhear", (began_ms, ended_ms, language)))

    async def speak(
        self, reply_id: str, sentence: str, language: str, fields: tuple[tuple[str, str], ...]
    ) -> None:
        """Note it."""
        self.noted.append(("speak", (reply_id, sentence, language, fields)))

    async def recall(self, story: tuple[Turn, ...]) -> None:
        """Note it."""
        self.noted.append(("recall", story))

    async def start_recording(self, since_ms: int) -> None:
        """Note it."""
        self.noted.append(("start_recording", since_ms))

    async def stop_recording(self) -> None:
        """Note it."""
        self.noted.append(("stop_recording", None))

    def lose(self, reason: str) -> None:
        """Be gone."""
        if self.ears is not None:
            self.ears.happened(BrainLost(reason))

    async def probe(self) -> None:
        """Note it."""
        self.noted.append(("probe", None))

    async def tell(self, text: str) -> None:
        """Note it."""
        self.noted.append(("tell", text))

    async def answer_tools(self, outputs: tuple[tuple[str, str], ...], *, go_on: bool) -> None:
        """Note it."""
        self.noted.append(("answer_tools", (outputs, go_on)))

    async def take_over(self, story: tuple[Turn, ...], language: str = "") -> None:
        """Note it."""
        self.noted.append(("take_over", (story, language) if language else story))

    async def finish(self) -> None:
        """Note it."""
        self.noted.append(("finish", None))


class NoTools:
    """A toolbox in which nothing is."""

    async def run(self, call_id: str, call: ToolCall) -> ToolAnswered:
        """Say so."""
        return ToolAnswered(call.tool_call_id, '{"ok":false}')


@dataclass(eq=False)
class MemoryLog:
    """A call log in memory."""

    events: list[Event | PhonesRang] = field(default_factory=list)
    turns: dict[int, tuple[Speaker, str, bool]] = field(default_factory=dict)
    left: list[Disposition] = field(default_factory=list)
    wishes: list[tuple[str, str]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    async def opened(self, call_id: str, offer: CallOffered, at: str) -> None:
        """A call began."""

    def happened(self, call_id: str, at_ms: int, event: Event | PhonesRang) -> None:
        """Keep an event."""
        self.events.append(event)

    def turn(self, call_id: str, place: int, speaker: Speaker, text: str, *, final: bool, cut: bool) -> None:
        """Keep a turn."""
        self.turns[place] = (speaker, text, cut)

    def wished(self, call_id: str, what: str, topic: str) -> None:
        """Keep what was found."""
        self.wishes.append((what, topic))

    def cited(self, call_id: str, citation: Citation) -> None:
        """Keep what became of a question."""
        self.citations.append(citation)

    def spoken(self, call_id: str, language: str) -> None:
        """Keep the language."""
        self.languages.append(language)

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        """Keep the disposition."""
        self.left.append(disposition)

    def closed(
        self,
        call_id: str,
        at: str,
        outcome: Outcome,
        reason: str,
        *,
        seconds: int | None = None,
        settled: bool = True,
    ) -> None:
        """The call is over."""

    def went(self, call_id: str, outcome: Outcome) -> None:
        """It went otherwise."""
