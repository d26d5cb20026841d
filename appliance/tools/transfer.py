"""`transfer_to_human` and `transfer_to_department`: only to numbers that staff entered."""

from pydantic import Field

from appliance.core.dispositions import PEOPLE, transfer
from appliance.core.menu import chosen_department
from appliance.tools.tool import Arguments, Desk, NoArguments, Result, Tool, refused


class DepartmentWanted(Arguments):
    """Where the caller wants to go."""

    department: str = Field(max_length=80, description="The department, as the caller named it.")


async def _to_human(desk: Desk, _arguments: NoArguments) -> Result:
    return Result({"ok": True, "say": "One moment, I am connecting you with a person."}, PEOPLE)


async def _to_department(desk: Desk, arguments: DepartmentWanted) -> Result:
    known = [line.name for line in desk.office.departments if line.numbers]
    line = chosen_department(desk.office.departments, "", arguments.department)
    if line is None or not line.numbers:
        return refused(f"There is no such department. There are: {', '.join(known) or 'none'}.")
    said = f"One moment, I am connecting you with {line.name}."
    return Result({"ok": True, "say": said}, transfer(line.slug))


TRANSFER_TO_HUMAN = Tool(
    "transfer_to_human", "Connect the caller with a person at the front desk.", NoArguments, _to_human
)
TRANSFER_TO_DEPARTMENT = Tool(
    "transfer_to_department", "Connect the caller with a department.", DepartmentWanted, _to_department
)
