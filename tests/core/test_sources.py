"""Sources that are named aloud, and whether an answer rests on a passage."""

import pytest

from appliance.core.citations import Source
from appliance.core.sources import Claim, claim, cues, named, rests

PARKING = Source(
    "guide",
    1,
    "Visitor guide",
    "Parking",
    "en",
    0.9,
    "Visitor guide, parking",
    "",
    "Parking is free for two hours in the garage behind the clinic. Each further hour costs 3 dollars.",
)
CANCELLING = Source(
    "policies", 2, "Clinic policies", "Cancelling an appointment", "en", 0.8, "Clinic policies, cancelling"
)
PAGOS = Source(
    "pagos", 3, "Pagos y seguros", "Vacuna de la gripe", "es", 0.9, "Pagos y seguros, vacuna de la gripe"
)
ALL = (PARKING, CANCELLING, PAGOS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Parking is free. Source: Visitor guide, parking.", Claim("visitor guide parking", True)),
        ("It is free; the source is our Visitor guide. Anything else?", Claim("our visitor guide", True)),
        ("Es gratis. Fuente: Guía de visita.", Claim("guia de visita", True)),
        ("The source of the noise was found.", None),
        ("We have many resources: ask for them.", None),
        ("No word of it", None),
    ],
)
def test_a_source_is_heard_where_it_is_named(text: str, told: Claim | None) -> None:
    assert claim(text, whole=True) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Free. Source:", Claim("", False)),
        ("Free. Source: Visi", Claim("", False)),
        ("Free. Source: Visitor gui", Claim("visitor", False)),
        ("Free. Source: Visitor guide. An", Claim("visitor guide", True)),
    ],
)
def test_a_word_that_is_still_being_said_is_not_judged(text: str, told: Claim) -> None:
    assert claim(text, whole=False) == told


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("visitor guide parking", PARKING),
        ("the visitor guide", PARKING),
        ("our visiter guide", PARKING),
        ("clinic policies cancelling an appointment", CANCELLING),
        ("pagos y seguros", PAGOS),
        ("vacuna de la gripe", PAGOS),
    ],
)
def test_one_that_was_found_is_known_by_its_title_or_its_part(name: str, meant: Source) -> None:
    assert named(Claim(name, True), ALL) is meant
    assert named(Claim(name, False), ALL) is not False


@pytest.mark.parametrize(
    "name",
    ["staff handbook", "staff handbook page nine", "the director is letter", "wikipedia", "medical advice"],
)
def test_an_invented_one_is_none(name: str) -> None:
    assert named(Claim(name, True), ALL) is False
    assert named(Claim(name, True), ()) is False


def test_two_words_tell_an_invented_one_while_it_is_being_said() -> None:
    assert named(Claim("staff", False), ALL) is None
    assert named(Claim("staff handbook", False), ALL) is False
    assert named(Claim("visitor handbook", False), ALL) is None
    assert named(Claim("", True), ALL) is False


@pytest.mark.parametrize(
    "text",
    [
        "Parking is free for two hours in the garage behind the clinic.",
        "You can park for free for two hours, behind the clinic in our garage. Anything else?",
        "Sure! After two free hours, each further hour costs 3 dollars. Is there anything else I can do?",
    ],
)
def test_an_answer_rests_on_the_passage_that_says_it(text: str) -> None:
    assert rests(text, PARKING, "en") > 0
    assert rests(text, CANCELLING, "en") == 0


@pytest.mark.parametrize(
    "text",
    [
        "I do not know where you can park at the clinic.",
        "Parking is free for two hours, then it costs 5 dollars an hour in the garage.",
        "Let me see.",
        "Our parrots are fed at noon by the nurses.",
        "",
    ],
)
def test_an_answer_does_not_rest_on_what_does_not_say_it(text: str) -> None:
    assert rests(text, PARKING, "en") == 0


def test_in_another_language_the_passage_counts_as_found_unless_the_numbers_are_others() -> None:
    assert rests("El estacionamiento es gratis; después cuesta 3 dólares la hora.", PARKING, "es") > 0
    assert rests("El estacionamiento cuesta 9 dólares la hora.", PARKING, "es") == 0
    assert rests("Eso no lo sé. ¿Quiere dejar un mensaje?", PARKING, "es") == 0


def test_the_words_to_listen_for_are_those_of_all_languages() -> None:
    assert {"source", "fuente"} <= set(cues())
