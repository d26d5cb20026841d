"""The toolbox: whatever the model writes comes back as a sentence; what was done is done once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.events import ToolCall
from appliance.tools.tool import Desk
from appliance.tools.toolbox import ARGUMENTS_MOST, TOOLS, Clinic
from tests.core.office import office

Keep = Callable[[str, str], Awaitable[None]]
MESSAGE = {"subject": "Refill", "body": "Jane Doe, 555 0102, asks for a refill."}


class Notebook:
    """Where messages and intents are kept; opens when told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.messages: list[tuple[str, str]] = []
        self.intents: list[tuple[str, dict[str, object]]] = []
        self.open = asyncio.Event()
        self._failure = failure
        self.recordings = list[str]()

    async def keep(self, subject: str, body: str, recording: str) -> None:
        await self.open.wait()
        if self._failure:
            raise self._failure
        self.messages.append((subject, body))
        self.recordings.append(recording)

    def clinic(self) -> Clinic:
        desk = Desk("CA1", "+15550100002", office(), self.keep)
        return Clinic(desk, lambda name, meta: self.intents.append((name, meta)))


def asked(name: str, arguments: Any = None, call_id: str = "c1") -> ToolCall:
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments or {}).decode()
    return ToolCall(call_id, name, text)


async def answered(name: str, arguments: Any = None, failure: Exception | None = None) -> dict[str, Any]:
    """What the model is told."""
    notebook = Notebook(failure)
    notebook.open.set()
    answer = await notebook.clinic().run("call", asked(name, arguments))
    output: dict[str, Any] = orjson.loads(answer.output)
    assert notebook.intents[0][1]["ok"] is output["ok"]
    assert output["ok"] or (output["error"] and answer.leave is None)
    return output


async def leaves(name: str, arguments: Any = None) -> Disposition | None:
    return (await Notebook().clinic().run("call", asked(name, arguments))).leave


async def test_a_message_is_on_disk_before_the_model_may_say_so() -> None:
    notebook = Notebook()
    clinic = notebook.clinic()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(clinic.run("call", asked("take_message", MESSAGE)), name="tool")
        await asyncio.sleep(0)
        assert not running.done()
        notebook.open.set()
    assert notebook.messages == [(MESSAGE["subject"], MESSAGE["body"])]
    assert orjson.loads(running.result().output)["ok"] is True


async def test_the_same_call_runs_once_even_while_it_runs() -> None:
    notebook = Notebook()
    clinic = notebook.clinic()
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(clinic.run("call", asked("take_message", MESSAGE)), name=f"tool {n}")
            for n in range(3)
        ]
        await asyncio.sleep(0)
        notebook.open.set()
    again = await clinic.run("call", asked("take_message", {"subject": "Another", "body": "one"}))
    assert len(notebook.messages) == len(notebook.intents) == 1
    assert {task.result() for task in running} == {again}
    await clinic.run("call", asked("take_message", MESSAGE, "c2"))
    assert len(notebook.messages) == 2


async def test_a_run_that_is_cancelled_leaves_nobody_waiting() -> None:
    clinic = Notebook().clinic()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(clinic.run("call", asked("take_message", MESSAGE)), name="first")
        second = tasks.create_task(clinic.run("call", asked("take_message", MESSAGE)), name="second")
        await asyncio.sleep(0)
        first.cancel()
    assert first.cancelled()
    assert second.cancelled()


