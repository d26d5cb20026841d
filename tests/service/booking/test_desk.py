"""The desk of a call: only what was offered and agreed to is booked, and nothing is said that is not so."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.desk import NotBooked, SlotsWanted, Why
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Appointment, Span, Trouble
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker, Turn
from appliance.service.booking.part import Bookings
from appliance.service.known_call import KnownCall
from appliance.store.bookings import State
from tests.service.booking.clinic import ANA, CALLER, NOW, ONE_DOCTOR, TUESDAY_AT_TWO, clinic, fails

AT_TWO = Span(TUESDAY_AT_TWO, TUESDAY_AT_TWO + timedelta(minutes=30))
TWO_DOCTORS: dict[str, Any] = {
    "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
    "visit": [
        {"slug": "check-up", "name": "Check-up", "minutes": 30},
        {"slug": "surgery", "name": "Surgery", "minutes": 60, "providers": ["ruiz"]},
        {"slug": "audit", "name": "Audit", "who": "staff"},
    ],
}


async def why(asking: Any) -> str:
    with pytest.raises(NotBooked) as caught:
        await asking
    assert caught.value.asked
    assert caught.value.asked in str(caught.value)
    return str(caught.value.why)


async def test_tuesday_at_two_for_thirty_minutes_is_booked(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday 2pm", minutes=30)
        assert offers.exact
        assert offers.said == "Tuesday, December 1st at 2 p.m. is free."
        assert office.events() == []
        caller.says("yes")
        caller.tells(ANA)
        done = await caller.desk.book(offers.offers[0].offer_id, ANA, "en")
        assert (done.sure, done.said) == (True, "You are booked: Tuesday, December 1st at 2 p.m.")
        assert office.events() == [AT_TWO]
        (row,) = office.rows()
        assert (row.state, row.patient, row.phone, row.born) == (
            State.BOOKED,
            "Ana Ruiz",
            CALLER,
            "1980-03-09",
        )
        assert office.notes() == []


async def test_the_same_in_spanish(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("el martes a las dos de la tarde", language="es", visit="una revisión")
        assert offers.said == "El martes primero de diciembre a las 2 de la tarde está libre."
        caller.says("sí")
        caller.tells(ANA)
        done = await caller.desk.book(offers.offers[0].offer_id, ANA, "es")
        assert done.said.startswith("Su cita está hecha: el martes primero de diciembre")
        assert office.events() == [AT_TWO]


async def test_nothing_is_booked_that_was_not_offered_and_answered(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        assert await why(caller.desk.book("o1", ANA, "en")) == Why.NO_SUCH_OFFER
        offers = await caller.wants("Tuesday 2pm")
        offer_id = offers.offers[0].offer_id
        assert await why(caller.desk.book(offer_id, ANA, "en")) == Why.NOT_AGREED
        assert await why(office.caller("CA2").desk.book(offer_id, ANA, "en")) == Why.NO_SUCH_OFFER
        caller.says("yes")
        caller.tells(ANA)
        assert await why(caller.desk.book(offer_id, Identity(), "en")) == Why.WHO
        invented = Identity(name="Ana Ruiz", phone="+15559998877")
        assert await why(caller.desk.book(offer_id, invented, "en")) == Why.WHO
        assert office.events() == []
        caller.says("my number is five five five, nine nine nine, eight eight seven seven")
        assert (await caller.desk.book(offer_id, invented, "en")).sure
        assert office.rows()[0].phone == "+15559998877"


async def test_a_yes_before_the_offer_was_read_out_books_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        caller.says("Tuesday at two, and yes to whatever there is")
        offers = await caller.desk.find_slots(SlotsWanted("Tuesday at two"))
        offer_id = offers.offers[0].offer_id
        # The key for yes, pressed ahead of the question.
        caller.turns.append(Turn("k1", Speaker.KEYPAD, "1"))
        caller.tells(ANA)
        assert await why(caller.desk.book(offer_id, ANA, "en")) == Why.NOT_AGREED
        caller.hears(offers.said)
        assert await why(caller.desk.book(offer_id, ANA, "en")) == Why.NOT_AGREED
        caller.turns.append(Turn("k2", Speaker.KEYPAD, "1"))
        assert (await caller.desk.book(offer_id, ANA, "en")).sure


async def test_silence_is_no_yes_and_a_no_is_none_until_a_yes(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offer_id = (await caller.wants("Tuesday 2pm")).offers[0].offer_id
        for tries, words in enumerate(("", " ", "no", "No, thank you.", "I don't want that", "Ana Ruiz"), 1):
            caller.says(words)
            with pytest.raises(NotBooked) as caught:
                await caller.desk.book(offer_id, ANA, "en")
            assert caught.value.why == Why.NOT_AGREED
            # Asked in vain for the third time, the assistant is told of another way.
            assert ("request_appointment" in str(caught.value)) is (tries > 2)
        assert office.events() == []
        caller.says("oh well, yes")
        caller.tells(ANA)
        done = await caller.desk.book(offer_id, ANA, "en")
        assert done.sure
        # Is there anything else?
        caller.says("no")
        assert await caller.desk.book(offer_id, ANA, "en") == done


async def test_a_day_of_birth_that_nobody_said_is_refused(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offer_id = (await caller.wants("Tuesday 2pm")).offers[0].offer_id
        caller.says("yes, for Ana Ruiz, and call me at this number")
        invented = Identity(name="Ana Ruiz", born="1901-01-01")
        for _ in range(2):
            assert await why(caller.desk.book(offer_id, invented, "en")) == Why.WHO
            caller.says("I said Ana Ruiz")
        assert (await caller.desk.book(offer_id, Identity(name="Ana Ruiz"), "en")).sure
        assert office.rows()[0].born == ""


async def test_a_name_that_was_not_heard_is_asked_for_and_then_marked(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offer_id = (await caller.wants("Tuesday 2pm")).offers[0].offer_id
        caller.says("yes")
        caller.confirms()
        made_up = Identity(name="Zorg Blat")
        for _ in range(2):
            # Asked again without a word from the caller between, it is no truer.
            assert await why(caller.desk.book(offer_id, made_up, "en")) == Why.WHO
        with pytest.raises(NotBooked):
            await caller.desk.request(SlotsWanted("Tuesday 2pm"), made_up)
        assert (office.events(), office.notes()) == ([], [])
        caller.says("so blood")
        assert (await caller.desk.book(offer_id, made_up, "en")).sure
        ((subject, body),) = office.notes()
        assert subject == "Who has an appointment"
        assert "may be misheard" in body


async def test_asked_twice_it_is_booked_once(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday 2pm")
        caller.says("yes")
        caller.tells(ANA)
        first = await caller.desk.book(offers.offers[0].offer_id, ANA, "en")
        assert await caller.desk.book(offers.offers[0].offer_id, ANA, "en") == first
        assert office.own.asked.count("keep") == 1
        # The time is offered to nobody any more, not even to this caller.
        again = await caller.wants("Tuesday 2pm")
        assert not again.exact
        assert len(office.rows()) == 1


@pytest.mark.parametrize(
    ("when", "doubt"),
    [
        ("next Friday", "which_day"),
        ("at two", "no_day"),
        ("Monday at six thirty", "which_half"),
        ("yesterday at two", "past"),
        ("Tuesday or Wednesday at ten", "several"),
        ("some time next week", "vague"),
        ("2026-11-01T10:00", "past"),
    ],
)
async def test_what_is_ambiguous_or_past_is_asked(tmp_path: Path, when: str, doubt: str) -> None:
    async with clinic(tmp_path) as office:
        assert await why(office.caller().wants(when)) == doubt


@pytest.mark.parametrize(
    ("language", "when", "said"),
    [
        ("en", "Tuesday 2pm", "Check-up takes 30 minutes. Tuesday, December 1st at 2 p.m. is free."),
        (
            "es",
            "el martes a las dos de la tarde",
            "Check-up dura 30 minutos. El martes primero de diciembre a las 2 de la tarde está libre.",
        ),
    ],
)
async def test_another_length_than_was_asked_for_is_said(
    tmp_path: Path, language: str, when: str, said: str
) -> None:
    async with clinic(tmp_path) as office:
        offers = await office.caller().wants(when, minutes=45, language=language)
        assert (offers.exact, offers.said) == (False, said)
        assert (await office.caller().wants(when, minutes=30, language=language)).exact


async def test_a_day_or_no_time_at_all_is_answered_by_a_few_times(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        day = await office.caller("CA1").wants("Tuesday afternoon")
        said = [each.said for each in day.offers]
        assert said == [f"Tuesday, December 1st at {at}" for at in ("noon", "1 p.m.", "2 p.m.")]
        soon = await office.caller("CA2").wants("as soon as possible")
        assert soon.offers[0].said == "Thursday, November 26th at 11 a.m."


async def test_a_time_that_is_held_is_offered_to_nobody_else_until_it_runs_out(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        assert (await office.caller("CA1").wants("Tuesday 2pm")).exact
        other = await office.caller("CA2").wants("Tuesday 2pm")
        assert not other.exact
        assert other.said.startswith("That time is not free. I have: Tuesday, December 1st at 1 p.m.; or ")
        office.later(minutes=5)
        assert (await office.caller("CA3").wants("Tuesday 2pm")).exact


async def test_what_was_offered_first_can_be_taken_after_others_were_offered(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        first = await caller.wants("Tuesday 2pm")
        await caller.wants("Wednesday 2pm")
        caller.says("no, the first one")
        caller.tells(ANA)
        assert (await caller.desk.book(first.offers[0].offer_id, ANA, "en")).sure
        assert office.events() == [AT_TWO]


async def test_what_was_offered_before_is_not_in_the_way(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        await caller.wants("Tuesday afternoon")
        offers = await caller.wants("Tuesday at a quarter past two")
        assert offers.said == "Tuesday, December 1st at 2:15 p.m. is free."
        assert (await office.caller("CA2").wants("Tuesday at noon")).exact


async def test_what_staff_put_into_the_calendar_meanwhile_counts(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = await caller.wants("Tuesday 2pm")
        caller.says("yes")
        caller.tells(ANA)
        OwnCalendar(office.path).keep("lee", Appointment("staff", "Lunch", "", AT_TWO, "America/New_York"))
        assert await why(caller.desk.book(offers.offers[0].offer_id, ANA, "en")) == Why.TAKEN
        assert (office.events(), office.rows()) == ([AT_TWO], [])
        assert not (await caller.wants("Tuesday 2pm")).exact


async def test_visits_and_providers_are_chosen_or_asked(tmp_path: Path) -> None:
    async with clinic(tmp_path, TWO_DOCTORS) as office:
        caller = office.caller()
        assert await why(caller.wants("Tuesday 2pm")) == Why.WHICH_VISIT
        assert await why(caller.wants("Tuesday 2pm", visit="an audit")) == Why.WHICH_VISIT
        offers = await caller.wants("Tuesday 2pm", minutes=30)
        assert (offers.visit, offers.said) == (
            "Check-up",
            "Check-up: Tuesday, December 1st at 2 p.m. with Dr. Lee is free.",
        )
        offers = await caller.wants("Tuesday 2pm", visit="a check-up", provider="doctor Ruiz")
        assert offers.said.endswith("with Dr. Ruiz is free.")
        assert (
            await why(caller.wants("Tuesday 2pm", visit="surgery", provider="Dr. Lee")) == Why.WHICH_PROVIDER
        )


async def test_a_calendar_that_is_away_takes_its_provider_from_the_offers_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path, TWO_DOCTORS) as office:
        away = iter([True, False])

        def once() -> None:
            if next(away, False):
                fails()()

        office.own.before["busy"] = once
        offers = await office.caller().wants("Tuesday 2pm", visit="check-up")
        assert offers.exact
        assert "Dr. " in offers.said


async def test_without_any_calendar_a_request_is_written_down(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.own.before["busy"] = fails()
        caller = office.caller()
        assert await why(caller.wants("Tuesday 2pm")) == Why.NO_CALENDAR
        caller.tells(ANA)
        done = await caller.desk.request(SlotsWanted("Tuesday 2pm", "check-up"), ANA)
        assert not done.sure
        ((subject, body),) = office.notes()
        assert subject == "Appointment wanted"
        assert body.startswith(
            "Summed up by the assistant: wanted: check-up, when: Tuesday 2pm. Patient: Ana"
        )
        assert CALLER in body


async def test_a_request_is_written_down_once_with_what_the_caller_said(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        caller.says("some day next week, as I told the doctor")
        caller.tells(ANA)
        wanted = SlotsWanted("next week", "check-up")
        for _ in range(3):
            assert not (await caller.desk.request(wanted, ANA)).sure
            caller.says("did you write it down?")
        (kept,) = office.messages()
        assert kept.body.startswith("Summed up by the assistant: wanted: check-up, when: next week.")
        assert kept.told.words.startswith("some day next week, as I told the doctor\nIt is Ana Ruiz")
        assert (kept.told.name, kept.told.number_from) == ("Ana Ruiz", NumberFrom.CONFIRMED)
        await caller.desk.request(SlotsWanted("the week after", "check-up"), ANA)
        assert len(office.messages()) == 2


@pytest.mark.parametrize("answered", [False, True])
async def test_a_wish_is_kept_whose_caller_hangs_up_at_the_last_question(
    tmp_path: Path, answered: bool
) -> None:
    async with clinic(tmp_path) as office:
        said = Turn("u1", Speaker.CALLER, "some day next week, Ana Ruiz")
        offer = CallOffered("CA1", CALLER, "+15550100001", "twilio")
        known = KnownCall("call", offer, office.office, story=(said,))
        desk = Bookings(office.books).desk(known, office.writer.submit)
        assert desk is not None
        wanted, ana = SlotsWanted("next week", "check-up"), Identity(name="Ana Ruiz")
        assert await why(desk.request(wanted, ana)) == Why.NUMBER
        # Another number, that nobody has said, is no reason to forget it.
        assert await why(desk.request(wanted, replace(ana, phone="+14155550999"))) == Why.WHO
        assert not office.messages()
        if answered:
            asked = Turn("a1", Speaker.ATTENDANT, "Is the number that you are calling from right?")
            known.story = (said, asked, Turn("u2", Speaker.CALLER, "yes"))
            await desk.request(wanted, ana)
        known.keep_left_open()
        await office.writer.promise(lambda db: None)
        (kept,) = office.messages()
        assert kept.told.number_from is (NumberFrom.CONFIRMED if answered else NumberFrom.CALLER_ID)
        assert kept.body.endswith("(caller ID, not confirmed)") is not answered


@pytest.mark.parametrize("answer", ["what?", "no", "Ana Ruiz"])
async def test_a_number_that_they_only_call_from_is_asked_about_and_then_marked(
    tmp_path: Path, answer: str
) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offer_id = (await caller.wants("Tuesday 2pm")).offers[0].offer_id
        caller.says("yes, for Ana Ruiz")
        with pytest.raises(NotBooked) as caught:
            await caller.desk.book(offer_id, Identity(name="Ana Ruiz"), "es")
        assert caught.value.asked == f"¿Es correcto el número desde el que llama, {CALLER}?"
        caller.hears(caught.value.asked)
        caller.says(answer)
        assert (await caller.desk.book(offer_id, Identity(name="Ana Ruiz"), "en")).sure
        assert [(row.phone, row.phone_from) for row in office.rows()] == [(CALLER, NumberFrom.CALLER_ID)]


async def test_of_several_offers_the_one_is_booked_that_the_caller_named(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        caller = office.caller()
        offers = (await caller.wants("Tuesday afternoon")).offers
        caller.says("yes")
        caller.tells(ANA)
        for each in offers:
            assert await why(caller.desk.book(each.offer_id, ANA, "en")) == Why.NOT_AGREED
        caller.hears("Which of them: Tuesday at noon, at one, or at two?")
        caller.says("at two")
        for each in offers[:2]:
            assert await why(caller.desk.book(each.offer_id, ANA, "en")) == Why.NOT_AGREED
        assert (await caller.desk.book(offers[2].offer_id, ANA, "en")).sure
        assert office.events() == [AT_TWO]


async def test_the_first_free_times_are_called_so(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        assert (await office.caller().wants()).said.startswith(
            "The first free times: Thursday, November 26th"
        )


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_what_the_calendar_does_not_confirm_is_a_request_and_settled_later(
    tmp_path: Path, trouble: Trouble
) -> None:
    async with clinic(tmp_path) as office:
        office.own.before["keep"] = fails(trouble)
        caller = office.caller()
        done = await caller.books("Tuesday 2pm")
        assert not done.sure
        assert "not confirmed yet" in done.said
        assert office.events() == []
        ((subject, body),) = office.notes()
        assert subject == "Appointment wanted"
        assert "Tuesday 01 December 2026 at 14:00" in body
        # Nobody else gets the time, and the box goes on trying.
        assert not (await office.caller("CA2").wants("Tuesday 2pm")).exact
        office.own.before.clear()
        assert await office.settle() == 0
        office.later(minutes=1)
        assert await office.settle() == 1
        assert office.events() == [AT_TWO]
        assert office.notes()[1][0] == "Appointment confirmed late"
        assert await office.settle() == 0


async def test_what_the_calendar_has_done_without_saying_so_is_not_done_again(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.own.after["keep"] = fails()
        assert not (await office.caller().books("Tuesday 2pm")).sure
        office.later(minutes=1)
        await office.settle()
        assert office.own.asked.count("keep") == 1
        assert (office.events(), office.rows()[0].state) == ([AT_TWO], State.BOOKED)


async def test_what_cannot_be_settled_in_time_is_given_to_the_staff(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.own.before["keep"] = fails()
        await office.caller().books("Tuesday 2pm")
        office.later(hours=23)
        assert await office.settle() == 1
        assert len(office.rows()) == 1
        office.later(hours=2)
        await office.settle()
        assert office.rows() == []
        assert office.notes()[-1][0] == "Appointment NOT made"


async def test_who_may_book_what(tmp_path: Path) -> None:
    known = {"provider": ONE_DOCTOR["provider"], "visit": [{**ONE_DOCTOR["visit"][0], "who": "known"}]}
    async with clinic(tmp_path, known) as office:
        done = await office.caller("CA1").books("Tuesday 2pm")
        assert not done.sure
        assert office.events() == []
        assert "here before" in office.notes()[0][1]


async def test_who_was_here_before_is_known_by_two_things(tmp_path: Path) -> None:
    visits = [ONE_DOCTOR["visit"][0], {"slug": "surgery", "name": "Surgery", "minutes": 60, "who": "known"}]
    async with clinic(tmp_path, {**ONE_DOCTOR, "visit": visits}) as office:

        async def operates(
            call_sid: str, patient: Identity, caller: str = CALLER, visit: str = "surgery"
        ) -> bool:
            rings = office.caller(call_sid, caller)
            offers = await rings.wants("as soon as possible", visit=visit)
            rings.says("the first one")
            rings.tells(patient)
            return (await rings.desk.book(offers.offers[0].offer_id, patient, "en")).sure

        assert await operates("CA1", ANA, visit="check-up")
        # What is still to come is no visit yet.
        assert not await operates("CA2", ANA)
        office.later(days=7)
        assert not await operates("CA3", Identity(name="Eva Cruz"))
        assert not await operates("CA4", Identity(name="Ana Ruiz"), "+15550109999")
        assert await operates("CA5", Identity(name="Ana Ruiz"))


async def test_calendars_show_no_patient_unless_staff_say_so(tmp_path: Path) -> None:
    for names in (False, True):
        folder = tmp_path / str(names)
        folder.mkdir()
        async with clinic(folder, calendar_names=names) as office:
            await office.caller().books("Tuesday 2pm")
            (row,) = office.rows()
            assert ("Ruiz" in row.title + row.notes) is names
            assert (CALLER in row.notes) is names


async def test_a_closed_day_and_a_day_off_have_no_times(tmp_path: Path) -> None:
    away = {**ONE_DOCTOR, "provider": [{"slug": "lee", "name": "Dr. Lee", "away": ["2026-12-02"]}]}
    async with clinic(tmp_path, away, closed_on=["2026-12-01"]) as office:
        for day in ("Tuesday 2pm", "Wednesday 2pm"):
            offers = await office.caller().wants(day)
            assert not offers.exact
            assert all("December 1st" not in each.said and "2nd" not in each.said for each in offers.offers)
    assert NOW.weekday() == 3
