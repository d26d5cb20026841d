"""Where links are offered: with a number to send from, by the clinic's wish, and to whom they can be sent."""

from typing import Any

import pytest

from appliance.core.booking.visits import Bookable
from appliance.core.steps import CallOffered
from appliance.service.desk import schemas
from appliance.service.known_call import KnownCall
from tests.service.surgery import CLINIC, Surgery
from tests.service.texts.desk import MOBILE, office


def known(caller: str = MOBILE, *, carrier: str = "twilio", **staff: Any) -> KnownCall:
    """A call of somebody, to a clinic that decided so."""
    return KnownCall("call", CallOffered("CA1", caller, CLINIC, carrier), office(**staff))


@pytest.mark.parametrize("carrier", ["twilio", "asterisk"])
async def test_a_link_is_offered_to_a_mobile_whoever_carries_the_call(surgery: Surgery, carrier: str) -> None:
    call = known(carrier=carrier)
    assert surgery.texts.offered_to(call) == (MOBILE, "")
    links = surgery.texts.links(call)
    assert links is not None
    assert links.own == MOBILE


@pytest.mark.parametrize("caller", ["", "+19005550123", "+15550100002"])
async def test_who_cannot_get_it_on_that_number_may_give_another(surgery: Surgery, caller: str) -> None:
    assert surgery.texts.offered_to(known(caller)) == ("", "")


async def test_it_is_not_offered_without_a_number_to_send_from(surgery: Surgery) -> None:
    surgery.texts.sends = False
    assert surgery.texts.offered_to(known()) == (None, "")
    assert surgery.texts.links(known()) is None


async def test_the_page_is_offered_where_a_question_is_to_end_with_it(surgery: Surgery) -> None:
    page = {"clinic_url": "https://clinic.example/help"}
    assert surgery.texts.offered_to(known(**page)) == (MOBILE, "")
    call = known(**page, low_confidence_action="link")
    assert surgery.texts.offered_to(call) == (MOBILE, MOBILE)
    assert surgery.texts.links(call) is not None


async def test_staff_may_not_want_it(surgery: Surgery) -> None:
    assert surgery.texts.links(known(text_link=False)) is None


async def test_where_nothing_is_booked_here_it_leads_to_the_clinics_own_page(surgery: Surgery) -> None:
    bare = office().model_copy(update={"bookable": Bookable()})
    assert not surgery.texts.offers(bare)
    own = office(booking_url="https://book.example.org/").model_copy(update={"bookable": Bookable()})
    assert surgery.texts.offers(own)
    names = {each["name"] for each in schemas(own, links=True)}
    assert "text_booking_link" in names
    assert "find_slots" not in names
