"""Who comes back from a department hears from the box why nobody there took the call."""

from dataclasses import replace

import pytest

from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.moves import Say
from models.local import sentences
from tests.core.office import BILLING, office


@pytest.mark.parametrize(
    ("result", "language", "said"),
    [
        ("busy", "en", "Everybody at Billing is busy right now."),
        ("no-answer", "en", "Nobody at Billing can take your call right now."),
        ("failed", "en", "The phones of Billing cannot be reached right now."),
        ("", "en", "Nobody at Billing can take your call right now."),
        ("busy", "es", "En este momento todos en Billing están ocupados."),
        ("failed", "es", "En este momento no se puede comunicar con los teléfonos de Billing."),
    ],
)
def test_the_box_says_why(result: str, language: str, said: str) -> None:
    facts = replace(Facts.of(office(), "", BILLING.slug), unreached_why=result)
    first = Dialogue(facts, language).greet()[0]
    assert isinstance(first, Say)
    assert sentences.text(first.sentence, language, first.fields) == said
