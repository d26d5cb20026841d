"""The languages that callers can have beside the clinic's own: their keys, and the office in one. Pure.

A key is what staff set, or the first that the menu leaves free. In another language than the clinic's callers
hear what staff wrote in it (`language_words`), and else its folder's own sentences, with the clinic's keys
and names. May import: appliance.core, appliance.languages.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from appliance.core.language_words import LanguageWords
from appliance.core.menu import MenuEntry
from appliance.core.staff import Office, StaffSettings
from appliance.core.wording import Wording, defaults
from appliance.core.wording import entry as entry_of
from appliance.languages.folders import code_of
from appliance.languages.tables import table

USUAL = "2813579"
"""Keys of a language, the likeliest first."""
TAKEN = {
    "0": "always leads to a person",
    "4": "is that for appointments",
    "6": "is that for appointments that callers have",
}
"""Keys that the box's own menu has, whatever the clinic's is."""

Keys = tuple[tuple[str, str], ...]
"""Languages by their codes, each with its key."""


def home_of(office: Office) -> str:
    """The code of the clinic's own language, whichever the office is spoken in."""
    return code_of(office.home or office.staff.language)


def spoken(office: Office) -> tuple[str, ...]:
    """The languages that callers can have, the clinic's own first."""
    return tuple(dict.fromkeys((home_of(office), *office.staff.languages)))


def keys(office: Office) -> Keys:
    """The languages that can be had from here, each with its key: none where there is one alone.

    Where a language is spoken that is not the clinic's, its key leads back.
    """
    home = home_of(office)
    return seen_from(code_of(office.staff.language), home, keys_beside(office.staff, home))


def seen_from(spoken: str, home: str, beside: Keys) -> Keys:
    """The languages but the spoken one: in another than the clinic's own, its key leads back."""
    own = dict(beside).get(spoken)
    back = ((home, own),) if own else ()
    return (*back, *((code, key) for code, key in beside if code != spoken))


def keys_beside(staff: StaffSettings, home: str) -> Keys:
    """The keys of the other languages, as they are while the clinic's own is spoken."""
    return tuple(_keys(staff, home))


def _keys(staff: StaffSettings, home: str) -> Iterator[tuple[str, str]]:
    """The keys as they are in the clinic's own menu."""
    used = {each.digit for each in staff.menu} | TAKEN.keys()
    others = [code for code in staff.languages if code != home]
    wanted = {code: staff.language_keys.get(code, "") for code in others}
    for code in sorted(others, key=lambda each: not wanted[each]):
        free = [key for key in (wanted[code], *USUAL) if key and key not in used]
        if free:
            used.add(free[0])
            yield code, free[0]


def conflicts(staff: StaffSettings) -> Iterator[str]:
    """What speaks against the keys that staff set, in a sentence each."""
    menu = {each.digit: each.choice for each in staff.menu}
    home, seen = code_of(staff.language), dict[str, str]()
    for code, key in staff.language_keys.items():
        if code == home or code not in staff.languages:
            offered = ", ".join(each for each in staff.languages if each != home) or "none"
            yield f"language_keys: {code} is none of the other languages of callers ({offered})."
        elif key in menu:
            yield f"language_keys: key {key} cannot be {code}'s, it leads to {menu[key]} in the menu already."
        elif key in TAKEN:
            yield f"language_keys: key {key} cannot be {code}'s, it {TAKEN[key]}."
        elif key in seen:
            yield f"language_keys: key {key} cannot be {code}'s, it is {seen[key]}'s already."
        seen[key] = code


def switched(staff: StaffSettings, code: str, *, on: bool) -> Mapping[str, object]:
    """What is to be decided so that callers can have a language, or cannot any more; its key goes with it."""
    others = [each for each in staff.languages if each != code]
    kept = {each: key for each, key in staff.language_keys.items() if each != code}
    if on:
        return {"languages": [*others, code]}
    return (
        {"language_keys": kept, "languages": others} if kept != staff.language_keys else {"languages": others}
    )


def offer(code: str, key: str) -> tuple[str, str]:
    """What a language says of itself to those who would rather have it, and how the carrier calls it."""
    told = table(code, "language")
    return str(told["offer"]).replace("{key}", key), str(told["tag"])


class Words(StrEnum):
    """Whose words a sentence is in, for callers of another language."""

    WRITTEN = "written"
    """What staff wrote in this language."""
    LANGUAGE = "language"
    """Those of the language's folder."""
    CLINIC = "clinic"
    """What staff wrote in the clinic's own language, as the folder has none of it."""


def spoken_in(office: Office, code: str) -> Office:
    """The office as it is for a caller in this language."""
    if code == code_of(office.staff.language):
        return office
    staff, home = office.staff, office.home or office.staff.language
    tag = str(table(code, "language")["tag"])
    written = written_in(staff, code)
    changed = {
        "language": tag,
        "business_name": _name(staff, home, tag),
        **usual_in(staff, tag),
        "greeting_recording": "",
        **written.sentences,
        "menu": tuple(key_in(written, each, tag)[0] for each in staff.menu),
        # From here the clinic's own is another language, in which its menu is what staff wrote.
        "language_words": {**staff.language_words, code_of(home): LanguageWords(menu=staff.menu)},
        "wording": Wording(),
    }
    return office.model_copy(update={"staff": staff.model_copy(update=changed), "home": home})


def written_in(staff: StaffSettings, code: str) -> LanguageWords:
    """What staff wrote in another language."""
    return staff.language_words.get(code, LanguageWords())


def usual_in(staff: StaffSettings, language: str) -> dict[str, str]:
    """What is said in a language where staff wrote nothing in it; what the clinic leaves unsaid stays so."""
    told = defaults(language)
    return {
        "greeting": staff.greeting and told["greeting"],
        "greeting_closed": "",
        "emergency_notice": staff.emergency_notice and told["emergency_notice"],
        "voicemail_prompt": told["voicemail_prompt"],
        "voicemail_prompt_closed": "",
    }


def _name(staff: StaffSettings, home: str, language: str) -> str:
    """The clinic's name; where it has told none, what the language calls a clinic."""
    usual = staff.business_name == defaults(home)["business_name"]
    return str(defaults(language)["business_name"]) if usual else staff.business_name


def key_in(written: LanguageWords, own: MenuEntry, language: str) -> tuple[MenuEntry, Words]:
    """An entry of the clinic's as it is in a language, and whose words these are; its words all choose it."""
    usual = entry_of(language, str(own.choice), own.digit)
    words = (*(usual["words"] if usual else ()), *own.words)
    if (ours := written.of_key(own)) is not None:
        return own.model_copy(update={"words": (*ours.words, *words), "said": ours.said}), Words.WRITTEN
    if usual is None:
        return own, Words.CLINIC
    return own.model_copy(update={"words": words, "said": own.said and usual["said"]}), Words.LANGUAGE


def wording(office: Office, entry: MenuEntry, code: str) -> str:
    """What staff themselves have written of an entry of the menu in a language; empty where it is its own."""
    here = code == code_of(office.staff.language)
    written = entry if here else written_in(office.staff, code).of_key(entry)
    usual = entry_of(code, str(entry.choice), entry.digit)
    said = written.said if written else ""
    return "" if usual and said == usual["said"] else said
