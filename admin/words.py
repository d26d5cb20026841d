"""What is in the call log, in plain words: times, numbers, money, outcomes, the way through the menus.

Pure. May import: the standard library, admin.tongue, appliance.core, appliance.languages, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from admin.tongue import ENGLISH, Tongue, later
from appliance.core import telephone
from appliance.core.dispositions import HUNG_UP, RANG, Kind, Outcome
from appliance.core.staff import Office
from appliance.core.story import Speaker
from appliance.core.wishes import Intent
from appliance.languages.folders import codes
from appliance.languages.tables import table
from appliance.store import times
from appliance.store.calls import Call

OUTCOMES = {
    Outcome.HANDLED: later("Spoke with the assistant"),
    Outcome.HOURS: later("Heard the opening hours"),
    Outcome.TRANSFERRED: later("Put through to a person"),
    Outcome.UNANSWERED: later("Nobody picked up"),
    Outcome.VOICEMAIL: later("Left a voicemail"),
    Outcome.ABANDONED: later("Hung up early"),
    Outcome.BUSY: later("All lines were busy"),
    Outcome.FAILED: later("Failed by a fault of the box"),
    Outcome.INTERRUPTED: later("Cut off when the box stopped"),
}
LIVE = later("On the line now")
WISHES = {
    Intent.HOURS: later("Opening hours"),
    Intent.TRANSFER_DEPARTMENT: later("A department"),
    Intent.PERSON: later("A person"),
    Intent.LEAVE_MESSAGE: later("To leave a message"),
    Intent.BOOK: later("An appointment"),
    Intent.MOVE: later("To move an appointment"),
    Intent.CANCEL: later("To cancel an appointment"),
    Intent.QUESTION: later("An answer from the documents"),
    Intent.LANGUAGE_SWITCH: later("Another language"),
    Intent.EMERGENCY: later("Help in danger"),
}

SPEAKERS = {
    Speaker.CALLER: later("Caller"),
    Speaker.ATTENDANT: later("Attendant"),
    Speaker.KEYPAD: later("Keypad"),
    Speaker.TOOL: later("Looked up"),
}

_REASONS = {
    "completed": later("the call was complete"),
    "no-answer": later("nobody answered"),
    "busy": later("the line was busy"),
    "failed": later("the carrier could not connect it"),
    "canceled": later("the caller gave up"),
    HUNG_UP: later("the caller hung up"),
    "the process that held the call ended": later("the process that held the call ended"),
    "the carrier does not say how it ended": later("the carrier does not say how it ended"),
}
_STEPS = {
    "hours": later("Opening hours"),
    "departments": later("Departments"),
    "voicemail": later("Voicemail"),
    "assistant": later("Assistant"),
    "people": later("Front desk"),
    "?": later("Not understood"),
}
_MENUS = {
    "main": later("Main menu"),
    "departments": later("Department menu"),
    "message": later("Before a message"),
}
_TONES = {
    Outcome.HANDLED: "good",
    Outcome.HOURS: "good",
    Outcome.TRANSFERRED: "good",
    Outcome.UNANSWERED: "care",
    Outcome.VOICEMAIL: "care",
    Outcome.BUSY: "care",
    Outcome.ABANDONED: "plain",
    Outcome.FAILED: "bad",
    Outcome.INTERRUPTED: "bad",
}
_WEEKDAYS = tuple(map(later, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
_MONTHS = tuple(
    map(
        later,
        (
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ),
    )
)  # fmt: skip


def local(at: str, office: Office) -> datetime:
    """A stored time in the office's zone."""
    return times.read(at).astimezone(ZoneInfo(office.staff.time_zone))


def tone(call: Call) -> str:
    """How an outcome is coloured: live, good, care (somebody should look), bad, plain."""
    return "live" if call.outcome is None else _TONES[call.outcome]


def money(usd: float) -> str:
    """US dollars, small sums to a tenth of a cent."""
    return f"${usd:.2f}" if usd == 0 or usd >= 1 else f"${usd:.3f}"


def second(ms: int) -> str:
    """A span in seconds, such as `0.8 s`; short ones in milliseconds."""
    return f"{ms} ms" if ms < 100 else f"{ms / 1000:.1f} s"


