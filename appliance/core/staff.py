"""What the staff decide: every setting that is a row in the store, declared once with its meaning.

A call takes these once, when it begins. What the IT person sets in a file is in settings.py; no key is in
both. May import: the standard library, pydantic, appliance.core, appliance.languages.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from appliance.core.booking.rules import Rule, Rules
from appliance.core.booking.visits import Bookable
from appliance.core.callbacks import DueMinutes
from appliance.core.escalation import Rota, Step
from appliance.core.holidays import Holidays
from appliance.core.hours import Spans, WeeklyHours
from appliance.core.keeping import KeepDays
from appliance.core.language_words import LanguageWords
from appliance.core.menu import DepartmentLine, MenuEntry, misled
from appliance.core.opening import Opening
from appliance.core.opening_said import Told
from appliance.core.phones import Prefix, Reach
from appliance.core.wording import Wording, defaults
from appliance.languages.folders import LanguageProblem, code_of
from appliance.languages.tables import table


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError("must be a time zone such as America/New_York") from exc
    return name


def _tag(language: str) -> str:
    """A language as carriers know it; of `es` that of its folder."""
    if not re.fullmatch("[a-z]{2,3}(-[A-Z]{2})?", language):
        raise ValueError("must be a language such as en-US")
    try:
        told = table(language, "language")
    except LanguageProblem as exc:
        raise ValueError(str(exc).rstrip(".")) from exc
    return language if "-" in language else str(told["tag"])


def _codes(languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code_of(_tag(language)) for language in languages))


def _known(words: dict[str, LanguageWords]) -> dict[str, LanguageWords]:
    for code in words:
        _tag(code)
    return words


Code = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Key = Annotated[str, Field(pattern=r"^[1-9]$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]

EMERGENCY_LINE = "on-call-line"
"""The slug under which the on-call line is reached; no department is called so."""

GREETING_NAME = r"[a-z]{2}-[0-9a-f]{64}"
"""The language of a recorded greeting, and the digest of its sound."""
GreetingName = Annotated[str, Field(pattern=rf"^{GREETING_NAME}$")]
CLOSED = "-closed"
VoicemailFor = Annotated[str, Field(pattern=rf"^[a-z]{{2,3}}({CLOSED})?$")]
"""For whom a recording is heard before a message: callers of a language, and when."""

DEFAULT_LANGUAGE = "en-US"
_DEFAULTS = defaults(DEFAULT_LANGUAGE)
DEFAULT_MENU = tuple(TypeAdapter(list[MenuEntry]).validate_python(_DEFAULTS["menu"]))


class Otherwise(StrEnum):
    """What is done when the knowledge base is not sure of an answer."""

    MESSAGE = "message"
    PEOPLE = "people"
    SAY = "say"
    LINK = "link"


def _usable(menu: tuple[MenuEntry, ...]) -> tuple[MenuEntry, ...]:
    if not menu:
        raise ValueError("the menu needs an entry: without one no caller gets anywhere")
    if any(misled(entry.digit, entry.choice) for entry in menu):
        raise ValueError("key 0 always leads to a person, and to nothing else")
    keys = Counter(entry.digit for entry in menu if entry.digit)
    twice = [digit for digit, times in keys.items() if times > 1]
    if twice:
        raise ValueError(f"each key can lead to one thing only, and {', '.join(twice)} is there twice")
    return menu


class StaffSettings(BaseModel):
    """The clinic's own decisions; each field is a row that staff edit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    business_name: str = Field(str(_DEFAULTS["business_name"]), min_length=1, max_length=80)
    """How the clinic calls itself on the telephone."""

    address: str = Field("", max_length=200)
    """Where the clinic is, as it is told to callers."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "America/New_York"
    """The office's time zone."""

    hours: WeeklyHours = WeeklyHours()
    """The opening hours of a normal week."""

    closed_on: tuple[date, ...] = Field((), max_length=60)
    """Days on which the clinic is closed whatever its hours are, such as 2026-12-24. Each ends by itself."""

    special_hours: dict[date, Spans] = Field({}, max_length=60)
    """Days with hours of their own instead of their weekday's, such as {"2026-12-24": [["08:00", "12:00"]]}:
    so a clinic is open on a holiday that it keeps, or on a Saturday. `closed_on` goes before them."""

    holidays: Holidays = Holidays()
    """The holidays on which the clinic is closed; `attendant staff holidays` prints which there are."""

    language: Annotated[str, AfterValidator(_tag)] = DEFAULT_LANGUAGE
    """The language of menus and prompts, and of what is not set: greeting, notice, menu and voicemail. Any
    that has a folder, such as es-US."""

    languages: Annotated[tuple[str, ...], AfterValidator(_codes)] = Field(("en", "es"), max_length=6)
    """The languages that callers can have, `language` among them or not: with another one than that they are
    offered it, by a key and by its name."""

    language_keys: dict[Code, Key] = {}
    """The keys of the other languages in the menus, such as {"es": "2"}; of those left out it is 2, or what
    the menu leaves free."""

    front_door: Literal["menu", "assistant"] = "menu"
    """What answers first: the menu, or the assistant at once."""

    desk_first_s: int = Field(0, ge=0, le=60)
    """How long the front desk rings before the box answers a call of the PBX; 0 answers at once."""

    desk_first_when: Literal["open", "always"] = "open"
    """When they do: in the opening hours, or at any time."""

    greeting: str = Field(str(_DEFAULTS["greeting"]), max_length=300)
    """The first sentence that a caller hears; {business_name} is filled in."""

    greeting_closed: str = Field("", max_length=300)
    """The same while the clinic is closed, by its hours or for today; empty is the usual greeting."""

    greeting_recording: str = Field("", pattern=rf"^({GREETING_NAME})?$")
    """The recording that callers hear in place of `greeting`, set by a code of the desk phones; empty: it is
    spoken. One in another language than `language` is not used."""

    emergency_notice: str = Field(str(_DEFAULTS["emergency_notice"]), max_length=200)
    """Said right after the greeting; {emergency_number} is filled in."""

    emergency_number: str = Field("911", pattern=r"^[0-9]{2,6}$")
    """The number that callers in danger are told to call."""

    emergency_line: E164 | None = None
    """An on-call line to which callers in danger are put through after that; empty for none."""

    menu: Annotated[tuple[MenuEntry, ...], AfterValidator(_usable)] = DEFAULT_MENU
    """The entries of the menu: key, words, wording, and where each leads. 0 leads to a person alone."""

    language_words: Annotated[dict[Code, LanguageWords], AfterValidator(_known)] = Field({}, max_length=6)
    """What callers of other languages hear in the clinic's own words, such as {"es": {"greeting": "..."}}:
    greetings, notice, voicemail and the entries of the menu. What is left out is that language's own."""

    wording: Wording = Wording()
    """Sentences of the menus, of ringing and of voicemail; those left out are the language's own."""

    people: tuple[Reach, ...] = Field((), max_length=10)
    """The front desk: numbers and extensions that ring together whenever a person is wanted."""

    ring_s: int = Field(20, ge=5, le=60)
    """How long phones ring before voicemail takes the call."""

    hold_sound: Literal["music", "ringing"] = "music"
    """What callers of the PBX hear while phones ring for them: music, or the tone of ringing. On
    hold they hear the music in either case."""

    caller_id: E164 | None = None
    """The number that transferred calls show; empty shows the caller's own."""

    outside_prefixes: tuple[Prefix, ...] = Field((), max_length=50)
    """Which numbers desk phones may call over the trunk, by how they begin, such as +1415. Costly ones within
    them (premium, satellite) stay closed until you name their own beginning, such as +1900."""

    voicemail_prompt: str = Field(str(_DEFAULTS["voicemail_prompt"]), max_length=400)
    """What is said before a message is recorded."""

    voicemail_prompt_closed: str = Field("", max_length=400)
    """The same while the clinic is closed, by its hours or for today; empty is the usual one."""

    voicemail_recordings: dict[VoicemailFor, GreetingName] = {}
    """The recordings that callers hear in place of those words, by their language, such as `es`, and while
    the clinic is closed `es-closed`; set by a code of the desk phones."""

    greeting_phones: Annotated[tuple[E164, ...], Field(max_length=10)] = ()
    """The telephones outside from which staff may record greetings, by Twilio: who rings from one is asked
    for the number of `attendant greeting-pin`, and goes on like any other caller without it."""

    voicemail_longest_s: int = Field(180, ge=20, le=600)
    """The longest message that is recorded."""

    assistant_voice: str = Field("marin", pattern=r"^[a-z_0-9-]{2,40}$")
    """The assistant's voice."""

    assistant_notes: str = Field("", max_length=4000)
    """What the assistant should know and keep to, in the clinic's own words."""

    turn_detection: Literal["server", "semantic", "manual"] = "server"
    """Who decides that the caller has finished: the service by silence, by meaning, or our own detector."""

    turn_silence_ms: int = Field(500, ge=200, le=2000)
    """How long a caller may pause before the turn is taken as finished."""

    caller_silence_s: int = Field(12, ge=6, le=120)
    """How long a caller may say nothing to the cloud before being asked, twice, then told goodbye."""

    daily_cost_cap_usd: float = Field(0, ge=0, le=10_000)
    """What the cloud may cost on a day, in US dollars; beyond it the box itself answers until midnight, and
    goes on by itself from the next pause of a call under way. 0 is no limit. Models without a known price do
    not count, and without `local.enabled` calls under way go on."""

    appointments_told: Rule = Rule.TWO
    """Whom the box tells about appointments: callers of whom two, or all three, of number, name and day of
    birth are those of the booking; or nobody."""

    appointments_moved: Rule = Rule.TWO
    """Who may have an appointment moved, of those who are told about it: the same choice."""

    appointments_cancelled: Rule = Rule.TWO
    """Who may have one cancelled, of those who are told about it: the same choice."""

    known_visits: Rule = Rule.TWO
    """Who counts as a patient who was here before, for visits that only such may book: the same choice, by an
    appointment that is over. With "nobody" such visits are requests."""

    calendar_names: bool = False
    """Whether patients' names and numbers stand in calendars, and names in the calendar feed. Without it an
    entry has a code, with which `attendant bookings list` says whose it is."""

    text_link: bool = True
    """Whether callers are offered a text with a link to book by, where the box can send texts: when no
    calendar can be looked into, when nothing suits, or when they would rather."""

    booking_url: str = Field("", pattern=r"^(https://[^\s<>\"]{4,150})?$")
    """The clinic's own page for booking, which stands in those texts; empty: a page of the box."""

    link_hours: int = Field(48, ge=1, le=336)
    """How long a link to that page of the box is good."""

    text_confirmations: bool = True
    """Whether patients get a text when an appointment is made, moved or cancelled, where the box can send
    texts. It does not say what the appointment is for."""

    reminder_hours: int = Field(24, ge=0, le=168)
    """How long before the appointment patients get a text as a reminder; 0 sends none."""

    texts_from_hour: int = Field(9, ge=0, le=12)
    """The hour of the office's clock from which reminders are sent."""

    texts_until_hour: int = Field(20, ge=13, le=24)
    """The hour until which they are sent; one that is due at night goes out the evening before."""

    text_countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field((), max_length=20)
    """Further countries to whose mobile numbers texts are sent, such as MX; each costs what it costs."""

    texts_a_day: int = Field(200, ge=0, le=10_000)
    """So many texts are sent on a day at most; what is owed beyond is not sent."""

    callback_minutes: DueMinutes = DueMinutes()
    """By when callers are to be called back, in minutes for each cause."""

    hang_ups_after_s: int = Field(30, ge=0, le=600)
    """A caller who hung up before anything came of the call is on the callback list after so many seconds;
    0 never."""

    text_cut_off: bool = False
    """Whether callers whose call broke off, by the box or by the line, get a text that says so, once, where
    the box can send texts: in the hours of reminders, and never to who has rung again."""

    escalation: tuple[Step, ...] = Field((), max_length=20)
    """Who is told when callers are overdue on the callback list and nobody has touched it, in steps;
    left out, nobody."""

    notify_from_hour: int = Field(7, ge=0, le=12)
    """The hour of the office's clock from which they are told; of emergencies at any time."""

    notify_until_hour: int = Field(21, ge=13, le=24)
    """The hour until which they are told."""

    on_call_rota: Rota = ()
    """Who is on call, and when, in shifts of the week; a step `rota` of the escalation rings one after the
    other until somebody takes it."""

    keep_days: KeepDays = KeepDays()
    """For how many days is kept what the box knows of callers, by its kind."""

    kb_min_confidence: float = Field(0.55, ge=0, le=1)
    """How sure an answer from the knowledge base must be."""

    low_confidence_action: Otherwise = Otherwise.MESSAGE
    """What is done when it is less sure than that: the caller is told so, and can leave a message
    (`message`), is connected with a person (`people`), is told no more (`say`), or is offered a text with a
    link to `clinic_url` (`link`; a message where no text can be sent)."""

    clinic_url: str = Field("", pattern=r"^(https://[^\s<>\"]{4,150})?$")
    """The clinic's own web page, which is texted to callers whose question is not answered (`link`)."""

    kb_old_after_months: int = Field(12, ge=0, le=120)
    """After so many months without a review, the month of the last one is said with an answer's source; 0
    never says it."""

    @property
    def rules(self) -> Rules:
        """What may be told to whom, and who may have what changed."""
        return Rules(
            self.appointments_told, self.appointments_moved, self.appointments_cancelled, self.known_visits
        )

    def day_began(self, at: datetime) -> datetime:
        """Midnight before this time, by the office's own clock."""
        zone = ZoneInfo(self.time_zone)
        return datetime.combine(at.astimezone(zone).date(), time.min, zone)

    @property
    def opening(self) -> Opening:
        """When the clinic is open, with all that is different on single days."""
        return Opening(self.time_zone, self.hours, self.closed_on, self.special_hours, self.holidays)

    def closed_today(self, at: datetime) -> bool:
        """Whether the clinic is closed on that day, by its own clock, though the weekday has hours."""
        day = self.opening.day(self.day_began(at).date())
        return day.special and not day.spans

    def open_at(self, at: datetime) -> bool:
        """Whether the clinic is open at this time."""
        return self.opening.open_at(at)

    @model_validator(mode="before")
    @classmethod
    def _in_its_language(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        try:
            own = defaults(str(given.get("language", DEFAULT_LANGUAGE)))
        except LanguageProblem:
            # The field itself says so.
            return given
        return {**own, **given}

    def said(self, name: str) -> str:
        """A sentence of the front door by its name, as the clinic has it."""
        return self.wording.said(name, self.language)

    def greeting_said(self, *, closed: bool = False) -> str:
        """The greeting with the clinic's name in it, and the emergency notice."""
        return f"{self.greeting_words(closed=closed)} {self.notice}".strip()

    @property
    def notice(self) -> str:
        """The emergency notice, with the number that callers in danger are to call."""
        number = self.emergency_number
        # Others than 911 are no word of its own: they are said digit by digit.
        said = number if number == "911" else " ".join(number)
        return self.emergency_notice.replace("{emergency_number}", said)

    def voicemail_words(self, *, closed: bool = False) -> str:
        """What is said before a message is recorded."""
        return (closed and self.voicemail_prompt_closed) or self.voicemail_prompt

    def voicemail_recording(self, *, closed: bool = False) -> str:
        """The name of the recording that is heard in place of that, or empty."""
        code = code_of(self.language)
        usual = "" if closed and self.voicemail_prompt_closed else self.voicemail_recordings.get(code, "")
        return (self.voicemail_recordings.get(f"{code}{CLOSED}", "") if closed else "") or usual

    def greeting_words(self, *, closed: bool = False) -> str:
        """The greeting alone."""
        greeting = (closed and self.greeting_closed) or self.greeting
        return greeting.replace("{business_name}", self.business_name)


class Office(BaseModel):
    """All that staff decided, as one call sees it from beginning to end."""

    model_config = ConfigDict(frozen=True)

    staff: StaffSettings = StaffSettings()
    departments: tuple[DepartmentLine, ...] = ()
    bookable: Bookable = Bookable()
    """What callers can book; without a provider and a visit type nothing."""
    open_now: bool = True
    closed_today: bool = False
    """Whether the clinic is closed for this day, though its weekday has hours."""
    today: date | None = None
    """The day by the office's own clock; None for an office of which no time was told."""
    changes: datetime | None = None
    """When it closes next if it is open, when it opens if not."""
    shut: tuple[tuple[str, datetime | None], ...] = ()
    """The departments that cannot be reached, by their slugs, each with when they can be again."""
    home: str = ""
    """The clinic's own language, while a caller is spoken to in another one (`other_languages.spoken_in`)."""

    def at(self, now: datetime) -> "Office":
        """The office as it stands at this time."""
        staff, opening = self.staff, self.staff.opening
        standing = {
            "open_now": opening.open_at(now),
            "closed_today": staff.closed_today(now),
            "today": opening.local(now).date(),
            "changes": opening.changes(now),
            "shut": tuple(self._shut(now)),
        }
        return self.model_copy(update=standing)

    def _shut(self, now: datetime) -> Iterator[tuple[str, datetime | None]]:
        opening = self.staff.opening
        for line in self.departments:
            if line.hours != "always":
                own = opening.with_week(line.hours) if line.hours else opening
                if not own.open_at(now):
                    yield line.slug, own.changes(now)

    def shut_said(self, line: DepartmentLine, language: str) -> str:
        """That a department is closed as the office stands, and when it opens; empty when it is not."""
        shut = dict(self.shut)
        if line.slug not in shut or self.today is None:
            return ""
        return Told(self.staff.opening, self.today, language).department(line.name, shut[line.slug])

    def greeting_said(self) -> str:
        """What is said first of all as the office stands."""
        return self.staff.greeting_said(closed=not self.open_now)

    @property
    def recording(self) -> str:
        """The name of the recording that is heard in place of the greeting as the office stands, or empty."""
        staff = self.staff
        other = staff.greeting_closed and not self.open_now
        ours = staff.greeting_recording.startswith(f"{staff.language.partition('-')[0]}-")
        return staff.greeting_recording if ours and not other else ""

    def hours_said(self, language: str) -> str:
        """The opening hours in words: the week, what is different in the next days, and now."""
        if self.today is None:
            return self.staff.hours.said(language)
        told = Told(self.staff.opening, self.today, language)
        return f"{told.week()} {told.now(is_open=self.open_now, changes=self.changes)}".rstrip()

    def department(self, slug: str) -> DepartmentLine | None:
        """The department of this slug, if it is still there."""
        on_call = self.staff.emergency_line
        if slug == EMERGENCY_LINE and on_call is not None:
            return DepartmentLine(slug=EMERGENCY_LINE, name="On call", numbers=(on_call,))
        return next((line for line in self.departments if line.slug == slug), None)
