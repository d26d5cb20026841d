"""Telephone numbers: what was said or keyed, as one that can be called; and as people write it. Pure.

May import: the standard library, phonenumbers.
"""

from collections.abc import Collection, Iterable

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

USUAL_REGION = "US"
_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE
_TEXTED = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_AT_HOME = {"US": frozenset({"US", "PR", "VI", "GU", "AS", "MP"})}
"""What counts as the country itself, though its numbers are told apart."""


def region(numbers: Iterable[str]) -> str:
    """The country in which a clinic is, by the first of its own numbers that tells; such as US."""
    for number in numbers:
        parsed = _parsed(number, None)
        found = phonenumbers.region_code_for_country_code(parsed.country_code or 0) if parsed else ""
        if found and found != "ZZ":
            return found
    return USUAL_REGION


def e164(text: str, within: str = USUAL_REGION) -> str:
    """The number (such as +14155550100) that is dialled so in this country, or empty when it is none."""
    parsed = _parsed(text, within)
    if parsed is None or phonenumbers.is_possible_number_with_reason(parsed) != _POSSIBLE:
        return ""
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def within_text(text: str, within: str = USUAL_REGION) -> list[str]:
    """The telephone numbers (E.164) that are written in a text."""
    found = phonenumbers.PhoneNumberMatcher(text, within)
    return [phonenumbers.format_number(each.number, PhoneNumberFormat.E164) for each in found]


def national(number: str) -> str:
    """The digits of a number (E.164) without its country code; all digits of what is none."""
    parsed = _parsed(number, None)
    if parsed is None:
        return "".join(digit for digit in number if digit.isdecimal())
    return phonenumbers.national_significant_number(parsed)


def shown(number: str, within: str = USUAL_REGION) -> str:
    """A number as it is written in this country, such as (415) 555-0100; what is none stays as it is."""
    parsed = _parsed(number, within) if number.startswith("+") else None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        return number
    at_home = parsed.country_code == phonenumbers.country_code_for_region(within)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def takes_texts(number: str, within: str = USUAL_REGION, also: Collection[str] = ()) -> bool:
    """Whether a number (E.164) may be a mobile phone of this country, or of those `also` (such as MX).

    A premium number, a satellite phone, or one of another country is none: a text there may cost dearly.
    """
    parsed = _parsed(number, None) if number.startswith("+") else None
    if parsed is None or phonenumbers.number_type(parsed) not in _TEXTED:
        return False
    home = _AT_HOME.get(within, frozenset({within}))
    return phonenumbers.region_code_for_number(parsed) in home | set(also)


def _parsed(text: str, within: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, within)
    except NumberParseException:
        return None
