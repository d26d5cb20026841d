"""What the folder of a language has to hold, and what is lost without the rest. `scripts.language` prints it.

The tables of each file are declared here; sentences are those of English, with the same places to fill in.
May import: the standard library, pydantic, appliance.languages.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.languages.folders import LanguageProblem
from appliance.languages.tables import read

PATTERN = "en"
"""Whose sentences every language has."""
PLACE = re.compile(r"\{([a-z_]*)\}")
Words = Annotated[str, Field(pattern=r"^[^A-Z]*$")]
"""Plain words with spaces between them."""
Digit = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]


class Table(BaseModel):
    """A part of a file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Open(BaseModel):
    """A file in which there is more, that is declared elsewhere."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Refused(Table):
    """What goes with the name of a language that a caller does not speak."""

    denied: Words = ""
    poor: Words = ""
    mine: Words = ""


class Departments(Table):
    """Words around the name of a department."""

    around: Words = ""
    behind: Words = ""
    denied: Words = ""
    corrected: Words = ""
    links: Words = ""


class Names(Table):
    """Words around a person's name, and common names that are no other word."""

    joins: Words = ""
    titles: Words = ""
    introduced: list[Words] = []
    given: Words = ""
    family: Words = ""


class TakenBack(Table):
    """How callers take back what they were about to leave."""

    named: list[Words] = []
    said: list[Words] = []
    unwanted: list[Words] = []
    cancels: Words = ""
    beside: Words = ""


class Language(Table):
    """`language.toml`."""

    tag: str = Field(pattern=r"^[a-z]{2,3}-[A-Z]{2}$")
    offer: str = Field(pattern=r"\{key\}")
    called: Words = Field(min_length=1)
    small_words: Words = ""
    refused: Refused = Refused()
    keys: dict[Digit | Literal["*", "#", "before", "behind"], Words]
    departments: Departments = Departments()
    names: Names = Names()
    taken_back: TakenBack = TakenBack()


class Numbers(Table):
    """`numbers.toml`."""

    joins: Words
    joins_units: bool
    thousand: Words
    thousand_alone: bool
    passed: Words
    shared: Words
    units: dict[str, Words]
    teens: dict[str, Words]
    tens: dict[str, Words]
    hundreds: dict[str, Words]
    times: dict[str, Words]
    doubtful: dict[str, Words]


class Asking(Table):
    """`asking.toml`."""

    silent: Words
    openings: Words
    closings: Words
    endings: list[Words]
    glossary: dict[Words, Words] = {}


class Wording(Table):
    """`wording.toml`."""

    plus: str
    minus: str
    to: str
    over: str
    per: str
    times: str
    equals: str
    percent: str
    and_cents: str
    number: str
    either: str
    both: str
    star: str
    pound: str
    extension: str
    always_open: str
    months: list[str] = Field(min_length=12, max_length=12)
    days: list[str] = Field(min_length=7, max_length=7)
    feminine: Words
    never_ends: Words
    decimal: dict[str, str]
    address: dict[str, str]
    fractions: dict[str, str]
    scales: dict[str, str]
    currencies: dict[str, tuple[list[str], list[str]]]
    units: dict[str, list[str]]


class Part(Table):
    """A part of the day, up to this hour."""

    until: int = Field(ge=1, le=24)
    said: str


class Clock(Table):
    """How a time of day is said."""

    hours: Literal[12, 24]
    whole: str = Field(pattern=r"\{hour\}")
    broken: str = Field(pattern=r"\{hour\}.*\{minutes\}")
    said: str = Field(pattern=r"\{time\}")
    said_at_one: str = Field(pattern=r"\{time\}")
    parts: list[Part]


class Week(Table):
    """How the usual week is told."""

    days: list[str] = Field(min_length=7, max_length=7)
    one_day: str
    some_days: str
    joined: str
    sentence: str
    between: str
    closed: str
    hours: str


class Opening(Open):
    """`opening.toml`."""

    week: Week
    clock: Clock
    holidays: dict[str, str]


