"""What the assistant is told of the office."""

from models import prompt
from tests.core.office import office


def test_the_instructions_hold_what_staff_decided_and_nothing_to_dial() -> None:
    told = prompt.instructions(
        office(business_name="Riverside", address="1 Main Street", assistant_notes="We speak slowly.")
    )
    for words in (
        "Riverside",
        "Address: 1 Main Street.",
        "Billing, Nurses",
        "Notes of the office: We speak slowly.",
    ):
        assert words in told
    assert "+1555" not in told


def test_braces_in_a_name_are_only_a_name() -> None:
    assert "{greeting} & {0}" in prompt.instructions(office(business_name="{greeting} & {0}"))


def test_what_is_empty_is_not_told() -> None:
    told = prompt.instructions(office())
    assert "Address:" not in told
    assert "Notes" not in told
