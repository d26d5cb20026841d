"""What is in the call log, in plain words: times, numbers, money, outcomes, the way through the menus.

Pure. May import: the standard library, appliance.core, appliance.languages, appliance.store.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.core import telephone
from appliance.core.dispositions import Kind, Outcome
from appliance.core.staff import Office
from appliance.core.story import Speaker
from appliance.languages.folders import codes
from appliance.languages.tables import table
from appliance.store import times
from appliance.store.calls import Call

OUTCOMES = {
    Outcome.HANDLED: "Spoke with the assistant",
    Outcome.HOURS: "Heard the opening hours",
    Outcome.TRANSFERRED: "Put through to a person",
    Outcome.UNANSWERED: "Nobody picked up",
    Outcome.VOICEMAIL: "Left a voicemail",
    Outcome.ABANDONED: "Hung up early",
    Outcome.BUSY: "All lines were busy",
    Outcome.FAILED: "Failed by a fault of the box",
    Outcome.INTERRUPTED: "Cut off when the box stopped",
}
LIVE = "On the line now"

SPEAKERS = {
    Speaker.CALLER: "Caller",
    Speaker.ATTENDANT: "Attendant",
    Speaker.KEYPAD: "Keypad",
    Speaker.TOOL: "Looked up",
}

_REASONS = {
    "completed": "the call was complete",
    "no-answer": "nobody answered",
    "busy": "the line was busy",
    "failed": "the carrier could not connect it",
    "canceled": "the caller gave up",
}
_STEPS = {
    "hours": "Opening hours",
    "departments": "Departments",
    "voicemail": "Voicemail",
    "assistant": "Assistant",
    "people": "Front desk",
    "?": "Not understood",
}
_MENUS = {"main": "Main menu", "departments": "Department menu"}
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


def outcome(call: Call) -> str:
    """How a call was filed, or that it is going on."""
    return LIVE if call.outcome is None else OUTCOMES[call.outcome]


def tone(call: Call) -> str:
    """How an outcome is coloured: live, good, care (somebody should look), bad, plain."""
    return "live" if call.outcome is None else _TONES[call.outcome]


def number(e164: str) -> str:
    """A telephone number as it is read; nothing is a withheld one."""
    return telephone.shown(e164) if e164 else "Number withheld"


def local(at: str, office: Office) -> datetime:
    """A stored time in the office's zone."""
    return times.read(at).astimezone(ZoneInfo(office.staff.time_zone))


def clock(at: datetime, *, seconds: bool = False) -> str:
    """The time of day, such as 9:05 AM."""
    second = f":{at.second:02d}" if seconds else ""
    return f"{at.hour % 12 or 12}:{at.minute:02d}{second} {'AM' if at.hour < 12 else 'PM'}"


def day(at: date, today: date) -> str:
    """A day, such as Tuesday, November 24, 2026; the last two are named as well."""
    written = f"{at:%A, %B} {at.day}, {at.year}"
    if at == today:
        return f"Today, {written}"
    return f"Yesterday, {written}" if at == today - timedelta(days=1) else written


def moment(at: str, office: Office, now: str) -> str:
    """A stored time with its day, such as `Today, 9:05 AM`."""
    here, today = local(at, office), local(now, office).date()
    if here.date() == today:
        return f"Today, {clock(here)}"
    if here.date() == today - timedelta(days=1):
        return f"Yesterday, {clock(here)}"
    return f"{here:%b} {here.day}, {here.year}, {clock(here)}"


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


def second(ms: int) -> str:
    """A span in seconds, such as `0.8 s`; short ones in milliseconds."""
    return f"{ms} ms" if ms < 100 else f"{ms / 1000:.1f} s"


def money(usd: float) -> str:
    """US dollars, small sums to a tenth of a cent."""
    return f"${usd:.2f}" if usd == 0 or usd >= 1 else f"${usd:.3f}"


def cost(call: Call) -> str:
    """What the assistant cost in a call, as far as it is known."""
    return money(call.cost_usd) if call.cost_complete else "unknown"


def menu_way(steps: Sequence[str], office: Office) -> list[str]:
    """The caller's way through the menus, step by step."""
    return [_step(step, office) for step in steps]


def led_to(call: Call, office: Office) -> str:
    """Where the assistant left the caller; empty when it left nothing."""
    if call.disposition is None:
        return ""
    match call.disposition.kind:
        case Kind.PEOPLE:
            return "The front desk"
        case Kind.VOICEMAIL:
            return "Voicemail"
        case Kind.GOODBYE:
            return "Goodbye"
        case Kind.TRANSFER:
            line = office.department(call.disposition.department)
            return line.name if line else call.disposition.department


def reason(call: Call) -> str:
    """Why a call ended: ours is a sentence already, the carrier's is one word."""
    return _REASONS.get(call.reason, call.reason)


def _language(chosen: str) -> str:
    """What a language that was chosen is called; any other choice as it is."""
    return f"in {table(chosen, 'assistant')['name']}" if chosen in codes() else chosen


def _step(step: str, office: Office) -> str:
    menu, _, chosen = step.partition(":")
    line = office.department(chosen)
    named = _STEPS.get(chosen) or (line.name if line else _language(chosen))
    return f"{_MENUS.get(menu, menu)}: {named}"
