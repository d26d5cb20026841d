"""What happens in a rehearsal, in plain words: for pages, and for the script of the page that is spoken with.

Pure. May import: the standard library, admin.tongue, admin.words, admin.calls.tools, appliance.core,
appliance.languages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from admin.calls import tools
from admin.tongue import Tongue, later
from admin.words import SPEAKERS, Words
from appliance.core.rehearsal import Part, Refusal
from appliance.core.staff import Office
from appliance.core.story import Speaker
from appliance.languages.folders import codes
from appliance.languages.prompts import prompts

PARTS = {
    Part.TOOLS: later("What is looked up and done"),
    Part.ENDING: later("Where the call goes"),
    Part.SENTENCES: later("The box's own sentences"),
    Part.SOURCES: later("The sources of answers"),
}
REFUSALS = {
    Refusal.TOKEN: later("This rehearsal was begun already, or waited too long. Begin again."),
    Refusal.ORIGIN: later("This page was opened under another address. Open it again."),
    Refusal.ANOTHER: later("You are rehearsing already, perhaps in another window. Hang up there first."),
    Refusal.FULL: later("Callers need the box, and they go first. Try again in a few minutes."),
    Refusal.DOCUMENTS: later("The draft's documents are being read. Begin again in a moment."),
    Refusal.NOBODY: later(
        "There is no assistant to talk with: neither the cloud nor the box's own is switched on."
    ),
}
AWAY = later("The bridge does not answer, so that nobody can rehearse now. Calls may not be answered either.")
_SENTENCES = {
    "assistant.cloud": later("The cloud assistant talks."),
    "assistant.local": later("The box's own assistant talks."),
    "tool.refused": later("{what}: not done"),
    "sources": later("Answered from: {what}"),
    "sources.none": later("The documents do not answer that."),
    "noticed.emergency": later("Danger was noticed."),
    "noticed.person": later("The wish for a person was noticed."),
    "language": later("Goes on in {what}"),
    "ends.people": later("A caller would now be put through to the front desk."),
    "ends.transfer": later("A caller would now be put through to {what}."),
    "ends.voicemail": later("A caller would now leave a voicemail."),
    "ends.goodbye": later("A caller would now have heard goodbye."),
    "effect.message": later("Would be written down for the staff: {what}"),
    "effect.booked": later("Would be booked: {what}"),
    "effect.cancelled": later("Would be cancelled: {what}"),
    "effect.text": later("Would be sent as a text: {what}"),
    "over": later("The rehearsal is over. Nothing of it was booked, sent, written down or counted."),
    "failed": later("The rehearsal broke off: {what}"),
    "turn.cut": later("broken into here"),
    "turn.message": later("Say the message now."),
    "lost": later("The connection to the box was lost."),
    "connecting": later("The box picks up…"),
    "no_microphone": later("The browser gives no microphone. Allow it for this page, or type instead."),
    "not_secure": later(
        "Browsers give a microphone only to pages with https. Type instead, or open the page so."
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a rehearsal: what somebody says, or a note between; `cut` where it was broken into."""

    kind: str
    """caller, attendant or keypad; between for what is done and found, end for where it leads."""
    text: str
    cut: bool = False


def sentences(office: Office, tongue: Tongue) -> dict[str, Any]:
    """All words that the script needs, by what they are for."""
    words = Words(tongue)
    refusals = {f"refused.{why}": tongue(said) for why, said in REFUSALS.items()}
    return {
        "said": {name: tongue(said) for name, said in _SENTENCES.items()} | refusals,
        "tools": {name: tongue(said) for name, said in tools.NAMES.items()},
        "departments": {line.slug: line.name for line in office.departments},
        "languages": {code: words.language(code) for code in codes()},
        "speakers": {str(who): tongue(said) for who, said in SPEAKERS.items()},
    }


def entries(told: Iterable[Mapping[str, Any]], office: Office, tongue: Tongue) -> list[Entry]:
    """What happened, line by line: a turn that was told several times stands once, as it was at last."""
    known = sentences(office, tongue)
    found: list[Entry] = []
    places: dict[int, int] = {}
    for each in told:
        if each["told"] != "turn":
            found += _notes(each, known)
            continue
        entry = Entry(str(each["speaker"]), str(each["text"]), bool(each["cut"]))
        at = places.setdefault(int(each["place"]), len(found))
        found[at : at + 1] = [entry]
    return [each for each in found if each.text]


def _notes(each: Mapping[str, Any], known: Mapping[str, Any]) -> list[Entry]:
    """What is no turn, as lines; what is nothing to be shown is none."""
    said = known["said"]
    match each:
        case {"told": "tool_done", "name": str(name), "ok": bool(ok)}:
            what = known["tools"].get(name, name)
            return [Entry("between", what if ok else said["tool.refused"].format(what=what))]
        case {"told": "sources", "sources": list(sources)}:
            found = said["sources" if sources else "sources.none"]
            return [Entry("between", found.format(what=", ".join(sources)))]
        case {"told": "assistant", "who": str(who)}:
            return [Entry("between", said.get(f"assistant.{who}", ""))]
        case {"told": "noticed", "what": str(what)}:
            return [Entry("between", said.get(f"noticed.{what}", ""))]
        case {"told": "language", "language": str(code)}:
            return [Entry("between", said["language"].format(what=known["languages"].get(code, code)))]
        case {"told": "ends", "to": str(to)}:
            return [Entry("end", ending(to, known))]
        case {"told": "over", "effects": list(effects)}:
            done = [Entry("end", said[f"effect.{one['kind']}"].format(what=one["what"])) for one in effects]
            return [*done, Entry("end", said["over"])]
    return []


def ending(to: str, known: Mapping[str, Any]) -> str:
    """Where a call goes, of its written form."""
    kind, _, department = to.partition(":")
    name = known["departments"].get(department, department)
    sentence: str = known["said"].get(f"ends.{kind or 'people'}", "")
    return sentence.format(what=name)


def line(part: Part, text: str, known: Mapping[str, Any], office: Office) -> str:
    """A line that is compared, in words, with the sign before it that says where it stands."""
    sign, rest = (text[:2], text[2:]) if text[:2] in ("+ ", "- ", "  ") else ("", text)
    if part is Part.TOOLS:
        rest = known["tools"].get(rest, rest)
    elif part is Part.ENDING:
        rest = ending("" if rest == "people" else rest, known) or rest
    elif part is Part.SENTENCES:
        told = prompts(office.staff.language)
        rest = told.sentences.get(rest) or told.filled.get(rest) or rest
    return f"{sign}{rest}"


def speaker(who: str, tongue: Tongue) -> str:
    """Who says something."""
    return tongue(SPEAKERS[Speaker(who)]) if who in list(Speaker) else ""
