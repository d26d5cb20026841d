"""Which settings stand together on a page, and which have a page of their own.

Pure. May import: the standard library, admin.tongue, appliance.core.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from admin.tongue import later
from appliance.core import known_settings
from appliance.core.known_settings import Known

BOX = "box-"
"""How the groups of the settings file are called in addresses."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand on one page."""

    slug: str
    name: str
    told: str
    settings: tuple[Known, ...]
    of_file: bool
    """Whether they are those of the settings file, and count from the next start of a process."""


_STAFF: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "clinic": (
        later("The clinic"),
        later("Its name, place, time and languages."),
        ("business_name", "address", "time_zone", "language", "languages", "language_keys"),
    ),
    "answering": (
        later("Answering and ringing"),
        later("What answers first, which telephones ring for a person, and what may be dialled."),
        (
            "front_door", "desk_first_s", "desk_first_when", "people", "ring_s", "hold_sound", "caller_id",
            "outside_prefixes",
        ),
    ),
    "danger": (
        later("Danger and recordings"),
        later("Whom callers in danger are to call, and what is recorded."),
        (
            "emergency_number", "emergency_line", "greeting_recording", "voicemail_recordings",
            "greeting_phones", "voicemail_longest_s",
        ),
    ),
    "wording": (
        later("Sentences of the menus"),
        later("What is left empty is said in the language's own words."),
        ("wording",),
    ),
    "assistant": (
        later("The assistant"),
        later("Its voice, what it should know, how patient it is, and what it may cost."),
        (
            "assistant_voice", "assistant_notes", "turn_detection", "turn_silence_ms", "caller_silence_s",
            "daily_cost_cap_usd",
        ),
    ),
    "appointments": (
        later("Appointments"),
        later("Whom the box tells about appointments, and who may book by a link."),
        (
            "appointments_told", "appointments_moved", "appointments_cancelled", "known_visits",
            "calendar_names", "text_link", "booking_url", "link_hours",
        ),
    ),
    "texts": (
        later("Texts to patients"),
        later("Which are sent, at which hours, and to where."),
        (
            "text_confirmations", "reminder_hours", "texts_from_hour", "texts_until_hour", "text_countries",
            "texts_a_day", "text_cut_off",
        ),
    ),
    "callbacks": (
        later("Callbacks"),
        later("By when callers are to be called back, and who is told when that is late."),
        ("callback_minutes", "hang_ups_after_s", "escalation", "notify_from_hour", "notify_until_hour"),
    ),
    "answers": (
        later("Answers from documents"),
        later("How sure an answer has to be, and what is done when it is not."),
        ("kb_min_confidence", "low_confidence_action", "clinic_url", "kb_old_after_months"),
    ),
    "keeping": (
        later("How long things are kept"),
        later("For how many days is kept what the box knows of callers, and of who saw it; 0 is for ever."),
        ("keep_days",),
    ),
}  # fmt: skip

ELSEWHERE: Mapping[str, str] = {
    "hours": "hours.index",
    "closed_on": "hours.index",
    "special_hours": "hours.index",
    "holidays": "hours.show_holidays",
    "on_call_rota": "on_call.index",
    "greeting": "menu.index",
    "greeting_closed": "menu.index",
    "emergency_notice": "menu.index",
    "menu": "menu.index",
    "language_words": "menu.index",
    "voicemail_prompt": "menu.index",
    "voicemail_prompt_closed": "menu.index",
}
"""What staff decide on a page of its own."""

_FILE: Mapping[str, str] = {
    "box": later("The box itself"),
    "listen": later("Where the box listens"),
    "admin": later("These pages"),
    "front": later("The pages on the office's network"),
    "twilio": later("Twilio"),
    "cloud": later("Cloud assistant"),
    "speech": later("Speech without the cloud"),
    "local": later("Local assistant"),
    "google": later("Google Calendar"),
    "asterisk": later("Desk phones and trunk"),
    "microsoft": later("Microsoft 365"),
    "limits": later("Limits"),
    "jobs": later("Worker"),
    "backup": later("Backups"),
    "knowledge": later("Documents"),
    "voicemail": later("Spoken messages"),
    "mail": later("E-mail to staff"),
    "notify": later("What else tells staff"),
}


@cache
def groups() -> tuple[Group, ...]:
    """All of them: first what staff decide, then the settings file's."""
    return (*_of_staff(), *_of_file())


def group(slug: str) -> Group | None:
    """The one of this name."""
    return next((each for each in groups() if each.slug == slug), None)


def _of_staff() -> list[Group]:
    known = known_settings.staff()
    found = []
    for slug, (name, told, keys) in _STAFF.items():
        settings = [each for key in keys for each in known if key_of(each) == key]
        found.append(Group(slug, name, told, tuple(settings), of_file=False))
    return found


def _of_file() -> list[Group]:
    return [
        Group(
            f"{BOX}{each.name}", _FILE.get(each.name, each.name), each.help, each.settings, of_file=True
        )
        for each in known_settings.boot()
    ]  # fmt: skip


def key_of(known: Known) -> str:
    """The row of staff's that a setting is in."""
    return known.name.partition(".")[0]
