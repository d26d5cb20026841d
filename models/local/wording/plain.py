"""The two ends of the way: markup and odd characters out at first, and at last only what is pronounced.

Pure. May import: the standard library, models.local.wording.
"""

import html
import re
import unicodedata

LONGEST = 2000
"""Characters that are looked at, and the most that are handed on."""

_FRACTIONS = {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4"}
_SAME = {
    "№": "No. ",
    "º": "º",
    "ª": "ª",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "–": "-",
    "—": " - ",
    "−": "-",
    "‑": "-",
    "‐": "-",
}
_SAME |= {
    "\t": " ",
    "\n": "\n",
    "\r": "\n",
    "\v": "\n",
    "\f": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "«": '"',
    "»": '"',
}
_FOLDED = {
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "Mn",
    "Mc",
    "Nd",
    "Nl",
    "No",
    "Pd",
    "Ps",
    "Pe",
    "Pi",
    "Pf",
    "Po",
    "Pc",
}
_FOLDED |= {"Sm", "Sc", "Sk", "Zs", "So"}

_TAG = re.compile(r"<!--.{0,500}?-->|<[/!?]?[A-Za-z][^<>]{0,300}>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,300}(?:\s\"[^\"]{0,100}\")?\)")
_RULED = re.compile(r"^[ ]{0,8}(?:(?:[-*_=][ ]?){3,}|\|?[ ]{0,8}:?-{2,}[-:| ]*)$", re.MULTILINE)
_LINE_MARK = re.compile(r"^[ ]{0,20}(?:#{1,6}[ ]|>[ ]?|[-+*•·▪◦][ ]+|[0-9]{1,2}[.)][ ]+)+", re.MULTILINE)
_KEY = re.compile(r"(?<=[a-záéíóúñ,] )([*#])(?=[\s,.;:?!]|$)")
_EMPHASIS = re.compile(r"[*~`]+|(?<!\w)_+|_+(?!\w)")
_UNSAID = re.compile(r"[^A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff .,;:?!'¿¡-]")
_LONG = re.compile("[0-9]{5,}")
"""From so many digits on it is no number, but one to be written down."""
_UNREAD = re.compile(r"[^\w .,;:?!'¿¡%€$£/-]|_")
_TIDY = (
    (re.compile(r"[ºª]"), ""),
    (re.compile(r"\s+"), " "),
    (re.compile(r"(?<![A-Za-zÀ-ɏ])'|'(?![A-Za-zÀ-ɏ])"), ""),
    (re.compile(r"(?<![^\W_])-|-(?![^\W_])"), " "),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+(?=[.,;:?!])"), ""),
    (re.compile(r"[,;:]+(?=[.,;:?!])"), ""),
    (re.compile(r"(?<=[?!])[.,;:]+|(?<=\.)[.;:]+"), ""),
    (re.compile(r"(?<![ap]\.m)\.(?=,)"), ""),
    (re.compile(r"([?!])[?!]+"), r"\1"),
    (re.compile(r"(?<=[¿¡])[ .,;:?!]+"), ""),
    (re.compile(r"[,;:](?=[^\s])"), r"\g<0> "),
    (re.compile(r"^[ .,;:?!]+"), ""),
    (re.compile(r"[ ,;:¿¡-]+$"), ""),
)


def unmarked(text: str, star: str, pound: str) -> str:
    """The text without markup, on one line, in characters that the rules know; with these names of keys."""
    text = _known(html.unescape(text[:LONGEST]))[:LONGEST]
    text = _LINK.sub(r"\1", _TAG.sub(" ", text))
    text = _LINE_MARK.sub("", _RULED.sub("", text))
    text = _KEY.sub(lambda key: star if key[1] == "*" else pound, text)
    text = _EMPHASIS.sub("", text).replace("|", ", ")
    lines = [line.strip(" ") for line in text.split("\n")]
    ended = [line if line[-1] in ".?!,;:" else line + "." for line in lines[:-1] if line]
    return " ".join([*ended, *lines[-1:]])


def _known(text: str) -> str:
    return "".join(_FRACTIONS.get(char) or _SAME.get(char) or _folded(char) for char in _composed(text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _folded(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() else " "
    kind = unicodedata.category(char)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if kind not in _FOLDED:
        return ""
    folded = unicodedata.normalize("NFKC", char).replace("\u2044", "/")
    return folded if folded == char or folded.isprintable() else ""


def as_written(text: str) -> str:
    """The text for a voice that reads numbers itself: long ones digit by digit, and no odd signs."""
    text = _LONG.sub(lambda digits: " ".join(digits[0]), text)
    return " ".join(_UNREAD.sub(" ", text).split())[:LONGEST].strip()


def pronounced(text: str) -> str:
    """The text with nothing in it but words and the marks of pauses and questions; bounded in length."""
    text = _UNSAID.sub(
        " ", text.replace("(", ", ").replace(")", ", ").replace("...", ", ").replace("…", ", ")
    )
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0].rstrip(" ,;:¿¡-")
