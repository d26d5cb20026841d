"""The links of one call: the port `LinkDesk`.

Whatever a model writes, a text goes only to the number that the caller calls from, after a clear yes to it,
or to one that the caller has said or keyed in for it; never to one that may cost dearly. It is "sent" when
the carrier has taken it.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
from datetime import timedelta

from appliance.core import telephone
from appliance.core.booking.linking import ASK, NO_TEXT, About, NotTexted, Texted
from appliance.core.staff import Office
from appliance.core.texts import TextKind, TextState
from appliance.service.booking.evidence import Evidence
from appliance.service.texts import words
from appliance.service.texts.post import READ_S, Post
from appliance.store import texting, texts
from appliance.store.database import Connection
from appliance.store.texts import Owed

LINKS_MOST = 3
"""So many texts of all kinds may be owed to a number within a day before it is offered no link more."""
OWED_FOR = timedelta(minutes=30)
"""After so long a link that did not get through is of no use: staff are told."""
OURS_FOR = timedelta(seconds=20)
"""So long the call itself gives it to the carrier; then it is sent beside the calls."""
DAY = timedelta(days=1)


class CallLinks:
    """The links of one call. `evidence` is what was said in it, `region` where numbers are dialled."""

    def __init__(
        self, post: Post, office: Office, call_sid: str, caller: str, evidence: Evidence, region: str
    ) -> None:
        self._post = post
        self._office = office
        self._call_sid = call_sid
        self._caller = caller
        self._evidence = evidence
        self._region = region
        self._offered_at: int | None = None
        self._sent: dict[tuple[str, About], Texted] = {}
        self._one_by_one = asyncio.Lock()

    @property
    def own(self) -> str:
        """The number that the caller calls from, if a text may go there."""
        return self._caller if self._takes_texts(self._caller) else ""

    def offer(self) -> str:
        """The number to which a link may be offered from here on."""
        if self.own:
            self._offered_at = self._evidence.place
        return self.own

    async def text(
        self, phone: str, language: str, *, asked: bool = False, about: About = About.APPOINTMENT
    ) -> Texted:
        """Text a link, once of each kind to each number."""
        if about is About.CLINIC and not self._office.staff.clinic_url:
            told = "The clinic has no web page to be texted: offer to take a message. "
            raise _refused(NO_TEXT, "failed", language, told)
        async with self._one_by_one:
            number = await self._number(phone, language)
            if not asked:
                await self._agreed(number, language)
            if (number, about) not in self._sent:
                self._sent[number, about] = await self._texted(number, language, about)
            return self._sent[number, about]

    async def _number(self, phone: str, language: str) -> str:
        """The number that the caller told, or calls from. Raises NotTexted."""
        given = await self._evidence.number(phone)
        if not given:
            self._offered_at = self._evidence.place
            told = "A mobile number is needed that the caller said or keyed in. Ask: "
            raise _refused(ASK, "number", language, told)
        number = telephone.e164(given, self._region)
        if not self._takes_texts(number):
            told = "No text can be sent to that number. Ask for another one, or offer request_appointment: "
            raise _refused(NO_TEXT, "not_a_mobile", language, told)
        return number

    async def _agreed(self, number: str, language: str) -> None:
        """The caller has agreed to their own number since then, or given another for it. Raises NotTexted."""
        since, own = self._offered_at, number == self._caller
        if since is not None:
            told = self._evidence.consents(since) if own else self._evidence.told_since(number, since)
            if await told:
                return
        self._offered_at = self._evidence.place
        told_so = "The caller has not agreed to that yet. Ask, and call this again after a clear yes: "
        asks_number = "The caller has not given that number for a text. Ask for it, and call this again: "
        raise _refused(ASK, "ask" if own else "number", language, told_so if own else asks_number)

    def _takes_texts(self, number: str) -> bool:
        return telephone.takes_texts(number, self._region, self._office.staff.text_countries)

    async def _texted(self, number: str, language: str, about: About) -> Texted:
        now = self._post.now()

        def look(db: Connection) -> str:
            if texting.stopped(db, number):
                return "no_texts"
            most = self._office.staff.texts_a_day
            often = texts.owed_since(db, now - DAY, number) >= LINKS_MOST
            return "too_many" if often or texts.owed_since(db, now - DAY) >= most else ""

        problem = await self._post.reader.run(look, within_s=READ_S)
        if problem:
            told = "That number gets no text. Ask for another one, or offer request_appointment: "
            raise _refused(NO_TEXT, problem, language, told)
        owed = Owed(
            f"{'link' if about is About.APPOINTMENT else about} {self._call_sid} {number}",
            TextKind.LINK,
            number,
            language,
            now + OURS_FOR,
            now + OWED_FOR,
            self._call_sid,
            about=about,
        )
        text = await self._post.owe(owed)
        state = await self._post.give(text, self._office)
        match state:
            case TextState.SENT | TextState.DELIVERED:
                return Texted(True, words.said("sent", language))
            case TextState.OWED | TextState.ASKED:
                return Texted(False, words.said("not_yet", language))
            case TextState.REFUSED:
                raise _refused(NO_TEXT, "no_texts", language, "The number wants no texts. ")
            case TextState.FAILED:
                raise _refused(NO_TEXT, "failed", language, "Offer request_appointment: ")


def _refused(why: str, said: str, language: str, told: str) -> NotTexted:
    asked = words.said(said, language)
    return NotTexted(f"{told}{asked}", why, asked)
