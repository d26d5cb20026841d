"""A golden call as a text file: what is in it, and how it is read and written.

    A title
    A sentence or two.

    [clinic]        settings that differ, how telephones behave, what the carrier does wrong
    [assistant]     what the realtime service says, and what goes wrong there (assistant.py)
    [caller]        what the caller does: a plan of the carrier peer, one step a line
    [other caller]  somebody who rang before and holds a line meanwhile
    [meanwhile]     what befalls the call at a certain moment (meanwhile.py)
    [expect]        what happens, in this order, and nothing else of these kinds
    [told]          what the realtime service is told by us; left out, it is not looked at
    [transcript]    the turns as stored
    [outcome]       the call as filed
    [calendar]      what stands in the calendar in the end; left out, it is not looked at
    [texts]         the texts that the carrier was given; left out, they are not looked at
    [measures]      what was timed, used and paid; left out, it is not looked at (measures.py)

In the last seven `...` stands for anything, and a line that begins with `perhaps ` may be there or not, as
what is said only while something takes long. The soft sound that breaks a silence is no line of [expect]. A
line of [expect] may end in ` (within 5 s)`: so soon after the line before it has begun. Empty lines and lines
that begin with # count for nothing.

May import: the standard library, appliance.core.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from appliance.core.fitting import all_fit, compared

GIVEN = ("clinic", "assistant", "caller", "other caller", "meanwhile")
CHECKED = ("expect", "told", "transcript", "outcome", "calendar", "texts", "measures")
OPTIONAL = ("told", "calendar", "texts", "measures")
NEEDED = ("caller", "expect", "outcome")


class GoldenError(ValueError):
    """A golden file that cannot be read; the text names the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section and where it stands."""

    number: int
    text: str
    indented: bool = False

    def wrong(self, problem: str) -> GoldenError:
        """The error that says so."""
        return GoldenError(f"line {self.number}: {problem}: {self.text!r}")


@dataclass(frozen=True, slots=True)
class GoldenCall:
    """A golden call as it stands in its file."""

    name: str
    title: str
    about: str
    sections: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)

    def lines(self, section: str) -> tuple[Line, ...]:
        """The lines of a section; none when it is left out."""
        return self.sections.get(section, ())

    def text(self, section: str) -> str:
        """The section as one text."""
        return "\n".join(line.text for line in self.lines(section))


def read_call(path: Path) -> GoldenCall:
    """Read a golden call. Raises GoldenError with the file's name and the line."""
    try:
        return parse_call(path.stem, path.read_text("utf-8"))
    except GoldenError as exc:
        raise GoldenError(f"{path.name}, {exc}") from exc


def parse_call(name: str, text: str) -> GoldenCall:
    """Read a golden call's text. Raises GoldenError."""
    head: list[str] = []
    sections: dict[str, list[Line]] = {}
    current: list[Line] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = Line(number, raw.strip(), raw[:1].isspace())
        if not line.text or line.text.startswith("#"):
            continue
        if found := re.fullmatch(r"\[(.+)\]", line.text):
            current = _opened(sections, found[1], line)
        elif current is None:
            head.append(line.text)
        else:
            current.append(line)
    missing = [f"[{section}]" for section in NEEDED if section not in sections]
    if missing or len(head) < 2:
        raise GoldenError("line 1: needs a title, a sentence and " + (", ".join(missing) or "sections"))
    kept = {section: tuple(lines) for section, lines in sections.items()}
    return GoldenCall(name, head[0], " ".join(head[1:]), kept)


def _opened(sections: dict[str, list[Line]], name: str, line: Line) -> list[Line]:
    if name not in GIVEN + CHECKED:
        raise line.wrong(f"no such section; there are {', '.join(GIVEN + CHECKED)}")
    if name in sections:
        raise line.wrong("this section was there before")
    sections[name] = []
    return sections[name]


SOON = re.compile(r" \(within (\d+) s\)$")


def late(call: GoldenCall, at_ms: list[float]) -> list[str]:
    """The expected lines that came later than they should have; `at_ms` says when each line began."""
    told = []
    for place, line in enumerate(call.lines("expect")):
        soon = SOON.search(line.text)
        if soon and place < len(at_ms) and at_ms[place] - at_ms[place - 1] > int(soon[1]) * 1000:
            told.append(f"after {(at_ms[place] - at_ms[place - 1]) / 1000:.1f} s: {line.text}")
    return told


def differences(call: GoldenCall, seen: Mapping[str, list[str]]) -> list[str]:
    """The call as it was, in the format of its file, `+` and `-` where it differs; empty when it does not."""
    written: list[str] = []
    for section in CHECKED:
        if section in OPTIONAL and section not in call.sections:
            continue
        expected = [SOON.sub("", line.text) for line in call.lines(section)]
        got = seen.get(section, [])
        if not all_fit(expected, got):
            written += [f"[{section}]", *compared(expected, got), ""]
    return written
