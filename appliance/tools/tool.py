"""What a tool is: a name, a schema, and something it does.

The pydantic model of the arguments is the one source of the schema that the assistant is given, of the check
of what it sends, and of docs/tools.md. May import: the standard library, pydantic, appliance.core,
appliance.languages, kb.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.desk import BookingDesk
from appliance.core.booking.linking import LinkDesk
from appliance.core.booking.rules import Deed
from appliance.core.citations import Asked
from appliance.core.dispositions import Disposition
from appliance.core.staff import Office
from appliance.core.story import Turn
from appliance.core.telephone import USUAL_REGION
from appliance.languages.folders import codes
from kb.answer import AnswerDesk

WORDS_WITHIN_S = 7.0
"""What a tool may take that waits for the caller's last words before it does its own work."""


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Arguments(BaseModel):
    """The arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _known(language: str) -> str:
    if language and language not in codes():
        raise ValueError(f"must be empty, or one of {', '.join(codes())}")
    return language


def _of_languages(schema: dict[str, Any]) -> None:
    schema["enum"] = ["", *codes()]


Spoken = Annotated[
    str,
    AfterValidator(_known),
    Field(
        description="The language that you speak with the caller; empty for that of the call.",
        json_schema_extra=_of_languages,
    ),
]


class NoArguments(Arguments):
    """A tool that needs to know nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool says to the assistant.

    `leave` is how the call is to end if it is to end, `language` the one to go on in if that is another.
    """

    output: dict[str, Any]
    leave: Disposition | None = None
    language: str = ""
    asked: Asked | None = None
    """The question that was put to the office's documents, with what was found."""
    sentence: str = ""
    """One of our own sentences, by its name, to be said as the call ends, in place of a model's words."""


def refused(problem: str) -> Result:
    """A sentence that the assistant can act on."""
    return Result({"ok": False, "error": problem})


@dataclass(frozen=True, slots=True)
class Note:
    """What staff are told. `number` is where to call back (E.164), `call_back` that a call is all they want.

    `name_heard` says whether the name is in the caller's own words, `number_from` how the number is known.
    `words` are what the caller was heard to say, and `unheard` what of the rest is not in it, where a model
    wrote it.
    """

    subject: str
    body: str
    name: str = ""
    name_heard: bool = True
    number: str = ""
    urgent: bool = False
    call_back: bool = False
    recording: str = ""
    number_from: NumberFrom | None = None
    words: str = ""
    unheard: str = ""
    unfinished: bool = False
    """Whether the caller's last words may take it back."""
    anew: int = 0
    """How often it was withdrawn in this call: told again, it is another one."""

    @property
    def content(self) -> tuple[str | int, ...]:
        """What makes it this note; told again with these it is the same one, whatever was said since."""
        told = (self.subject, self.body, self.name, self.number, self.urgent, self.call_back, self.recording)
        return (*told, self.anew) if self.anew else told


@dataclass(frozen=True, slots=True)
class Stands:
    """A message of this call that staff will see to, kept behind so many turns.

    `withdraw` has it stand no more, on disk when it returns: whether it did, which is not so where staff saw
    to it before.
    """

    behind: int
    withdraw: Callable[[], Awaitable[bool]]


def none_stands() -> Stands | None:
    """Where no message was kept."""
    return None


def left_open(_note: Note) -> None:
    """Where nothing is kept that is not sure yet."""


async def nothing_said() -> tuple[Turn, ...]:
    """A story without a word."""
    return ()


def english() -> str:
    """The language of a call that has no other."""
    return "en"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool of one call can reach.

    `keep_message` has the message on disk when it returns, once however often it is told. `said` is the story
    so far, the caller's last words among it. `region` is the country in which numbers are dialled (such as
    US). `doubted` are names that were asked for once more, behind so many turns.
    """

    call_sid: str
    caller: str
    office: Office
    keep_message: Callable[[Note], Awaitable[None]]
    bookings: BookingDesk | None = None
    """The appointments of this call; None where none are made by telephone."""
    links: LinkDesk | None = None
    """The links that can be texted in this call; None where none can."""
    answers: AnswerDesk | None = None
    """The office's documents; None where nothing is known of any."""
    clock: Callable[[], datetime] = now
    said: Callable[[], Awaitable[tuple[Turn, ...]]] = nothing_said
    region: str = USUAL_REGION
    doubted: dict[str, int] = field(default_factory=dict)
    language: Callable[[], str] = english
    """The language that the call is in, such as `es`."""
    leave_open: Callable[[Note], None] = left_open
    """Takes a note that waits for an answer of the caller, to be kept as it is should none come."""
    stands: Callable[[], Stands | None] = none_stands
    """The message that was kept last, of those that stand."""
    ours: bool = False
    """Whether it is our own dialogue that asks, which has had the caller's words and their yes."""

    def in_its_language(self, arguments: Arguments) -> Arguments:
        """The same arguments, with the call's language where they name none."""
        if getattr(arguments, "language", None) != "":
            return arguments
        return arguments.model_copy(update={"language": self.language()})


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `run` returns what it promised only when that is on disk."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Desk, Any], Awaitable[Result]]
    aloud: type[Arguments] | None = None
    """The arguments of our own dialogue, where it may tell more than the cloud."""
    offered: bool = True
    """Whether the cloud is told of it and may ask for it; our own dialogue may ask for all."""
    within_s: float = 5.0
    """How long it may take, with all its tries: the caller waits."""
    again: bool = False
    """Whether it is tried once more when it fails in passing, since it changes nothing."""
    rules: tuple[Deed, ...] = ()
    """The rules of staff that say whom it may tell, or serve; none where it tells of nobody."""

    def schema(self) -> dict[str, Any]:
        """The function schema that the assistant is given."""
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        parameters.setdefault("properties", {})
        for told in parameters["properties"].values():
            # The name says it already, and every word is paid for in each answer.
            told.pop("title", None)
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": parameters,
        }