class Said(Table):
    """How a date is said."""

    date: str
    date_and_year: str
    month: str = Field(pattern=r"\{month\}.*\{year\}")
    time: str
    noon: str
    day: str
    days: dict[str, str]
    months: list[str] = Field(min_length=12, max_length=12)


class When(Open):
    """`when.toml`; what is found in callers' words may be left out."""

    said: Said


class Entry(Table):
    """An entry of the menu."""

    digit: str = Field(pattern=r"^[0-9*]$")
    choice: str
    words: list[str]
    said: str


class FrontDoor(Open):
    """`front_door.toml`."""

    menu: list[Entry] = Field(min_length=1)


class Prompts(Open):
    """`prompts.toml`."""

    voice: str = Field(min_length=2)
    asks_for_person: str


class Agreeing(Table):
    """Words by which a caller agrees, or refuses."""

    yes: list[str]
    no: list[str]
    beside_no: list[str]
    alone: list[str] = []
    hollow: list[str] = []
    goodbyes: list[str] = []
    weak: list[str] = []
    hedges: list[str] = []
    wishes: list[str] = []
    cancels: list[str] = []
    against: list[str] = []
    clear: list[str] = []
    before_clear: Words = ""
    if_too: Words = ""
    beside_clear: Words = ""


class Asked(Table):
    """How callers ask for something: about an appointment that they have, or for a link to book by."""

    asks: list[str]
    ours: list[str]
    anywhere: list[str]
    alone: list[str]
    more: list[str]


class Booking(Open):
    """`booking.toml`."""

    soon: list[str]
    around_names: list[str]
    asks_number: list[str] = []
    own_number: list[str] = []
    asks_name: list[str] = []
    checks_name: list[str] = []
    asks_to_act: list[str] = []
    agreeing: Agreeing
    theirs: Asked | None = None
    link: Asked | None = None


class SourceNamed(Table):
    """How the source of an answer is named aloud."""

    own: str = Field(min_length=1)
    words: Words = Field(min_length=1)
    links: Words
    small: Words


class Unknown(Table):
    """By what an answer says that it does not know."""

    said: list[Words]


class NamesTold(Table):
    """What comes before a name, for sure or only where it is written large."""

    after: list[Words] = []
    before: list[Words] = []


class Answers(Open):
    """`answers.toml`; what asks for medical advice is read where it is used, as phrases are."""

    source: SourceNamed
    unknown: Unknown
    names: NamesTold


class Assistant(Table):
    """`assistant.toml`."""

    name: str
    voice: str


class Voicemail(Table):
    """`voicemail.toml`."""

    names: list[Words]
    loose_names: list[Words]
    urgent: list[Words]
    not_urgent: list[Words]
    courtesies: Words
    around: Words
    phantoms: list[Words]


class Desk(Open):
    """`desk.toml`."""


class Keywords(Table):
    """What people write who want no texts, want them again, or ask for help."""

    stop: list[str] = Field(min_length=1)
    start: list[str] = Field(min_length=1)
    help: list[str] = Field(min_length=1)


class Texts(Open):
    """`texts.toml`."""

    keywords: Keywords


