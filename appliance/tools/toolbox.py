"""The toolbox of a call: finds, checks, runs, times and logs a tool. Implements the port `Toolbox`.

Three doors lead here: the cloud assistant, the local one, and the keypad through it. Whatever a model
writes, what comes back is an output that it can act on. May import: appliance.core, appliance.tools, orjson,
pydantic.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from pydantic import ValidationError

from appliance.core.errors import AttendantError, StoreRefused, StoreUnsure
from appliance.core.events import ToolAnswered, ToolCall
from appliance.core.settings import told
from appliance.tools.appointments import CANCEL_APPOINTMENT, FIND_APPOINTMENT, MOVE_APPOINTMENT
from appliance.tools.book import BOOK_APPOINTMENT, BOOK_BY_VOICE, REQUEST_APPOINTMENT
from appliance.tools.farewell import END_CALL
from appliance.tools.hours import GET_BUSINESS_HOURS
from appliance.tools.language import SET_LANGUAGE
from appliance.tools.link import SEND_BOOKING_LINK, TEXT_BOOKING_LINK
from appliance.tools.message import CALL_BACK, TAKE_MESSAGE, TAKE_SPOKEN_MESSAGE
from appliance.tools.question import ANSWER_QUESTION, GET_POLICY
from appliance.tools.slots import FIND_SLOTS
from appliance.tools.tool import Arguments, Desk, Result, Tool, refused
from appliance.tools.transfer import TRANSFER_TO_DEPARTMENT, TRANSFER_TO_HUMAN
from appliance.tools.withdrawing import WITHDRAW_MESSAGE

log = logging.getLogger(__name__)

TOOLS = (
    GET_BUSINESS_HOURS,
    TRANSFER_TO_HUMAN,
    TRANSFER_TO_DEPARTMENT,
    TAKE_MESSAGE,
    CALL_BACK,
    TAKE_SPOKEN_MESSAGE,
    WITHDRAW_MESSAGE,
    ANSWER_QUESTION,
    GET_POLICY,
    FIND_SLOTS,
    BOOK_APPOINTMENT,
    BOOK_BY_VOICE,
    REQUEST_APPOINTMENT,
    FIND_APPOINTMENT,
    CANCEL_APPOINTMENT,
    MOVE_APPOINTMENT,
    TEXT_BOOKING_LINK,
    SEND_BOOKING_LINK,
    SET_LANGUAGE,
    END_CALL,
)
OF_APPOINTMENTS = (
    FIND_SLOTS,
    BOOK_APPOINTMENT,
    REQUEST_APPOINTMENT,
    FIND_APPOINTMENT,
    CANCEL_APPOINTMENT,
    MOVE_APPOINTMENT,
)
"""Those of which the assistant is told only where something can be booked."""
ARGUMENTS_MOST = 16 * 1024
PROBLEM_MOST = 500
"""So many letters a model is told of what is wrong with its arguments."""
FIRST_SHARE = 0.6
"""So much of its time a tool has that is tried twice, before it is tried again."""
PASSING = (TimeoutError, OSError, StoreRefused)
"""What may go better a moment later."""

UNSURE = (
    "Nobody knows whether that was written down. Say so, promise nothing, do not try it again, and connect"
    " with a person, who looks."
)

LogIntent = Callable[[str, dict[str, object]], None]


class Clinic:
    """The tools of one call."""

    def __init__(self, desk: Desk, log_intent: LogIntent, tools: Sequence[Tool] = TOOLS) -> None:
        self._desk = desk
        self._log_intent = log_intent
        self._tools = {tool.name: tool for tool in tools}
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
        errand = _Errand(replace(self._desk, ours=call.ours), call_id, call, self._tools)
        began = time.monotonic()
        result = await errand.result()
        took_ms = int((time.monotonic() - began) * 1000)
        told = {"ok": bool(result.output.get("ok")), "outcome": errand.outcome, "took_ms": took_ms}
        self._log_intent(call.name[:64], {**told, "tries": errand.tries})
        output = orjson.dumps(result.output).decode()
        return ToolAnswered(
            call.tool_call_id, output, result.leave, result.language, result.asked, result.sentence
        )


@dataclass(slots=True)
class _Errand:
    """One run of a tool. `outcome` is done, refused (by its own rules), late, unsure or failed."""

    desk: Desk
    call_id: str
    call: ToolCall
    tools: Mapping[str, Tool]
    outcome: str = "refused"
    tries: int = 0

    async def result(self) -> Result:
        """What the tool says, or why it says nothing."""
        tool = self.tools.get(self.call.name)
        if tool is None or not (tool.offered or self.call.ours):
            desk = self.desk
            told_of = offered(
                self.tools.values(), books=desk.bookings is not None, links=desk.links is not None
            )
            return refused(f"There is no such tool. There are: {', '.join(each.name for each in told_of)}.")
        try:
            expected = (tool.aloud if self.call.ours else None) or tool.arguments
            arguments = _arguments(expected, self.call.arguments)
        except ValidationError as exc:
            problems = " ".join(told(exc, expected, called="an argument of this tool"))
            return refused(problems[:PROBLEM_MOST])
        return await self._run(tool, self.desk.in_its_language(arguments))

    async def _run(self, tool: Tool, arguments: Arguments) -> Result:
        name = self.call.name[:64]
        try:
            async with asyncio.timeout(tool.within_s):
                result = await self._tried(tool, arguments)
        except TimeoutError:
            self.outcome = "late"
            log.warning("tool took too long", extra={"call_id": self.call_id, "tool": name})
            return refused("That took too long. Offer to take a message or to connect with a person.")
        except StoreUnsure as exc:
            self.outcome = "unsure"
            log.warning(
                "tool's write is not sure", extra={"call_id": self.call_id, "tool": name, "problem": str(exc)}
            )
            return refused(UNSURE)
        except StoreRefused as exc:
            self.outcome = "failed"
            log.warning("tool refused by the store", extra={"call_id": self.call_id, "problem": str(exc)})
            return refused("That cannot be written down right now. Offer to connect with a person.")
        except AttendantError as exc:
            return refused(str(exc))
        except Exception:
            self.outcome = "failed"
            log.exception("tool failed", extra={"call_id": self.call_id, "tool": name})
            return refused("That did not work. Offer to take a message or to connect with a person.")
        self.outcome = "done" if result.output.get("ok") else "refused"
        return result

    async def _tried(self, tool: Tool, arguments: Arguments) -> Result:
        """Run it, and once more where that is harmless."""
        self.tries = 1
        if tool.again:
            try:
                async with asyncio.timeout(tool.within_s * FIRST_SHARE):
                    return await tool.run(self.desk, arguments)
            except PASSING as exc:
                problem = str(exc) or type(exc).__name__
                log.info("tool is tried again", extra={"call_id": self.call_id, "problem": problem})
            self.tries = 2
        return await tool.run(self.desk, arguments)


def offered(tools: Iterable[Tool] = TOOLS, *, books: bool, links: bool = False) -> tuple[Tool, ...]:
    """Those that the cloud is told of, where appointments can be booked, links be texted, and where not."""
    return tuple(
        tool
        for tool in tools
        if tool.offered
        and (books or tool not in OF_APPOINTMENTS)
        and (links or tool is not TEXT_BOOKING_LINK)
    )


def _arguments(expected: type[Arguments], text: str) -> Arguments:
    """The checked arguments. Raises ValidationError, also for text that is not JSON."""
    if len(text) > ARGUMENTS_MOST:
        text = "null"
    return expected.model_validate_json(text or "{}")
