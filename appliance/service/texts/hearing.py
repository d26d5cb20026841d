"""What people text to the clinic: who wants no more texts is left alone, the rest is an entry for the staff.

Nobody reads texts at once, and that is said, once a day to each number.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from appliance.core.callbacks import Cause
from appliance.core.staff import Office
from appliance.core.texts import TextReceived, TextReported
from appliance.service.texts import words
from appliance.service.texts.post import WRITE_S, Post
from appliance.store import messages, texting, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

RECEIVED = "Text received"
ENTRIES_MOST = 10
"""So many texts of a number are entries on a day; who sends more is not listed any more."""
BODY_MOST = 1600
ANSWERED_EVERY = timedelta(days=1)
CARRIERS_OWN = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "start", "unstop")
)
"""To these the carrier has its own answer, and takes none of ours after a stop."""
DOUBTFUL = frozenset({"cancel", "cancelar", "end"})
"""Who writes this may mean the appointment."""


@dataclass(slots=True)
class Hearing:
    """The port `TextDesk`. `sender` is the number of the texts, `office` the office as it is now."""

    post: Post
    writer: Writer
    office: Callable[[], Awaitable[Office]]
    sender: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def reported(self, report: TextReported) -> None:
        """Take note of what became of a text of ours."""
        try:
            await self.post.reported(report)
        except NoSuchRow:
            log.info("the carrier tells of a text that is none of ours", extra={"sid": report.sid})

    async def received(self, text: TextReceived) -> str:
        """Take a text; the answer to it, or nothing."""
        office, now = await self.office(), self.now()
        asks = words.keyword(text.body)
        usual = office.staff.language.partition("-")[0]
        language = words.language_of(text.body, usual)

        def take(db: Connection) -> bool:
            """Whether the sender is answered."""
            if asks == "stop":
                texting.stop(db, text.sender, now=now)
            if asks == "start":
                texting.start(db, text.sender, now=now)
            often = texting.heard(db, text.sender, now=now)
            doubtful = text.body.strip().casefold() in DOUBTFUL
            if (not asks or doubtful) and often <= ENTRIES_MOST:
                _list(db, text, doubtful=doubtful, now=now)
            return bool(asks) or texting.may_answer(db, text.sender, ANSWERED_EVERY, now=now)

        answered = await self.writer.promise(take, within_s=WRITE_S)
        log.info("text received", extra={"asks": asks or "nothing"})
        theirs = text.answered or text.body.strip().casefold() in CARRIERS_OWN
        if not answered or theirs:
            return ""
        name = {"stop": "stopped", "start": "started", "help": "help"}.get(asks, "unread")
        return words.written(
            name,
            language,
            clinic=words.clinic(office),
            phone=words.phone(office, self.sender),
            emergency=office.staff.emergency_number,
        )


def _list(db: Connection, text: TextReceived, *, doubtful: bool, now: datetime) -> None:
    """Put a text into the list of messages, once."""
    body = text.body.strip()[:BODY_MOST] or "(no words)"
    if text.pictures:
        body = f"{body} (with {text.pictures} pictures or files, which are not kept)"
    if doubtful:
        body = f"{body} -- they get no more texts; the appointment may be meant as well. Please call."
    messages.add(
        db,
        call_sid="",
        subject=RECEIVED,
        body=body,
        at=times.written(now),
        caller=messages.Told(number=text.sender, about=Cause.TEXT),
        once=f"text {text.sid}",
    )
