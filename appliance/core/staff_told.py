"""The words in which staff are told of callers who wait, never who; and of what is wrong with the box. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from dataclasses import dataclass

from appliance.core.callbacks import Urgency
from appliance.core.troubles import Trouble
from appliance.languages.folders import LanguageProblem, code_of
from appliance.languages.tables import table

OTHERWISE = "en"


def _words(language: str, part: str) -> dict[str, str]:
    """Those of English for a language that has none."""
    try:
        found: dict[str, str] = table(code_of(language), "staff")[part]
    except LanguageProblem:
        found = table(OTHERWISE, "staff")[part]
    return found


def overdue(language: str, count: int, emergencies: int, oldest_minutes: int) -> str:
    """How many are overdue, and since when the oldest of them is."""
    said = _words(language, "overdue")
    told = [said["one" if count == 1 else "many"].format(count=count)]
    if emergencies:
        told.append(said["emergencies"].format(count=emergencies))
    return " ".join([*told, said["oldest"].format(minutes=oldest_minutes)])


def where(language: str, link: str) -> str:
    """Where to look."""
    said = _words(language, "overdue")
    return said["where"].format(link=link) if link else said["list"]


def on_call(language: str, urgency: Urgency, clinic: str) -> tuple[str, str]:
    """What is said to who is on call, and what they are asked then."""
    said = _words(language, "rota")
    return said[urgency.name.lower()].format(clinic=clinic), said["ask"]


def rota(language: str, clinic: str) -> dict[str, str]:
    """All that is said to who is on call, by its name."""
    return {name: said.format(clinic=clinic) for name, said in _words(language, "rota").items()}


def answered(language: str, name: str) -> str:
    """What is said to who is on call once they pressed a key: `taken`, `late` or `declined`."""
    return _words(language, "rota")[name]


@dataclass(frozen=True, slots=True)
class BoxNews:
    """That something is wrong with the box, or, with an `until`, that it is over. Times are the office's."""

    trouble: Trouble
    detail: str
    """What its part says itself, in English."""
    since: str
    until: str
    link: str
    language: str
    clinic: str

    @property
    def subject(self) -> str:
        """The news in one sentence."""
        said = self._said
        told = said[self.trouble.value.replace("-", "_")]
        return said["over"].format(told=told) if self.until else told

    @property
    def body(self) -> str:
        """The whole of an e-mail."""
        said = self._said
        span = "span" if self.until else "since"
        lines = [self.subject, said[span].format(since=self.since, until=self.until)]
        if self.detail and not self.until:
            lines.append(said["detail"].format(detail=self.detail))
        lines.append(said["where"].format(link=self.link) if self.link else said["page"])
        return "\n\n".join(lines) + "\n"

    @property
    def text(self) -> str:
        """The same for a telephone."""
        return f"{self.clinic[:40]}: {self.subject}"

    @property
    def _said(self) -> dict[str, str]:
        return _words(self.language, "trouble")
