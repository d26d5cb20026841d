"""The daily tasks of a front desk: what there is to do, what hands do about it, and what is so afterwards.

May import: the standard library, appliance, kb, tests.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from appliance.core import telephone
from appliance.core.dispositions import VOICEMAIL, Outcome
from appliance.core.settings import Settings
from appliance.core.story import Speaker
from appliance.jobs.giving import Said
from appliance.service import knowledge
from appliance.store import (
    callback_rows,
    calls,
    database,
    documents,
    messages,
    office,
    phones,
    times,
    transcripts,
)
from appliance.store.accounts import Role
from appliance.store.callback_rows import State
from appliance.store.database import Connection
from kb import written
from tests.admin import people, rows
from tests.drill import signed_in
from tests.drill.hands import Hands

WHO = people.NAMES[Role.OWNER]
MORNING = 10
VOICEMAILS, CALLBACKS, TALKS = "+1917555018", "+1646555015", "+1332555016"
"""The callers of each task, but for the last digit."""
WHERE = "Where can I park?"


@dataclass(frozen=True, slots=True)
class Desk:
    """Hands at the pages, the box's database, and which of several of the same kind they deal with."""

    hands: Hands
    db: Connection
    place: int

    @property
    def today(self) -> date:
        """The day in the office."""
        return office.staff(self.db).opening.local(datetime.now(UTC)).date()


def fill(settings: Settings, db: Connection, places: int) -> None:
    """What there is to do, so many times."""
    in_the_morning(db)
    with database.immediate(db):
        for place in range(places):
            _left(db, f"{VOICEMAILS}{place}")
            _left(db, f"{CALLBACKS}{place}")
            _talked(db, f"{TALKS}{place}", place)
    guide = settings.box.data_dir / "guide.md"
    guide.write_text("# Visitor guide\n\n## Parking\n\nYou can park in the yard behind the house.\n", "utf-8")
    knowledge.add_file(settings, guide, Said())
    with knowledge.doing(settings):
        assert [*knowledge.followed(settings, datetime.now(UTC))][-1].done


def in_the_morning(db: Connection) -> None:
    """Have it be morning in the office, whatever the hour is here."""
    behind_h = (datetime.now(UTC).hour - MORNING + 12) % 24 - 12
    with database.immediate(db):
        office.set_value(db, "time_zone", f"Etc/GMT{behind_h:+d}", at=times.utc_now(), by=WHO)


def _ago(span: timedelta) -> float:
    """So long ago by this machine's clock, in minutes before that of the rows."""
    return (times.read(rows.NOW) - datetime.now(UTC) + span).total_seconds() / 60


def _left(db: Connection, caller: str) -> None:
    """A voicemail of yesterday."""
    ago = _ago(timedelta(days=1))
    call_id = rows.begin(db, f"left{caller}", caller, ago)
    rows.end(db, call_id, ago - 1, Outcome.VOICEMAIL, left=VOICEMAIL)
    recording = f"RE{caller}"
    messages.add_voicemail(
        db, call_sid=f"CA{call_id}", recording_sid=recording, seconds=9, at=rows.at(ago - 1)
    )
    messages.keep_recording(db, recording, "RE1.wav")


def _talked(db: Connection, caller: str, place: int) -> None:
    """A call of some hours ago, with what was said in it."""
    ago = _ago(timedelta(hours=3))
    call_id = rows.begin(db, f"talked{place}", caller, ago)
    turn = transcripts.TurnRow(
        call_id, 0, Speaker.CALLER, f"It is about folder {place}.", True, False, rows.at(ago)
    )
    transcripts.write(db, turn)
    rows.end(db, call_id, ago - 1, Outcome.HANDLED)


async def yesterdays_voicemail_is_called_back(at: Desk) -> None:
    hands, caller = at.hands, f"{VOICEMAILS}{at.place}"
    await hands.way("Messages")
    card = f"document.querySelector('[href=\"tel:{caller}\"]').closest('.message').innerText"
    assert hands.tongue("Yesterday, {day}", day="").strip() in await hands.tab.run(card)
    await hands.press(telephone.shown(caller))
    assert await hands.dial(telephone.shown(caller)) == f"tel:{caller}"
    await hands.press("Done")
    (message,) = messages.of_call(at.db, f"left{caller}")
    assert message.handled_by == WHO


