"""The doctor on what was promised: who waits, and steps of the escalation that could tell nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.core.callbacks import Cause
from appliance.core.examined import Health
from appliance.core.notify_settings import Mail, Notify
from appliance.core.settings import Box, Settings, Twilio
from appliance.core.staff import StaffSettings
from appliance.service.doctor.promises import examined
from appliance.store import callback_causes, database, retention
from appliance.store.callback_causes import Reason
from tests.migrated import migrated

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
ALL_STEPS = [
    {"by": "email", "to": ["office@clinic.example"]}, {"by": "text", "to": ["+14155550199"]},
    {"by": "webhook"}, {"by": "rota"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrated(tmp_path / "attendant.db")
    return tmp_path


def told(settings: Settings, staff: StaffSettings, now: datetime = NOW) -> dict[str, tuple[Health, str]]:
    return {each.part: (each.health, each.told) for each in examined(settings, staff, now)}


def staff_with(**given: Any) -> StaffSettings:
    return StaffSettings.model_validate(given)


def test_who_waits_too_long_is_told(folder: Path) -> None:
    settings = Settings(box=Box(data_dir=folder))
    assert told(settings, StaffSettings()) == {"callbacks": (Health.WELL, "0 to be called back, 0 overdue")}
    db = database.connect(settings.database)
    callback_causes.note(db, Reason("message 1", Cause.VOICEMAIL, NOW, "+14155550101"))
    retention.begin(db, "r", "retention", by="", now=NOW)
    retention.counted(db, "r", "calls", 1)
    db.close()
    later = told(settings, StaffSettings(), NOW + timedelta(days=1))
    assert later["callbacks"] == (
        Health.NOTE, "1 overdue, and nobody has touched them: attendant callbacks list.",
    )  # fmt: skip
    assert later["retention"][0] is Health.NOTE


def test_a_step_that_could_tell_nobody_is_named(folder: Path) -> None:
    found = told(Settings(box=Box(data_dir=folder)), staff_with(escalation=ALL_STEPS))
    assert {part: said for part, (health, said) in found.items() if health is Health.MISSING} == {
        "escalation by email": "set [mail] host and sender.",
        "escalation by text": "set [twilio] sms_from, from which texts are sent.",
        "escalation by webhook": "set [notify] webhook_url.",
        "escalation by rota": "nobody is on call: set on_call_rota.",
    }


def test_passwords_that_are_not_there_are_named_and_then_all_is_well(folder: Path) -> None:
    settings = Settings(
        box=Box(data_dir=folder),
        mail=Mail(host="mail.clinic.example", user="box", sender="box@clinic.example"),
        notify=Notify(webhook_url="https://clinic.example/hook"),
        twilio=Twilio(account_sid="AC" + "0" * 32, public_url="https://b.example", sms_from="+14155550100"),
    )
    shift = {"people": [{"name": "Ana", "number": "+14155550121"}]}
    staff = staff_with(escalation=ALL_STEPS, on_call_rota=[shift])
    found = told(settings, staff)
    assert "mail_password" in found["escalation by email"][1]
    assert "webhook_secret" in found["escalation by webhook"][1]
    (folder / "secrets").mkdir()
    for name in ("mail_password", "webhook_secret"):
        (folder / "secrets" / name).write_text("quiet")
        (folder / "secrets" / name).chmod(0o600)
    assert [*told(settings, staff)] == ["callbacks"]


@pytest.mark.parametrize(
    ("asterisk", "twilio", "missing"),
    [
        ({}, {}, "set [asterisk.trunk] or [twilio]"),
        ({"enabled": True}, {}, "set [asterisk.trunk] or [twilio]"),
        ({"enabled": True, "trunk": {"host": "sip.example.net"}}, {}, ""),
        ({"enabled": True, "existing": True}, {}, ""),
        ({"trunk": {"host": "sip.example.net"}}, {}, "set [asterisk.trunk] or [twilio]"),
        ({}, {"account_sid": "AC" + "0" * 32, "public_url": "https://b.example"}, "set [twilio] sms_from"),
    ],
)
def test_a_rota_that_nothing_could_ring_is_named(
    folder: Path, asterisk: dict[str, Any], twilio: dict[str, Any], missing: str
) -> None:
    settings = Settings.model_validate({"box": {"data_dir": folder}, "asterisk": asterisk, "twilio": twilio})
    shift = {"people": [{"name": "Ana", "number": "+14155550121"}]}
    found = told(settings, staff_with(escalation=[{"by": "rota"}], on_call_rota=[shift]))
    assert missing in found.get("escalation by rota", (Health.WELL, ""))[1]
    assert ("escalation by rota" in found) is bool(missing)


def test_a_box_without_a_database_is_not_blamed_twice(tmp_path: Path) -> None:
    assert told(Settings(box=Box(data_dir=tmp_path)), StaffSettings()) == {}
