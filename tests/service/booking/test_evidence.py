"""What counts as said or keyed in by the caller."""

import threading
from collections.abc import Iterator

import pytest

from appliance.core.story import Speaker, Turn
from appliance.service.booking.evidence import Evidence

CALLER = "+15550100002"


def evidence(*said: Turn, region: str = "US", caller: str = CALLER) -> Evidence:
    async def waited() -> tuple[Turn, ...]:
        return said

    return Evidence(caller, lambda: said, waited, region)


def words(text: str, speaker: Speaker = Speaker.CALLER) -> Turn:
    return Turn("t1", speaker, text)


@pytest.mark.parametrize(
    ("said", "written", "number"),
    [
        ("", "", CALLER),
        ("", "(555) 010-0002", CALLER),
        ("it is 212 555 0123", "2125550123", "+12125550123"),
        # The area code is the model's own.
        ("it is 555 0123", "212 555 0123", ""),
        ("it is 555 0123", "555 0123", "5550123"),
        ("", "212 555 0123", ""),
    ],
)
async def test_a_number_is_the_callers_own_or_was_said(said: str, written: str, number: str) -> None:
    assert await evidence(words(said)).number(written) == number


async def test_numbers_are_those_of_the_clinics_country() -> None:
    there = evidence(words("es el nueve uno dos, tres cuatro cinco, seis siete ocho"), region="ES")
    assert await there.number("912345678") == "+34912345678"
    assert await there.number("0034912345678") == "+34912345678"


async def test_what_the_assistant_said_is_no_evidence() -> None:
    assert not await evidence(words("212 555 0123", Speaker.ATTENDANT)).number("212 555 0123")


class Watched(tuple[Turn, ...]):
    """Turns that tell in which threads they are read."""

    def __iter__(self) -> Iterator[Turn]:
        READ_IN.append(threading.get_ident())
        return super().__iter__()


READ_IN: list[int] = []


async def test_a_long_call_is_not_read_on_the_loop_that_carries_the_calls() -> None:
    long = Watched([words("it was the third of march, and the number is five five")] * 9)

    async def said() -> Watched:
        return long

    there = Evidence(CALLER, lambda: long, said)
    for asked in (there.number("2125550123"), there.name("Ana Ruiz"), there.born("1980-03-09")):
        READ_IN.clear()
        assert not await asked
        assert READ_IN
        assert threading.get_ident() not in READ_IN


async def test_the_last_words_are_waited_for() -> None:
    async def waited() -> tuple[Turn, ...]:
        return (words("212 555 0123"),)

    assert await Evidence(CALLER, lambda: (words(""),), waited).number("2125550123") == "+12125550123"
