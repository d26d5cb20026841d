"""The room of one rehearsal: a store, calendars and a carrier of its own, gone when it is left.

What a call does in it is done by the same code as ever. It is given nothing by which anything outside could
be written or sent, so that nothing can be, whatever is said. May import: the standard library,
appliance.core, appliance.jobs, appliance.service, appliance.store, appliance.calendars, kb.search,
models.breaker.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.rehearsal import Mode, Refusal
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.jobs import drafted
from appliance.service.answers import Answers
from appliance.service.backing import Backing
from appliance.service.booking.books import Books
from appliance.service.booking.part import Bookings
from appliance.service.office_book import OfficeBook
from appliance.service.records import BridgeRecords
from appliance.service.rehearsal import dry, typed
from appliance.service.rehearsal.dry import DryTexts
from appliance.service.rehearsal.refused import Refused
from appliance.service.rehearsal.typed import Lines
from appliance.service.rehearsal.watched import Seen, Watched
from appliance.service.texts.part import Texts
from appliance.store import database, knowledge, scratch
from appliance.store.call_log import StoredCallLog
from appliance.store.reader import Reader
from appliance.store.rehearsal_tokens import Ticket
from appliance.store.scratch import Effect
from appliance.store.writer import Writer
from kb.search import Search
from models.breaker import Breaker


@dataclass(frozen=True, slots=True)
class Outside:
    """What a room is modelled on. `texts` tells whether there is a carrier of texts at all."""

    settings: Settings
    bookings: Bookings
    answers: Answers
    texts: Callable[[], Texts | None]


@dataclass(frozen=True, slots=True)
class Room:
    """What there is in it."""

    office: Office
    backing: Backing
    writer: Writer
    texts: DryTexts
    began: str

    async def effects(self) -> tuple[list[Effect], float]:
        """What would have been done outside, and what the cloud cost. Raises StoreError."""
        told, cost_usd = await self.writer.promise(
            lambda db: (scratch.effects(db, self.began), scratch.cost_usd(db))
        )
        sent = [Effect("text", f"{to}: {body}") for to, body, _ in self.texts.taken]
        return [*told, *sent], cost_usd


@asynccontextmanager
async def opened(
    outside: Outside, ticket: Ticket, at: str, seen: Seen, lines: Lines | None
) -> AsyncIterator[Room]:
    """A room for one rehearsal, `lines` for one that is typed. Raises Refused, StoreError, SettingsError."""
    settings = outside.settings
    async with AsyncExitStack() as stack:
        answers = await _answers(outside, ticket.draft, stack)
        files = ExitStack()
        stack.push_async_callback(asyncio.to_thread, files.close)
        made = scratch.opened(settings.box.data_dir, settings.database, ticket.draft, at=at)
        path = await asyncio.to_thread(files.enter_context, made)
        reader = Reader(path)
        stack.push_async_callback(reader.close)
        writer = Writer(path)
        stack.push_async_callback(writer.close)
        calendars = dry.calendars(outside.bookings.calendars, OwnCalendar(path))
        stack.callback(calendars.close)
        book, carrier, real_texts = OfficeBook(reader), DryTexts(), outside.texts()
        office = await book.now()
        if ticket.mode is Mode.TYPED:
            # Who types ends the turns, whoever talks.
            office = office.model_copy(
                update={"staff": office.staff.model_copy(update={"turn_detection": "manual"})}
            )
        backing = Backing(
            BridgeRecords(writer, reader),
            Bookings(Books(calendars, writer, reader, texts=real_texts is not None and real_texts.sends)),
            None if real_texts is None else Texts.of(settings, carrier, writer, reader, book),
            replace(answers, writer=writer),
            StoredCallLog(writer, f"rehearsal-{secrets.token_hex(4)}"),
            conversation=partial(Watched, seen.watch),
            faculties=typed.unkept,
            breaker=Breaker.looked_at,
        )
        if lines is not None:
            backing = replace(backing, patience=typed.patience, faculties=lines.faculties, typed=lines.begun)
        yield Room(office, backing, writer, carrier, at)
        # Questions that were not answered are kept beside the call, in the order in which they came.
        await asyncio.get_running_loop().run_in_executor(outside.answers.thinking, lambda: None)


async def _answers(outside: Outside, draft: Mapping[str, Any], stack: AsyncExitStack) -> Answers:
    """The documents of the box, those of a draft among them. Raises Refused while these are not ready."""
    settings = outside.settings

    def index() -> Path | None:
        db = database.connect_readonly(settings.database)
        try:
            return drafted.index_of(settings.knowledge_dir, draft, knowledge.generation(db))
        finally:
            db.close()

    path = await asyncio.to_thread(index)
    if path is None:
        return outside.answers
    if not await asyncio.to_thread(path.exists):
        raise Refused(Refusal.DOCUMENTS)
    search = Search(path, outside.answers.embedder)
    stack.push_async_callback(asyncio.to_thread, search.close)
    return outside.answers.among(search)
