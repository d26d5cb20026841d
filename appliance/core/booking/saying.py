"""What is said to callers about appointments, in their language. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from datetime import datetime

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


def offers_said(
    offers: Sequence[str],
    language: str,
    *,
    asked: bool,
    exact: bool,
    unknown: bool = False,
    soonest: bool = False,
) -> str:
    """Some offers in a sentence. `asked`: a certain time was asked for; `exact`: it is the one offer.

    `unknown`: a calendar did not answer, so that nobody knows whether the time is free. `soonest`: neither a
    time nor a day was asked for.
    """
    if exact:
        return sentence(language, "exact", offer=_begun(offers[0]))
    joined = sentence(language, "or").join(offers)
    name = ("near_unknown" if unknown else "near") if asked else ("soonest" if soonest else "offers")
    return sentence(language, name, offers=joined)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
