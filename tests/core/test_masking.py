"""Who asked is taken out of a question that is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.masking import LONGEST, masked


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("my number is 415 555-0133 do you take Aetna", "my number is # do you take Aetna"),
        ("call me at +1 (415) 555 0133", "call me at #"),
        ("my name is maria lopez, do you take Aetna", "my name is … do you take Aetna"),
        ("My name is Maria Lopez, do you take Aetna", "My name is … do you take Aetna"),
        ("this is Maria Lopez do you take walk ins", "this is … do you take walk ins"),
        ("my name is maria and i need a doctor", "my name is … and i need a doctor"),
        ("this is about parking", "this is about parking"),
        ("me llamo Carmen Ruiz, aceptan mi seguro", "me llamo … aceptan mi seguro"),
        ("do you open at 8", "do you open at 8"),
        ("write to ana@example.org please", "write to # please"),
        ("  many   spaces ", "many spaces"),
    ],
)
def test_numbers_and_names_go(text: str, kept: str) -> None:
    assert masked(text) == kept


@given(st.text(max_size=400))
def test_whatever_is_said_is_kept_short_and_without_long_numbers(text: str) -> None:
    kept = masked(text)
    assert len(kept) <= LONGEST
    assert masked(kept) is not None
