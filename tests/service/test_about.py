"""Which call a line of the log is about: told once, said by every line, also in tasks, and by no other's."""

import asyncio
import io
import logging

import orjson

from appliance.core import about
from appliance.service.logs import JsonLines

CALL = "CA12345678901234567890123456789012"


def line(**extra: str) -> dict[str, str]:
    """What a line would hold now."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    log = logging.Logger("test")
    log.addHandler(handler)
    log.info("something", extra=extra)
    return dict(orjson.loads(out.getvalue()))


def test_every_line_says_which_call_it_is_about() -> None:
    with about.call(call_sid=CALL):
        about.known_as("c1")
        said = line()
    assert (said["call_sid"], said["call_id"]) == (CALL, "c1")
    assert "call_sid" not in line()
    assert "call_id" not in line()


def test_a_line_that_names_its_call_is_believed() -> None:
    with about.call(call_id="c1"):
        assert line(call_id="c2")["call_id"] == "c2"


async def test_calls_that_go_on_together_are_not_taken_for_each_other() -> None:
    async def work(name: str) -> str:
        with about.call(call_id=name):
            await asyncio.sleep(0)
            async with asyncio.TaskGroup() as tasks:
                inner = tasks.create_task(asyncio.to_thread(line), name=name)
            return inner.result()["call_id"]

    assert list(await asyncio.gather(work("a"), work("b"))) == ["a", "b"]
