"""Every setting as it is shown and typed: of each kind, and what is shown can be typed."""

from typing import Any

import pytest

from appliance.core import known_settings
from appliance.core.known_settings import Kind, Known, NotReadable
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings


def of(name: str) -> Known:
    every = [each for section in known_settings.boot() for each in section.settings]
    return next(each for each in (*every, *known_settings.staff()) if each.name == name)


def test_every_setting_is_known_once_with_its_help() -> None:
    for model, known in (
        (Settings, [each for section in known_settings.boot() for each in section.settings]),
        (StaffSettings, [*known_settings.staff()]),
    ):
        names = [each.name for each in known]
        assert len(names) == len(set(names))
        assert {name.partition(".")[0] for name in names} == set(model.model_fields)
    assert all(each.help.endswith(".") for section in known_settings.boot() for each in section.settings)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cloud.model", Kind.TEXT),
        ("cloud.enabled", Kind.YES_NO),
        ("cloud.connect_ms", Kind.NUMBER),
        ("box.log_level", Kind.CHOICE),
        ("asterisk.assistant_extension", Kind.TEXT),
        ("asterisk.phone_networks", Kind.LIST),
        ("asterisk.trunk.host", Kind.TEXT),
        ("speech.voices", Kind.TABLE),
        ("microsoft.secret_expires", Kind.TEXT),
        ("greeting", Kind.LONG),
        ("low_confidence_action", Kind.CHOICE),
        ("closed_on", Kind.LIST),
        ("emergency_line", Kind.TEXT),
        ("language_keys", Kind.TABLE),
        ("keep_days.calls", Kind.NUMBER),
        ("menu", Kind.JSON),
        ("escalation", Kind.JSON),
    ],
)
def test_each_is_of_its_kind(name: str, kind: Kind) -> None:
    assert of(name).kind is kind


def test_a_choice_has_its_words() -> None:
    assert of("box.log_level").choices == ("debug", "info", "warning", "error")
    assert of("low_confidence_action").choices == ("message", "people", "say", "link")


def test_paths_and_where_the_pages_are_found_are_for_the_file_alone() -> None:
    by_hand = {
        each.name for section in known_settings.boot() for each in section.settings if each.by_hand
    }  # fmt: skip
    assert {"box.data_dir", "cloud.ca_file", "listen.admin_port", "front.name"} <= by_hand
    assert not {"cloud.model", "cloud.key_file", "admin.names", "box.log_level"} & by_hand
    assert not any(each.by_hand for each in known_settings.staff())


def test_secrets_are_told_from_other_files() -> None:
    marked = {
        each.name: each.secret
        for section in known_settings.boot()
        for each in section.settings
        if each.secret is not None
    }
    files = {
        each.name
        for section in known_settings.boot()
        for each in section.settings
        if each.name.endswith("_file") and each.name.rpartition(".")[2] not in OTHERS
    }
    assert set(marked) == files
    assert {name for name, secret in marked.items() if secret.made} == {
        "asterisk.ami_secret_file", "asterisk.ari_secret_file", "asterisk.media_secret_file",
        "backup.password_file",
    }  # fmt: skip


OTHERS = ("ca_file", "prices_file", "s3_ca_file", "webhook_ca_file")


@pytest.mark.parametrize(
    "known",
    [*known_settings.staff(), *(each for section in known_settings.boot() for each in section.settings)],
    ids=lambda known: known.name,
)
def test_what_is_shown_can_be_typed(known: Known) -> None:
    typed = known.typed(known.shown(known.default))
    wanted: Any = known.default
    if known.kind is Kind.NUMBER:
        wanted = str(wanted)
    if known.kind in (Kind.TEXT, Kind.CHOICE) and wanted is not None:
        wanted = str(wanted)
    assert typed == wanted


@pytest.mark.parametrize(
    ("name", "text"), [("speech.voices", "en_US-ljspeech-medium"), ("menu", "[{"), ("escalation", "nobody")]
)
def test_what_has_no_such_form_is_refused(name: str, text: str) -> None:
    with pytest.raises(NotReadable):
        of(name).typed(text)


def test_a_value_is_found_and_changed_by_its_name() -> None:
    tree = Settings().model_dump(mode="json")
    assert known_settings.value_at(tree, "asterisk.trunk.host") == ""
    other = known_settings.with_value(tree, "asterisk.trunk.host", "sip.example.net")
    assert known_settings.value_at(other, "asterisk.trunk.host") == "sip.example.net"
    assert known_settings.value_at(tree, "asterisk.trunk.host") == ""
    assert {**other, "asterisk": None} == {**tree, "asterisk": None}
