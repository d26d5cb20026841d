"""Which language a caller speaks, by the small words that only one of them has. Pure.

Says nothing where it is not plain: one word, a name or a number is no language. May import: the standard
library, appliance.core.
"""

from appliance.core.menu import plain

LEAST, AGAINST = 2, 3
"""So many small words make a language, and so many times as many as of the other."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


SMALL_WORDS = {
    "en": _words(
        "the of to and in is you that it for are with my this what have from do can your how would want need"
        " please when where could be an was not does there i im id ive dont its at on will but they at about"
        " get has had her his she he we which who why yes thank thanks hello appointment hours"
    ),
    "es": _words(
        "el la los las de que en un una por para con mi su es son esta estoy quiero quisiera necesito puedo"
        " puede como cual cuando donde cuanto tengo tiene hay le lo al del se si favor gracias hola buenos"
        " buenas dias tardes usted ustedes pero muy ya yo cita hablar"
    ),
}


def spoken(text: str) -> str:
    """The language of a text, or empty when that is not plain."""
    words = set(plain(text.replace("'", "").replace("’", "")).split())
    counts = {language: len(small & words) for language, small in SMALL_WORDS.items()}
    language = max(counts, key=lambda each: counts[each])
    others = sum(counts.values()) - counts[language]
    return language if counts[language] >= max(LEAST, AGAINST * others) else ""
