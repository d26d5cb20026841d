"""Finding, cancelling and moving: only for those whose appointment it is, and never a word that is not so."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.calendars.local.calendar import OwnCalendar, event_id_of
from appliance.core.booking.desk import NotBooked, Standing, Why
from appliance.core.booking.identity import Identity
from appliance.core.calendar import Span
from appliance.store.bookings import State
from tests.service.booking.clinic import (
    ANA,
    ONE_DOCTOR,
    TUESDAY_AT_TWO,
    Caller,
    Clinic,
    clinic,
    fails,
)

AT_TWO = Span(TUESDAY_AT_TWO, TUESDAY_AT_TWO + timedelta(minutes=30))
AT_TEN = Span(TUESDAY_AT_TWO + timedelta(hours=20), TUESDAY_AT_TWO + timedelta(hours=20, minutes=30))
ELSEWHERE = "+15550109999"
NAMED = Identity(name="Ana Ruiz")
KNOWN_VISIT = {"slug": "follow-up", "name": "Follow-up", "minutes": 30, "who": "known"}


async def booked(office: Clinic) -> None:
    assert (await office.caller("CA0").books("Tuesday 2pm")).sure


async def found(caller: Caller, who: Identity = NAMED) -> tuple[Standing, ...]:
    """What is found, and read out."""
    caller.tells(who)
    told = await caller.desk.appointments(who, "en")
    caller.hears(" ".join(each.said for each in told))
    return told


@pytest.mark.parametrize(
    ("caller", "who", "told"),
    [
        ("+15550100002", Identity(name="Ana Ruiz"), True),
        ("+15550100002", Identity(name="Anna Ruis"), True),
        ("+15550100002", Identity(born="1980-03-09"), True),
        (ELSEWHERE, Identity(name="ruiz, ana", born="1980-03-09"), True),
        ("", Identity(name="Ana María Ruiz", born="1980-03-09"), True),
        ("+15550100002", Identity(), False),
        ("+15550100002", Identity(name="Ana"), False),
        ("+15550100002", Identity(name="Pedro Gómez"), False),
        (ELSEWHERE, Identity(name="Ana Ruiz"), False),
        ("", Identity(name="Ana Ruiz", born="1980-09-03"), False),
        (ELSEWHERE, Identity(name="Ana Ruiz", phone="+15550100002"), False),
    ],
)
async def test_two_things_must_match(tmp_path: Path, caller: str, who: Identity, *, told: bool) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        asks = office.caller("CA1", caller)
        if told:
            (standing,) = await found(asks, who)
            assert standing.said == "Tuesday, December 1st at 2 p.m."
            return
        with pytest.raises(NotBooked) as caught:
            await found(asks, who)
        # The same words as for somebody of whom nothing is known.
        stranger = office.caller("CA2", ELSEWHERE)
        with pytest.raises(NotBooked) as other:
            await found(stranger, Identity(name="No Body"))
        assert caught.value.why == Why.NOT_KNOWN
        assert str(caught.value) == str(other.value)


async def test_what_the_caller_did_not_say_proves_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        caller.says("do I have an appointment?")
        for invented in (NAMED, Identity(born="1980-03-09")):
            for _ in range(4):
                with pytest.raises(NotBooked) as caught:
                    await caller.desk.appointments(invented, "en")
                assert caught.value.why == Why.WHO
        # No guess of the caller's was wrong by that.
        assert await found(caller)


async def test_a_number_that_was_said_counts_as_the_number(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1", ELSEWHERE)
        caller.says("it is five five five, zero one zero, zero zero zero two")
        assert await found(caller, Identity(name="Ana Ruiz", phone="5550100002"))


async def test_guessing_ends(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        for name in ("Eva Ruiz", "Ada Cruz", "Pia Diaz"):
            with pytest.raises(NotBooked):
                await found(caller, Identity(name=name))
        with pytest.raises(NotBooked) as caught:
            await found(caller)
        assert caught.value.why == Why.TRIES
        assert caught.value.asked.endswith("I am connecting you with a person.")


async def test_who_is_told_what_is_theirs_has_guessed_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        for place in range(9):
            assert await found(office.caller(f"CA1{place}"))


async def test_the_same_told_again_is_no_other_guess(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        for _ in range(5):
            with pytest.raises(NotBooked) as caught:
                await found(caller, Identity(name="Eva Ruiz"))
            assert caught.value.why == Why.NOT_KNOWN
        assert await found(caller)


async def guessed(office: Clinic, call: str, caller: str, *guesses: Identity) -> list[str]:
    """Why nothing was told to somebody who tries these in one call."""
    asks, why = office.caller(call, caller), list[str]()
    for each in guesses:
        if each.phone:
            asks.says(f"the number is {' '.join(each.phone)}")
        with pytest.raises(NotBooked) as caught:
            await found(asks, each)
        why.append(caught.value.why)
    return why


def named(*names: str, phone: str = "") -> list[Identity]:
    return [Identity(phone=phone, name=f"{name} Ruiz") for name in names]


@pytest.mark.parametrize("caller", ["+15550100002", ELSEWHERE, ""])
async def test_a_number_has_so_many_guesses_a_day_also_behind_a_restart(tmp_path: Path, caller: str) -> None:
    both = Identity(name="Ana Ruiz", born="1980-03-09")
    async with clinic(tmp_path) as office:
        await booked(office)
        assert await guessed(office, "CA1", caller, *named("Eva", "Ida", "Uma")) == [Why.NOT_KNOWN] * 3
    async with clinic(tmp_path) as office:
        assert await guessed(office, "CA2", caller, *named("Leo", "Tom", "Max")) == [Why.NOT_KNOWN] * 3
        assert await guessed(office, "CA3", caller, both) == [Why.TRIES]
        # Another one is served, and so is this one on the next day.
        assert await found(office.caller("CA4", "+15550108888"), both)
        office.later(hours=25)
        assert await found(office.caller("CA5", caller), both)


async def test_guesses_about_a_number_end_from_wherever_they_come(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        for place in range(2):
            guesses = named("Eva", "Ida", "Uma", phone="5550100002")
            from_there = f"+1555010770{place}"
            assert await guessed(office, f"CA1{place}", from_there, *guesses) == [Why.NOT_KNOWN] * 3
        assert await guessed(office, "CA2", "+15550107709", *named("Ana", phone="5550100002")) == [Why.TRIES]


async def test_guesses_at_once_are_counted_one_by_one(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        guesses = [Identity(name=name) for name in ("Eva Ruiz", "Ada Cruz", "Pia Diaz", "Ana Ruiz")]
        for guess in guesses:
            caller.tells(guess)
        asked = [caller.desk.appointments(guess, "en") for guess in guesses]
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [each.why for each in told if isinstance(each, NotBooked)] == [*[Why.NOT_KNOWN] * 3, Why.TRIES]


async def test_staff_can_have_nothing_told(tmp_path: Path) -> None:
    async with clinic(tmp_path, appointments_told="nobody") as office:
        await booked(office)
        with pytest.raises(NotBooked):
            await found(office.caller())


@pytest.mark.parametrize(
    ("rule", "why"), [("two factors", None), ("three factors", Why.MORE), ("nobody", Why.STAFF)]
)
async def test_each_deed_has_a_rule_of_its_own(tmp_path: Path, rule: str, why: Why | None) -> None:
    for deed in ("appointments_moved", "appointments_cancelled"):
        folder = tmp_path / deed
        folder.mkdir()
        staff: dict[str, Any] = {deed: rule}
        async with clinic(folder, **staff) as office:
            await booked(office)
            caller = office.caller("CA1")
            (standing,) = await found(caller)
            offers = await caller.wants("Wednesday at ten")
            caller.says("yes")
            caller.hears(standing.said)
            caller.says("yes, cancel it")
            asked = {
                "appointments_moved": caller.desk.move(
                    standing.appointment_id, offers.offers[0].offer_id, "en"
                ),
                "appointments_cancelled": caller.desk.cancel(standing.appointment_id, "en"),
            }
            other = next(name for name in asked if name != deed)
            if why is None:
                assert (await asked[deed]).sure
                asked[other].close()
                continue
            with pytest.raises(NotBooked) as caught:
                await asked[deed]
            assert caught.value.why == why
            assert office.events() == [AT_TWO]
            # The other deed has its own rule.
            assert (await asked[other]).sure


@pytest.mark.parametrize("deed", ["appointments_cancelled", "appointments_told"])
async def test_with_three_things_it_is_done_where_three_are_needed(tmp_path: Path, deed: str) -> None:
    staff: dict[str, Any] = {deed: "three factors"}
    async with clinic(tmp_path, **staff) as office:
        await booked(office)
        caller = office.caller("CA1")
        if deed == "appointments_told":
            with pytest.raises(NotBooked) as caught:
                await found(caller)
            assert "the number and the day of birth" in str(caught.value)
        else:
            await found(caller)
        (standing,) = await found(caller, ANA)
        caller.says("yes")
        assert (await caller.desk.cancel(standing.appointment_id, "en")).sure
        assert office.events() == []


@pytest.mark.parametrize(
    ("rule", "born", "sure"),
    [
        ("two factors", "", True),
        ("three factors", "", False),
        ("three factors", "1980-03-09", True),
        ("nobody", "1980-03-09", False),
    ],
)
async def test_who_was_here_before_is_known_by_the_rule(
    tmp_path: Path, rule: str, born: str, *, sure: bool
) -> None:
    visits = {**ONE_DOCTOR, "visit": [*ONE_DOCTOR["visit"], KNOWN_VISIT]}
    async with clinic(tmp_path, visits, known_visits=rule) as office:
        first = office.caller("CA0")
        checked = await first.wants("Tuesday 2pm", visit="Check-up")
        first.says("yes")
        first.tells(ANA)
        assert (await first.desk.book(checked.offers[0].offer_id, ANA, "en")).sure
        office.later(days=7)
        caller = office.caller("CA1")
        caller.tells(ANA)
        offers = await caller.wants("", visit="Follow-up")
        caller.says("the first one")
        who = Identity(name="Ana Ruiz", born=born)
        assert (await caller.desk.book(offers.offers[0].offer_id, who, "en")).sure is sure


async def test_only_what_was_found_is_cancelled_and_only_once(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        with pytest.raises(NotBooked):
            await caller.desk.cancel("a1", "en")
        (standing,) = await found(caller)
        caller.says("yes, cancel it")
        done = await caller.desk.cancel(standing.appointment_id, "en")
        assert (done.sure, done.said) == (
            True,
            "Your appointment is cancelled: Tuesday, December 1st at 2 p.m.",
        )
        assert await caller.desk.cancel(standing.appointment_id, "en") == done
        assert (office.events(), office.rows(), office.own.asked.count("remove")) == ([], [], 1)
        assert (await office.caller("CA2").wants("Tuesday 2pm")).exact


async def test_nothing_goes_before_the_caller_has_agreed(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        caller.says("cancel my appointment")
        offers = await caller.wants("Wednesday at ten")
        caller.says("yes")
        (standing,) = await found(caller)
        for words in ("", "no, don't cancel it"):
            caller.says(words)
            for doing in (
                caller.desk.cancel(standing.appointment_id, "en"),
                caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en"),
            ):
                with pytest.raises(NotBooked) as caught:
                    await doing
                assert caught.value.why == Why.NOT_AGREED
        assert office.events() == [AT_TWO]


async def test_a_cancellation_that_the_calendar_does_not_confirm_is_carried_out_later(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        caller.says("yes")
        office.own.before["remove"] = fails()
        done = await caller.desk.cancel(standing.appointment_id, "en")
        assert not done.sure
        assert "Our team will confirm" in done.said
        assert office.events() == [AT_TWO]
        with pytest.raises(NotBooked):
            await found(office.caller("CA2"))
        office.own.before.clear()
        office.later(minutes=1)
        await office.settle()
        assert (office.events(), office.rows()) == ([], [])
        assert [subject for subject, _ in office.notes()] == [
            "Appointment to be cancelled",
            "Appointment cancelled",
        ]


async def test_a_move_has_the_new_time_before_the_old_one_goes(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        offers = await caller.wants("Wednesday at ten")
        caller.says("yes")
        seen = []
        office.own.before["remove"] = lambda: seen.append(office.events())
        done = await caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en")
        assert (done.sure, done.said) == (True, "Your appointment is now Wednesday, December 2nd at 10 a.m.")
        assert seen == [[AT_TWO, AT_TEN]]
        assert office.events() == [AT_TEN]
        again = await caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en")
        assert again == done
        (row,) = office.rows()
        assert (row.patient, row.born, row.state) == (ANA.name, ANA.born, State.BOOKED)
        # What was moved is not there to be cancelled by its old name.
        with pytest.raises(NotBooked):
            await caller.desk.cancel(standing.appointment_id, "en")


async def test_a_move_that_is_not_confirmed_leaves_the_old_time_until_it_is(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        offers = await caller.wants("Wednesday at ten")
        caller.says("yes")
        office.own.before["keep"] = fails()
        done = await caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en")
        assert not done.sure
        assert "the old appointment stands" in done.said
        assert office.events() == [AT_TWO]
        office.own.before.clear()
        office.later(minutes=1)
        await office.settle()
        assert office.events() == [AT_TWO, AT_TEN]
        office.later(minutes=1)
        await office.settle()
        assert office.events() == [AT_TEN]


async def test_a_move_to_a_time_that_was_just_taken_changes_nothing(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        offers = await caller.wants("Wednesday at ten")
        caller.says("yes")
        office.later(minutes=5)
        assert (await office.caller("CA2").books("Wednesday at ten")).sure
        with pytest.raises(NotBooked) as caught:
            await caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en")
        assert caught.value.why == Why.TAKEN
        assert office.events() == [AT_TWO, AT_TEN]


def moved_by_staff(office: Clinic, to: Span) -> None:
    """Staff give the appointment another time in the calendar."""
    (row,) = office.rows()
    assert row.event_id is not None
    OwnCalendar(office.path).move("lee", row.event_id, to, row.zone)


async def test_what_staff_moved_in_the_calendar_is_told_and_kept_where_it_stands(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        moved_by_staff(office, AT_TEN)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        assert (standing.sure, standing.said) == (True, "Wednesday, December 2nd at 10 a.m.")
        assert [row.span for row in office.rows()] == [AT_TEN]
        # Told once more it is the same one still, and its old time is free.
        assert await found(caller) == (standing,)
        caller.says("yes, cancel it")
        assert (await office.caller("CA2").wants("Tuesday 2pm")).exact
        done = await caller.desk.cancel(standing.appointment_id, "en")
        assert "Wednesday, December 2nd" in done.said
        assert office.events() == []


async def test_what_staff_removed_from_the_calendar_is_not_told_and_its_time_is_free(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        (row,) = office.rows()
        assert row.event_id is not None
        OwnCalendar(office.path).remove("lee", row.event_id)
        caller = office.caller("CA1")
        with pytest.raises(NotBooked) as caught:
            await found(caller)
        assert caught.value.why == Why.NOT_KNOWN
        assert office.rows() == []
        assert [subject for subject, _ in office.notes()] == ["Appointment not in the calendar"]
        assert (await office.caller("CA2").wants("Tuesday 2pm")).exact


async def test_without_the_calendar_callers_hear_what_is_noted_and_that_it_is_only_that(
    tmp_path: Path,
) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        office.own.before["find"] = fails()
        (standing,) = await found(office.caller("CA1"))
        assert not standing.sure
        assert standing.said == (
            "Tuesday, December 1st at 2 p.m., as I have it noted; I cannot look into the calendar right now"
        )


async def test_what_staff_moved_before_it_was_confirmed_is_said_where_it_stands(tmp_path: Path) -> None:
    async with clinic(tmp_path) as office:
        office.own.after["keep"] = fails()
        caller = office.caller("CA1")
        assert not (await caller.books("Tuesday 2pm")).sure
        await asyncio.to_thread(
            OwnCalendar(office.path).move, "lee", event_of(office), AT_TEN, "America/New_York"
        )
        office.later(minutes=1)
        await office.settle()
        assert [row.span for row in office.rows()] == [AT_TEN]


def event_of(office: Clinic) -> str:
    (row,) = office.rows()
    return event_id_of(row.key)


@pytest.mark.parametrize("verb", ["before", "after"])
async def test_who_cancels_the_old_time_is_not_booked_at_the_one_that_was_asked_for_instead(
    tmp_path: Path, verb: str
) -> None:
    async with clinic(tmp_path) as office:
        await booked(office)
        caller = office.caller("CA1")
        (standing,) = await found(caller)
        offers = await caller.wants("Wednesday at ten")
        caller.says("yes")
        getattr(office.own, verb)["keep"] = fails()
        assert not (await caller.desk.move(standing.appointment_id, offers.offers[0].offer_id, "en")).sure
        getattr(office.own, verb).clear()
        other = office.caller("CA2")
        standings = await found(other)
        old = next(each for each in standings if "Tuesday" in each.said)
        other.says("yes, cancel it")
        done = await other.desk.cancel(old.appointment_id, "en")
        assert done.sure
        assert done.said == (
            "Your appointment is cancelled: Tuesday, December 1st at 2 p.m.;"
            " and Wednesday, December 2nd at 10 a.m."
        )
        assert (office.events(), office.rows()) == ([], [])
        office.later(minutes=1)
        assert await office.settle() == 0
        assert office.events() == []
