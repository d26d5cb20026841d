"""The fields of the forms of documents and answers.

May import: the standard library, admin, appliance.jobs.giving, appliance.languages.
"""

from admin.forms import Field
from admin.tongue import later
from appliance.jobs.giving import ANSWER_MOST
from appliance.languages.folders import codes
from appliance.languages.tables import table

TITLE = Field(
    "title",
    later("Title"),
    hint=later("Callers hear it as the source. Left out: what the document calls itself."),
    most=120,
    needed=False,
)
REVIEWED = Field(
    "reviewed_on",
    later("Last reviewed on"),
    hint=later("The day on which somebody said that it is right. An old one is told to callers."),
    kind="day",
    needed=False,
)
ADDRESS = Field(
    "address",
    later("Address of the page"),
    hint=later("Such as https://clinic.example/prices. It is looked at again each night."),
    most=2000,
)
QUESTION = Field("question", later("Question"), hint=later("As a caller would ask it."), most=300)
ANSWER = Field(
    "answer",
    later("Answer"),
    hint=later("One or two sentences, as they are to be heard."),
    kind="lines",
    most=ANSWER_MOST,
)
NAME = Field("name", later("Its title, to be sure"), most=200)


def language(unsaid: str) -> Field:
    """A field of a language; without one it is `unsaid` that decides."""
    named = tuple((code, str(table(code, "assistant")["name"])) for code in codes())
    return Field("language", later("Language"), kind="choice", needed=False, choices=(("", unsaid), *named))


def document() -> tuple[Field, ...]:
    """What staff say of a document."""
    return (TITLE, language(later("Told by its words")), REVIEWED)
