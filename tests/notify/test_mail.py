"""E-mails through a mail server: over TLS that is checked, in time, and the same one when sent again."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from appliance.core.notify_settings import Mail
from appliance.notify import mail
from appliance.notify.failed import NotifyFailed
from tests.peers.smtp import Fault, MailServer

AT = datetime(2026, 11, 27, 15, tzinfo=UTC)
AUTHORITY = trustme.CA()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


def certificate(name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer(certificate(), account=("box", "password")).running() as running:
        yield running


def account(server: MailServer, ca_file: Path | None, **more: Any) -> Mail:
    given = {"host": "127.0.0.1", "port": server.port, "user": "box", "sender": "box@clinic.example"}
    return Mail.model_validate({**given, "ca_file": ca_file, **more})


def sent(settings: Mail, within_s: float = 10, key: str = "k1") -> None:
    letter = mail.letter(settings, "office@clinic.example", "2 callbacks", "Look.\n", key=key, at=AT)
    mail.send(settings, "password", letter, within_s)


def test_an_email_comes_over_tls_with_what_it_says(server: MailServer, ca_file: Path) -> None:
    sent(account(server, ca_file))
    (letter,) = server.taken
    assert (letter["To"], letter["Subject"], letter["From"]) == (
        "office@clinic.example", "2 callbacks", "box@clinic.example",
    )  # fmt: skip
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<k1@clinic.example>", "auto-generated")
    assert letter["Date"] == "Fri, 27 Nov 2026 15:00:00 +0000"
    assert letter.get_content() == "Look.\r\n"
    assert server.secret == [True]


def test_lines_that_begin_with_a_point_come_whole(server: MailServer, ca_file: Path) -> None:
    settings = account(server, ca_file)
    letter = mail.letter(settings, "office@clinic.example", "Points", ".\n..\n.at\n", key="k1", at=AT)
    mail.send(settings, "password", letter, 10)
    assert server.taken[0].get_content() == ".\r\n..\r\n.at\r\n"


def test_tls_from_the_beginning(ca_file: Path) -> None:
    with MailServer(certificate(), at_once=True, account=("box", "password")).running() as server:
        sent(account(server, ca_file, security="tls"))
        assert len(server.taken) == 1


def test_a_server_on_this_machine_needs_neither_tls_nor_an_account() -> None:
    with MailServer().running() as server:
        sent(account(server, None, security="none", user=""))
        assert server.secret == [False]


@pytest.mark.parametrize(
    ("fault", "again", "told"),
    [
        (Fault.NO_STARTTLS, False, "cannot do what is set"),
        (Fault.WRONG_ACCOUNT, True, "does not accept the account (535)"),
        (Fault.UNKNOWN_RECEIVER, False, "refuses the receiver (550)"),
        (Fault.FULL, True, "refuses the receiver (452)"),
        (Fault.SPAM, False, "refused the e-mail (554)"),
        (Fault.DIES_BEFORE_YES, True, "is not reached"),
    ],
)
def test_what_a_server_says_decides_whether_it_is_tried_again(
    server: MailServer, ca_file: Path, fault: Fault, again: bool, told: str
) -> None:
    server.faults.add(fault)
    with pytest.raises(NotifyFailed) as failed:
        sent(account(server, ca_file))
    assert (failed.value.again, told in str(failed.value)) == (again, True)
    assert "office@" not in str(failed.value)
    # Where there is no TLS the password is not told either.
    assert bool(server.logins) is (fault is not Fault.NO_STARTTLS)
    server.faults.clear()
    sent(account(server, ca_file))
    assert len(server.delivered) == 1


def test_an_email_that_is_sent_again_is_the_same_one(server: MailServer, ca_file: Path) -> None:
    server.faults.add(Fault.DIES_BEFORE_YES)
    with pytest.raises(NotifyFailed):
        sent(account(server, ca_file))
    server.faults.clear()
    sent(account(server, ca_file))
    assert (len(server.taken), len(server.delivered)) == (2, 1)
    assert bytes(server.taken[0]) == bytes(server.taken[1])


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.DRIPS])
def test_a_server_that_does_not_come_to_an_end_is_given_up_in_time(
    server: MailServer, ca_file: Path, fault: Fault
) -> None:
    server.faults.add(fault)
    began_s = time.monotonic()
    with pytest.raises(NotifyFailed, match="not reached") as failed:
        sent(account(server, ca_file), within_s=0.7)
    assert failed.value.again
    assert time.monotonic() - began_s < 5
    assert server.taken == []


def test_a_server_that_is_not_to_be_trusted_gets_no_password_and_no_email(
    server: MailServer, ca_file: Path
) -> None:
    with pytest.raises(NotifyFailed, match="not to be trusted"):
        sent(account(server, None))
    with MailServer(certificate("mail.other.example"), account=("box", "x")).running() as other:
        with pytest.raises(NotifyFailed, match="not to be trusted"):
            sent(account(other, ca_file))
        assert (other.connections, other.logins, other.taken) == (1, 0, [])
    assert (server.connections, server.logins, server.taken) == (1, 0, [])


def test_nobody_who_listens_is_tried_again_and_no_server_is_not(ca_file: Path) -> None:
    with MailServer().running() as server:
        gone = account(server, ca_file)
    with pytest.raises(NotifyFailed, match="not reached") as failed:
        sent(gone)
    assert failed.value.again
    with pytest.raises(NotifyFailed, match="No mail server is set") as failed:
        sent(Mail())
    assert not failed.value.again


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "mail.example.com"}, "sender must be set"),
        ({"host": "mail.example.com", "sender": "a@b.c", "security": "none"}, "a server on this machine"),
    ],
)
def test_settings_that_would_not_do_are_refused(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Mail.model_validate(given)
