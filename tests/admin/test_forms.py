"""Forms: read with plain errors."""

import pytest

from admin import forms
from admin.forms import Field

FIELDS = (
    Field("name", "Name", most=10),
    Field("secret", "Secret", kind="password", needed=False),
    Field("way", "Way", kind="choice", choices=(("a", "A"), ("b", "B")), needed=False),
)


def test_what_was_typed_is_tidied_but_for_passwords() -> None:
    form = forms.read(FIELDS, {"name": "  Ana \t Ruiz ", "secret": "  a  b ", "way": "b", "more": "x"})
    assert form.fine
    assert form.values == {"name": "Ana Ruiz", "secret": "  a  b ", "way": "b"}
    assert form["name"] == "Ana Ruiz"


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({}, {"name": forms.NEEDED}),
        ({"name": " \n "}, {"name": forms.NEEDED}),
        ({"name": "x" * 11}, {"name": forms.TOO_LONG}),
        ({"name": "a\x00b"}, {"name": forms.NOT_PLAIN}),
        ({"name": "a", "way": "c"}, {"way": forms.NO_CHOICE}),
        ({"name": "a", "secret": "a\nb", "way": "A"}, {"secret": forms.NOT_PLAIN, "way": forms.NO_CHOICE}),
    ],
)
def test_what_is_wrong_is_told_of_each_field(sent: dict[str, str], errors: dict[str, str]) -> None:
    form = forms.read(FIELDS, sent)
    assert not form.fine
    assert form.errors == errors


def test_lines_stay_lines() -> None:
    lines = (Field("text", "Text", kind="lines", most=10),)
    assert forms.read(lines, {"text": " a  b \r\nc \n"})["text"] == "a b\nc"
    assert forms.read(lines, {"text": "a\n\x00"}).errors == {"text": forms.NOT_PLAIN}


@pytest.mark.parametrize(
    ("typed", "fine"),
    [("2026-05-01", True), ("", True), ("2026-02-30", False), ("x", False), ("20260501", False)],
)
def test_a_day_is_one(typed: str, fine: bool) -> None:
    assert forms.read((Field("day", "Day", kind="day", needed=False),), {"day": typed}).fine is fine


def test_an_empty_form_has_nothing_wrong() -> None:
    form = forms.empty(FIELDS, name="Ana")
    assert form.fine
    assert form["name"] == "Ana"


def test_words_stand_between_commas() -> None:
    assert forms.parts(" accounts,  the  bills, ,") == ["accounts", "the bills"]
    assert forms.parts("") == []


def test_a_name_is_typed_to_be_sure_and_can_be_said() -> None:
    assert forms.is_name("winter draft", " Winter  Draft")
    assert not forms.is_name("winter", "Winter Draft")
    assert forms.can_be_said("李")
    assert not forms.can_be_said("… _ !")
