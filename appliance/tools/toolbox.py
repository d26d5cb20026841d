"""The toolbox of a call: finds, checks, runs, times and logs a tool. Implements the port `Toolbox`.

May import: appliance.core, appliance.tools, orjson, pydantic.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import orjson
from pydantic import ValidationError

from appliance.core.errors import AttendantError
from appliance.core.events import ToolAnswered, ToolCall
from appliance.core.settings import told
from appliance.tools.farewell import END_CALL
from appliance.tools.hours import GET_BUSINESS_HOURS
from appliance.tools.message import TAKE_MESSAGE
from appliance.tools.tool import Arguments, Desk, Result, Tool, refused
from appliance.tools.transfer import TRANSFER_TO_DEPARTMENT, TRANSFER_TO_HUMAN

log = logging.getLogger(__name__)

TOOLS = (GET_BUSINESS_HOURS, TRANSFER_TO_HUMAN, TRANSFER_TO_DEPARTMENT, TAKE_MESSAGE, END_CALL)
BY_NAME = {tool.name: tool for tool in TOOLS}
LONGEST_S = 5.0
ARGUMENTS_MOST = 16 * 1024

LogIntent = Callable[[str, dict[str, object]], None]


class Clinic:
    """The tools of one call."""

    def __init__(self, desk: Desk, log_intent: LogIntent) -> None:
        self._desk = desk
        self._log_intent = log_intent
        self._done: dict[str, ToolAnswered] = {}

    async def run(self, call_id: str, call: ToolCall) -> ToolAnswered:
        """Check, run and log one tool. The same call of a tool is answered the same and done once."""
        if call.tool_call_id in self._done:
            return self._done[call.tool_call_id]
        began = time.monotonic()
        result = await self._result(call_id, call)
        took_ms = int((time.monotonic() - began) * 1000)
        self._log_intent(call.name[:64], {"ok": bool(result.output.get("ok")), "took_ms": took_ms})
        answer = ToolAnswered(call.tool_call_id, orjson.dumps(result.output).decode(), result.leave)
        self._done[call.tool_call_id] = answer
        return answer

    async def _result(self, call_id: str, call: ToolCall) -> Result:
        tool = BY_NAME.get(call.name)
        if tool is None:
            return refused(f"There is no such tool. There are: {', '.join(BY_NAME)}.")
        try:
            arguments = _arguments(tool, call.arguments)
            async with asyncio.timeout(LONGEST_S):
                return await tool.run(self._desk, arguments)
        except ValidationError as exc:
            return refused(" ".join(told(exc, tool.arguments)))
        except TimeoutError:
            return refused("That took too long. Offer to take a message or to connect with a person.")
        except AttendantError as exc:
            return refused(str(exc))
        except Exception:
            log.exception("tool failed", extra={"call_id": call_id, "tool": call.name[:64]})
            return refused("That did not work. Offer to take a message or to connect with a person.")


def _arguments(tool: Tool, text: str) -> Arguments:
    """The checked arguments. Raises ValidationError, also for text that is not JSON."""
    if len(text) > ARGUMENTS_MOST:
        text = "null"
    return tool.arguments.model_validate_json(text or "{}")
