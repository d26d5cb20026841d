"""Departments in what callers say, and names by their sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.menu import DepartmentLine
from appliance.core.traits import DEPARTMENT, words
from models.local.directory import directory
from models.local.sounds import Sounds, slips, sound


def _line(name: str, *aliases: str) -> DepartmentLine:
    slug = "-".join(words(name))
    return DepartmentLine(slug=slug, name=name, numbers=(), aliases=aliases)


def _meant(said: str, *lines: DepartmentLine) -> tuple[str, ...]:
    names, spoken = directory(lines), words(said)
    return names.meant(spoken, names.mentions(spoken))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("biling", "billing"),
        ("facturasion", "facturacion"),
        ("farmasia", "farmacia"),
        ("pedriatrics", "pediatrics"),
        ("radialogy", "radiology"),
        ("opthamology", "ophthalmology"),
        ("x rey s", "x rays"),
    ],
)
def test_a_misheard_name_is_found_by_its_sound(heard: str, meant: str) -> None:
    assert meant in [name for _, name in Sounds.of([meant, "cardiology"]).like(heard)]


@pytest.mark.parametrize("heard", ["building", "filling", "calling", "lap", "", "a" * 400])
def test_other_words_are_not_taken_for_names(heard: str) -> None:
    assert Sounds.of(["billing", "lab"]).like(heard) == []


def test_slips_are_counted() -> None:
    assert slips("billing", "biling", 2) == 1
    assert slips("billing", "biliing", 2) == 1
    assert slips("abcd", "abdc", 2) == 1
    assert slips("abcd", "wxyz", 2) == 3
    assert slips("a", "abcdef", 2) == 3


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", max_size=30))
def test_a_name_sounds_like_itself(name: str) -> None:
    assert slips(sound(name), sound(name), 2) == 0


def test_the_longer_name_wins() -> None:
    assert _meant("physical therapy", _line("Therapy"), _line("Physical Therapy")) == ("physical-therapy",)


def test_a_departments_own_name_beats_the_usual_word_for_another() -> None:
    lines = (_line("Billing", "lab payments"), _line("Laboratory"))
    assert _meant("lab payments", *lines) == ("billing",)


def test_usual_words_lead_to_the_clinics_department_in_either_language() -> None:
    assert _meant("facturación por favor", _line("Patient Accounts")) == ("patient-accounts",)
    assert _meant("the bone doctor", _line("Traumatología")) == ("traumatologia",)
    assert _meant("let me have the triage nurse", _line("Nurse Triage")) == ("nurse-triage",)


def test_two_of_a_kind_are_both_meant() -> None:
    lines = (_line("Billing"), _line("Billing Office"))
    assert _meant("it is about a payment", *lines) == ("billing", "billing-office")


def test_a_refused_department_is_not_meant() -> None:
    assert _meant("not billing the lab", _line("Billing"), _line("Lab")) == ("lab",)
    assert _meant("not billing", _line("Billing")) == ("billing",)
    assert _meant("no con farmacia no a caja", _line("Caja"), _line("Farmacia")) == ("caja",)


def test_nothing_is_meant_where_nothing_is_named() -> None:
    assert _meant("good morning", _line("Billing")) == ()
    assert _meant("billing") == ()


def test_names_are_marked_with_what_goes_with_them() -> None:
    names, spoken = directory((_line("Billing"),)), words("to the billing department please")
    assert names.marked(spoken, names.mentions(spoken)) == ["to", DEPARTMENT, "please"]
