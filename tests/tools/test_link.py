"""The tool that texts a link: what the assistant is told, and where it is offered at all."""

import orjson
import pytest

from appliance.core.booking.linking import About, LinkDesk, NotTexted, Texted
from appliance.core.events import ToolCall
from appliance.core.staff import Office
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic, offered


class Links:
    """The port, of which a test says what comes of it."""

    def __init__(self, texted: Texted | NotTexted) -> None:
        self.asked: list[tuple[str, str, bool]] = []
        self.about = list[About]()
        self._texted = texted

    def offer(self) -> str:
        return ""

    async def text(
        self, phone: str, language: str, *, asked: bool = False, about: About = About.APPOINTMENT
    ) -> Texted:
        self.asked.append((phone, language, asked))
        self.about.append(about)
        if isinstance(self._texted, NotTexted):
            raise self._texted
        return self._texted


async def used(
    links: LinkDesk | None, name: str = "text_booking_link", *, ours: bool = False
) -> dict[str, object]:
    """Use the tool; what comes back."""

    async def keep(_: Note) -> None:
        raise AssertionError("nothing is to be kept")

    desk = Desk("CA1", "+14155550102", Office(), keep, links=links, language=lambda: "es")
    clinic = Clinic(desk, lambda _name, _meta: None)
    answered = await clinic.run("call", ToolCall("t1", name, '{"phone": "415 555 0103"}', ours=ours))
    found: dict[str, object] = orjson.loads(answered.output)
    return found


@pytest.mark.parametrize(("sure", "told"), [(True, "It was sent."), (False, "It is NOT known to be sent")])
async def test_sent_is_said_when_the_carrier_took_it(sure: bool, told: str) -> None:
    links = Links(Texted(sure, "Enviado."))
    output = await used(links)
    assert (output["ok"], output["texted"], output["say"]) == (True, sure, "Enviado.")
    assert str(output["next"]).startswith(told)
    assert links.asked == [("415 555 0103", "es", False)]


async def test_a_refusal_is_told_with_what_to_ask() -> None:
    output = await used(Links(NotTexted("Ask first: Is it right?", "ask", "Is it right?")))
    assert output == {"ok": False, "error": "Ask first: Is it right?", "why": "ask", "say": "Is it right?"}


async def test_where_none_are_texted_it_is_said() -> None:
    assert (await used(None))["why"] == "no_text"


async def test_the_boxs_own_dialogue_has_asked_before_and_no_model_may_say_so() -> None:
    links = Links(Texted(True, "Sent."))
    assert (await used(links, "send_booking_link", ours=True))["ok"]
    assert links.asked[-1][2]
    assert not (await used(links, "send_booking_link"))["ok"]
    assert len(links.asked) == 1


def test_the_cloud_is_told_of_it_where_links_are_texted() -> None:
    names = {tool.name for tool in offered(books=True, links=True)}
    assert "text_booking_link" in names
    assert "send_booking_link" not in names
    assert "text_booking_link" not in {tool.name for tool in offered(books=True)}
    assert "text_booking_link" in {tool.name for tool in offered(books=False, links=True)}
