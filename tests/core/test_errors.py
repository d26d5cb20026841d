"""Errors carry what to do next, and no flood of what a peer sent."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import AttendantError, CarrierFailed, SettingsError, StoreRefused, WireError


@given(st.one_of(st.text(), st.binary(), st.lists(st.text()), st.dictionaries(st.text(), st.text())))
def test_a_wire_error_quotes_at_most_80_characters(sent: object) -> None:
    said = str(WireError("not a frame", sent))
    quoted = said.removeprefix("not a frame: ")
    assert quoted == repr(str(sent)[:80])
    assert "\n" not in said


def test_a_wire_error_may_quote_nothing() -> None:
    assert str(WireError("a second start")) == "a second start"


def test_all_errors_have_one_root() -> None:
    for kind in (WireError, SettingsError, StoreRefused, CarrierFailed):
        assert issubclass(kind, AttendantError)
    assert CarrierFailed("busy", retry=True).retry
    assert str(SettingsError(["One.", "Two."])) == "One.\nTwo."
