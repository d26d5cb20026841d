"""Texts of a surgery: what is owed, how far it has come, what staff read, and callers who want a link.

May import: appliance, tests.service.
"""

import re
from datetime import timedelta
from typing import Any

from appliance.core.booking.visits import Bookable
from appliance.core.staff import Office, StaffSettings
from appliance.core.story import Speaker, Turn
from appliance.core.texts import TextKind, TextState
from appliance.service.texts.linking import CallLinks
from appliance.service.texts.posting import Posting
from appliance.store import booking_links, messages, texts
from appliance.store.booking_links import Link
from appliance.store.texts import Owed, Text
from tests.service.booking.clinic import ONE_DOCTOR, evidence
from tests.service.surgery import PUBLIC, Surgery

MOBILE, OTHER = "+14155550102", "+14155550103"
"""Numbers that can get texts, unlike those of the 555 area."""
PAGE = re.compile(rf"{re.escape(PUBLIC)}/book/([A-Za-z0-9_-]{{43}})(?= )")


def office(**staff: Any) -> Office:
    """A clinic with one doctor."""
    told = {"business_name": "Riverside Clinic", **staff}
    return Office(staff=StaffSettings.model_validate(told), bookable=Bookable.model_validate(ONE_DOCTOR))


async def owed(surgery: Surgery, number: str = MOBILE, *, once: str = "link 1", minutes: int = 30) -> Text:
    """A link that is owed to a number for so long."""
    now = surgery.hands.now()
    until = now + timedelta(minutes=minutes)
    return await surgery.texts.post.owe(Owed(once, TextKind.LINK, number, "en", now, until, "CA1"))


async def given(surgery: Surgery, text: Text) -> TextState:
    """Give it to the carrier."""
    return await surgery.texts.post.give(text, office())


async def stands(surgery: Surgery, text: Text) -> Text:
    """The text as it stands."""
    await surgery.writer.promise(lambda db: None)
    return await surgery.reader.run(lambda db: texts.get(db, text.id))


async def reaches(surgery: Surgery, text: Text, state: TextState) -> Text:
    """The text, when it has come so far: the carrier tells it by itself."""
    found = await stands(surgery, text)
    while found.state is not state:
        found = await stands(surgery, text)
    return found


async def rounds(surgery: Surgery) -> int:
    """What runs beside the calls, once."""

    async def now() -> Office:
        return office()

    return await Posting(surgery.texts.post, now).once()


async def notes(surgery: Surgery) -> list[tuple[str, str, str]]:
    """The list of messages: subjects, bodies and numbers."""
    await surgery.writer.promise(lambda db: None)
    found = await surgery.reader.run(lambda db: messages.page(db, limit=99))
    return [(each.subject, each.body, each.told.number) for each in reversed(found)]


def token(body: str) -> str:
    """The token of the link in a text."""
    found = PAGE.search(body)
    assert found, body
    return found[1]


async def link(surgery: Surgery, body: str) -> Link | None:
    """What the link in a text opens."""
    key = token(body)
    return await surgery.reader.run(lambda db: booking_links.opened_by(db, key))


class Caller:
    """Somebody on the telephone, from this number, who may want a link."""

    def __init__(self, surgery: Surgery, caller: str = MOBILE, call_sid: str = "CA1", **staff: Any) -> None:
        self.turns: list[Turn] = []
        told = evidence(caller, lambda: self.turns)
        self.links = CallLinks(surgery.texts.post, office(**staff), call_sid, caller, told, "US")

    def says(self, words: str) -> None:
        self.turns.append(Turn(f"t{len(self.turns)}", Speaker.CALLER, words))

    def keys(self, digits: str) -> None:
        self.turns.append(Turn(f"t{len(self.turns)}", Speaker.KEYPAD, digits))

    def hears(self, words: str) -> None:
        """What the attendant says."""
        self.turns.append(Turn(f"t{len(self.turns)}", Speaker.ATTENDANT, words))

    def offered(self) -> str:
        """Have a link offered, and be asked about the number."""
        number = self.links.offer()
        self.hears("Shall I text the link to the number that you call from?")
        return number