async def this_afternoon_is_closed(at: Desk) -> None:
    closes = time(13 + at.place, 30)
    await at.hands.way("Hours")
    await at.hands.type("until", f"{closes:%I%M%p}")
    await at.hands.press("Set")
    assert office.staff(at.db).special_hours[at.today][-1][1] == closes


async def a_holiday_is_added(at: Desk) -> None:
    holiday = date(at.today.year + 1, 1, 2 + at.place)
    await at.hands.way("Hours")
    await at.hands.type("day", f"{holiday:%m%d%Y}")
    await at.hands.press("Save the day")
    assert holiday in office.staff(at.db).closed_on


async def a_department_is_added(at: Desk) -> None:
    name = f"Laboratory {'ABCDEFGH'[at.place]}"
    await at.hands.way("Departments")
    await at.hands.press("Add a department")
    await at.hands.type("name", name)
    await at.hands.type("number-0", f"(212) 555-013{at.place}")
    await at.hands.press("Save")
    numbers = {line.name: line.numbers for line in office.departments(at.db)}
    assert [*numbers[name]] == [f"+1212555013{at.place}"]


async def an_answer_is_corrected(at: Desk) -> None:
    hands, answer = at.hands, f"Park in front of gate {at.place}."
    await hands.way("Knowledge")
    await hands.type("question", WHERE)
    await hands.enter()
    assert "in the yard behind the house" in await signed_in.text(hands.tab)
    await hands.press("Not right? Write the answer")
    await hands.type("answer", answer)
    await hands.press("Have callers told this")
    own = documents.entry(at.db, written.slug_of("en"))
    assert answer in documents.content(at.db, own.id)


async def a_callback_is_done_with_a_note(at: Desk) -> None:
    hands, caller = at.hands, f"{CALLBACKS}{at.place}"
    await hands.way("Callbacks")
    await hands.press(telephone.shown(caller))
    await hands.type("words", "She comes by on Monday.")
    await hands.press("Done")
    (entry,) = callback_rows.of_number(at.db, caller)
    assert entry.state is State.DONE
    last = callback_rows.history(at.db, entry.id)[-1]
    assert (last.by, last.note) == (WHO, "She comes by on Monday.")


async def what_a_caller_said_is_found_by_the_number(at: Desk) -> None:
    caller = f"{TALKS}{at.place}"
    await at.hands.way("Calls")
    await at.hands.type("number", caller[2:])
    await at.hands.enter()
    await at.hands.press(telephone.shown(caller))
    assert f"It is about folder {at.place}." in await signed_in.text(at.hands.tab)
    call = calls.one(at.db, f"talked{at.place}")
    assert call is not None
    assert (await at.hands.tab.run("location.pathname")) == f"/calls/{call.id}"


async def the_greeting_is_changed(at: Desk) -> None:
    greeting = f"Good day, this is the clinic at gate {at.place}."
    await at.hands.way("Menu and greetings")
    await at.hands.type("greeting", greeting)
    await at.hands.press("Save")
    assert office.staff(at.db).greeting == greeting


async def a_desk_phone_is_added(at: Desk) -> None:
    name = f"Room {at.place}"
    await at.hands.way("Devices")
    await at.hands.press("Add a phone")
    await at.hands.type("name", name)
    await at.hands.press("Add, and show its sheet")
    (phone,) = [each for each in phones.phones(at.db) if each.name == name]
    assert phone.extension in await signed_in.text(at.hands.tab)


async def somebody_is_put_on_call(at: Desk) -> None:
    name = f"Dr. Lee {at.place}"
    await at.hands.way("On call")
    await at.hands.press("Add a shift")
    await at.hands.type("name-0", name)
    await at.hands.type("number-0", f"(415) 555-012{at.place}")
    await at.hands.press("Save")
    people_on_call = [each for shift in office.staff(at.db).on_call_rota for each in shift.people]
    assert (name, f"+1415555012{at.place}") in [(each.name, each.number) for each in people_on_call]


TASKS = (
    yesterdays_voicemail_is_called_back,
    a_callback_is_done_with_a_note,
    what_a_caller_said_is_found_by_the_number,
    this_afternoon_is_closed,
    a_holiday_is_added,
    a_department_is_added,
    somebody_is_put_on_call,
    an_answer_is_corrected,
    the_greeting_is_changed,
    a_desk_phone_is_added,
)
