"""Slugs of names."""

import pytest

from appliance.core import slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Dr. Núñez", "dr-nunez"),
        ("  A & b (2) ", "a-b-2"),
        ("李", ""),
        ("…", ""),
        ("Something long", "something"),
    ],
)
def test_a_name_makes_a_slug(name: str, slug: str) -> None:
    assert slugs.slug(name, 10) == slug


def test_one_that_is_taken_has_a_number_behind_it() -> None:
    assert slugs.free("lee", ()) == "lee"
    assert slugs.free("lee", {"lee"}) == "lee-2"
    assert slugs.free("lee", {"lee", "lee-2"}) == "lee-3"
