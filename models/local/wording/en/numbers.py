"""English numbers as words. Pure. May import: the standard library, models.local.wording."""

from models.local.wording.grammar import Form

DIGITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDERED = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def counted(number: int, _form: Form = "") -> str:
    """A number in words."""
    parts = []
    for size, name in ((1_000_000, "million"), (1000, "thousand")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{counted(count)} {name}")
    hundreds, rest = divmod(number, 100)
    if hundreds:
        parts.append(f"{DIGITS[hundreds]} hundred")
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens] + (f"-{DIGITS[ones]}" if ones else ""))
    elif rest or not parts:
        parts.append(DIGITS[rest])
    return " ".join(parts)


def year(number: int) -> str:
    """A year as it is said: "twenty twenty-five", "two thousand six"."""
    high, low = divmod(number, 100)
    if not 1000 <= number <= 2999 or (high % 10 == 0 and low < 10):
        return counted(number)
    if low == 0:
        return f"{counted(high)} hundred"
    return f"{counted(high)} {'oh ' if low < 10 else ''}{counted(low)}"


def ordered(number: int, *, feminine: bool = False) -> str:
    """The number of a place in a row."""
    head, joint, last = _last_word(counted(number))
    return head + joint + (_ORDERED.get(last) or (last[:-1] + "ie" if last[-1] == "y" else last) + "th")


def _last_word(words: str) -> tuple[str, str, str]:
    joint = max(words.rfind(" "), words.rfind("-"))
    return words[: max(joint, 0)], words[joint : joint + 1] if joint >= 0 else "", words[joint + 1 :]
