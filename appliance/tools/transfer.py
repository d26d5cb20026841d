"""`transfer_to_human` and `transfer_to_department`: only to numbers that staff entered."""

import asyncio

from pydantic import Field

from appliance.core import traits
from appliance.core.dispositions import PEOPLE, transfer
from appliance.core.menu import DepartmentLine
from appliance.tools.tool import Arguments, Desk, NoArguments, Result, Spoken, Tool, refused
from models.local import sentences
from models.local.directory import directory


class DepartmentWanted(Arguments):
    """Where the caller wants to go."""

    department: str = Field(
        min_length=1, max_length=80, description="The department, or the matter, in the caller's own words."
    )
    language: Spoken = ""


async def _to_human(desk: Desk, _arguments: NoArguments) -> Result:
    return _one_moment(desk.language())


def _one_moment(language: str) -> Result:
    return Result({"ok": True, "say": sentences.text("connecting", language)}, PEOPLE)


async def _to_department(desk: Desk, arguments: DepartmentWanted) -> Result:
    office = desk.office.at(desk.clock())
    lines = {line.slug: line for line in office.departments if line.numbers}
    # The first misheard name takes a tenth of a second: not on the loop that carries the calls.
    slugs, front_desk = await asyncio.to_thread(_meant, tuple(lines.values()), arguments.department)
    if front_desk:
        return _one_moment(arguments.language)
    if len(slugs) != 1:
        return _which([lines[slug] for slug in slugs] or [*lines.values()], several=bool(slugs))
    line = lines[slugs[0]]
    if shut := office.shut_said(line, arguments.language):
        problem = f"{line.name} is closed. Say so, with when it opens, and offer to take a message for it."
        return Result({"ok": False, "say": shut, "error": problem})
    said = sentences.text("connecting_department", arguments.language, (("department", line.name),))
    return Result({"ok": True, "say": said}, transfer(line.slug))


def _meant(lines: tuple[DepartmentLine, ...], named: str) -> tuple[tuple[str, ...], bool]:
    """The slugs of the departments that may be meant; whether it is the front desk, which is none."""
    names, words = directory(lines), traits.words(named)
    mentions = names.mentions(words)
    slugs = names.meant(words, mentions)
    return slugs, not slugs and names.only_the_front_desk(words, mentions)


def _which(lines: list[DepartmentLine], *, several: bool) -> Result:
    names = ", ".join(line.name for line in lines) or "none"
    if several:
        return refused(f"More than one department may be meant: {names}. Ask which.")
    return refused(f"There is no such department. There are: {names}.")


TRANSFER_TO_HUMAN = Tool(
    "transfer_to_human", "Connect the caller with a person at the front desk.", NoArguments, _to_human
)
TRANSFER_TO_DEPARTMENT = Tool(
    "transfer_to_department",
    "Connect the caller with a department. It knows its names, also misheard ones, and whether it is open.",
    DepartmentWanted,
    _to_department,
)
