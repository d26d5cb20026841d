"""Whom the caller has named: a model's word for a provider is held against it."""

import pytest

from appliance.core.story import Speaker, Turn
from appliance.tools.heard import somebody_named

LEES = ("Dr. Ana Lee", "Dr. Bo Lee")


@pytest.mark.parametrize(
    ("who", "said", "named"),
    [
        ("Dr. Ruiz", "with doctor Ruiz on Tuesday", True),
        ("Dr. Eva Gomez", "with doctor Gomez on Tuesday", True),
        ("Dr. Martínez", "con la doctora Martinez", True),
        ("Dr. Martinez", "with doctor Martines please", True),
        ("Dr. Ruiz", "a check-up on Tuesday", False),
        ("Dr. Ana Lee", "with Dr. Ana Lee", True),
        ("Dr. Bo Lee", "with Dr. Ana Lee", False),
        ("Dr. Bo Lee", "with Dr. Lee", False),
        ("Dr. May Long", "some day in May", False),
        ("Dr. Marten", "with Dr. Martin", False),
        ("Dr.", "with the doctor", False),
    ],
)
def test_a_provider_is_named_by_the_last_word_or_by_all(who: str, said: str, *, named: bool) -> None:
    others = [name for name in (*LEES, "Dr. Martin", "Dr. Ruiz") if name != who]
    assert somebody_named(who, others, [Turn("c", Speaker.CALLER, said)]) is named


def test_who_says_yes_to_one_has_named_them() -> None:
    asked = (
        Turn("a", Speaker.ATTENDANT, "Shall it be with Dr. Ruiz?"),
        Turn("c", Speaker.CALLER, "yes please"),
    )
    assert somebody_named("Dr. Ruiz", LEES, asked)
    assert not somebody_named("Dr. Ruiz", LEES, asked[:1])