def duration(seconds: float) -> str:
    """A length of time, such as `45 s`, `2 min 5 s`, `1 h 2 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def lasted(call: Call, now: str) -> str:
    """How long a call took, or has been going on."""
    if call.duration_s is not None:
        return duration(call.duration_s)
    return duration((times.read(now) - times.read(call.started_at)).total_seconds())


@dataclass(frozen=True, slots=True)
class Words:
    """All of it, in one language."""

    tongue: Tongue

    local = staticmethod(local)
    tone = staticmethod(tone)
    money = staticmethod(money)
    second = staticmethod(second)
    duration = staticmethod(duration)
    lasted = staticmethod(lasted)

    def outcome(self, call: Call) -> str:
        """How a call was filed, or that it is going on."""
        return self.tongue(LIVE if call.outcome is None else OUTCOMES[call.outcome])

    def speaker(self, who: Speaker) -> str:
        """Who said something."""
        return self.tongue(SPEAKERS[who])

    def number(self, e164: str) -> str:
        """A telephone number as it is read; nothing is a withheld one."""
        return telephone.shown(e164) if e164 else self.tongue("Number withheld")

    def clock(self, at: datetime | time, *, seconds: bool = False) -> str:
        """The time of day, such as 9:05 AM."""
        second = f":{at.second:02d}" if seconds else ""
        half = self.tongue("AM") if at.hour < 12 else self.tongue("PM")
        return f"{at.hour % 12 or 12}:{at.minute:02d}{second} {half}"

    def day(self, at: date, today: date) -> str:
        """A day, such as Tuesday, November 24, 2026; the last two are named as well."""
        written = self.tongue(
            "{weekday}, {month} {day}, {year}",
            weekday=self.tongue(_WEEKDAYS[at.weekday()]),
            month=self._month(at),
            day=at.day,
            year=at.year,
        )
        if at == today:
            return self.tongue("Today, {day}", day=written)
        if at == today - timedelta(days=1):
            return self.tongue("Yesterday, {day}", day=written)
        return written

    def moment(self, at: str, office: Office, now: str) -> str:
        """A stored time with its day, such as `Today, 9:05 AM`."""
        here, today = local(at, office), local(now, office).date()
        if here.date() == today:
            return self.tongue("Today, {day}", day=self.clock(here))
        if here.date() == today - timedelta(days=1):
            return self.tongue("Yesterday, {day}", day=self.clock(here))
        if here.date() == today + timedelta(days=1):
            return self.tongue("Tomorrow, {day}", day=self.clock(here))
        return self.tongue(
            "{month} {day}, {year}, {time}",
            month=self._month(here)[:3],
            day=here.day,
            year=here.year,
            time=self.clock(here),
        )

    def coming(self, at: str, office: Office, now: str) -> str:
        """A time that comes, such as `Tomorrow, 2:40 AM`."""
        here, today = local(at, office), local(now, office).date()
        if here.date() == today + timedelta(days=1):
            return self.tongue("Tomorrow, {time}", time=self.clock(here))
        return self.moment(at, office, now)

    def plain_day(self, at: date) -> str:
        """A day in few letters, such as Nov 24, 2026."""
        return self.tongue("{month} {day}, {year}", month=self._month(at)[:3], day=at.day, year=at.year)

    def short_day(self, at: date) -> str:
        """A day of which the year is known, such as Nov 24."""
        return self.tongue("{month} {day}", month=self._month(at)[:3], day=at.day)

    def month(self, at: date) -> str:
        """A month, such as Nov 2026."""
        return self.tongue("{month} {year}", month=self._month(at)[:3], year=at.year)

    def weekday(self, number: int) -> str:
        """A day of the week; 0 is Monday."""
        return self.tongue(_WEEKDAYS[number])

    def hour(self, number: int) -> str:
        """An hour of the day, such as 9 AM."""
        return f"{number % 12 or 12} {self.tongue('AM') if number < 12 else self.tongue('PM')}"

    def wish(self, name: str) -> str:
        """What a caller wanted; what is not known as it is."""
        return self.tongue(WISHES[Intent(name)]) if name in WISHES else name.replace("_", " ")

    def language(self, code: str) -> str:
        """What a language is called; one that is not known as it is."""
        return self.tongue(table(code, "assistant")["name"]) if code in codes() else code

    def percent(self, share: float) -> str:
        """A share of 1, such as 87 %."""
        return f"{round(share * 100)} %"

    def cost(self, call: Call) -> str:
        """What the assistant cost in a call, as far as it is known."""
        return money(call.cost_usd) if call.cost_complete else self.tongue("unknown")

    def menu_way(self, steps: Sequence[str], office: Office) -> list[str]:
        """The caller's way through the menus, step by step."""
        return [self._step(step, office) for step in steps]

    def led_to(self, call: Call, office: Office) -> str:
        """Where the assistant left the caller; empty when it led them nowhere."""
        if call.disposition is None:
            return ""
        match call.disposition.kind:
            case Kind.PEOPLE:
                gone = call.reason == HUNG_UP and call.outcome not in RANG
                return "" if gone else self.tongue("The front desk")
            case Kind.VOICEMAIL:
                return self.tongue("Voicemail")
            case Kind.GOODBYE:
                return self.tongue("Goodbye")
            case Kind.TRANSFER:
                line = office.department(call.disposition.department)
                return line.name if line else call.disposition.department

    def reason(self, call: Call) -> str:
        """Why a call ended: ours is a sentence already, the carrier's is one word."""
        return self.tongue(_REASONS.get(call.reason, call.reason))

    def _month(self, at: date) -> str:
        return self.tongue(_MONTHS[at.month - 1])

    def _step(self, step: str, office: Office) -> str:
        menu, _, chosen = step.partition(":")
        line = office.department(chosen)
        known = self.tongue(_STEPS[chosen]) if chosen in _STEPS else ""
        named = known or (line.name if line else self._language(chosen))
        return f"{self.tongue(_MENUS.get(menu, menu))}: {named}"

    def _language(self, chosen: str) -> str:
        """What a language that was chosen is called; any other choice as it is."""
        return self.tongue("in {language}", language=self.language(chosen)) if chosen in codes() else chosen


words = Words(ENGLISH)
"""The words in English, for the command line."""
