"""What a tool is: a name, a schema, and something it does.

The pydantic model of the arguments is the one source of the schema that the assistant is given and of the
check of what it sends. May import: the standard library, pydantic, appliance.core.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from appliance.core.dispositions import Disposition
from appliance.core.staff import Office


class Arguments(BaseModel):
    """The arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NoArguments(Arguments):
    """A tool that needs to know nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool says to the assistant, and how the call is to end if it is to end."""

    output: dict[str, Any]
    leave: Disposition | None = None


def refused(problem: str) -> Result:
    """A sentence that the assistant can act on."""
    return Result({"ok": False, "error": problem})


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool of one call can reach.

    `keep_message` takes subject, body and the name of a recording; the message is on disk when it returns.
    """

    call_sid: str
    caller: str
    office: Office
    keep_message: Callable[[str, str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool."""

    name: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Desk, Any], Awaitable[Result]]
    offered: bool = True
    """Whether the cloud is told of it; the local assistant knows them all."""

    def schema(self) -> dict[str, Any]:
        """The function schema that the assistant is given."""
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        parameters.setdefault("properties", {})
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": parameters,
        }