NEEDED: Mapping[str, type[BaseModel]] = {
    "language": Language,
    "prompts": Prompts,
    "front_door": FrontDoor,
    "opening": Opening,
    "when": When,
    "booking": Booking,
    "assistant": Assistant,
    "desk": Desk,
}
"""The files without which a language cannot be spoken."""
SENTENCES = {
    "prompts": ("sentences", "filled"),
    "front_door": ("sentences", "staff"),
    "opening": ("said",),
    "booking": ("said", "doubts"),
    "desk": ("sentences", "outside"),
    "texts": ("texts", "said", "page"),
}
"""Tables in them that hold the sentences of English, in the language."""
LOST = {
    "phrases": "danger and the wish for a person are not found in callers' words",
    "intents": "without the cloud callers are understood by keys alone",
    "numbers": "numbers are not understood by voice, only by keys",
    "departments": "departments are found by the names that staff gave them alone",
    "asking": "the office's documents are searched with words as they are spelt, and less surely",
    "answers": "questions for medical advice are not told from others, nor a source that a model invents",
    "texts": "texts, what is said about them, and the page to book on are in English",
    "wording": "numbers, dates and signs in a sentence are read as the voice reads them",
    "voicemail": "names and what is urgent are not found in messages",
}
"""Files that may be left out, and what is lost without them."""
PARTS = {
    "found": "Without [found] in when.toml times are not understood by voice: callers choose by key.",
    "theirs": "Without [theirs] in booking.toml callers ask about an appointment of theirs by key alone.",
    "link": "Without [link] in booking.toml a link to book by is offered, but is not had by asking for it.",
    "recordings": "Without recordings in prompts/ a caller hears nothing once no voice is left.",
}
"""Parts of files, and a folder, that may be left out too."""
OPTIONAL: Mapping[str, type[BaseModel]] = {
    "numbers": Numbers,
    "asking": Asking,
    "answers": Answers,
    "texts": Texts,
    "wording": Wording,
    "voicemail": Voicemail,
}
"""Those of them that are declared here; the others are read where they are used."""
WITH = {"phrases": "spellings"}
"""A file that goes with another."""


def problems(code: str, folder: Traversable) -> Iterator[str]:
    """What keeps a language from being spoken, in a sentence each."""
    for name, declared in NEEDED.items():
        yield from _of_file(code, folder, name, declared)
    for name, declared in OPTIONAL.items():
        if (folder / f"{name}.toml").is_file():
            yield from _of_file(code, folder, name, declared)
    for name, other in WITH.items():
        if (folder / f"{name}.toml").is_file() and not (folder / f"{other}.toml").is_file():
            yield f"The language {code!r} has {name}.toml without {other}.toml."


def absent(folder: Traversable) -> Iterator[str]:
    """What is left out, by the names of `LOST` and `PARTS`."""
    yield from (name for name in LOST if not (folder / f"{name}.toml").is_file())
    for part, name in (("found", "when"), ("theirs", "booking"), ("link", "booking")):
        if (folder / f"{name}.toml").is_file() and part not in read(folder / f"{name}.toml"):
            yield part
    if not (folder / "prompts").is_dir():
        yield "recordings"


def lost(folder: Traversable) -> Iterator[str]:
    """What callers go without, since something is left out."""
    for name in absent(folder):
        yield PARTS.get(name) or f"Without {name}.toml {LOST[name]}."


def _of_file(code: str, folder: Traversable, name: str, declared: type[BaseModel]) -> Iterator[str]:
    path = folder / f"{name}.toml"
    if not path.is_file():
        yield f"The language {code!r} has no {name}.toml."
        return
    try:
        told = read(path)
        declared.model_validate(told)
    except LanguageProblem as exc:
        yield str(exc)
        return
    except ValidationError as exc:
        for mistake in exc.errors(include_url=False):
            where = ".".join(str(part) for part in mistake["loc"])
            yield f"The language {code!r}, {name}.toml, {where}: {mistake['msg']}."
    if name == "language" and not str(told.get("tag", code)).startswith(code):
        yield f"The language {code!r}, language.toml, tag: must begin with the folder's name."
    pattern = read(files("appliance.languages") / PATTERN / f"{name}.toml")
    for table in SENTENCES.get(name, ()):
        yield from _of_sentences(
            f"The language {code!r}, {name}.toml", table, told.get(table, {}), pattern[table]
        )


def _of_sentences(where: str, table: str, told: Any, pattern: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(told, dict):
        yield f"{where}: [{table}] must hold sentences by their names."
        return
    for key, sentence in pattern.items():
        given = told.get(key)
        if not isinstance(given, str):
            yield f"{where}: [{table}] has no {key}."
        elif set(PLACE.findall(given)) != set(PLACE.findall(sentence)):
            places = ", ".join(f"{{{place}}}" for place in sorted(set(PLACE.findall(sentence)))) or "none"
            yield f"{where}: [{table}] {key} must have the places {places}."
    for key in told.keys() - pattern.keys():
        yield f"{where}: [{table}] has {key}, which nothing says."
