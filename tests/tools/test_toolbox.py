"""The toolbox: whatever the model writes comes back as a sentence; what was done is done once."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.errors import AttendantError, StoreRefused, StoreUnsure
from appliance.core.events import ToolCall
from appliance.core.story import Speaker, Turn
from appliance.tools.tool import Desk, NoArguments, Note, Result, Tool
from appliance.tools.toolbox import ARGUMENTS_MOST, FIRST_SHARE, OF_APPOINTMENTS, TOOLS, Clinic, offered
from tests.core.office import office

MESSAGE = {"subject": "Refill", "body": "Asks for a refill.", "number": "caller_id"}


class Notebook:
    """Where messages and intents are kept; opens when told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.messages: list[Note] = []
        self.intents: list[tuple[str, dict[str, object]]] = []
        self.open = asyncio.Event()
        self._failure = failure

    async def keep(self, note: Note) -> None:
        await self.open.wait()
        if self._failure:
            raise self._failure
        self.messages.append(note)

    def clinic(self) -> Clinic:
        desk = Desk("CA1", "+15550100002", office(), self.keep, said=_said)
        return Clinic(desk, lambda name, meta: self.intents.append((name, meta)))


async def _said() -> tuple[Turn, ...]:
    return (Turn("u1", Speaker.CALLER, "please call me at this number"),)


def asked(name: str, arguments: Any = None, call_id: str = "c1", *, ours: bool = False) -> ToolCall:
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments or {}).decode()
    return ToolCall(call_id, name, text, ours)


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
    (kept,) = notebook.messages
    assert kept.content == Note(MESSAGE["subject"], MESSAGE["body"], number="+15550100002").content
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
    again = await clinic.run("call", asked("take_message", MESSAGE | {"subject": "Another"}))
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


async def test_only_a_language_that_is_spoken_here_is_gone_on_in() -> None:
    clinic = Notebook().clinic()
    refused = await clinic.run("c1", asked("set_language", {"language": "fr"}))
    assert (refused.language, "must be one of en, es" in refused.output) == ("", True)
    taken = await clinic.run("c1", asked("set_language", {"language": "es"}, "c2"))
    assert (taken.language, taken.leave) == ("es", None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("{", "Invalid JSON"),
        ("[]", "should be an object"),
        ("7", "should be an object"),
        ("x" * (ARGUMENTS_MOST + 1), "should be an object"),
        ("[" * 10_000, "Invalid JSON"),
        ({}, "subject: Field required"),
        (MESSAGE | {"subject": ""}, "subject: String should have at least 1 character"),
        (MESSAGE | {"subject": "  "}, "subject: String should have at least 1 character"),
        (MESSAGE | {"body": "x" * 2001}, "body: String should have at most 2000 characters"),
        (MESSAGE | {"subject": 7}, "subject: Input should be a valid string"),
        (MESSAGE | {"bodi": "x"}, "bodi is not an argument of this tool. Did you mean body?"),
        (MESSAGE | {"department": "x"}, "department is not an argument of this tool."),
        (MESSAGE | {"urgency": "emergency"}, "urgency: Input should be 'normal' or 'urgent'"),
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


@pytest.mark.parametrize(
    ("given", "spoken"), [({}, "es"), ({"language": ""}, "es"), ({"language": "en"}, "en")]
)
async def test_a_tool_speaks_the_language_of_the_call_unless_another_is_named(
    given: dict[str, str], spoken: str
) -> None:
    desk = Desk("CA1", "", office(), Notebook().keep, language=lambda: "es")
    clinic = Clinic(desk, lambda _name, _meta: None)
    answer = await clinic.run("c", asked("get_business_hours", given))
    hours = orjson.loads(answer.output)["hours"]
    assert ("lunes" in hours) is (spoken == "es")


async def test_what_may_be_written_is_called_neither_done_nor_not_done() -> None:
    notebook = Notebook(StoreUnsure("the disk is slow"))
    notebook.open.set()
    answer = await notebook.clinic().run("call", asked("take_message", MESSAGE))
    output = orjson.loads(answer.output)
    assert output["ok"] is False
    assert output["error"].startswith("Nobody knows whether that was written down.")
    assert "person" in output["error"]
    assert notebook.intents[0][1]["outcome"] == "unsure"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("answer_question", {"question": "What is a cleaning?"}), ("get_policy", {"topic": "payment"})],
)
async def test_what_the_documents_do_not_say_is_not_known(name: str, arguments: dict[str, str]) -> None:
    output = await answered(name, arguments)
    assert (output["ok"], output["known"]) == (True, False)
    assert "Make up nothing" in output["next"]


async def test_another_failure_is_an_apology_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    output = await answered("take_message", MESSAGE, RuntimeError("secret detail"))
    assert "secret" not in output["error"]
    assert "Offer to take a message" in output["error"]
    assert "secret detail" in caplog.text
    known = await answered("take_message", MESSAGE, AttendantError("The desk is closed."))
    assert known["error"] == "The desk is closed."
    late = await answered("take_message", MESSAGE, TimeoutError())
    assert late["error"].startswith("That took too long.")


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


