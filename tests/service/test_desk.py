"""The tools of a call and the store: what is promised is on disk, and once."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.events import ToolCall
from appliance.core.staff import Office, StaffSettings
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker, Turn
from appliance.service.desk import toolbox
from appliance.service.known_call import KnownCall
from appliance.service.records import BridgeRecords
from appliance.store import callback_rows, calls, intents, messages
from appliance.store.database import connect
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.core.test_call import held
from tests.service.board import OFFER, Box

MESSAGE = {"subject": "Refill", "body": "Wants a refill.", "name": "Ana", "number": "4155550100"}
SAID = (Turn("u1", Speaker.CALLER, "this is Ana, 415 555 0100"),)


async def known_call(writer: Writer, reader: Reader) -> KnownCall:
    """A call that is in the book, in which that was said."""
    box = Box(writer, reader)
    await box.board.offer(OFFER)
    row = await reader.run(lambda db: calls.by_sid(db, OFFER.call_sid))
    assert row is not None
    return KnownCall(row.id, OFFER, Office(), story=SAID)


async def test_a_message_is_kept_once_also_by_a_brain_that_began_anew(writer: Writer, reader: Reader) -> None:
    known, records = await known_call(writer, reader), BridgeRecords(writer, reader)
    asked = orjson.dumps(MESSAGE).decode()
    for session in ("call_a", "call_a", "call_b"):
        # Each time the tools are those of a bridge that has just begun.
        answer = await toolbox(known, records).run(known.call_id, ToolCall(session, "take_message", asked))
        assert orjson.loads(answer.output) == {
            "ok": True,
            "say": "Thank you. Your message is saved for our team.",
            "number": "(415) 555-0100",
        }
    (kept,) = await reader.run(messages.page)
    told = messages.Told(
        "Ana", "+14155550100", number_from=NumberFrom.HEARD, words="this is Ana, 415 555 0100"
    )
    assert (kept.body, kept.told) == ("Wants a refill.", told)
    other = orjson.dumps({**MESSAGE, "body": "And one for her son."}).decode()
    await toolbox(known, records).run(known.call_id, ToolCall("call_c", "take_message", other))
    assert len(await reader.run(messages.page)) == 2


async def test_two_messages_of_our_own_dialogue_are_two(writer: Writer, reader: Reader) -> None:
    known, records = await known_call(writer, reader), BridgeRecords(writer, reader)
    for body in ("one", "two"):
        asked = orjson.dumps({"subject": "Message", "body": body}).decode()
        # Its numbers begin anew when the caller comes back from a department.
        call = ToolCall("local-1", "take_spoken_message", asked, ours=True)
        assert '"ok":true' in (await toolbox(known, records).run(known.call_id, call)).output
    assert len(await reader.run(messages.page)) == 2


async def test_a_message_is_withdrawn_and_another_of_the_same_words_is_kept(
    writer: Writer, reader: Reader
) -> None:
    known, records = await known_call(writer, reader), BridgeRecords(writer, reader)
    tools, asked = toolbox(known, records), orjson.dumps(MESSAGE).decode()

    async def open_ones() -> list[bool]:
        return [message.handled_at is None for message in await reader.run(messages.page)]

    async def open_entries() -> int:
        return (await reader.run(lambda db: callback_rows.counts(db, datetime.now(UTC)))).open

    for session in ("call_a", "call_b"):
        assert (
            '"ok":true' in (await tools.run(known.call_id, ToolCall(session, "take_message", asked))).output
        )
    assert await open_entries() == 1
    known.story = (*SAID, Turn("u2", Speaker.CALLER, "delete the message please"))
    gone = await tools.run(known.call_id, ToolCall("call_c", "withdraw_message", "{}"))
    assert orjson.loads(gone.output)["ok"]
    assert await open_ones() == [False]
    assert await open_entries() == 0
    none = await tools.run(known.call_id, ToolCall("call_d", "withdraw_message", "{}"))
    assert "No message of this call is known" in none.output
    await tools.run(known.call_id, ToolCall("call_e", "take_message", asked))
    assert await open_ones() == [True, False]
    known.keep_left_open()
    await writer.promise(lambda db: None)
    assert await open_ones() == [True, False], "what was said before the second takes it not back"
    # The caller comes back from a department.
    known.story = (
        *known.story,
        Turn("u3", Speaker.CALLER, "are you open"),
        Turn("u4", Speaker.CALLER, "no, delete it"),
    )
    gone = await toolbox(known, records).run(known.call_id, ToolCall("call_f", "withdraw_message", "{}"))
    assert orjson.loads(gone.output)["ok"]
    assert await open_ones() == [False, False]


async def test_words_that_took_one_message_back_take_back_no_other(writer: Writer, reader: Reader) -> None:
    known, records = await known_call(writer, reader), BridgeRecords(writer, reader)
    tools = toolbox(known, records)

    async def keep(call: str, body: str) -> None:
        asked = orjson.dumps({**MESSAGE, "body": body}).decode()
        assert '"ok":true' in (await tools.run(known.call_id, ToolCall(call, "take_message", asked))).output

    async def still_open() -> set[str]:
        return {each.body for each in await reader.run(messages.page) if each.handled_at is None}

    await keep("a", "First.")
    await keep("b", "Second.")
    known.story = (*SAID, Turn("u2", Speaker.CALLER, "delete the message"))
    gone = await tools.run(known.call_id, ToolCall("c", "withdraw_message", "{}"))
    again = await tools.run(known.call_id, ToolCall("d", "withdraw_message", "{}"))
    assert ('"ok":true' in gone.output, '"ok":false' in again.output) == (True, True)
    assert await still_open() == {"First."}
    # Told again by a brain that began anew it is the same one.
    await keep("e", "First.")
    assert len(await reader.run(messages.page)) == 2
    known.story = (*known.story, Turn("u3", Speaker.CALLER, "yes please"))
    await tools.run(known.call_id, ToolCall("f", "withdraw_message", "{}"))
    assert await still_open() == set()


async def test_each_use_of_a_tool_is_noted_with_how_it_went(writer: Writer, reader: Reader) -> None:
    known, records = await known_call(writer, reader), BridgeRecords(writer, reader)
    tools = toolbox(known, records)
    for name, arguments in (("get_business_hours", "{}"), ("take_message", "{}"), ("sing", "{}")):
        await tools.run(known.call_id, ToolCall(name, name, arguments))
    await writer.promise(lambda db: None)
    noted = await reader.run(lambda db: intents.of_call(db, known.call_id))
    assert [(row.intent, row.meta["outcome"], row.meta["tries"]) for row in noted] == [
        ("get_business_hours", "done", 1),
        ("take_message", "refused", 0),
        ("sing", "refused", 0),
    ]


async def test_tools_speak_the_clinics_language_until_the_caller_is_heard(
    writer: Writer, reader: Reader
) -> None:
    offer = CallOffered("CA-es", "+14155550199", "+15550100001", "twilio")
    known = KnownCall("es", offer, Office(staff=StaffSettings(language="es-US")))
    tools = toolbox(known, BridgeRecords(writer, reader))
    answer = await tools.run("es", ToolCall("call_a", "get_business_hours", "{}"))
    assert "lunes" in orjson.loads(answer.output)["hours"]


async def test_the_clinics_number_tells_how_numbers_are_dialled(writer: Writer, reader: Reader) -> None:
    offer = CallOffered("CA-mx", "+525512345678", "+525587654321", "twilio")
    story = (Turn("u1", Speaker.CALLER, "mi número es 55 1111 2222"),)
    known = KnownCall("mx", offer, Office(), story=story)
    given = orjson.dumps({**MESSAGE, "name": "", "number": "55 1111 2222"}).decode()
    tools = toolbox(known, BridgeRecords(writer, reader))
    await tools.run("mx", ToolCall("call_a", "take_message", given))
    (kept,) = await reader.run(messages.page)
    assert kept.told.number == "+525511112222"


UNSURE = orjson.dumps({**MESSAGE, "name": "", "number": "caller_id"}).decode()
"""A message of which the number has still to be asked about."""
UNFINISHED = orjson.dumps({"subject": "Message", "body": "Wants a refill.", "sure": "no"}).decode()
"""One that the box was told in part."""


async def left(known: KnownCall, writer: Writer, reader: Reader, kept: list[str]) -> None:
    """See that this is what is kept once the caller has gone."""
    async with held() as stage:
        known.part_from(stage.call)
    await writer.promise(lambda db: None)
    assert [row.body for row in await reader.run(messages.page)] == kept


async def test_a_message_is_kept_whose_caller_hangs_up_at_the_last_question(
    writer: Writer, reader: Reader
) -> None:
    known = await known_call(writer, reader)
    tools = toolbox(known, BridgeRecords(writer, reader))
    answer = await tools.run(known.call_id, ToolCall("call_a", "take_message", UNSURE))
    assert '"ok":false' in answer.output
    assert not await reader.run(messages.page)
    await left(known, writer, reader, ["Wants a refill."])
    (kept,) = await reader.run(messages.page)
    assert (kept.told.number, kept.told.number_from) == (OFFER.caller, NumberFrom.CALLER_ID)


@pytest.mark.parametrize("tool", ["take_message", "take_spoken_message"])
async def test_a_message_that_is_taken_at_last_is_left_open_no_more(
    tool: str, writer: Writer, reader: Reader
) -> None:
    known = await known_call(writer, reader)
    tools = toolbox(known, BridgeRecords(writer, reader))
    await tools.run(known.call_id, ToolCall("call_a", "take_message", UNSURE))
    ours = tool == "take_spoken_message"
    told = orjson.dumps({**MESSAGE, "body": "For her son."}).decode()
    assert '"ok":true' in (await tools.run(known.call_id, ToolCall("b", tool, told, ours=ours))).output
    await left(known, writer, reader, ["For her son."])


@pytest.mark.parametrize("words", ["Never mind.", "olvídelo, llamo luego", ""])
@pytest.mark.parametrize("door", ["cloud", "box"])
async def test_a_message_that_the_caller_takes_back_is_none(
    door: str, words: str, writer: Writer, reader: Reader
) -> None:
    """What is not sure yet as the call ends is kept, unless the caller's last words take it back.

    What was told to the box is on disk before the call ends: then it is dealt with.
    """
    known = await known_call(writer, reader)
    tool, told = ("take_message", UNSURE) if door == "cloud" else ("take_spoken_message", UNFINISHED)
    await toolbox(known, BridgeRecords(writer, reader)).run(
        known.call_id, ToolCall("a", tool, told, ours=door == "box")
    )
    on_disk = ["Wants a refill."] if door == "box" else []
    assert [row.body for row in await reader.run(messages.page)] == on_disk
    asked = Turn("a1", Speaker.ATTENDANT, "Is the number that you are calling from right?")
    known.story = (*known.story, asked, Turn("u2", Speaker.CALLER, words))
    await left(known, writer, reader, on_disk if words else ["Wants a refill."])
    assert all(row.handled_by == ("the caller" if words else "") for row in await reader.run(messages.page))


async def test_what_is_left_unfinished_is_written_late_where_the_disk_takes_nothing(
    path: Path, reader: Reader
) -> None:
    writer = Writer(path)
    known = await known_call(writer, reader)
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    tools = toolbox(known, BridgeRecords(writer, reader))
    answer = await tools.run(known.call_id, ToolCall("a", "take_spoken_message", UNFINISHED, ours=True))
    other.execute("ROLLBACK")
    assert '"ok":true' in answer.output
    await left(known, writer, reader, ["Wants a refill."])
    await writer.close()


@pytest.mark.parametrize(
    ("words", "stands"), [("Actually, delete the message.", False), ("never mind", True)]
)
async def test_a_message_that_was_kept_is_done_with_once_its_caller_has_it_deleted(
    words: str, *, stands: bool, writer: Writer, reader: Reader
) -> None:
    known = await known_call(writer, reader)
    told = orjson.dumps(MESSAGE).decode()
    answer = await toolbox(known, BridgeRecords(writer, reader)).run(
        known.call_id, ToolCall("a", "take_message", told)
    )
    assert '"ok":true' in answer.output
    asked = Turn("a1", Speaker.ATTENDANT, "Is there anything else?")
    known.story = (*known.story, asked, Turn("u2", Speaker.CALLER, words))
    await left(known, writer, reader, ["Wants a refill."])
    (kept,) = await reader.run(messages.page)
    assert (kept.handled_at is None, kept.handled_by) == (stands, "" if stands else "the caller")
    (entry,) = await reader.run(lambda db: [*db.execute("SELECT state FROM callback")])
    assert entry[0] == ("open" if stands else "done")
