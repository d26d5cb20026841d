"""Who comes, as the caller of one call has told it, and what staff should know of the name.

What a model writes is believed as far as it was said or keyed in. Who books by keys alone has told a number
and a day of birth: the name is that of earlier appointments for just these two, or nobody knows it.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

from appliance.core import telephone
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.desk import NotBooked, Why
from appliance.core.booking.identity import Identity
from appliance.core.booking.saying import question
from appliance.service.booking.books import Books
from appliance.service.booking.doubting import doubt
from appliance.service.booking.evidence import Proof
from appliance.store.bookings import Patient

UNHEARD_NAME = "The caller was not heard saying this name."
UNHEARD_BIRTH = "The caller was not heard saying this day of birth."
NOT_AS_WRITTEN = "The name may be misheard: it is not in the caller's words as it is written here."
RECORDED = "The patient says the name in the recording."
ON_RECORD = "By keys alone: the name is that of earlier appointments with this number and day of birth."
UNNAMED = "By keys alone: nobody has said a name. The day of birth is {born}."


class Patients:
    """Who comes in one call. `evidence` is what was said in it."""

    def __init__(self, books: Books, evidence: Proof) -> None:
        self._books = books
        self._evidence = evidence
        self._remarks: dict[Patient, str] = {}

    async def told(
        self, given: Identity, language: str, recording: str = "", *, ours: bool = False
    ) -> Patient:
        """The patient. Raises NotBooked for what is missing, or was not told.

        `ours`: our own dialogue has asked, so that a recording, or a day of birth alone, will do for a name.
        """
        phone, name = await self._evidence.number(given.phone), given.name.strip()
        if not phone or not (name or recording or (ours and given.born)):
            told = "A full name is needed, and a number that the caller said, keyed in or calls from. Ask: "
            raise doubt(Why.WHO, language, told)
        remark, known = RECORDED if recording else "", NumberFrom.CONFIRMED
        if not (recording or ours):
            remark = await self._believed(given, language)
            known = await self._known(phone, language)
        if not (name or recording):
            name = await self._on_record(phone, given.born)
            remark = ON_RECORD if name else UNNAMED.format(born=given.born)
        who = Patient(name, phone, given.born, recording, language, known)
        self._remarks[who] = remark
        return who

    async def as_given(self, given: Identity, language: str) -> Patient | None:
        """Who wishes for something, before it is sure; None without a name, or a number to call back."""
        phone, name = await self._evidence.number(given.phone), given.name.strip()
        if not (phone and name):
            return None
        who = Patient(name, phone, language=language, phone_from=await self._evidence.number_from(phone))
        self._remarks[who] = "" if await self._evidence.name(name) else NOT_AS_WRITTEN
        return who

    def remark(self, who: Patient) -> str:
        """What staff should know of the name; empty for nothing."""
        return self._remarks.get(who, "")

    async def _believed(self, given: Identity, language: str) -> str:
        """What was not heard is asked for; a name is believed then, and marked for staff."""
        if given.born and not await self._evidence.born(given.born):
            raise doubt(Why.WHO, language, f"{UNHEARD_BIRTH} Ask for it, or leave it out. ")
        if await self._evidence.name(given.name):
            return ""
        if not await self._evidence.insisted(given.name):
            raise doubt(Why.WHO, language, f"{UNHEARD_NAME} Ask for it, spelled if need be. ")
        return NOT_AS_WRITTEN

    async def _known(self, phone: str, language: str) -> NumberFrom:
        """How the number is known. The one that they call from is asked about once; then it is marked."""
        known = await self._evidence.number_from(phone)
        if known is NumberFrom.CALLER_ID and not await self._evidence.insisted(phone):
            asked = question(language, Why.NUMBER, number=telephone.shown(phone))
            told = "The caller has not confirmed the number that they call from. Ask, and call this again: "
            raise NotBooked(f"{told}{asked}", Why.NUMBER, asked)
        return known

    async def _on_record(self, phone: str, born: str) -> str:
        """The name under which this number and day of birth have appointments, if it is one."""
        known = [
            *await self._books.of_patient(phone, born),
            *await self._books.been_here(phone, born),
        ]
        names = {each.patient for each in known if (each.phone, each.born) == (phone, born)} - {""}
        return names.pop() if len(names) == 1 else ""
