"""The office's documents as a part of the bridge: searched on its one inference thread, never on the loop.

May import: the standard library, numpy, appliance.core, appliance.store, appliance.service, kb.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import AttendantError
from appliance.core.ports import Embedder
from appliance.core.settings import Settings
from appliance.service import embedding
from appliance.service.known_call import KnownCall
from appliance.service.local import LocalAssistant
from appliance.service.parts import Part
from appliance.store import sent_out, unanswered
from appliance.store.database import Connection
from appliance.store.unanswered import Missed, Why
from appliance.store.writer import Writer
from kb.found import Found
from kb.search import Search

log = logging.getLogger(__name__)

SEARCH_S = 1.5
"""So long a caller waits for the documents; then they are said not to know."""
HITS_MOST = 5


@dataclass(slots=True)
class Answers:
    """The documents, for all calls. `thinking` is the thread on which they are searched."""

    search: Search
    embedder: Embedder | None
    thinking: Executor
    writer: Writer
    within_s: float = SEARCH_S
    sent_to: str = ""
    """The model elsewhere that gets each question; empty where none leaves the box."""
    heeded: bool = False
    """Whether the box's own assistant asks them about whatever it does not understand."""

    @property
    def documents(self) -> Callable[[str, str], float] | None:
        """How sure they are to answer a text in a language, on the thinking thread; None: not asked."""
        search = self.search
        return (lambda text, language: search.search(text, language, 1).confidence) if self.heeded else None

    def among(self, search: Search) -> "Answers":
        """The same over other documents."""
        return replace(self, search=search)

    @classmethod
    async def opened(
        cls, stack: AsyncExitStack, settings: Settings, local: LocalAssistant, writer: Writer
    ) -> "Answers":
        """The documents of this box; their index may come later, and is opened when it is asked."""
        chosen = settings.knowledge.embeddings
        thinking, within_s = local.thinking, SEARCH_S
        if chosen == embedding.OPENAI:
            # It waits for the network: what the box understands by itself must not wait with it.
            thinking, within_s = (
                ThreadPoolExecutor(1, "asking"),
                SEARCH_S + settings.knowledge.openai_ms / 1000,
            )
            stack.callback(thinking.shutdown, wait=False, cancel_futures=True)
        if chosen == embedding.SHIPPED:
            embedder = local.embedder
        elif (embedder := local.embedder_of(chosen)) is None:
            loop = asyncio.get_running_loop()
            embedder = await loop.run_in_executor(
                thinking, embedding.embedder_or_none, lambda: embedding.embedder(settings)
            )
        search = Search(settings.knowledge_index, embedder)
        stack.callback(search.close)
        # The first search reads the index into memory: no caller waits for that.
        await asyncio.get_running_loop().run_in_executor(thinking, search.search, "hours", "en", 1)
        sent_to = embedder.model_id if chosen == embedding.OPENAI and embedder is not None else ""
        return cls(search, embedder, thinking, writer, within_s, sent_to, thinking is local.thinking)

    def desk(self, known: KnownCall) -> "CallAnswers":
        """The documents as the tools of a call know them."""
        return CallAnswers(self, known.call_id, kept=known.aside is None)

    def part(self) -> Part:
        """How it is, for health: an office without documents is no trouble."""
        problem = self.search.problem
        return Part("ok") if problem is None else Part("not at its best", more={"problem": problem})

    def asked(self, call_id: str) -> None:
        """Note that a question of a call is about to leave the box. Returns at once."""
        if model := self.sent_to:
            self.writer.submit(lambda db: sent_out.question_asked(db, call_id, model))

    def answered(self, call_id: str) -> None:
        """Note that the model elsewhere made something of a question. Returns at once."""
        if model := self.sent_to:
            self.writer.submit(lambda db: sent_out.question_answered(db, call_id, model))

    def missed(self, missed: Missed) -> None:
        """Keep a question that was not answered, in the group that means the same. Returns at once."""
        try:
            embedded = self.thinking.submit(self._embedded, missed.question)
        except RuntimeError:
            # The bridge is stopping.
            return
        embedded.add_done_callback(lambda done: self._keep(missed, done))

    def _embedded(self, question: str) -> NDArray[np.float32] | None:
        if self.embedder is None:
            return None
        try:
            made: NDArray[np.float32] = self.embedder.embed([question], asked=True)[0]
        except AttendantError as exc:
            log.warning("a question is kept by its words alone", extra={"problem": str(exc)})
            return None
        return made

    def _keep(self, missed: Missed, done: "Future[NDArray[np.float32] | None]") -> None:
        if done.cancelled():
            return
        vector, now = done.result(), datetime.now(UTC)
        model = self.embedder.model_id if self.embedder is not None else ""
        whole = Missed(
            missed.question,
            missed.language,
            missed.why,
            missed.confidence,
            missed.call_id,
            vector,
            model if vector is not None else "",
        )

        def keep(db: Connection) -> None:
            unanswered.keep(db, whole, now)

        self.writer.submit(keep)


@dataclass(frozen=True, slots=True)
class CallAnswers:
    """The port `AnswerDesk` of one call. Of a call of the box to itself nothing is kept."""

    answers: Answers
    call_id: str
    kept: bool = True

    async def search(self, question: str, language: str) -> Found:
        """What the documents say; nothing when that takes too long."""
        if self.kept:
            self.answers.asked(self.call_id)
        searching = asyncio.get_running_loop().run_in_executor(
            self.answers.thinking, self.answers.search.search, question, language, HITS_MOST
        )
        try:
            async with asyncio.timeout(self.answers.within_s):
                found = await searching
        except TimeoutError:
            log.warning("the documents were not searched in time", extra={"call_id": self.call_id})
            return Found(())
        if self.kept and not found.by_words_alone:
            self.answers.answered(self.call_id)
        return found

    def missed(self, question: str, language: str, confidence: float) -> None:
        """Have a question kept that the documents do not answer; for that it is embedded once more."""
        if self.kept:
            self.answers.asked(self.call_id)
            self.answers.missed(Missed(question, language, Why.NOT_KNOWN, confidence, self.call_id))
