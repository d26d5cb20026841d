"""What the local assistant knows of the office and the caller, taken once when the call begins.

May import: the standard library, appliance.core, appliance.languages.
"""

from dataclasses import dataclass, replace

from appliance.core.booking.linking import About
from appliance.core.booking.rules import Rule
from appliance.core.booking.visits import Bookable
from appliance.core.dialogue.asking import CURT_WORDS, FOR_ASSISTANT
from appliance.core.dialogue.moves import LITERAL, Say
from appliance.core.dispositions import Disposition
from appliance.core.events import Understood
from appliance.core.menu import Choice, DepartmentLine, MenuEntry, named, plain
from appliance.core.other_languages import home_of, keys_beside, seen_from, spoken, wording
from appliance.core.staff import Office
from appliance.core.story import Speaker, Turn
from appliance.languages.folders import code_of

KEYS_MOST = 9
NOTHING = Bookable()


OFFERED = {
    Choice.HOURS: "offer_hours",
    Choice.DEPARTMENTS: "offer_department",
    Choice.VOICEMAIL: "offer_leave_message",
}
"""Offers that have the key of the clinic's own menu."""
OTHER_LANGUAGE, FOR_FETCHING = "offer_language", "offer_assistant"
"""The offers of another language, in that one, and of the cloud assistant."""
PERSON = ("offer_person", "0")
OURS = (("offer_book", "4"), PERSON)
"""Further ones, with their keys where the clinic's menu leaves them free."""
THEIRS = ("offer_theirs", "6")
"""Behind the first of them, where callers are told about their appointments."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The office as the dialogue sees it. `offers` are names of sentences with their keys."""

    business_name: str = "the clinic"
    greeting: str = ""
    greets_in: str = "en"
    """The language that the greeting is in: the clinic's, or one that the caller has chosen before."""
    recorded: bool = False
    """Whether the greeting is the clinic's own recording, and the caller has not heard it yet."""
    caller: str = ""
    departments: tuple[DepartmentLine, ...] = ()
    offers: tuple[tuple[str, str], ...] = OURS
    worded: tuple[tuple[str, str, str], ...] = ()
    """How staff word offers: the language, the name of the sentence, and what is said in its place."""
    languages: tuple[str, ...] = ("en",)
    """Those that the caller can have, the clinic's own first."""
    language_keys: tuple[tuple[str, str], ...] = ()
    """The keys of the others, as they are while the clinic's own is spoken."""
    emergency_number: str = "911"
    emergency_line: bool = False
    bookable: Bookable = NOTHING
    """What callers can book; nothing, and a wish for an appointment is a request."""
    finds: bool = False
    """Whether callers are told about their appointments, and can move or cancel them here."""
    assistant: bool = False
    """Whether this is a menu, behind which the cloud assistant can be had."""
    assistant_words: tuple[str, ...] = ()
    """What callers say for the assistant, by the clinic's menu."""
    link: str | None = None
    """The caller's number, to which a link to book by may be texted; empty where the caller has to give one,
    None where no links are texted."""
    page: str = ""
    """The same, where a link to the clinic's page may be texted; empty where none may."""
    unreached: str = ""
    """The department that the caller comes back from, since nobody there took the call."""
    unreached_why: str = ""
    """How its phones did, as in RingEnded."""
    danger: bool = False
    """Whether the caller comes back because danger was heard as the call left us."""

    @property
    def nobody_there(self) -> str:
        """The sentence that says why nobody took the call, by its name."""
        return {"busy": "all_busy", "failed": "phones_away"}.get(self.unreached_why, "nobody_there")

    @classmethod
    def of(
        cls,
        office: Office,
        caller: str,
        unreached: str = "",
        *,
        assistant: bool = False,
        recorded: bool = False,
        link: str | None = None,
        page: str = "",
    ) -> "Facts":
        """The facts of an office, for a caller (E.164, or empty when withheld).

        `unreached` is the slug of a department whose phones rang in vain. `assistant`, `recorded`, `link`,
        `page`: as in the fields.
        """
        staff, department, home = office.staff, office.department(unreached), home_of(office)
        return cls(
            business_name=staff.business_name,
            greeting=office.greeting_said(),
            greets_in=code_of(staff.language),
            recorded=recorded,
            caller=caller,
            departments=tuple(line for line in office.departments if line.numbers)[:KEYS_MOST],
            offers=offers(office, assistant=assistant),
            worded=worded(office),
            languages=spoken(office),
            language_keys=keys_beside(staff, home),
            emergency_number=staff.emergency_number,
            emergency_line=staff.emergency_line is not None,
            bookable=office.bookable,
            link=link,
            page=page,
            finds=finds(office),
            unreached=department.name if department else "",
            assistant=assistant,
            assistant_words=tuple(
                word for entry in staff.menu if entry.choice is Choice.ASSISTANT for word in entry.words
            ),
        )

    def texted(self, about: str) -> str:
        """The number to which a link about this is offered; empty where the caller has to give one."""
        return self.page if about == About.CLINIC else self.link or ""

    def welcome(self, language: str) -> Say:
        """The first that is said in a call that no cloud has begun."""
        if self.greeting and language == self.greets_in:
            return Say(LITERAL, (("text", self.greeting),))
        return Say("welcome", (("business_name", self.business_name),))

    def offered(self, language: str) -> tuple[Say, ...]:
        """What can be had, by voice and by key at the same time.

        Other languages are offered in their own words: first of all, or at the end to one who has chosen.
        """
        home = self.languages[0]
        others = tuple(
            Say(OTHER_LANGUAGE, (("key", key),), code)
            for code, key in seen_from(language, home, self.language_keys)
        )
        said = {name: text for code, name, text in self.worded if code == language}
        entries = (
            Say(LITERAL, (("text", said[name]),)) if name in said else Say(name, (("key", key),))
            for name, key in self.offers
            if name != "offer_department" or self.departments
        )
        asked = (Say("how_can_i_help"), *entries)
        return (*others, *asked) if language == home else (*asked, *others)

    def each_department(self) -> tuple[Say, ...]:
        """The departments, each with its key."""
        return tuple(
            Say("offer_one_department", (("department", line.name), ("key", str(place))))
            for place, line in enumerate(self.departments, 1)
        )

    def warned(self) -> Say:
        """What a caller in danger is told."""
        number = " ".join(self.emergency_number)
        return Say("emergency_911") if number == "9 1 1" else Say("emergency", (("number", number),))

    def connecting(self, leave: Disposition) -> Say:
        """What a caller is told who is put through so."""
        line = self.department(leave.department) if leave.department else None
        return Say("connecting_department", (("department", line.name),)) if line else Say("connecting")

    def wants_assistant(self, wish: Understood) -> bool:
        """Whether the assistant behind the menu had better answer this."""
        return self.assistant and (wish.intent in FOR_ASSISTANT or self.names_assistant(wish.text))

    def without_assistant(self) -> "Facts":
        """The same, where the assistant cannot be had: it is offered no more."""
        offers = tuple(offer for offer in self.offers if offer[0] != FOR_FETCHING)
        return replace(self, assistant=False, offers=offers)

    def names_assistant(self, text: str) -> bool:
        """Whether little else is said than the words of the menu's entry for the assistant."""
        said = plain(text)
        curt = len(said.split()) <= CURT_WORDS
        return self.assistant and curt and named(self.assistant_words, said) > 0

    def offer_of(self, key: str) -> str:
        """The offer that has this key; empty when none has."""
        return next((name for name, each in self.offers if each == key), "")

    def untold(self, last: Turn) -> str:
        """The keys that the cloud was told of last; that for another language has done what it does."""
        done = dict(self.language_keys).values()
        return "" if last.speaker is not Speaker.KEYPAD or last.text in done else last.text

    def language_of(self, key: str, language: str) -> str:
        """The language that this key leads to from that one; empty when it leads to none."""
        others = seen_from(language, self.languages[0], self.language_keys)
        return next((code for code, each in others if each == key), "")

    def other_than(self, language: str) -> str:
        """The language next to that one; empty when there is none."""
        return next((each for each in self.languages if each != language), "")

    def department(self, name: str) -> DepartmentLine | None:
        """The department of this name or slug."""
        return next((line for line in self.departments if name in (line.name, line.slug)), None)


