"""What is wrong with a value, in plain words: the settings' own errors in the reader's language.

Pure. May import: the standard library, admin.tongue, appliance.core.
"""

from collections.abc import Iterable, Mapping

from admin.forms import Form
from admin.tongue import Tongue, later
from appliance.core.known_settings import Known, Mistake

NUMBER = later("This has to be a number.")
WHOLE = later("This has to be a whole number.")
NO_CHOICE = later("Choose one of these.")
NOT_AS_SAID = later("This is not written as it has to be; the sentence above says how.")
WITH_PLUS = later("A number is written with + and its country code, such as +14155550100.")
NO_DAY = later("A day is written as 2027-11-30.")
SAID: Mapping[str, str] = {
    "int_parsing": NUMBER,
    "int_type": NUMBER,
    "int_from_float": WHOLE,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "finite_number": NUMBER,
    "bool_parsing": NO_CHOICE,
    "bool_type": NO_CHOICE,
    "literal_error": NO_CHOICE,
    "enum": NO_CHOICE,
    "greater_than_equal": later("This has to be {ge} or more."),
    "less_than_equal": later("This has to be {le} or less."),
    "string_too_long": later("This has to be no longer than {max_length} letters."),
    "string_too_short": later("This has to be {min_length} letters or more."),
    "too_long": later("There can be {max_length} at the most."),
    "string_pattern_mismatch": NOT_AS_SAID,
    "date_from_datetime_parsing": NO_DAY,
    "date_parsing": NO_DAY,
    "date_type": NO_DAY,
}
OWN = (
    later("must be a time zone such as America/New_York"),
    later("must be a language such as en-US"),
    later("must be 365 or more, or 0"),
    later("the menu needs an entry: without one no caller gets anywhere"),
    later("key 0 always leads to a person, and to nothing else"),
    later("public_url must be set with account_sid: Twilio calls this box there"),
    later("client_id must be set with tenant: it names the app that may use the calendars"),
    later("sender must be set with host: e-mails come from it"),
    later("security none is for a server on this machine alone, such as 127.0.0.1"),
    later("rtp_to must be at least 19 above rtp_from"),
    later("close_code, reopen_code, greeting_code and voicemail_code must differ"),
)
"""Sentences of the settings themselves that hold no value; those that do stay in English."""
LINE = later("Line {line}: {told}")


def sentence(mistake: Mistake, tongue: Tongue) -> str:
    """One mistake."""
    if mistake.what == "string_pattern_mismatch" and str(mistake.limits.get("pattern", "")).startswith(
        (r"^\+", r"^(\+")
    ):
        return tongue(WITH_PLUS)
    if mistake.what in SAID:
        values = {key: value for key, value in mistake.limits.items() if key != "error"}
        return tongue(SAID[mistake.what], **values)
    told = tongue(mistake.told)
    first = told.partition(" ")[0]
    # The name of a setting stays as it is written.
    begun = told if "_" in first else told[:1].upper() + told[1:]
    return begun + "." * (not told.endswith("."))


def place(found: Iterable[Mistake], settings: Iterable[Known], form: Form, tongue: Tongue) -> None:
    """Put each beside the field that it is about, and what is about several above them all."""
    names = [each.name for each in settings]
    for mistake in found:
        name = next((each for each in names if f"{mistake.name}.".startswith(f"{each}.")), "")
        told, within = sentence(mistake, tongue), mistake.name.removeprefix(name).strip(".")
        if name and within.isdecimal():
            told = tongue(LINE, line=int(within) + 1, told=told)
        elif within or (not name and mistake.name):
            told = f"{within}: {told}"
        form.errors.setdefault(name, told)
