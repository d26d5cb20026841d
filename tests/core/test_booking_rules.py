"""The rules of what may be told to whom, one by one and together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.booking.rules import WITH_TOLD, Deed, Rule, Rules
from appliance.core.staff import StaffSettings

LEAST = {Rule.TWO: 2, Rule.THREE: 3, Rule.NOBODY: 4}
rules = st.builds(Rules, *[st.sampled_from(Rule)] * 4)


def test_by_default_nothing_is_done_before_two_things_match() -> None:
    usual = StaffSettings().rules
    for deed in Deed:
        assert [usual.allow(deed, matching) for matching in range(4)] == [False, False, True, True]


@given(rules, st.sampled_from(Deed), st.integers(0, 3))
def test_a_rule_asks_for_so_many_things_and_with_less_nothing_is_done(
    kept: Rules, deed: Deed, matching: int
) -> None:
    own = {
        Deed.TOLD: kept.told,
        Deed.MOVED: kept.moved,
        Deed.CANCELLED: kept.cancelled,
        Deed.KNOWN: kept.known,
    }[deed]
    also = [kept.told] if deed in WITH_TOLD else []
    least = max(LEAST[each] for each in (own, *also))
    assert kept.allow(deed, matching) is (matching >= least)


@pytest.mark.parametrize("deed", Deed)
def test_each_is_a_setting_of_staff(deed: Deed) -> None:
    told = StaffSettings.model_validate({deed: "nobody"})
    assert told.rules.of(deed) is Rule.NOBODY
    assert not told.rules.allow(deed, 3)
    with pytest.raises(ValueError, match="two factors"):
        StaffSettings.model_validate({deed: "one factor"})
