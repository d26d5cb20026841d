"""Where sentences end, in English and in Spanish. Pure. May import: the standard library."""

import re

_END = re.compile(r"([.!?…]+[\"'”’)\]»]*)\s+(?=[\"'“‘(\[«]*[¿¡]?[^\W_a-zà-öø-ÿ])")
_ABBREVIATED = """
dr dra drs sr sra srta ud uds prof mr mrs ms jr inc st ave blvd no nos núm núms ext tel apt dpto depto dept av
avda c.p etc vs a.m p.m e.g i.e approx aprox p.ej fig pág
"""
_SHORT = frozenset(_ABBREVIATED.split())


def sentences(text: str) -> list[str]:
    """The sentences of a text, each line by itself; together they are all of it but for white space."""
    found = []
    for line in text.splitlines():
        begin = 0
        for end in _END.finditer(line):
            if not _abbreviated(line[begin : end.start()], end[1]):
                found.append(line[begin : end.end()].strip())
                begin = end.end()
        found.append(line[begin:].strip())
    return [sentence for sentence in found if sentence]


def _abbreviated(before: str, mark: str) -> bool:
    word = before.rpartition(" ")[2].lstrip("(\"'“¿¡").lower()
    return mark == "." and (word in _SHORT or (len(word) == 1 and word.isalpha()))