def offers(office: Office, *, assistant: bool = False) -> tuple[tuple[str, str], ...]:
    """What the local assistant offers, each with its key; the cloud assistant where it can be had."""
    menu = office.staff.menu
    offered = OFFERED | ({Choice.ASSISTANT: FOR_FETCHING} if assistant else {})
    own = [(offered[entry.choice], entry.digit) for entry in menu if entry.choice in offered and entry.digit]
    taken = {entry.digit for entry in menu if entry.choice in offered}
    ours = (*OURS[:1], THEIRS, *OURS[1:]) if finds(office) else OURS
    return (*own, *((name, key) for name, key in ours if key not in taken))


def worded(office: Office) -> tuple[tuple[str, str, str], ...]:
    """The entries of the menu that staff word themselves, in each language of callers."""
    return tuple(
        (code, name, said)
        for code in spoken(office)
        for entry in office.staff.menu
        if (name := _offer(entry)) and (said := wording(office, entry, code))
    )


def _offer(entry: MenuEntry) -> str:
    """The offer that an entry of the menu is; empty for one that is none of the box's own menu."""
    if entry.choice is Choice.PEOPLE and entry.digit == PERSON[1]:
        return PERSON[0]
    return (OFFERED | {Choice.ASSISTANT: FOR_FETCHING}).get(entry.choice, "")


def finds(office: Office) -> bool:
    """Whether callers are told about their appointments by the box itself."""
    return bool(office.bookable.offered) and office.staff.rules.told is not Rule.NOBODY
