"""`withdraw_message`: a message goes when the caller says so, and not when a model thinks so."""

from typing import Any

import orjson
import pytest

from appliance.core.errors import StoreRefused
from appliance.core.events import ToolCall
from appliance.core.story import Speaker, Turn
from appliance.tools.tool import Desk, Note, Stands
from appliance.tools.toolbox import Clinic
from tests.core.office import office

QUESTION = "Shall I take your message back, so that nobody sees to it?"
BEFORE = (Turn("a", Speaker.ATTENDANT, "Good morning."), Turn("b", Speaker.CALLER, "I need a refill"))


class Message:
    """A message that was kept behind two turns, and a caller who goes on talking."""

    def __init__(self, *said: str, opened: bool = True, language: str = "en") -> None:
        self.story: tuple[Turn, ...] = BEFORE
        self.stands, self.failure = True, False
        self._open, self._asked = opened, 0
        desk = Desk(
            "CA1", "", office(), _keeps_none, said=self._said, stands=self._last, language=lambda: language
        )
        self._clinic = Clinic(desk, lambda *_: None)
        self.says(*said)

    def says(self, *texts: str, asked: str = "It is kept.") -> None:
        for text in texts:
            place = len(self.story)
            ours, theirs = (
                Turn(f"a{place}", Speaker.ATTENDANT, asked),
                Turn(f"c{place}", Speaker.CALLER, text),
            )
            self.story = (*self.story, ours, theirs)

    async def withdrawn(self) -> dict[str, Any]:
        self._asked += 1
        answer = await self._clinic.run("call", ToolCall(f"t{self._asked}", "withdraw_message", "{}"))
        output: dict[str, Any] = orjson.loads(answer.output)
        assert not (output["ok"] and self.stands)
        return output

    async def _said(self) -> tuple[Turn, ...]:
        return self.story

    def _last(self) -> Stands | None:
        return Stands(len(BEFORE), self._withdraw) if self.stands else None

    async def _withdraw(self) -> bool:
        if self.failure:
            raise StoreRefused("The disk is full.")
        self.stands = False
        return self._open


async def _keeps_none(_note: Note) -> None:
    raise AssertionError("nothing is kept here")


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("en", "actually, delete the message", "All right, your message is taken back, and"),
        ("en", "please don't call me back", "All right, your message is taken back, and"),
        ("es", "no, borre mi mensaje por favor", "Está bien, su mensaje queda retirado y"),
    ],
)
async def test_who_says_so_has_it_taken_back(language: str, words: str, said: str) -> None:
    message = Message(words, language=language)
    output = await message.withdrawn()
    assert (output["ok"], output["say"].startswith(said)) == (True, True)


@pytest.mark.parametrize(
    "words",
    ["never mind", "do you open on Friday", "delete the message from my sister, it was wrong", "yes", ""],
)
async def test_who_does_not_say_so_is_asked_and_says_yes(words: str) -> None:
    message = Message(words)
    for _ in range(2):
        output = await message.withdrawn()
        assert (output["ok"], output["say"]) == (False, QUESTION)
        assert output["error"].endswith(QUESTION)
    message.says("yes please", asked=QUESTION)
    assert (await message.withdrawn())["ok"]


@pytest.mark.parametrize("words", ["no", "what?", "no, keep it", "maybe", "hm"])
async def test_who_does_not_say_yes_keeps_it(words: str) -> None:
    message = Message("never mind")
    await message.withdrawn()
    message.says(words, asked=QUESTION)
    assert (await message.withdrawn())["say"] == QUESTION


async def test_what_was_said_before_it_takes_nothing_back() -> None:
    message = Message()
    message.story = (Turn("z", Speaker.CALLER, "delete the message"), BEFORE[1])
    assert (await message.withdrawn())["say"] == QUESTION


async def test_what_staff_have_seen_to_is_told() -> None:
    output = await Message("delete it", opened=False).withdrawn()
    assert (output["ok"], output["say"]) == (False, "Our team has seen to your message already.")


async def test_without_a_message_nothing_is_promised() -> None:
    message = Message("delete it")
    assert (await message.withdrawn())["ok"]
    message.stands = False
    output = await message.withdrawn()
    assert output["error"].startswith("No message of this call is known")


async def test_nothing_is_said_that_is_not_on_disk() -> None:
    message = Message("delete it")
    message.failure = True
    output = await message.withdrawn()
    assert output == {
        "ok": False,
        "error": "That cannot be written down right now. Offer to connect with a person.",
    }
