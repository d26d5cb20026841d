"""The words in which staff are told of callers who wait: how many, since when, and never who. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from appliance.core.callbacks import Urgency
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
