"""The form in which staff correct a message: what it says, who left it, whom to call back.

May import: the standard library, admin, appliance.core, appliance.store.
"""

from collections.abc import Mapping

from admin import forms
from admin.departments.form import NOT_A_NUMBER, region_of
from admin.forms import Field, Form
from admin.messages.recording import Shown
from admin.tongue import later
from appliance.core import telephone
from appliance.core.staff import Office
from appliance.store.message_corrections import TEXT_MOST

FIELDS = (
    Field("text", later("What the message says"), kind="lines", most=TEXT_MOST, needed=False),
    Field("name", later("Who left it"), most=120, needed=False),
    Field("number", later("Number to call back"), most=40, needed=False),
)


def filled(each: Shown) -> Form:
    """The form with what counts now."""
    return forms.empty(FIELDS, text=each.words, name=each.name, number=telephone.shown(each.number))


def read(sent: Mapping[str, str], office: Office) -> Form:
    """The form as it was sent; its number is one that can be called."""
    form = forms.read(FIELDS, sent)
    if form["number"] and "number" not in form.errors:
        number = telephone.e164(form["number"], region_of(office))
        if number:
            form.values["number"] = number
        else:
            form.errors["number"] = NOT_A_NUMBER
    return form


def differs(form: Form, each: Shown) -> bool:
    """Whether anything is another than before."""
    before = forms.read(FIELDS, {"text": each.words, "name": each.name, "number": each.number})
    return form.values != before.values