async def test_an_unknown_tool_is_answered_by_those_that_there_are() -> None:
    output = await answered("rm -rf /")
    assert output["error"].startswith("There is no such tool. There are: get_business_hours, ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("{", "Invalid JSON"),
        ("[]", "should be an object"),
        ("7", "should be an object"),
        ("x" * (ARGUMENTS_MOST + 1), "should be an object"),
        ("[" * 10_000, "Invalid JSON"),
        ({}, "subject: Field required"),
        ({"subject": "", "body": "x"}, "subject: String should have at least 1 character"),
        ({"subject": "  ", "body": "x"}, "subject: String should have at least 1 character"),
        ({"subject": "x", "body": "x" * 2001}, "body: String should have at most 2000 characters"),
        ({"subject": 7, "body": "x"}, "subject: Input should be a valid string"),
        (MESSAGE | {"bodi": "x"}, "bodi is not an argument of this tool. Did you mean body?"),
        (MESSAGE | {"number": "+19005550000"}, "number is not an argument of this tool."),
    ],
)
async def test_wrong_arguments_are_told_in_a_sentence(arguments: Any, sentence: str) -> None:
    output = await answered("take_message", arguments)
    assert output["ok"] is False
    assert sentence in output["error"]
    assert not output["error"].startswith(":")


async def test_a_store_that_refuses_is_no_exception_text_to_the_caller() -> None:
    output = await answered(
        "take_message", MESSAGE, StoreRefused("database is locked: /var/lib/attendant.db")
    )
    assert output == {
        "ok": False,
        "error": "That cannot be written down right now. Offer to connect with a person.",
    }


async def test_another_failure_is_an_apology_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    output = await answered("take_message", MESSAGE, RuntimeError("secret detail"))
    assert "secret" not in output["error"]
    assert "Offer to take a message" in output["error"]
    assert "secret detail" in caplog.text
    known = await answered("take_message", MESSAGE, AttendantError("The desk is closed."))
    assert known["error"] == "The desk is closed."
    late = await answered("take_message", MESSAGE, TimeoutError())
    assert late["error"].startswith("That took too long.")


async def test_hours_are_computed_here() -> None:
    output = await answered("get_business_hours")
    assert output["hours"] == "We are open Monday to Friday from 8 a.m. to 5 p.m."
    assert isinstance(output["open_now"], bool)


@pytest.mark.parametrize(
    ("name", "arguments", "leave"),
    [
        ("transfer_to_human", {}, PEOPLE),
        ("transfer_to_department", {"department": "the billing office"}, transfer("billing")),
        ("transfer_to_department", {"department": "triage"}, transfer("nurses")),
        ("transfer_to_department", {"department": "+19005550000"}, None),
        ("transfer_to_department", {"department": "the archive"}, None),
        ("end_call", {"reason": "done"}, GOODBYE),
        ("end_call", {}, GOODBYE),
        ("end_call", {"reason": "x" * 121}, None),
        ("transfer_to_human", {"number": "+19005550000"}, None),
    ],
)
async def test_where_a_tool_takes_the_call(name: str, arguments: Any, leave: Disposition | None) -> None:
    assert await leaves(name, arguments) == leave


async def test_a_department_without_telephones_is_not_offered() -> None:
    output = await answered("transfer_to_department", {"department": "cardiology"})
    assert output["error"] == "There is no such department. There are: Billing, Nurses."


@given(st.sampled_from([tool.name for tool in TOOLS]), st.text(max_size=60))
async def test_any_arguments_are_answered(name: str, arguments: str) -> None:
    await answered(name, arguments)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_schema_is_closed_and_describes_its_fields(tool: Any) -> None:
    schema = tool.schema()["parameters"]
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert all(field["description"] for field in schema["properties"].values())


async def test_a_spoken_message_is_kept_with_its_recording_and_never_offered_to_the_cloud() -> None:
    kept = Notebook()
    kept.open.set()
    spoken = {"subject": "Message", "body": "Call back: 5550100", "recording": "message-0f-1.wav"}
    answer = await kept.clinic().run("c", asked("take_spoken_message", spoken))
    assert orjson.loads(answer.output)["ok"]
    assert kept.recordings == ["message-0f-1.wav"]
    refused = await kept.clinic().run(
        "c", asked("take_spoken_message", {**spoken, "recording": "../x"}, "c2")
    )
    assert not orjson.loads(refused.output)["ok"]
    assert "take_spoken_message" not in [tool.name for tool in TOOLS if tool.offered]
