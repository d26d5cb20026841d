"""The one word that is left with the carrier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.dispositions import GOODBYE, PEOPLE, VOICEMAIL, Disposition, transfer
from appliance.core.errors import WireError


@pytest.mark.parametrize(
    ("disposition", "text"),
    [(PEOPLE, ""), (VOICEMAIL, "voicemail"), (GOODBYE, "goodbye"), (transfer("billing"), "transfer:billing")],
)
def test_it_is_written_and_read(disposition: Disposition, text: str) -> None:
    assert str(disposition) == text
    assert Disposition.parse(text) == disposition


@pytest.mark.parametrize(
    "text",
    ["people", "transfer", "transfer:", "goodbye:billing", "goodbye:", ":", ":billing", "Goodbye", " "],
)
def test_another_word_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="not a disposition"):
        Disposition.parse(text)


@given(st.text())
def test_any_text_is_a_disposition_or_refused(text: str) -> None:
    read = text
    try:
        read = str(Disposition.parse(text))
    except WireError:
        assert text
    assert read == text
