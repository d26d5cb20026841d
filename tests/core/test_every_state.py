"""Help, repeat, back, 0, and misunderstandings: in every state of the box's dialogue, in both languages."""

import pytest

from appliance.core.dialogue.asking import GATHERED, MISSES_TO_KEYS, MISSES_TO_PERSON, Step
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.moves import Leave, Move, Record, Say
from appliance.core.dispositions import PEOPLE
from appliance.core.events import Understood
from appliance.core.menu import spoken_key
from appliance.languages.prompts import codes
from models.local.intents import Understanding
from models.local.taken import taken
from tests.golden.conversation_format import FACTS, OFFICE

LANGUAGES = codes()
LAST = (Say("ask_number"),)
WORDED = [step for step in Step if step not in (Step.MESSAGE, Step.WAITING)]
"""Where words are answers: a message is recorded, and who waits is answered in a moment."""
SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "help": {
        "en": ("help", "help please", "what are my options"),
        "es": ("ayuda por favor", "cuáles son mis opciones"),
    },
    "back": {"en": ("go back", "main menu"), "es": ("atrás", "menú principal")},
    "repeat": {"en": ("repeat that please", "what was that"), "es": ("repítalo por favor", "cómo dijo")},
    "person": {"en": ("zero", "operator"), "es": ("cero", "operadora")},
}


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding.shipped(lambda _text: None)


def dialogue(step: Step, language: str) -> Dialogue:
    made = Dialogue(FACTS, language, step=step, last=LAST)
    made.left.number = "+13125550199"
    return made


def wish(understanding: Understanding, text: str, language: str) -> Understood:
    """As the box understands it."""
    found = taken(understanding, text, OFFICE.departments, language)
    wish = found.wish
    return Understood("u", str(wish.intent), wish.department, found.digits, wish.language or "", text)


def sentences(moves: list[Move]) -> list[str]:
    return [move.sentence for move in moves if isinstance(move, Say)]


def offers_all(made: Dialogue, moves: list[Move]) -> bool:
    """Whether all that can be had is offered, by voice and by key, and the caller is asked."""
    offered = list(made.facts.offered(made.language))
    return (
        made.step is Step.OFFER
        and [move for move in moves if isinstance(move, Say)][-len(offered) :] == offered
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_a_key_leads_back_to_all_that_can_be_had(step: Step, language: str) -> None:
    made = dialogue(step, language)
    assert offers_all(made, made.key("*"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_a_key_has_it_said_again(step: Step, language: str) -> None:
    made = dialogue(step, language)
    moves = made.key("#")
    assert sentences(moves) == [say.sentence for say in LAST]
    assert (Record() in moves) is (step is Step.MESSAGE)
    assert made.step is step


@pytest.mark.parametrize("what", ["help", "back"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WORDED)
def test_so_do_words(understanding: Understanding, step: Step, language: str, what: str) -> None:
    for text in SAID[what][language]:
        made = dialogue(step, language)
        assert offers_all(made, made.understood(wish(understanding, text, language))), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WORDED)
def test_words_have_it_said_again(understanding: Understanding, step: Step, language: str) -> None:
    for text in SAID["repeat"][language]:
        made = dialogue(step, language)
        assert made.understood(wish(understanding, text, language)) == [*LAST], text
        assert made.misses == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WORDED)
def test_zero_may_be_said(understanding: Understanding, step: Step, language: str) -> None:
    for text in SAID["person"][language]:
        made = dialogue(step, language)
        if step in GATHERED and spoken_key(text):
            # There it is a digit.
            continue
        moves = made.understood(wish(understanding, text, language))
        assert [move.disposition for move in moves if isinstance(move, Leave)] == [PEOPLE], text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WORDED)
def test_two_misunderstandings_lead_to_keys_and_four_to_a_person(step: Step, language: str) -> None:
    made = dialogue(step, language)
    told = [made.understood(Understood("u", "none", text="")) for _ in range(MISSES_TO_PERSON)]
    first = [sentences(moves)[0] for moves in told]
    assert first[: MISSES_TO_KEYS - 1] == ["not_understood"]
    assert first[MISSES_TO_KEYS - 1 : -1] == ["not_understood_keys"] * (MISSES_TO_PERSON - MISSES_TO_KEYS)
    assert first[-1] == "not_understood_person"
    assert [move.disposition for move in told[-1] if isinstance(move, Leave)] == [PEOPLE]
    assert not any(isinstance(move, Leave) for moves in told[:-1] for move in moves)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", WORDED)
def test_an_answer_in_between_begins_the_count_anew(step: Step, language: str) -> None:
    made = dialogue(step, language)
    for _ in range(MISSES_TO_PERSON - 1):
        made.understood(Understood("u", "none", text=""))
    made.understood(Understood("u", "repeat"))
    assert sentences(made.understood(Understood("u", "none", text="")))[0] == "not_understood"
