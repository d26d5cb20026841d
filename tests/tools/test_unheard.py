"""What a model wrote of a caller that the caller was not heard to say."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.core.story import Speaker, Turn
from appliance.tools.unheard import NAMES_MOST, unheard

NOW = datetime(2026, 11, 26, 9, tzinfo=ZoneInfo("America/New_York"))
"""A Thursday."""


def told(text: str, *said: str) -> str:
    turns = [Turn(f"t{place}", Speaker.CALLER, words) for place, words in enumerate(said)]
    return unheard(text, turns, NOW, ("Riverside Family Clinic", "Ana Ruiz"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Refill. Needs it by Friday, December 4th.", ("I need it by friday december 4th",)),
        ("Needs it on 2026-12-04.", ("on the fourth of december",)),
        ("Comes on Tuesday at 2 p.m.", ("on Tuesday", "at two")),
        ("Wants Dr. Miller to call; Ana Ruiz.", ("doctor Millar should call",)),
        ("Patient was born on March 9th, 1980.", ("born march ninth nineteen eighty",)),
        ("Asks for an MRI. Please call her back about Lisinopril.", ("about my lisinopril",)),
        ("Quiere venir el martes.", ("quiero venir el martes",)),
        ("Riverside Family Clinic should call.", ()),
        ("Wants a refill.", ()),
    ],
)
def test_what_the_caller_said_is_not_marked(text: str, said: tuple[str, ...]) -> None:
    assert told(text, *said) == ""


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        ("Needs it by Friday, December 4th.", ("I need a refill",), "2026-12-04"),
        ("Comes on Tuesday at 3 p.m.", ("on Tuesday at two",), "15:00"),
        ("Comes on Wednesday at 2 p.m.", ("on Tuesday at two",), "2026-12-02 14:00"),
        ("Wants Dr. Miller to call.", ("the doctor should call",), "Miller"),
        ("The husband, Robert Smith, calls; born 1980-03-09.", ("my husband",), "1980-03-09, Robert, Smith"),
        ("Quiere ver a la doctora Salazar el martes.", ("quiero una cita",), "2026-12-01, Salazar"),
        ("Asks about Lisinopril, and Lisinopril again.", ("my pills",), "Lisinopril"),
    ],
)
def test_what_the_caller_did_not_say_is(text: str, said: tuple[str, ...], marked: str) -> None:
    assert told(text, *said) == marked


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        # Written small, as some models and all that only hear do.
        ("wants maria lopez to call about the refill.", ("somebody should call",), "maria, lopez"),
        ("quiere que la llame jorge mamani.", ("que me llamen",), "jorge, mamani"),
        ("the patient is named tsetseg bataar and needs a refill.", ("a refill",), "tsetseg, bataar"),
        ("wants dr. oyelaran to call back.", ("the doctor should call",), "oyelaran"),
        ("una paciente llamada itziar pide una cita.", ("una cita",), "itziar"),
        ("cita a nombre de wanjiru kamau.", ("una cita",), "wanjiru, kamau"),
        # The first of a sentence, alone there.
        ("Maria will pick it up.", ("somebody picks it up",), "Maria"),
        ("Needs it soon. Jorge calls again.", ("i need it soon",), "Jorge"),
        ("Roberto lo recoge.", ("mi hijo lo recoge",), "Roberto"),
        # ALL LARGE.
        ("SEE MARIA LOPEZ ABOUT IT.", ("see somebody about it",), "MARIA, LOPEZ"),
    ],
)
def test_a_name_is_one_however_it_is_written(text: str, said: tuple[str, ...], marked: str) -> None:
    assert told(text, *said) == marked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wants maria lopez to call.", ("it is for maria lopes",)),
        ("quiere que la llame jorge.", ("que me llame Jorge",)),
        ("Maria will pick it up.", ("my daughter maria picks it up",)),
        ("wants the doctor to call back about the refill, please.", ("a refill",)),
        ("Will call again in May. Grace period over. Mark it urgent.", ("i will call again in may",)),
        ("dr. should call about the pain, and a nurse may call.", ("the doctor should call",)),
        ("quiere una cita con el doctor; tiene dolores en la pierna.", ("me duele la pierna",)),
        ("Don't call before noon. Call the pharmacy.", ("call the pharmacy, not before noon",)),
        ("name of the medicine is unknown.", ("i do not know the medicine",)),
        ("Ana Ruiz llama por su receta.", ("mi receta",)),
    ],
)
def test_what_is_no_name_or_was_said_is_not_marked(text: str, said: tuple[str, ...]) -> None:
    assert told(text, *said) == ""


def test_words_of_a_subject_are_no_names_but_its_dates_are_dates() -> None:
    assert unheard("Wants one.", [], NOW, subject="Prescription Refill by December 4th") == "2026-12-04"


def test_a_day_that_was_offered_and_agreed_to_is_the_callers() -> None:
    story = [
        Turn("a", Speaker.ATTENDANT, "Shall we call on Tuesday?"),
        Turn("c", Speaker.CALLER, "yes please"),
    ]
    assert unheard("Call on Tuesday.", story, NOW) == ""
    assert unheard("Call on Tuesday.", story[:1], NOW) == "2026-12-01"


def test_of_names_without_end_the_first_are_looked_at() -> None:
    made_up = [f"Q{chr(97 + one)}{chr(97 + other)}zzz" for one in range(20) for other in range(20)]
    heard = told(f"Asks for Lisinopril, {', '.join(made_up)} and Metformin.", "lisinopril and metformin")
    assert heard.split(", ") == made_up[:NAMES_MOST]
    assert told(f"Asks for {', '.join(made_up)}.", " ".join(made_up)) == ""
