"""The appointments of one call: the port `BookingDesk`.

Whatever a model writes, only what was offered in this call is booked, and only after the caller has agreed
since; only what two factors have shown to be the caller's is told, moved or cancelled, and that agreed to.
May import: the standard library, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.core.booking.answering import Told
from appliance.core.booking.choosing import OFFERS_MOST, Opening
from appliance.core.booking.desk import Done, NotBooked, Offer, Offers, SlotsWanted, Standing, Why
from appliance.core.booking.identity import Identity
from appliance.core.booking.piecemeal import pieced
from appliance.core.booking.rules import Deed, Rule
from appliance.core.booking.saying import news, offers_said, sentence
from appliance.core.booking.visits import Provider, VisitType
from appliance.core.booking.wanted import Wanted as When
from appliance.core.calendar import CalendarFailed, Span
from appliance.core.errors import StoreRefused
from appliance.core.staff import Office
from appliance.core.when import reads
from appliance.service.booking import agreement, keeping
from appliance.service.booking.books import CALENDARS_S, Books, Note, zone_of
from appliance.service.booking.choice import provider_wanted, visit_wanted
from appliance.service.booking.doubting import doubt
from appliance.service.booking.evidence import Proof
from appliance.service.booking.guessing import Guesses
from appliance.service.booking.openings import Search, openings
from appliance.service.booking.patients import UNHEARD_BIRTH, UNHEARD_NAME, Patients
from appliance.service.booking.showing import shown
from appliance.service.booking.telling import Telling
from appliance.service.booking.wishing import REQUESTED, wish
from appliance.store.bookings import Booking, Patient, SlotTaken, State, Wanted
from appliance.store.errors import StoreError

log = logging.getLogger(__name__)

MOVE, CANCEL, NAMED, NOT_THERE = (
    "Appointment to be moved",
    "Appointment to be cancelled",
    "Who has an appointment",
    "Appointment not in the calendar",
)
ASK_TWO = "the full name, and the number or the day of birth with which it was booked"
ASK_ALL = "the full name, and the number and the day of birth with which it was booked"
LeaveOpen = Callable[[Note | None], None]


def _forgets(_wish: Note | None) -> None:
    """What is not sure yet is kept nowhere."""


@dataclass(slots=True)
class _Offered:
    """What was offered, at which place of the call, and what came of it."""

    key: str
    visit: VisitType
    opening: Opening
    place: int = 0
    tries: int = 0
    done: Done | None = None


@dataclass(slots=True)
class _Found:
    """What was found for this caller, at which place of the call, and what came of it."""

    booking: Booking
    place: int
    matching: int
    """By how many things of the booking the caller is known."""
    done: Done | None = None
    moved: bool = False


class CallDesk:
    """The desk of one call. `evidence` is what was said in it.

    `leave_open` takes a wish that waits for an answer, to be told to staff should none come; None: no more.
    """

    def __init__(
        self, books: Books, office: Office, call_sid: str, evidence: Proof, leave_open: LeaveOpen = _forgets
    ) -> None:
        self._books = books
        self._office = office
        self._call_sid = call_sid
        self._evidence = evidence
        self._leave_open = leave_open
        self._offered: dict[str, _Offered] = {}
        self._found: dict[str, _Found] = {}
        self._tried: set[str] = set()
        self._patients = Patients(books, evidence)
        self._guesses = Guesses(books, evidence, call_sid)
        self._one_by_one = asyncio.Lock()

    # Offering -----------------------------------------------------------------------------------------

    async def find_slots(self, wanted: SlotsWanted, *, ours: bool = False) -> Offers:
        """Times that are free, held for this call for some minutes."""
        language, bookable = wanted.language, self._office.bookable
        visit = visit_wanted(bookable, wanted)
        unnamed = "" if ours or await self._named(wanted.provider) else wanted.provider
        providers = provider_wanted(bookable, visit, replace(wanted, provider="") if unnamed else wanted)
        when = await asyncio.to_thread(pieced, wanted.when, wanted.earlier, self._now(), language)
        # Of a language in which no times are found we cannot say what the caller has named.
        if not ours and reads(language):
            when = await self._evidence.wanted(when, self._now())
        if when.doubt is not None:
            raise doubt(str(when.doubt), language, "The caller has to be asked when: ")
        if wanted.behind:
            when = When(part=when.part, behind=self._offer(wanted.behind, language).opening.start)
        search = Search(visit, providers, when, self._call_sid)
        try:
            free = await openings(self._books, self._office.staff, search)
        except CalendarFailed as exc:
            told = "No calendar can be reached. Offer to write down a request (request_appointment): "
            raise doubt(Why.NO_CALENDAR, language, told) from exc
        async with self._one_by_one:
            held = await self._held(visit, free.times, when)
        if not held and free.unknown:
            told = "Not all calendars can be reached. Offer to write down a request (request_appointment): "
            raise doubt(Why.NO_CALENDAR, language, told)
        if not held:
            why = Why.NO_MORE if when.behind else Why.NOTHING_FREE
            raise doubt(why, language, "Nothing is free then. Ask for another day: ")
        offers = self._offers(visit, sorted(held, key=_start), when, wanted, unknown=free.unknown)
        return replace(offers, unnamed=unnamed)

    async def _named(self, provider: str) -> bool:
        """Whether the caller has named them, or has an appointment with them that was found in this call."""
        theirs = {each.booking.provider for each in self._found.values()}
        everybody = self._office.bookable.provider
        called = self._office.bookable.providers_called(provider, everybody)
        known = len(called) == 1 and called[0].slug in theirs
        others = [each.name for each in everybody if each not in called]
        return not provider or known or await self._evidence.somebody(provider, others)

    async def hold(self, visit: VisitType, opening: Opening, language: str) -> Offer:
        """Hold one of the free times, that a visitor of the page has picked, and no other."""
        key = self._key(visit, opening)
        async with self._one_by_one:
            await self._books.release(self._call_sid, {key})
            try:
                await self._books.hold(self._wanted(key, visit, opening))
            except SlotTaken as exc:
                raise doubt(Why.TAKEN, language, "That time has just been taken: ") from exc
        offer_id = f"o{len(self._offered) + 1}"
        self._offered[offer_id] = _Offered(key, visit, opening, self._evidence.place)
        return Offer(offer_id, self._said(opening, language))

    async def _held(self, visit: VisitType, free: Sequence[Opening], when: When) -> list[_Offered]:
        """Hold the first of these that can be had; what was held before and is not among them is free."""
        held = list[_Offered]()
        # The others of before would be in the way of these.
        await self._books.release(self._call_sid, {self._key(visit, each) for each in free[:1]})
        for each in free:
            if len(held) == OFFERS_MOST or (held and held[0].opening.start == when.start):
                break
            key = self._key(visit, each)
            try:
                await self._books.hold(self._wanted(key, visit, each))
            except SlotTaken:
                # Somebody was quicker.
                continue
            held.append(_Offered(key, visit, each))
        for one in held:
            # What is said while we look is no answer.
            one.place = self._evidence.place
        return held

    def _key(self, visit: VisitType, opening: Opening) -> str:
        """The name of an appointment for ever: the same time offered in the same call is the same one."""
        told = f"{self._call_sid} {visit.slug} {opening.provider} {opening.start.timestamp():.0f}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def _wanted(self, key: str, visit: VisitType, opening: Opening) -> Wanted:
        start, zone = opening.start, self._office.staff.time_zone
        span, taken = Span(start, start + visit.length), Span(start, start + visit.taken)
        return Wanted(key, self._call_sid, visit.slug, opening.provider, span, taken, zone)

    def _offers(
        self,
        visit: VisitType,
        held: Sequence[_Offered],
        when: When,
        wanted: SlotsWanted,
        *,
        unknown: bool,
    ) -> Offers:
        language = wanted.language
        made = []
        for each in held:
            offer_id = f"o{len(self._offered) + 1}"
            self._offered[offer_id] = each
            made.append(Offer(offer_id, self._said(each.opening, language)))
        free = held[0].opening.start == when.start
        lead = news([each.opening.start for each in held], when, language, unknown=unknown)
        times = [each.said for each in made]
        said = offers_said(times, language, exact=free, lead=lead, soonest=when == When())
        as_long = wanted.minutes in (0, visit.minutes)
        if not as_long:
            said = sentence(language, "length", visit=visit.name, minutes=str(visit.minutes), offers=said)
        else:
            said = self._telling(language).offers(visit, said)
        return Offers(visit.name, tuple(made), free and as_long, said, lead)

    def _telling(self, language: str) -> Telling:
        return Telling(self._office.bookable, self._now(), language)

    def _said(self, opening: Opening, language: str) -> str:
        return self._telling(language).time(opening)

    # Booking ------------------------------------------------------------------------------------------

    async def book(
        self, offer_id: str, patient: Identity, language: str, recording: str = "", *, ours: bool = False
    ) -> Done:
        """Book what was offered. Asked again, it is done once."""
        async with self._one_by_one:
            offered = self._offer(offer_id, language)
            if offered.done is None:
                if ours:
                    await agreement.answered(self._evidence, offered.place, language)
                else:
                    await self._taken(offered, offered.place, language)
                who = await self._patients.told(patient, language, recording, ours=ours)
                offered.done = await self._booked(offered, who, language)
                self._leave_open(None)
            return offered.done

    def _offer(self, offer_id: str, language: str) -> _Offered:
        """What was offered in this call."""
        offered = self._offered.get(offer_id)
        if offered is None:
            known = ", ".join(self._offered) or "none: call find_slots"
            told = f"Nothing was offered under that id in this call (there is {known}). "
            raise doubt(Why.NO_SUCH_OFFER, language, told)
        return offered

    async def _taken(self, offered: _Offered, since: int, language: str) -> None:
        """The caller has heard this offer since that place, and it is what they have said yes to."""
        words, telling = await self._evidence.words() or "", self._telling(language)
        theirs = {each.booking.visit for each in self._found.values()}
        wished = await asyncio.to_thread(telling.wished, words) or theirs
        told = {each.key: telling.told(each.visit, each.opening, wished) for each in self._offered.values()}
        place, now = [*told].index(offered.key), self._now()
        offered.tries += 1
        await agreement.taken(self._evidence, since, [*told.values()], place, now, language, offered.tries)

    async def _booked(
        self, offered: _Offered, who: Patient, language: str, old: Booking | None = None
    ) -> Done:
        patience, telling = keeping.Patience(CALENDARS_S), self._telling(language)
        said = telling.time(offered.opening)
        if offered.visit.who == "known" and old is None and not await self._known(who):
            booking = self._wished(offered, who)
            await self._tell(REQUESTED, booking, "Only patients who were here before can book it.")
            return Done(False, sentence(language, "requested", offer=telling.whole(offered.visit, said)))
        try:
            booking = await self._kept(offered, who, old, patience)
        except SlotTaken as exc:
            raise doubt(Why.TAKEN, language, "That time has just been taken. Offer others: ") from exc
        except CalendarFailed as exc:
            booking = self._wished(offered, who)
            why = f"The calendar did not confirm it ({exc.trouble}); the box goes on trying, and tells here."
            await self._tell(MOVE if old else REQUESTED, booking, why)
            if old:
                return Done(False, sentence(language, "move_requested", offer=said))
            return Done(False, sentence(language, "requested", offer=telling.whole(offered.visit, said)))
        # Staff may have moved it in the calendar since it was first tried.
        said = self._said_of(booking, language)
        if old:
            return Done(True, sentence(language, "moved", offer=said))
        return Done(True, sentence(language, "booked", offer=telling.whole(offered.visit, said)))

    async def _known(self, who: Patient) -> bool:
        """Whether this patient was here before, by what was told then."""
        told, rules = Identity(who.phone, who.name, who.born), self._office.staff.rules
        been_here = await self._books.been_here(who.phone, who.born)
        return any(rules.allow(Deed.KNOWN, told.matching(_booked_by(each))) for each in been_here)

    async def _kept(
        self, offered: _Offered, who: Patient, old: Booking | None, patience: keeping.Patience
    ) -> Booking:
        """Promise it, and have it stand in the calendar. Raises SlotTaken, CalendarFailed or StoreError."""
        key, fresh = offered.key, offered.key not in self._tried
        # From here on it may be promised and in the calendar, whatever becomes of our questions.
        self._tried.add(key)
        wanted, visit = self._wanted(key, offered.visit, offered.opening), offered.visit
        seen = shown(self._office, key, visit, self._provider(offered.opening.provider), who)
        booking = await self._books.take(wanted, who, seen, old.key if old else None)
        remark = self._patients.remark(who)
        notes = keeping.Notes(self._note(NAMED, booking, f"It is booked. {remark}") if remark else None)
        return await keeping.keep(self._books, self._office, booking, patience, fresh=fresh, notes=notes)

    async def request(self, wanted: SlotsWanted, patient: Identity) -> Done:
        """Write down for the staff what the caller would like. Asked again, it is done once."""
        if not await self._evidence.numbers_told(f"{wanted.visit}. {wanted.provider}. {wanted.when}"):
            told = "The caller has not said the number in these words. Leave it out. Ask: "
            raise doubt(Why.WHO, wanted.language, told)
        try:
            who = await self._patients.told(patient, wanted.language)
        except NotBooked:
            if as_given := await self._patients.as_given(patient, wanted.language):
                self._leave_open(await self._wish(wanted, as_given))
            raise
        await self._books.tell_staff(await self._wish(wanted, who))
        self._leave_open(None)
        return Done(False, sentence(wanted.language, "wished"))

    async def _wish(self, wanted: SlotsWanted, who: Patient) -> Note:
        words, remark = await self._evidence.words(), self._patients.remark(who)
        return wish(self._call_sid, wanted, who, words, remark)

    # What stands --------------------------------------------------------------------------------------

    async def appointments(self, who: Identity, language: str) -> tuple[Standing, ...]:
        """What stands for this caller. Asked for one by one, so that no guess is free."""
        async with self._one_by_one:
            return await self._told(who, language)

    async def _told(self, who: Identity, language: str) -> tuple[Standing, ...]:
        rules = self._office.staff.rules
        if rules.told is Rule.NOBODY:
            told = "Nothing is told about appointments here. Offer to connect with a person: "
            raise doubt(Why.STAFF, language, told)
        if who.born and not await self._evidence.born(who.born):
            raise doubt(Why.WHO, language, f"{UNHEARD_BIRTH} Ask for it. ")
        if who.name and not await self._evidence.name(who.name):
            raise doubt(Why.WHO, language, f"{UNHEARD_NAME} Ask for it, spelled if need be. ")
        known = replace(who, phone=await self._evidence.number(who.phone))
        guess = await self._guesses.begin(known, language)
        of_them = await self._books.of_patient(known.phone, known.born)
        matching = {each.key: known.matching(_booked_by(each)) for each in of_them}
        found = [each for each in of_them if rules.allow(Deed.TOLD, matching[each.key])]
        if not found:
            needed = ASK_ALL if rules.told is Rule.THREE else ASK_TWO
            told = f"Nothing is found, or the details do not match: say only that. Ask for {needed}: "
            raise doubt(Why.NOT_KNOWN, language, told)
        await self._guesses.right(guess)
        patience = keeping.Patience(CALENDARS_S)
        seen = await asyncio.gather(*(self._seen(each, patience) for each in found))
        there = [each for each in seen if each is not None]
        if not there:
            raise doubt(Why.NOT_KNOWN, language, "It stands in the calendar no more: say only this. ")
        return tuple(self._standing(booking, how, language, matching[booking.key]) for booking, how in there)

    async def _seen(self, booking: Booking, patience: keeping.Patience) -> tuple[Booking, str] | None:
        """The appointment as the calendar has it, with the sentence for how sure it is; None if gone."""
        if booking.state is not State.BOOKED:
            return booking, "not_sure"
        try:
            provider = keeping.provider_of(self._office, booking)
            wanted = keeping.appointment_of(booking)
            kept = await self._books.calendars.find(provider, wanted, patience.left_s)
        except CalendarFailed:
            return booking, "not_seen"
        if kept is None:
            why = "It is in the calendar no more, and its time is free. The patient asked and heard of none."
            body = f"{keeping.told(self._office, booking)} {why}"
            await self._books.cancelled(booking.key, Note(self._call_sid, NOT_THERE, body))
            return None
        booking = await self._books.seen(booking.key, kept)
        return None if booking.span.end <= self._books.now() else (booking, "standing")

    def _standing(self, booking: Booking, how: str, language: str, matching: int) -> Standing:
        known = next((name for name, each in self._found.items() if each.booking.key == booking.key), "")
        appointment_id = known or f"a{len(self._found) + 1}"
        found = self._found.setdefault(appointment_id, _Found(booking, self._evidence.place, matching))
        found.booking, found.matching = booking, max(found.matching, matching)
        start = self._said_of(booking, language)
        said = sentence(language, how, offer=start)
        visit, provider = (
            row.name if row else ""
            for row in (self._office.bookable.visit_of(booking.visit), self._provider(booking.provider))
        )
        return Standing(appointment_id, said, how == "standing", start, visit, provider)

    async def cancel(self, appointment_id: str, language: str, *, ours: bool = False) -> Done:
        """Cancel what was found. Asked again, it is done once."""
        async with self._one_by_one:
            found = self._theirs(appointment_id, language)
            if found.done is None:
                self._may(Deed.CANCELLED, found, language)
                if ours:
                    await agreement.agreed(self._evidence, found.place, language)
                else:
                    told, now = self._told_of(found.booking, language), self._now()
                    await agreement.cancelled(self._evidence, found.place, told, now, language)
                found.done = await self._cancelled(found.booking, language)
            return found.done

    async def _cancelled(self, booking: Booking, language: str) -> Done:
        said = self._said_of(booking, language)
        patience = keeping.Patience(CALENDARS_S)
        booking, *instead = await self._books.ask_cancel(booking.key, language)
        said = sentence(language, "and").join([said, *(self._said_of(each, language) for each in instead)])
        try:
            for each in (*instead, booking):
                await keeping.remove(self._books, self._office, each, patience)
        except CalendarFailed as exc:
            why = f"The calendar did not confirm it ({exc.trouble}); the box goes on trying, and tells here."
            await self._tell(CANCEL, booking, why)
            return Done(False, sentence(language, "cancel_requested", offer=said))
        return Done(True, sentence(language, "cancelled", offer=said))

    async def move(self, appointment_id: str, offer_id: str, language: str, *, ours: bool = False) -> Done:
        """Have what was offered instead of what was found; until that stands, the old one does."""
        async with self._one_by_one:
            offered = self._offer(offer_id, language)
            if offered.done is None:
                found = self._theirs(appointment_id, language)
                self._may(Deed.MOVED, found, language)
                since = max(offered.place, found.place)
                if ours:
                    await agreement.agreed(self._evidence, since, language)
                else:
                    told, now = self._told_of(found.booking, language), self._now()
                    await agreement.read_out(self._evidence, found.place, told, now, language)
                    await self._taken(offered, since, language)
                old, patience = found.booking, keeping.Patience(CALENDARS_S)
                who = Patient(old.patient, old.phone, old.born, language=language, phone_from=old.phone_from)
                offered.done = await self._booked(offered, who, language, old)
                found.moved = True
                if offered.done.sure:
                    await self._left(old, patience)
            return offered.done

    async def _left(self, old: Booking, patience: keeping.Patience) -> None:
        """Have the old one go while there is time; else the box goes on trying, and tells staff.

        What was moved is moved, so that nothing is raised.
        """
        try:
            await keeping.remove(self._books, self._office, old, patience)
        except (CalendarFailed, StoreError, StoreRefused) as exc:
            log.warning("the old appointment is there still", extra={"problem": str(exc)[:300]})

    def _may(self, deed: Deed, found: _Found, language: str) -> None:
        """See that the rule for it lets this caller. Raises NotBooked."""
        rules = self._office.staff.rules
        if rules.of(deed) is Rule.NOBODY:
            told = "Staff alone do that here. Offer to take a message, or to connect with a person: "
            raise doubt(Why.STAFF, language, told)
        if not rules.allow(deed, found.matching):
            told = f"For that ask for {ASK_ALL}, and call find_appointment with all three: "
            raise doubt(Why.MORE, language, told)

    def _theirs(self, appointment_id: str, language: str) -> _Found:
        found = self._found.get(appointment_id)
        if found is None or found.moved:
            told = "That was not found in this call. Call find_appointment first: "
            raise doubt(Why.NOT_KNOWN, language, told)
        return found

    # Words --------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._books.now().astimezone(zone_of(self._office.staff))

    def _provider(self, slug: str) -> Provider | None:
        return self._office.bookable.provider_of(slug)

    def _said_of(self, booking: Booking, language: str) -> str:
        return self._told_of(booking, language).said

    def _told_of(self, booking: Booking, language: str) -> Told:
        start = booking.span.start.astimezone(zone_of(self._office.staff))
        return Told(start, self._said(Opening(start, booking.provider), language))

    def _wished(self, offered: _Offered, who: Patient) -> Booking:
        """What is wanted, as staff are told of it."""
        wanted = self._wanted(offered.key, offered.visit, offered.opening)
        told = (wanted.visit, wanted.provider, wanted.span, wanted.taken, wanted.zone, State.PROMISED)
        known = (who.name, who.phone, None, "", who.born)
        return Booking(wanted.key, None, wanted.call_sid, *told, *known, recording=who.recording)

    def _note(self, subject: str, booking: Booking, why: str) -> Note:
        return Note(
            self._call_sid, subject, f"{keeping.told(self._office, booking)} {why}", booking.recording
        )

    async def _tell(self, subject: str, booking: Booking, why: str) -> None:
        await self._books.tell_staff(self._note(subject, booking, why))


def _booked_by(booking: Booking) -> Identity:
    return Identity(booking.phone, booking.patient, booking.born)


def _start(offered: _Offered) -> datetime:
    return offered.opening.start
