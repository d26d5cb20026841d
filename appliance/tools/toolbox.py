"""The toolbox of a call: finds, checks, runs, times and logs a tool. Implements the port `Toolbox`.

May import: appliance.core, appliance.tools, orjson, pydantic.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import orjson
from pydantic import ValidationError

from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.events import ToolAnswered, ToolCall
from appliance.core.settings import told
from appliance.tools.farewell import END_CALL
from appliance.tools.hours import GET_BUSINESS_HOURS
from appliance.tools.message import TAKE_MESSAGE, TAKE_SPOKEN_MESSAGE
from appliance.tools.tool import Arguments, Desk, Result, Tool, refused
from appliance.tools.transfer import TRANSFER_TO_DEPARTMENT, TRANSFER_TO_HUMAN

log = logging.getLogger(__name__)

TOOLS = (
    GET_BUSINESS_HOURS,
    TRANSFER_TO_HUMAN,
    TRANSFER_TO_DEPARTMENT,
    TAKE_MESSAGE,
    TAKE_SPOKEN_MESSAGE,
    END_CALL,
)
OFFERED = tuple(tool.name for tool in TOOLS if tool.offered)
BY_NAME = {tool.name: tool for tool in TOOLS}
LONGEST_S = 5.0
ARGUMENTS_MOST = 16 * 1024

LogIntent = Callable[[str, dict[str, object]], None]


class Clinic:
    """The tools of one call."""

    def __init__(self, desk: Desk, log_intent: LogIntent) -> None:
        self._desk = desk
        self._log_intent = log_intent
        self._answers: dict[str, asyncio.Future[ToolAnswered]] = {}

    async def run(self, call_id: str, call: ToolCall) -> ToolAnswered:
        """Check, run and log one tool. The same call of a tool is answered the same and done once."""
        known = self._answers.get(call.tool_call_id)
        if known is not None:
            given: ToolAnswered = await asyncio.shield(known)
            return given
        answer = self._answers[call.tool_call_id] = asyncio.get_running_loop().create_future()
        try:
            made = await self._answered(call_id, call)
            answer.set_result(made)
        finally:
            answer.cancel()
        return made

    async def _answered(self, call_id: str, call: ToolCall) -> ToolAnswered:
        began = time.monotonic()
        result = await self._result(call_id, call)
        took_ms = int((time.monotonic() - began) * 1000)
        self._log_intent(call.name[:64], {"ok": bool(result.output.get("ok")), "took_ms": took_ms})
        return ToolAnswered(call.tool_call_id, orjson.dumps(result.output).decode(), result.leave)

    async def _result(self, call_id: str, call: ToolCall) -> Result:
        tool = BY_NAME.get(call.name)
        if tool is None:
            return refused(f"There is no such tool. There are: {', '.join(OFFERED)}.")
        try:
            arguments = _arguments(tool, call.arguments)
            async with asyncio.timeout(LONGEST_S):
                return await tool.run(self._desk, arguments)
        except ValidationError as exc:
            return refused(" ".join(told(exc, tool.arguments, called="an argument of this tool")))
        except TimeoutError:
            return refused("That took too long. Offer to take a message or to connect with a person.")
        except StoreRefused as exc:
            log.warning("tool refused by the store", extra={"call_id": call_id, "problem": str(exc)})
            return refused("That cannot be written down right now. Offer to connect with a person.")
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
