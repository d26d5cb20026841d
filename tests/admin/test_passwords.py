"""Which passwords are good enough, and how they are kept."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from admin.door import passwords
from tests.admin.conftest import AS_ON_A_BOX

NEAR = ("Ana Ruiz", "Riverside Family Clinic")


@pytest.fixture(autouse=True)
def _as_on_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", AS_ON_A_BOX)


@pytest.mark.parametrize(
    "password",
    ["kiltkiosk maple 7", "correct horse battery", "seven unlit barges", "Tr0mbone&Gravel",
     "пароль из шести слов", "b8f3-c01d-77ae", "x" * 5 + "uncommon prefix"],
)  # fmt: skip
def test_good_ones(password: str) -> None:
    assert passwords.problem(password, NEAR) == ""


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "Too short"), ("eleven char", "Too short"), ("x" * 201, "Too long"), ("abababababab", "Too few"),
        ("password1234", "Too easy"), ("P@ssw0rd2026!", "Too easy"), ("Contrasena123", "Too easy"),
        ("Ana Ruiz 2026!", "Too easy"), ("RIVERSIDECLINIC", "Too easy"), ("family-clinic-1", "Too easy"),
        ("riversidefamily", "Too easy"), ("qwertyuiop123", "Too easy"), ("1234567890123", "Too easy"),
        ("abcdefghijklm", "Too easy"), ("98765432109876", "Too easy"), ("attendant admin", "Too easy"),
    ],
)  # fmt: skip
def test_bad_ones(password: str, said: str) -> None:
    assert passwords.problem(password, NEAR).startswith(said)


def test_what_is_kept_is_argon2id_with_a_salt() -> None:
    kept = passwords.hashed("seven unlit barges")
    assert kept != passwords.hashed("seven unlit barges")
    parameters = extract_parameters(kept)
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost) == (65536, 3)
    assert passwords.matches(kept, "seven unlit barges")
    assert not passwords.matches(kept, "seven unlit barge")


@pytest.mark.parametrize("kept", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$"])
def test_where_nothing_is_kept_nothing_matches(kept: str) -> None:
    assert not passwords.matches(kept, "")
    assert not passwords.matches(kept, "nobody has this password")


def test_weaker_rules_of_before_are_noticed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("seven unlit barges")
    assert passwords.outdated(weak)
    assert passwords.matches(weak, "seven unlit barges")
    assert not passwords.outdated(passwords.hashed("seven unlit barges"))
