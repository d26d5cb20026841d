"""What is said to callers about appointments, in their language. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from datetime import datetime

from appliance.core.booking.wanted import Wanted
from appliance.core.when import said as start_said
from appliance.languages.tables import table


def sentence(language: str, name: str, **words: str) -> str:
    """A sentence by its name, with these words in its places."""
    text: str = table(language, "booking")["said"][name]
    # A time may end in a full stop already.
    return text.format(**words).replace("..", ".")


def question(language: str, why: str, **words: str) -> str:
    """What is asked for this reason."""
    text: str = table(language, "booking")["doubts"][why]
    return text.format(**words)


def time_said(start: datetime, now: datetime, language: str, provider: str = "") -> str:
    """A start as it is read back, with the provider where there is more than one."""
    said = start_said(start, now, language)
    return sentence(language, "with", start=said, provider=provider) if provider else said


def news(starts: Sequence[datetime], wanted: Wanted, language: str, *, unknown: bool) -> str:
    """What is told before starts that are not when somebody asked for; nothing where they are.

    `unknown`: a calendar did not answer, so that nobody knows whether there is something free then.
    """
    on_day = [each for each in starts if each.date() == wanted.day]
    met = wanted.start in starts if wanted.start else any(map(wanted.fits, on_day)) or wanted.day is None
    if met:
        return ""
    name = "near" if wanted.start or on_day else "near_day"
    return sentence(language, f"{name}_unknown" if unknown else name)


def offers_said(
    offers: Sequence[str], language: str, *, exact: bool, lead: str = "", soonest: bool = False
) -> str:
    """Some offers in a sentence, behind another about when was asked for, if there is one.

    `exact`: what was asked for is the one offer. `soonest`: neither a time nor a day was asked for.
    """
    if exact:
        return sentence(language, "exact", offer=_begun(offers[0]))
    joined = sentence(language, "or").join(offers)
    return f"{lead} {sentence(language, 'soonest' if soonest else 'offers', offers=joined)}".strip()


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
