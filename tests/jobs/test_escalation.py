"""Staff are told of callers who are overdue: in steps, once, not at night, and never who it is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from appliance.core.callbacks import Urgency
from appliance.core.notify_settings import Mail, Notify
from appliance.core.settings import Box, Settings
from appliance.core.texts import TextKind, TextReported, TextState
from appliance.store import callbacks, database, jobs, messages, notices, texting, texts
from appliance.store.database import Connection
from appliance.store.jobs import State
from tests.jobs.escalated import Office
from tests.peers.smtp import Fault, MailServer
from tests.peers.webhook import Receiver

EMAIL = {"after_minutes": 30, "by": "email", "to": ["office@clinic.example"]}
TEXT = {"after_minutes": 60, "by": "text", "to": ["+14155550199"]}
HOOK = {"by": "webhook"}
LINK = "https://attendant.lan/callbacks"
DUE = 240
"""Minutes after which voicemail is due."""


@pytest.fixture
def office(db: Connection, path: Path, server: MailServer, receiver: Receiver) -> Office:
    settings = settings_of(path.parent, server, receiver)
    (path.parent / "secrets").mkdir()
    secret = path.parent / "secrets" / "webhook_secret"
    secret.write_text("quiet")
    secret.chmod(0o600)
    return Office(db, settings)


def settings_of(folder: Path, server: MailServer, receiver: Receiver) -> Settings:
    return Settings(
        box=Box(data_dir=folder),
        mail=Mail(host="127.0.0.1", port=server.port, security="none", sender="box@clinic.example"),
        notify=Notify(admin_url=LINK, webhook_url=f"{receiver.url}/hook"),
    )


def test_nobody_is_told_where_staff_decided_nothing(office: Office, server: MailServer) -> None:
    office.is_called()
    assert (office.passes(DUE + 500), server.taken) == (0, [])


def test_first_the_office_is_told_and_then_the_manager(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL, TEXT])
    office.is_called()
    assert office.passes(DUE + 29) == 0
    assert office.passes(1) == 1
    (letter,) = server.taken
    assert letter["To"] == "office@clinic.example"
    assert letter["Subject"] == "1 callback is overdue. The oldest for 30 minutes."
    assert LINK in letter.get_content()
    assert texts.page(office.db) == []
    assert office.passes(30) == 1
    (text,) = texts.page(office.db)
    assert (text.kind, text.number, text.language) == (TextKind.OVERDUE, "+14155550199", "en")
    assert office.passes(600) == 0
    assert len(server.taken) == 1


@pytest.mark.parametrize("first", ["took", "reported"])
def test_a_text_counts_as_told_when_the_carrier_has_it_and_not_when_it_is_owed(
    office: Office, first: str
) -> None:
    office.decides("escalation", [{**TEXT, "after_minutes": 0}])
    with database.immediate(office.db):
        messages.add(office.db, call_sid="CA1", subject="", body="", at="2026-11-24T15:00:00.000Z")
    assert office.passes(DUE) == 1
    (text,) = texts.page(office.db)
    assert (notices.page(office.db)[0].sent, len(messages.unnotified(office.db))) == (0, 1)
    sid, now = f"SM{1:032x}", office.now
    taken: dict[str, Callable[[], object]] = {
        "took": lambda: texts.took(office.db, text.id, sid, now=now),
        "reported": lambda: texts.report(office.db, TextReported(text.key, sid, "sent"), now=now),
    }
    with database.immediate(office.db):
        texts.ask(office.db, text.id, "digest", now=now)
    assert notices.page(office.db)[0].sent == 0
    for take in (taken[first], *taken.values()):
        with database.immediate(office.db):
            take()
        assert notices.page(office.db)[0].sent == 1
    with database.immediate(office.db):
        texts.report(office.db, TextReported(text.key, sid, "delivered"), now=now)
    (notice,) = notices.page(office.db)
    assert (notice.sent, notice.sent_at, messages.unnotified(office.db)) == (1, now, [])


def test_a_text_that_the_carrier_refuses_told_nobody(office: Office) -> None:
    office.decides("escalation", [{**TEXT, "after_minutes": 0}])
    office.is_called()
    office.passes(DUE)
    (text,) = texts.page(office.db)
    with database.immediate(office.db):
        texts.ask(office.db, text.id, "digest", now=office.now)
        texts.end(office.db, text.id, TextState.FAILED, "code 21614", now=office.now)
    assert notices.page(office.db)[0].sent == 0


def test_many_callers_are_one_email_that_names_nobody(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL])
    office.is_called()
    office.passes(15)
    for _ in range(2):
        office.is_called()
    office.passes(DUE + 30)
    (letter,) = server.taken
    assert letter["Subject"] == "3 callbacks are overdue. The oldest for 45 minutes."
    assert [word for word in (b"+1415", b"Ana", b"Ruiz", b"voicemail") if word in bytes(letter)] == []


def test_what_comes_soon_after_waits_for_company(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL])
    office.is_called()
    office.passes(5)
    office.is_called()
    office.passes(DUE + 25)
    office.passes(5)
    assert len(server.taken) == 1
    office.passes(5)
    assert [letter["Subject"][:2] for letter in server.taken] == ["2 ", "2 "]


def test_who_has_taken_it_is_not_told_of(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL])
    taken, noted, open_ = office.is_called(), office.is_called(), office.is_called()
    with database.immediate(office.db):
        callbacks.take(office.db, taken.id, "ana", now=office.now)
        callbacks.attempt(office.db, noted.id, "ana", "no answer", now=office.now)
    office.passes(DUE + 30)
    assert [letter["Subject"][:2] for letter in server.taken] == ["1 "]
    again = office.now + timedelta(minutes=60)
    with database.immediate(office.db):
        callbacks.snooze(office.db, open_.id, "ana", again, now=office.now)
    assert office.passes(60) == 0
    assert office.passes(30) == 1
    assert len(server.taken) == 2


def test_only_emergencies_are_told_of_at_night(office: Office, server: MailServer) -> None:
    office.decides("escalation", [{**EMAIL, "after_minutes": 0}])
    office.passes(13 * 60)
    office.is_called(urgency=Urgency.URGENT)
    assert office.passes(60) == 0
    office.is_called(urgency=Urgency.EMERGENCY)
    assert office.passes(10) == 1
    assert server.taken[0]["Subject"].startswith("2 callbacks are overdue. Emergencies among them: 1.")
    assert office.passes(10 * 60) == 1


def test_a_step_can_be_for_emergencies_alone(office: Office, receiver: Receiver) -> None:
    office.decides("escalation", [{**HOOK, "which": "emergency"}])
    office.is_called()
    office.is_called(urgency=Urgency.URGENT)
    assert office.passes(DUE + 100) == 0
    office.is_called(urgency=Urgency.EMERGENCY)
    assert office.passes(10) == 1
    told = orjson.loads(receiver.got[0].body)
    assert (told["overdue"], told["emergencies"], told["link"]) == (3, 1, LINK)


def test_each_receiver_is_told_once_whatever_fails_on_the_way(
    office: Office, server: MailServer, receiver: Receiver
) -> None:
    both = ["office@clinic.example", "manager@clinic.example"]
    office.decides("escalation", [{**EMAIL, "to": both}, {**HOOK, "after_minutes": 30}])
    office.is_called()
    server.faults.add(Fault.DIES_BEFORE_YES)
    receiver.status = 503
    office.passes(DUE + 30)
    assert office.became == [State.WAITING] * 3
    server.faults.clear()
    receiver.status = 200
    for job in jobs.page(office.db, [State.WAITING]):
        with database.immediate(office.db):
            jobs.retry(office.db, job.id)
    office.works()
    assert len(server.taken) == 4
    assert len(server.delivered) == 2
    assert {str(each["To"]) for each in server.taken} == {*both}
    assert (len(receiver.got), len(receiver.keys)) == (2, 1)
    assert [notice.sent for notice in notices.page(office.db)] == [1, 2]


def test_the_clock_jumps_by_a_day_and_back(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL, {**EMAIL, "after_minutes": 90}])
    office.is_called()
    office.passes(24 * 60)
    assert len(server.taken) == 2
    office.passes(-24 * 60)
    office.passes(DUE + 200)
    assert len(server.taken) == 2
    office.is_called()
    office.passes(24 * 60)
    assert len(server.taken) == 4


def test_staff_know_of_messages_once_they_are_told(office: Office, server: MailServer) -> None:
    office.decides("escalation", [EMAIL])
    with database.immediate(office.db):
        messages.add(office.db, call_sid="CA1", subject="", body="", at="2026-11-24T15:00:00.000Z")
    assert len(messages.unnotified(office.db)) == 1
    office.passes(DUE + 30)
    assert messages.unnotified(office.db) == []


def test_what_cannot_be_told_is_kept_with_its_reason(office: Office) -> None:
    office.settings = Settings(box=office.settings.box)
    office.decides("escalation", [EMAIL, {**HOOK, "after_minutes": 30}, {**TEXT, "after_minutes": 30}])
    with database.immediate(office.db):
        texting.stop(office.db, "+14155550199", now=office.now)
    office.is_called()
    office.passes(DUE + 30)
    assert sorted(office.errors()) == [
        "No mail server is set ([mail] host).",
        "No webhook is set ([notify] webhook_url).",
        "The number wants no texts, or it is no news any more.",
    ]


@pytest.mark.parametrize(
    "step",
    [
        {"by": "email"}, {"by": "email", "to": ["nobody"]}, {"by": "text", "to": ["911"]},
        {"by": "webhook", "to": ["a@b.c"]}, {"by": "rota", "to": ["+14155550100"]},
    ],
)  # fmt: skip
def test_a_step_that_could_tell_nobody_is_refused(office: Office, step: dict[str, object]) -> None:
    with pytest.raises(Exception, match="escalation"):
        office.decides("escalation", [step])


# The worker itself ---------------------------------------------------------------------------------------


def waited(until: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(1500):
        if until():
            return
        # Another process does it; nothing can tell us but what it leaves.
        tick.wait(0.01)
    raise AssertionError("it did not come to that")


def test_a_worker_that_is_killed_in_the_middle_of_it_tells_once(
    office: Office, server: MailServer, receiver: Receiver, path: Path
) -> None:
    """By the real process: it is killed when the server has the e-mail, and before it knows so."""
    office.decides("escalation", [{**EMAIL, "after_minutes": 0}, {**HOOK, "after_minutes": 0}])
    office.decides("notify_from_hour", 0)
    office.decides("notify_until_hour", 24)
    office.is_called(urgency=Urgency.EMERGENCY)
    config = path.parent / "attendant.toml"
    config.write_text(
        f'[box]\ndata_dir = "{path.parent}"\n[listen]\nworker_port = 0\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        f'sender = "box@clinic.example"\n'
        f'[notify]\nwebhook_url = "{receiver.url}/hook"\n'
    )
    program = [sys.executable, "-m", "appliance.cli.main", "--config", str(config), "worker"]
    server.faults.add(Fault.NEVER_SAYS_YES)
    worker = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        waited(lambda: len(server.taken) == 1 and len(receiver.got) == 1)
        worker.kill()
        worker.wait()
        server.faults.clear()
        worker = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waited(lambda: all(notice.sent == 1 for notice in notices.page(office.db)))
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert (len(server.taken), len(server.delivered)) == (2, 1)
    assert len(receiver.keys) == 1
    assert len(notices.page(office.db)) == 2
