"""English abbreviations. Pure. May import: the standard library, models.local.wording."""

import re

from models.local.wording.abbreviating import becomes, dotted, ends, kept, prefix, title
from models.local.wording.rules import Rule

_SAINTS = (
    "Agnes|Albans|Andrew|Anne|Ann|Anthony|Augustine|Bernard|Catherine|Charles|Clair|Clare|Cloud|Croix|David|Elizabeth"
    "|Francis|George|Helena|James|John|Johns|Joseph|Jude|Lawrence|Louis|Lucie|Luke|Mark|Martin|Mary|Matthew|Michael"
    "|Nicholas|Patrick|Paul|Peter|Petersburg|Rita|Stephen|Thomas|Vincent"
)
_BEFORE_STREET = r"(?<=[a-z0-9] )"
ABBREVIATIONS: tuple[Rule, ...] = (
    (re.compile(rf"\bSt\.?\s(?={_SAINTS})(?<![0-9] )"), becomes("Saint ")),
    (re.compile(r"([0-9]\s(?:[A-Z][\w']{0,30}\s){1,3})Dr\b\.?"), lambda m: f"{m[1]}Drive" + ends(m)),
    title("Dr", "Doctor"),
    prefix("Mr", "Mister"),
    prefix("Mrs", "Missus"),
    prefix("Ms", "Miz"),
    title("Prof", "Professor"),
    title("Rev", "Reverend"),
    dotted("Dr", "Doctor"),
    dotted("Jr", "Junior"),
    dotted("Sr", "Senior"),
    kept(_BEFORE_STREET + r"St\b", "Street"),
    (re.compile(r"\bSt\.\s?(?=[A-Z])"), becomes("Saint ")),
    kept(_BEFORE_STREET + r"Ave\b", "Avenue"),
    kept(_BEFORE_STREET + r"Blvd\b", "Boulevard"),
    kept(_BEFORE_STREET + r"Rd\b", "Road"),
    kept(_BEFORE_STREET + r"Ln\b", "Lane"),
    kept(_BEFORE_STREET + r"Pkwy\b", "Parkway"),
    kept(_BEFORE_STREET + r"Hwy\b|\bHwy(?=\.?\s[0-9])", "Highway"),
    dotted("[Mm]ax", "maximum"),
    *(
        (re.compile(rf"(?<=[0-9] ){letter}\b\.?(?=\s[A-Z])"), becomes(name))
        for letter, name in zip("NSEW", ("North", "South", "East", "West"), strict=True)
    ),
    dotted("Ct", "Court"),
    dotted("Pl", "Place"),
    (re.compile(r"\b[Aa]pt\b\.?(?=\s?#?[0-9A-Z])"), becomes("apartment")),
    dotted("[Aa]pt", "apartment"),
    (re.compile(r"\bSte\b\.?(?=\s?#?[0-9])"), becomes("Suite")),
    (re.compile(r"\b[Rr]m\b\.?(?=\s?#?[0-9])"), becomes("room")),
    kept(r"\b[Bb]ldg\b", "building"),
    kept(r"\b[Dd]ept\b", "department"),
    kept(r"\b[Aa]ppts\b", "appointments"),
    kept(r"\b[Aa]ppt\b", "appointment"),
    kept(r"\b[Aa]pprox\b", "approximately"),
    kept(r"\b[Ee]tc\b", "et cetera"),
    kept(r"\bvs\b", "versus"),
    dotted("[Tt]el", "telephone"),
    dotted("[Mm]ed", "medical"),
    dotted("Inc", "Incorporated"),
    dotted("[Mm]in", "minutes"),
    dotted("[Hh]rs", "hours"),
    (re.compile(r"\b[Ee]\.\s?g\.,?"), becomes("for example,")),
    (re.compile(r"\b[Ii]\.\s?e\.,?"), becomes("that is,")),
    (re.compile(r"\bM\.\s?D\b\.?"), lambda m: "M D" + ends(m)),
    (re.compile(r"\bPh\.\s?D\b\.?"), lambda m: "P H D" + ends(m)),
    (re.compile(r"\bU\.\s?S\.(?:\s?A\.)?"), lambda m: ("U S A" if "A" in m[0] else "U S") + ends(m)),
    (re.compile(r"\b[Nn]os?\.\s{0,2}(?=[0-9])|#\s?(?=[0-9])"), becomes("number ")),
    (re.compile(r"(?<!\w)[Ww]/o(?!\w)"), becomes("without")),
    (re.compile(r"(?<!\w)[Ww]/\s?(?=\w)"), becomes("with ")),
    (re.compile(r"(?<!\w)[Nn]/[Aa](?!\w)"), becomes("not applicable")),
)
