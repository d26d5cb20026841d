"""`set_language`: the call goes on in another language, with the voice and the ears for it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from appliance.core.other_languages import spoken
from appliance.languages.prompts import codes
from appliance.tools.tool import Arguments, Desk, Result, Tool, refused


def _spoken(code: str) -> str:
    if code not in codes():
        raise ValueError(f"must be one of {', '.join(codes())}")
    return code


class LanguageWanted(Arguments):
    """In which language the call is to go on."""

    language: Annotated[
        str,
        AfterValidator(_spoken),
        Field(
            description="The caller's language.",
            json_schema_extra=lambda schema: schema.update(enum=list(codes())),
        ),
    ]


async def _run(desk: Desk, arguments: LanguageWanted) -> Result:
    languages = spoken(desk.office)
    if arguments.language not in languages:
        return refused(f"The clinic does not speak it. Go on in one of {', '.join(languages)}.")
    return Result({"ok": True, "language": arguments.language}, language=arguments.language)


SET_LANGUAGE = Tool(
    "set_language",
    "Go on in another language, when the caller speaks or wants it. Say nothing before it has answered.",
    LanguageWanted,
    _run,
)
