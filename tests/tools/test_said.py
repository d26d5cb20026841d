"""What tools give the assistant to say is in the language of the call."""

from datetime import UTC, datetime

import orjson
import pytest

from appliance.core.events import ToolCall
from appliance.core.staff import Office
from appliance.core.story import Speaker, Turn
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic
from tests.core.office import BILLING, office

MORNING = datetime(2026, 11, 24, 15, tzinfo=UTC)
CALLED = {"number": "caller_id", "about": "x"}
MESSAGE = {"number": "none", "subject": "x", "body": "x"}
SAID = [
    ("take_message", MESSAGE, "en", "Thank you. Your message is saved for our team."),
    ("take_message", MESSAGE, "es", "Gracias. Su mensaje quedó guardado para nuestro equipo."),
    ("call_back", CALLED, "en", "I have put you on the list of calls for our team to return."),
    ("call_back", CALLED, "es", "Le puse en la lista de llamadas que nuestro equipo devuelve."),
    ("transfer_to_human", {}, "en", "One moment please, I am connecting you with a person."),
    ("transfer_to_human", {}, "es", "Un momento, por favor, le comunico con una persona."),
    (
        "transfer_to_department",
        {"department": "billing"},
        "es",
        "Un momento, por favor, le comunico con Billing.",
    ),
    ("end_call", {}, "en", "Thank you for calling. Goodbye."),
    ("end_call", {}, "es", "Gracias por llamar. Hasta luego."),
    (
        "answer_question",
        {"question": "x"},
        "es",
        "Eso no lo sé. Un momento por favor, le comunico con una persona.",
    ),
]


@pytest.mark.parametrize(("tool", "arguments", "language", "said"), SAID)
async def test_what_is_to_be_said_is_in_the_language_of_the_call(
    tool: str, arguments: dict[str, str], language: str, said: str
) -> None:
    async def keep(_note: Note) -> None:
        pass

    async def story() -> tuple[Turn, ...]:
        return (Turn("u1", Speaker.CALLER, "call me at this number"),)

    there = Office(staff=office(low_confidence_action="people").staff, departments=(BILLING,))
    desk = Desk(
        "CA1", "+14155550199", there, keep, clock=lambda: MORNING, said=story, language=lambda: language
    )
    call = ToolCall("c1", tool, orjson.dumps(arguments).decode())
    assert orjson.loads((await Clinic(desk, lambda *_: None).run("call", call)).output)["say"] == said
