"""One implementation, three doors: cloud, local assistant and keypad are answered by the same tools."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.moves import LITERAL, Do, Leave, Move, Say
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition
from appliance.core.events import ToolCall, Understood
from appliance.core.menu import DepartmentLine
from appliance.core.staff import Office
from appliance.languages.prompts import prompts
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import TOOLS, Clinic
from tests.core.office import BILLING, office

NIGHT = datetime(2026, 11, 25, 3, tzinfo=UTC)
LAB = DepartmentLine(slug="lab", name="Lab", numbers=("+15550100013",))
THERE = Office(staff=office(holidays={"kept": ["Thanksgiving Day"]}).staff, departments=(BILLING, LAB)).at(
    NIGHT
)
CALLER = "+14155550199"


class Doors:
    """A clinic at night, its tools, and the local assistant in a language."""

    def __init__(self, language: str = "en") -> None:
        self.dialogue = Dialogue(Facts.of(THERE, CALLER), language)
        self.notes = list[Note]()
        desk = Desk("CA1", CALLER, THERE, self._keep, clock=lambda: NIGHT, leave_open=self.notes.append)
        self._clinic = Clinic(desk, lambda *_: None)
        self._asked = 0

    async def _keep(self, note: Note) -> None:
        self.notes.append(note)

    async def run(self, name: str, arguments: str, *, ours: bool) -> dict[str, Any]:
        self._asked += 1
        answer = await self._clinic.run("call", ToolCall(f"t{self._asked}", name, arguments, ours))
        output: dict[str, Any] = json.loads(answer.output)
        return output

    async def local(self, moves: list[Move]) -> tuple[Do, dict[str, Any], list[Move]]:
        """The tool that the local assistant asks for, what comes of it, and what it does then."""
        (done,) = (move for move in moves if isinstance(move, Do))
        output = await self.run(done.tool, json.dumps(dict(done.arguments)), ours=True)
        said = str(output.get("hours") or output.get("say") or "")
        return done, output, self.dialogue.done(output, said, None)


def sentence(moves: list[Move]) -> str:
    """The one sentence that is said."""
    (said,) = (move.sentence for move in moves if isinstance(move, Say))
    return said


def told(moves: list[Move]) -> list[str]:
    return [dict(move.fields)["text"] for move in moves if isinstance(move, Say) and move.sentence == LITERAL]


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "are you open on Thursday", "On Thursday, November 26th we are closed for Thanksgiving."),
        ("en", "what time do you open tomorrow", "Tomorrow we are open from 8 a.m. to 5 p.m."),
        (
            "es",
            "¿abren el jueves?",
            "El jueves 26 de noviembre estamos cerrados por el Día de Acción de Gracias.",
        ),
        ("es", "¿están abiertos mañana?", "Mañana abrimos de las 8 de la mañana a las 5 de la tarde."),
    ],
)
async def test_a_day_that_a_caller_names_is_answered_without_the_cloud(
    language: str, text: str, said: str
) -> None:
    doors = Doors(language)
    asked = doors.dialogue.understood(Understood("u1", "hours", text=text))
    done, output, moves = await doors.local(asked)
    assert told(moves) == [said]
    assert await doors.run(done.tool, json.dumps({"day": text, "language": language}), ours=False) == output


async def test_the_key_for_the_hours_tells_the_week_and_when_it_opens() -> None:
    doors = Doors()
    _done, _output, moves = await doors.local(doors.dialogue.key("1"))
    (said,) = told(moves)
    assert said.startswith("We are open Monday to Friday from 8 a.m. to 5 p.m. On Thursday, ")
    assert said.endswith(" We are closed now, and open again tomorrow at 8 a.m.")
    assert said == THERE.hours_said("en")


async def test_a_day_that_is_not_clear_has_the_usual_week_told() -> None:
    doors = Doors()
    asked = doors.dialogue.understood(Understood("u1", "hours", text="are you open next Friday"))
    _done, output, moves = await doors.local(asked)
    assert "dates" in output or output["unclear"]
    assert told(moves)


async def test_a_closed_department_by_key_has_its_message_taken_for_it() -> None:
    doors = Doors()
    doors.dialogue.key("5")
    done, output, moves = await doors.local(doors.dialogue.key("2"))
    assert told(moves) == ["Lab is closed now, and open again tomorrow at 8 a.m."]
    named = json.dumps({"department": "the lab"})
    assert await doors.run(done.tool, named, ours=False) == output
    doors.dialogue.key("1")
    doors.dialogue.recorded("message-0a-1.wav", "my blood test")
    doors.dialogue.key("1")
    # Who it is was not said, and is left out; it can wait.
    doors.dialogue.key("1")
    doors.dialogue.key("1")
    _done, output, _moves = await doors.local(doors.dialogue.key("2"))
    assert output["ok"]
    assert doors.notes == [
        Note(
            "Message for Lab",
            "my blood test",
            number=CALLER,
            recording="message-0a-1.wav",
            number_from=NumberFrom.CONFIRMED,
        )
    ]


WORDS = {
    "en": ("leave a message", "please call me about my refill", "this is Maria Lopez", "Maria Lopez"),
    "es": ("quiero dejar un mensaje", "llámenme por mi receta", "me llamo Carmen Ruiz", "Carmen Ruiz"),
}


@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("language", WORDS)
async def test_the_box_asks_who_leaves_a_message_and_whether_it_presses(
    language: str, *, urgent: bool
) -> None:
    """What `take_message` has of a model, the box has of its own questions: by voice."""
    wish, message, who, name = WORDS[language]
    doors = Doors(language)
    doors.dialogue.understood(Understood("u1", "leave_message", text=wish))
    doors.dialogue.recorded("message-0a-1.wav", message)
    asked = [doors.dialogue.understood(Understood("u2", "yes"))]
    asked.append(doors.dialogue.understood(Understood("u3", "none", text=who)))
    asked.append(doors.dialogue.understood(Understood("u4", "yes")))
    assert [sentence(moves) for moves in asked] == ["ask_who", "number_known", "ask_urgent"]
    done, output, _ = await doors.local(
        doors.dialogue.understood(Understood("u5", "yes" if urgent else "no"))
    )
    assert (done.tool, output["ok"]) == ("take_spoken_message", True)
    (note,) = doors.notes
    assert (note.subject, note.body, note.recording) == ("Message", message, "message-0a-1.wav")
    assert (note.name, note.name_heard, note.urgent) == (name, True, urgent)
    assert (note.number, note.number_from) == (CALLER, NumberFrom.CONFIRMED)


@pytest.mark.parametrize("language", WORDS)
async def test_a_name_in_the_message_is_not_asked_for_again(language: str) -> None:
    _, message, who, name = WORDS[language]
    doors = Doors(language)
    doors.dialogue.key("3")
    doors.dialogue.recorded("message-0a-1.wav", f"{who}, {message}")
    assert sentence(doors.dialogue.key("1")) == "number_known"
    doors.dialogue.key("1")
    await doors.local(doors.dialogue.key("1"))
    assert [(note.name, note.name_heard, note.urgent) for note in doors.notes] == [(name, True, True)]


@pytest.mark.parametrize("language", WORDS)
async def test_by_keys_alone_the_name_is_in_the_recording(language: str) -> None:
    doors = Doors(language)
    assert sentence(doors.dialogue.key("3")) == "ask_message"
    # Nobody recognises a word.
    assert sentence(doors.dialogue.recorded("message-0a-1.wav", "")) == "number_known"
    assert sentence(doors.dialogue.key("1")) == "ask_urgent"
    await doors.local(doors.dialogue.key("1"))
    (note,) = doors.notes
    assert (note.name, note.urgent, note.recording) == ("", True, "message-0a-1.wav")


def test_what_keys_have_to_say_names_it() -> None:
    """Who cannot be understood is asked for the name with the message, in each language."""
    for code, word in (("en", "your name"), ("es", "su nombre")):
        assert word in prompts(code).sentences["ask_message"]


async def test_who_hangs_up_at_the_last_question_has_left_the_message() -> None:
    doors = Doors()
    doors.dialogue.key("3")
    doors.dialogue.recorded("message-0a-1.wav", "this is Maria Lopez, call me")
    doors.dialogue.key("1")
    assert sentence(doors.dialogue.key("1")) == "ask_urgent"
    await doors.local(doors.dialogue.left_over())
    assert [(note.name, note.number, note.urgent) for note in doors.notes] == [("Maria Lopez", CALLER, False)]


@pytest.mark.parametrize(("turned", "why"), [("silent", GOODBYE), ("missed", PEOPLE)])
async def test_who_answers_no_more_has_left_the_message(turned: str, why: Disposition) -> None:
    doors = Doors()
    doors.dialogue.key("3")
    doors.dialogue.recorded("message-0a-1.wav", "this is Maria Lopez, call me")
    *_, last = [getattr(doors.dialogue, turned)() for _ in range(4)]
    assert isinstance(last[-1], Leave)
    assert last[-1].disposition == why
    await doors.local(last[:1])
    assert [(note.name, note.number_from) for note in doors.notes] == [("Maria Lopez", NumberFrom.CALLER_ID)]


async def test_every_tool_that_the_local_assistant_asks_for_is_there() -> None:
    known = {tool.name: tool for tool in TOOLS}
    doors = Doors()
    for intent in ("hours", "question"):
        asked = doors.dialogue.understood(Understood("u1", intent, text="do you take walk ins"))
        done, output, _moves = await doors.local(asked)
        assert done.tool in known
        assert output["ok"]
