"""Gives texts that are owed to the carrier: each is on disk before, is given once, and is "sent" by a sid.

What the carrier may have taken without saying so is looked for in its books before it is given again.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from appliance.core.booking.linking import About
from appliance.core.callbacks import Cause
from appliance.core.errors import CarrierFailed, StoreRefused
from appliance.core.staff import Office
from appliance.core.texts import TextCarrier, TextKind, TextReported, TextState, state_of
from appliance.service.texts.writing import Writing
from appliance.store import messages, texting, texts, times
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.texts import Owed, Text
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

WRITE_S = 1.5
READ_S = 0.5
STOPPED = 21610
"""The carrier's code for a number that has told it to stop."""
UNSURE_AFTER = timedelta(seconds=60)
"""By then the carrier's books show what it took."""
BOOKS_BEFORE = timedelta(minutes=2)
"""Its clock and ours may differ by so much."""
PAUSES = tuple(map(timedelta, (0, 0, 0, 0), (20, 60, 300, 900)))
UNDELIVERED = "Text not delivered"
WANTS_NONE = "the number wants no texts"
TOO_LATE = "there was no time for it any more"


@dataclass(slots=True)
class Post:
    """All texts of this process. `report_to` is where the carrier tells what became of them."""

    carrier: TextCarrier
    writer: Writer
    reader: Reader
    writing: Writing
    report_to: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sent: int = 0
    """How many the carrier took."""
    not_taken: int = 0
    """How often it was given one, and did not say that it took it."""

    async def owe(self, owed: Owed) -> Text:
        """Have a text sent; on disk when this returns. Raises StoreRefused."""
        now = self.now()
        return await self.writer.promise(lambda db: texts.owe(db, owed, now=now), within_s=WRITE_S)

    async def give(self, text: Text, office: Office) -> TextState:
        """Give a text to the carrier, if it is owed still; how far it has come then. Raises StoreRefused."""
        now = self.now()

        def ask(db: Connection) -> str | TextState:
            found = texts.get(db, text.id)
            if found.state is not TextState.OWED:
                return found.state
            if found.until_at <= now:
                return self._missed(db, found, office, now)
            if texting.stopped(db, found.number):
                return self._ended(db, found, TextState.REFUSED, WANTS_NONE, now)
            body = self.writing.body(db, found, office, now)
            if body is None:
                return self._ended(db, found, TextState.REFUSED, "it is about nothing any more", now)
            texts.ask(db, found.id, _hash(body), now=now)
            return body

        asked = await self.writer.promise(ask, within_s=WRITE_S)
        if isinstance(asked, TextState):
            return asked
        try:
            sid = await self.carrier.text(text.number, asked, f"{self.report_to}?of={text.key}")
        except CarrierFailed as exc:
            return await self._not_taken(text, exc)
        await self._note_taken(text, sid)
        return TextState.SENT

    async def _note_taken(self, text: Text, sid: str) -> None:
        """Note the carrier's id; what it reports, or its books, say so as well."""
        now = self.now()
        self.sent += 1
        try:
            await self.writer.promise(lambda db: texts.took(db, text.id, sid, now=now), within_s=WRITE_S)
        except StoreRefused as exc:
            log.warning("the carrier took a text, which is not noted yet", extra={"problem": str(exc)})

    async def _not_taken(self, text: Text, failed: CarrierFailed) -> TextState:
        """What follows from the carrier's refusal: never given again before its books were looked into."""
        self.not_taken += 1
        problem, now = str(failed)[:200], self.now()
        log.warning("text not taken", extra={"text": text.id, "problem": problem})
        if failed.unsure:
            return TextState.ASKED

        def note(db: Connection) -> TextState:
            if failed.code == STOPPED:
                texting.stop(db, text.number, now=now)
                return self._ended(db, text, TextState.REFUSED, problem, now)
            if not (failed.retry or failed.down):
                return self._ended(db, text, TextState.FAILED, problem, now)
            pause = PAUSES[min(text.tries, len(PAUSES) - 1)]
            texts.again(db, text.id, now + pause, problem, now=now)
            return TextState.OWED

        return await self.writer.promise(note, within_s=WRITE_S)

    def _missed(self, db: Connection, text: Text, office: Office, now: datetime) -> TextState:
        """Its time is over: a reminder that did not go out in the evening has the next morning still."""
        other = self.writing.another_time(db, text, office, now)
        if other is None:
            return self._ended(db, text, TextState.FAILED, TOO_LATE, now)
        texts.put_off(db, text.id, other.since, other.until, now=now)
        return TextState.OWED

    def _ended(self, db: Connection, text: Text, state: TextState, problem: str, now: datetime) -> TextState:
        if texts.end(db, text.id, state, problem, now=now) and state is TextState.FAILED:
            _tell(db, text, problem, now)
        return state

    async def find(self, text: Text) -> None:
        """Look into the carrier's books for a text that it may have taken; owe it again if it has not.

        Raises CarrierFailed or StoreRefused.
        """
        listed = await self.carrier.texted(text.number, text.changed_at - BOOKS_BEFORE)
        taken = next((each for each in listed if _hash(each.body) == text.body_hash), None)
        now = self.now()

        def note(db: Connection) -> None:
            if taken is None:
                texts.again(db, text.id, now, "the carrier had not taken it", now=now)
                return
            texts.took(db, text.id, taken.sid, now=now)
            self._report(db, TextReported(text.key, taken.sid, taken.status, taken.code), now)

        await self.writer.promise(note, within_s=WRITE_S)

    async def reported(self, report: TextReported) -> None:
        """The carrier says what became of a text; on disk when this returns. Raises StoreError."""
        now = self.now()
        await self.writer.promise(lambda db: self._report(db, report, now), within_s=WRITE_S)

    def _report(self, db: Connection, told: TextReported, now: datetime) -> None:
        text = texts.report(db, told, now=now)
        if text is None:
            return
        if told.code == STOPPED:
            texting.stop(db, text.number, now=now)
        if state_of(told.status) is TextState.FAILED:
            _tell(db, text, f"code {told.code}", now)

    async def open(self) -> tuple[list[Text], list[Text]]:
        """What is to be sent by now, and what may have been taken. Raises StoreError."""
        now = self.now()
        return await self.reader.run(
            lambda db: (texts.due(db, now), texts.unsure(db, now - UNSURE_AFTER)), within_s=READ_S
        )


def _tell(db: Connection, text: Text, problem: str, now: datetime) -> None:
    """Staff are told of a link that has not arrived: somebody waits for it. Of one to them the log tells."""
    if text.kind is TextKind.OVERDUE:
        log.error("a text that tells staff did not arrive", extra={"text": text.id, "problem": problem})
    if text.kind is not TextKind.LINK:
        return
    link = "A link to book by" if text.about is About.APPOINTMENT else "A link to the web page"
    body = f"{link} did not reach {text.number} ({problem}). Please call."
    told = messages.Told(number=text.number, about=Cause.TEXT)
    messages.add(
        db,
        call_sid=text.call_sid,
        subject=UNDELIVERED,
        body=body,
        at=times.written(now),
        caller=told,
        once=f"text {text.key}",
    )


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