async def test_a_spoken_message_is_kept_with_its_recording() -> None:
    kept = Notebook()
    kept.open.set()
    spoken = {
        "subject": "Message",
        "body": "Please call",
        "number": "4155550100",
        "recording": "message-0f-1.wav",
    }
    answer = await kept.clinic().run("c", asked("take_spoken_message", spoken, ours=True))
    assert orjson.loads(answer.output)["ok"]
    assert kept.messages == [
        Note(
            "Message",
            "Please call",
            number="+14155550100",
            recording="message-0f-1.wav",
            number_from=NumberFrom.CONFIRMED,
        )
    ]
    unsure = asked("take_spoken_message", {**spoken, "confirmed": "no"}, "c3", ours=True)
    assert orjson.loads((await kept.clinic().run("c", unsure)).output)["ok"]
    assert kept.messages[-1].number_from is NumberFrom.HEARD
    wrong = asked("take_spoken_message", {**spoken, "recording": "../x"}, "c2", ours=True)
    assert not orjson.loads((await kept.clinic().run("c", wrong)).output)["ok"]


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if not tool.offered], ids=lambda tool: tool.name)
async def test_the_cloud_cannot_ask_for_a_tool_that_it_was_not_offered(tool: Tool) -> None:
    kept = Notebook()
    kept.open.set()
    arguments = {"subject": "x", "body": "y", "recording": "message-0f-1.wav"}
    answer = await kept.clinic().run("c", asked(tool.name, arguments))
    assert orjson.loads(answer.output)["error"].startswith("There is no such tool.")
    assert kept.messages == []


# Time, tries and what is noted ---------------------------------------------------------------------------


class Back:
    """A back end that does one thing after the other: says this, raises that, or never answers."""

    def __init__(self, *does: str | Exception) -> None:
        self.does = list(does)
        self.noted: list[dict[str, object]] = []

    async def run(self, _desk: Desk, _arguments: NoArguments) -> Result:
        does = self.does.pop(0)
        if does == "nothing":
            await asyncio.Event().wait()
        if isinstance(does, Exception):
            raise does
        return Result({"ok": True, "say": does})

    async def answers(self, *, again: bool = True, within_s: float = 5.0) -> dict[str, Any]:
        tool = Tool("look_up", "Looks up.", NoArguments, self.run, within_s=within_s, again=again)
        desk = Desk("CA1", "", office(), Notebook().keep)
        clinic = Clinic(desk, lambda _name, meta: self.noted.append(meta), (tool,))
        output: dict[str, Any] = orjson.loads((await clinic.run("call", asked("look_up"))).output)
        return output


@pytest.mark.parametrize("failure", [OSError("reset"), StoreRefused("locked"), TimeoutError(), "nothing"])
async def test_what_fails_in_passing_is_tried_once_more_where_that_is_harmless(
    failure: str | Exception,
) -> None:
    back = Back(failure, "here")
    assert (await back.answers(within_s=0.2))["say"] == "here"
    assert [(noted["outcome"], noted["tries"]) for noted in back.noted] == [("done", 2)]


@pytest.mark.parametrize(
    ("does", "outcome", "tries"),
    [
        ((OSError("reset"), OSError("reset")), "failed", 2),
        ((RuntimeError("a fault"),), "failed", 1),
        ((AttendantError("No such day."),), "refused", 1),
        (("nothing", "nothing"), "late", 2),
    ],
)
async def test_it_is_tried_twice_at_most_and_only_for_what_passes(
    does: tuple[str | Exception, ...], outcome: str, tries: int
) -> None:
    back = Back(*does, "never asked for")
    output = await back.answers(within_s=0.1)
    assert output["ok"] is False
    assert [(noted["outcome"], noted["tries"]) for noted in back.noted] == [(outcome, tries)]
    assert back.does == ["never asked for"]


async def test_a_tool_that_changes_something_is_never_tried_twice() -> None:
    back = Back(OSError("reset"), "twice")
    assert (await back.answers(again=False))["ok"] is False
    assert back.does == ["twice"]
    promising = {tool.name for tool in TOOLS if tool.again}
    assert promising.isdisjoint({"take_message", "take_spoken_message", "end_call"})


async def test_two_tries_end_within_the_time_of_one_tool() -> None:
    back, loop = Back("nothing", "nothing"), asyncio.get_running_loop()
    began = loop.time()
    output = await back.answers(within_s=0.3)
    took_s = loop.time() - began
    assert output["error"].startswith("That took too long.")
    assert 0.3 * FIRST_SHARE < took_s < 2.0
    assert back.noted[0]["took_ms"] >= 290  # type: ignore[operator]


def test_tools_for_appointments_are_told_of_only_where_there_is_something_to_book() -> None:
    without, all_of_them = offered(books=False), offered(books=True)
    assert set(all_of_them) - set(without) == set(OF_APPOINTMENTS)
    assert all(tool.offered for tool in all_of_them)
    assert {"answer_question", "get_policy"} <= {tool.name for tool in without}
    for tool in OF_APPOINTMENTS:
        schema = tool.schema()["parameters"]
        assert schema["additionalProperties"] is False
        assert all("description" in each for each in schema["properties"].values())
