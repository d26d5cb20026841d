"""Which numbers outside a desk phone may dial, as patterns of the dialplan. Pure.

Every pattern has a fixed length and holds nothing but digits (X any, Z no 0, N neither 0 nor 1, or those in
brackets), so that no other number fits it. Numbers that cost far more than a call are left out of what staff
allow, unless staff named those themselves: what fits no pattern does not exist, also for who is handed on.
May import: the standard library.
"""

from collections.abc import Iterator, Sequence

NORTH_AMERICA = "1"
NORTH_AMERICAN = 11
"""Digits of a number there, its country code with them."""
COUNTRY_CODE_MOST = 3
WITH_ZERO = ("39", "378")
"""Countries whose numbers have a 0 behind the country code."""
SHORTEST, LONGEST = 7, 15
"""Digits of an international number elsewhere."""

COSTLY = (
    # North America: premium, and other countries that are dialled like a town of it.
    *("1900", "1XXX976"),
    *("1242", "1246", "1264", "1268", "1284", "1345", "1441", "1473", "1649", "1658", "1664", "1721"),
    *("1758", "1767", "1784", "1809", "1829", "1849", "1868", "1869", "1876"),
    # Satellites, networks of no country, and international premium.
    *("870", "881", "882", "883", "979"),
    # Premium elsewhere.
    *("3389", "34803", "34806", "34807", "34905", "39892", "39895", "39899", "41900", "41901", "41906"),
    *("43900", "43930", "449", "4487", "49137", "49900", "52900", "61190", "64900"),
)
"""How such numbers begin, X for any digit."""
WITH_A_ZERO = tuple(
    f"{each[:2]}0{each[2:]}" for each in COSTLY if each[0] in "3456" and not each.startswith(WITH_ZERO)
)
"""The same with the 0 of calls within the country, which providers leave out: these country codes have two
digits."""
Places = tuple[str, ...]
"""Numbers of one length: the digits that each place may hold."""
ANY = "0123456789"
NAMES = {ANY: "X", ANY[1:]: "Z", ANY[2:]: "N"}
"""What the dialplan calls them."""


def dialled(prefixes: Sequence[str], country_code: str) -> Iterator[tuple[str, int, str]]:
    """What may be dialled for these prefixes (E.164), each pattern once; no costly number fits any of them.

    A pattern; how many of the dialled digits are left out, and what is put before the rest, so that the
    international number stands there.
    """
    found: dict[tuple[str, int, str], None] = {}
    for prefix in dict.fromkeys(prefix.removeprefix("+") for prefix in prefixes):
        costly = [costly for costly in (*COSTLY, *WITH_A_ZERO) if len(costly) > len(prefix)]
        for number in _whole(prefix):
            for cheap in _without(number, costly):
                found.update(dict.fromkeys(_ways(cheap, country_code)))
    yield from found


def _whole(begins: str) -> Iterator[Places]:
    """Numbers of every length that begin so, and can be right."""
    north_american = begins.startswith(NORTH_AMERICA)
    if north_american and any(digit in "01" for digit in (begins[1:2], begins[4:5]) if digit):
        return  # such numbers are not there: what is dialled so is a way abroad
    shortest, longest = (NORTH_AMERICAN, NORTH_AMERICAN) if north_american else (SHORTEST, LONGEST)
    for length in range(max(shortest, len(begins)), longest + 1):
        places = [*begins, *[ANY] * (length - len(begins))]
        if north_american:
            # An area, and an office, begins with 2 to 9.
            places = ["23456789" if at in (1, 4) and p == ANY else p for at, p in enumerate(places)]
        elif length > len(begins) <= COUNTRY_CODE_MOST and not begins.startswith(WITH_ZERO):
            # Where the country code alone is given, no 0 follows, as it does at home: providers take
            # "+44 0 90..." for "+44 90...", and what is costly would be open by a 0.
            places[len(begins)] = "123456789"
        yield tuple(places)


def _without(number: Places, costly: Sequence[str]) -> Iterator[Places]:
    """The numbers among these that begin in none of these ways."""
    left = [number]
    for each in costly:
        begins = tuple(ANY if digit == "X" else digit for digit in each)
        left = [part for whole in left for part in _split(whole, begins)]
    yield from left


def _split(number: Places, begins: Places) -> Iterator[Places]:
    """These numbers without those that begin so: one part for each place at which they may differ."""
    same: list[str] = []
    parts: list[Places] = []
    for at, (ours, theirs) in enumerate(zip(number, begins, strict=False)):
        both = _digits(ours, theirs, among=True)
        if other := _digits(ours, theirs, among=False):
            parts.append((*same, other, *number[at + 1 :]))
        if not both:
            yield number
            return
        same.append(both)
    yield from parts


def _digits(ours: str, theirs: str, *, among: bool) -> str:
    return "".join(digit for digit in ours if (digit in theirs) is among)


def _ways(number: Places, country_code: str) -> Iterator[tuple[str, int, str]]:
    """How such numbers are dialled in this country."""
    yield f"_+{_pattern(number)}", 0, ""
    yield f"_00{_pattern(number)}", 2, ""
    if country_code == NORTH_AMERICA:
        yield f"_011{_pattern(number)}", 3, ""
    if number[: len(country_code)] != tuple(country_code):
        return
    within = _pattern(number[len(country_code) :])
    if country_code == NORTH_AMERICA:
        yield f"_{country_code}{within}", 0, ""
        yield f"_{within}", 0, country_code
    elif first := number[len(country_code)].replace("0", ""):
        # With a 0 there it would be the way abroad.
        rest = _pattern(number[len(country_code) + 1 :])
        yield f"_0{_pattern((first,))}{rest}", 1, country_code


def _pattern(places: Places) -> str:
    return "".join(NAMES.get(digits, digits if len(digits) == 1 else f"[{digits}]") for digits in places)
