"""What the staff decide: every setting that is a row in the store, declared once with its meaning.

A call takes these once, when it begins. What the IT person sets in a file is in settings.py; no key is in
both. May import: the standard library, pydantic, appliance.core.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.core.hours import WeeklyHours
from appliance.core.menu import Choice, DepartmentLine, MenuEntry


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError("must be a time zone such as America/New_York") from exc
    return name


E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]

EMERGENCY_LINE = "on-call-line"
"""The slug under which the on-call line is reached; no department is called so."""

DEFAULT_MENU = (
    MenuEntry(
        digit="1",
        choice=Choice.HOURS,
        words=("hours", "opening hours", "open", "closed"),
        said="For our opening hours, press 1.",
    ),
    MenuEntry(
        digit="2",
        choice=Choice.DEPARTMENTS,
        words=("department", "departments", "transfer"),
        said="To reach a department, press 2.",
    ),
    MenuEntry(
        digit="3",
        choice=Choice.VOICEMAIL,
        words=("voicemail", "message", "leave a message"),
        said="To leave a message, press 3.",
    ),
    MenuEntry(
        digit="9",
        choice=Choice.ASSISTANT,
        words=("assistant", "appointment", "question"),
        said="To speak with our assistant, press 9.",
    ),
    MenuEntry(
        digit="0",
        choice=Choice.PEOPLE,
        words=("person", "human", "front desk", "representative", "operator", "somebody"),
        said="To speak with a person, press 0 at any time.",
    ),
)


class StaffSettings(BaseModel):
    """The clinic's own decisions; each field is a row that staff edit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    business_name: str = Field("the clinic", min_length=1, max_length=80)
    """How the clinic calls itself on the telephone."""

    address: str = Field("", max_length=200)
    """Where the clinic is, as it is told to callers."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "America/New_York"
    """The office's time zone."""

    hours: WeeklyHours = WeeklyHours()
    """The opening hours of a normal week."""

    language: Literal["en-US"] = "en-US"
    """The language of menus and prompts."""

    front_door: Literal["menu", "assistant"] = "menu"
    """What answers first: the menu, or the assistant at once."""

    greeting: str = Field("Thank you for calling {business_name}.", max_length=300)
    """The first sentence that a caller hears; {business_name} is filled in."""

    emergency_notice: str = Field("If this is an emergency, please hang up and dial 911.", max_length=200)
    """Said right after the greeting."""

    emergency_number: str = Field("911", pattern=r"^[0-9]{2,6}$")
    """The number that callers in danger are told to call."""

    emergency_line: E164 | None = None
    """An on-call line to which callers in danger are put through after that; empty for none."""

    menu: tuple[MenuEntry, ...] = DEFAULT_MENU
    """The entries of the menu: key, words, wording, and where each leads."""

    people: tuple[E164, ...] = Field((), max_length=10)
    """The numbers of the front desk; they ring together whenever a person is wanted."""

    ring_s: int = Field(20, ge=5, le=60)
    """How long phones ring before voicemail takes the call."""

    caller_id: E164 | None = None
    """The number that transferred calls show; empty shows the caller's own."""

    voicemail_prompt: str = Field(
        "Nobody can take your call right now. Please leave your name, your number and your message"
        " after the tone, then press pound.",
        max_length=400,
    )
    """What is said before a message is recorded."""

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

    kb_min_confidence: float = Field(0.55, ge=0, le=1)
    """How sure an answer from the knowledge base must be."""

    low_confidence_action: Literal["message", "people"] = "message"
    """What is offered when it is less sure than that."""

    def greeting_said(self) -> str:
        """The greeting with the clinic's name in it, and the emergency notice."""
        greeting = self.greeting.replace("{business_name}", self.business_name)
        return f"{greeting} {self.emergency_notice}".strip()


class Office(BaseModel):
    """All that staff decided, as one call sees it from beginning to end."""

    model_config = ConfigDict(frozen=True)

    staff: StaffSettings = StaffSettings()
    departments: tuple[DepartmentLine, ...] = ()

    def department(self, slug: str) -> DepartmentLine | None:
        """The department of this slug, if it is still there."""
        on_call = self.staff.emergency_line
        if slug == EMERGENCY_LINE and on_call is not None:
            return DepartmentLine(slug=EMERGENCY_LINE, name="On call", numbers=(on_call,))
        return next((line for line in self.departments if line.slug == slug), None)
