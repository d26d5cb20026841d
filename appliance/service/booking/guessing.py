"""How often somebody may try to be known as one who has an appointment: in a call, and within a day.

May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

from appliance.core.booking.desk import Why
from appliance.core.booking.identity import Identity
from appliance.service.booking.books import Books
from appliance.service.booking.doubting import doubt
from appliance.service.booking.evidence import Proof
from appliance.store import identity_tries

TOO_MANY = "Nothing more is told about appointments here. Say only this; a person goes on: "


class Guesses:
    """The tries of one call; on disk before anything is looked for."""

    def __init__(self, books: Books, evidence: Proof, call_sid: str) -> None:
        self._books = books
        self._evidence = evidence
        self._call_sid = call_sid
        self._tried = set[Identity]()

    async def begin(self, who: Identity, language: str) -> int | None:
        """Count a try, and return its id; told as before it is the same one. Raises NotBooked."""
        if who in self._tried:
            return None
        caller, now = await self._evidence.number(""), self._books.now()
        counted = await self._books.writer.promise(
            lambda db: identity_tries.begin(db, self._call_sid, caller, who.phone, now=now),
            within_s=self._books.write_s,
        )
        if counted is None:
            raise doubt(Why.TRIES, language, TOO_MANY)
        self._tried.add(who)
        return counted

    async def right(self, counted: int | None) -> None:
        """It was no guess."""
        if counted is not None:
            await self._books.writer.promise(
                lambda db: identity_tries.right(db, counted), within_s=self._books.write_s
            )
