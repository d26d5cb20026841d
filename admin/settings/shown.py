"""Settings as their page shows them: the field, the default, and where the value is from.

Pure. May import: the standard library, admin, appliance.core, appliance.store.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from admin.forms import NOT_PLAIN, TOO_LONG, Field, Form
from admin.settings.groups import ELSEWHERE, Group, groups, key_of
from admin.tongue import Tongue, later
from appliance.core import boot_changes, known_settings
from appliance.core.boot_changes import Boot, Origin
from appliance.core.errors import SettingsError
from appliance.core.known_settings import Kind, Known, NotReadable
from appliance.core.staff import StaffSettings
from appliance.store.office import ConfigRow

MOST = 20_000
YES, NO = later("Yes"), later("No")
AS_JSON = later("It is written as JSON; docs/callbacks.md has an example.")
PAIRS = later("Each line is written as: key = value")
NO_JSON = later(
    "This is no JSON: a bracket, a comma or a quotation mark is missing, or there is one too many."
)
KINDS = {Kind.LONG: "lines", Kind.LIST: "lines", Kind.TABLE: "lines", Kind.JSON: "lines"}
_NAMED = re.compile("`([^`]+)`")
_FIRST = re.compile(r"(?<=[\w)\"”»`…])[.;:](?=\s)")


@dataclass(frozen=True, slots=True)
class Standing:
    """One setting as it stands."""

    known: Known
    value: Any
    """As JSON has it."""
    default: Any
    origin: Origin
    at: str = ""
    by: str = ""

    @property
    def text(self) -> str:
        """The value as it is typed."""
        return self.known.shown(self.value)

    @property
    def short_default(self) -> str:
        """The default in one line; empty for none."""
        return " · ".join(self.known.shown(self.default).splitlines())


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as it may be shown: whether it is there, and what is the matter with it."""

    known: Known
    file: str
    there: bool
    problem: str
    settable: bool


def of_staff(group: Group, rows: Mapping[str, ConfigRow], staff: StaffSettings) -> list[Standing]:
    """What staff decide, as it stands."""
    values, defaults = staff.model_dump(mode="json"), known_settings.staff_defaults(staff.language)
    found = []
    for known in group.settings:
        value, default = (known_settings.value_at(tree, known.name) for tree in (values, defaults))
        row = rows.get(key_of(known))
        decided = row is not None and (known.name == key_of(known) or value != default)
        found.append(
            Standing(
                known, value, default,
                Origin.CHANGED if decided else Origin.DEFAULT,
                row.changed_at if row and decided else "",
                row.changed_by if row and decided else "",
            )
        )  # fmt: skip
    return found


def of_file(group: Group, boot: Boot) -> list[Standing]:
    """The settings of the file, as the next start finds them; secrets are not among them."""
    values = boot.values()
    found = []
    for known in group.settings:
        if known.secret is None:
            change = boot.changes.settings.get(known.name)
            value = known_settings.value_at(values, known.name)
            at, by = (change.at, change.by) if change else ("", "")
            found.append(Standing(known, value, known.default, boot.origin(known.name), at, by))
    return found


def secrets_of(group: Group, boot: Boot) -> list[Secret]:
    """The secrets of a group; those that the box makes by itself are nobody's to set."""
    return [
        _secret(known, boot) for known in group.settings if known.secret is not None and not known.secret.made
    ]


def _secret(known: Known, boot: Boot) -> Secret:
    settings = boot.settings
    named = known_settings.value_at(boot.values(), known.name)
    path = boot_changes.secret_file(settings, known)
    there, problem = False, ""
    if path is not None and path.exists():
        try:
            settings.secret_text(path)
            there = True
        except SettingsError as exc:
            # That of another user is not for the pages to read: it lies there.
            there = isinstance(exc.__cause__, PermissionError)
            problem = "" if there else str(exc)
    return Secret(known, str(named or ""), there, problem, path is not None)


def form_of(standings: list[Standing], tongue: Tongue) -> Form:
    """The form of those that can be changed here, as they stand."""
    changeable = [each for each in standings if not each.known.by_hand]
    fields = tuple(field_of(each.known, tongue) for each in changeable)
    return Form(fields, {each.known.name: each.text for each in changeable})


def field_of(known: Known, tongue: Tongue) -> Field:
    """The field of a setting: the first words of its help stand above it, the others below."""
    first, rest = told(known, tongue)
    if known.kind is Kind.JSON:
        rest = f"{rest} {tongue(AS_JSON)}".strip()
    choices = tuple((each, each) for each in known.choices)
    if known.kind is Kind.YES_NO:
        choices = (("yes", tongue(YES)), ("no", tongue(NO)))
    kind = "choice" if choices else KINDS.get(known.kind, "text")
    return Field(known.name, first, rest, kind=kind, most=MOST, needed=False, choices=choices)


def told(known: Known, tongue: Tongue) -> tuple[str, str]:
    """The first words of a setting's help, and the others."""
    return _split(tongue(known.help))


def _split(help_: str) -> tuple[str, str]:
    whole = plain(help_)
    mark = _FIRST.search(whole)
    if mark is None:
        return whole.rstrip("."), ""
    rest = whole[mark.end() :].strip()
    return whole[: mark.start()], rest[:1].upper() + rest[1:]


def plain(help_: str) -> str:
    """Help as a page has it: names of things in quotation marks."""
    return _NAMED.sub("“\\1”", help_)


def read(form: Form, sent: Mapping[str, str], standings: list[Standing], tongue: Tongue) -> dict[str, Any]:
    """Read what was sent into the form; the values that are other ones than those that stand."""
    wanted: dict[str, Any] = {}
    for each in standings:
        known = each.known
        if known.by_hand or known.name not in sent:
            continue
        text = sent[known.name].replace("\r\n", "\n").strip()
        form.values[known.name] = text
        if text == each.text.strip():
            continue
        try:
            wanted[known.name] = known.typed(text)
        except NotReadable:
            form.errors[known.name] = tongue(PAIRS if known.kind is Kind.TABLE else NO_JSON)
        if len(text) > MOST:
            form.errors[known.name] = tongue(TOO_LONG)
        elif not text.replace("\n", "").isprintable():
            form.errors[known.name] = tongue(NOT_PLAIN)
    return wanted


def digest(standings: list[Standing]) -> str:
    """Another one when a value is another one: so nobody overwrites what they have not seen."""
    told = orjson.dumps([[each.known.name, each.value] for each in standings])
    return hashlib.sha256(told).hexdigest()[:16]


def found(text: str, tongue: Tongue) -> list[tuple[Group, Known]]:
    """The settings whose name or help has all of these words."""
    words = text.casefold().split()
    return [
        (group, known)
        for group in groups()
        for known in group.settings
        if all(word in f"{known.name} {tongue(known.help)} {tongue(group.name)}".casefold() for word in words)
    ]


def elsewhere(tongue: Tongue) -> list[tuple[str, str, str]]:
    """What has a page of its own: the setting, the first words of its help, and the page."""
    return [(key, _split(tongue(help_of(key)))[0], endpoint) for key, endpoint in ELSEWHERE.items()]


def help_of(key: str) -> str:
    """The help of what staff decide by this key."""
    return " ".join((StaffSettings.model_fields[key].description or "").split())
