"""When a caller wants to come: what was said, to the start of an appointment, or to what must be asked.

A date that a caller did not clearly say is never guessed: what is ambiguous, past or missing is a `Doubt`,
and what is understood is read back. Pure. The words and patterns of a language are data (its `when.toml`).
May import: the standard library, appliance.languages.
"""

from appliance.core.when.naming import Mention, languages_of, mentions, reads, starts
from appliance.core.when.resolving import left_open, resolve, resolve_day, resolve_days, tells_of_time
from appliance.core.when.saying import date_said, month_said, said
from appliance.core.when.told import Doubt, OnDay, Unclear, When

__all__ = [
    "Doubt",
    "Mention",
    "OnDay",
    "Unclear",
    "When",
    "date_said",
    "languages_of",
    "left_open",
    "mentions",
    "month_said",
    "reads",
    "resolve",
    "resolve_day",
    "resolve_days",
    "said",
    "starts",
    "tells_of_time",
]
