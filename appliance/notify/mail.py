"""E-mails through the clinic's mail server: TLS that is checked, and a deadline for all of it.

Blocks: for a thread of its own. May import: the standard library, appliance.core, appliance.notify.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from appliance.core.notify_settings import Mail
from appliance.notify.failed import NotifyFailed

GREETED_AS = "attendant.invalid"
"""The box has no name that means anything outside: RFC 5321 lets a client without one give its address."""
AGAIN_CODES = range(400, 500)


def letter(mail: Mail, to: str, subject: str, body: str, *, key: str, at: datetime) -> EmailMessage:
    """An e-mail; one with the same `key` is the same, whenever it is sent."""
    made = EmailMessage()
    made["From"] = mail.sender
    made["To"] = to
    made["Subject"] = subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{key}@{mail.sender.rpartition('@')[2]}>"
    # Nobody's absence is answered to the box.
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body)
    return made


def send(mail: Mail, password: str, message: EmailMessage, within_s: float) -> None:
    """Give an e-mail to the server, which has taken it when this returns. Raises NotifyFailed."""
    if not mail.host:
        raise NotifyFailed("No mail server is set ([mail] host).", again=False)
    with _translated(), _connected(mail, min(within_s, mail.timeout_s)) as server:
        if mail.user:
            server.login(mail.user, password)
        server.send_message(message)


def check(mail: Mail, password: str) -> None:
    """See that the server is there and accepts the account. Raises NotifyFailed."""
    with _translated(), _connected(mail, mail.timeout_s) as server:
        if mail.user:
            server.login(mail.user, password)


class _Timed(smtplib.SMTP):
    """One that breaks the line when its time is up.

    A server may answer a letter at a time: no wait of the socket's own would end that.
    """

    late: threading.Timer | None = None

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        """Connect, and count the time from now on."""
        self.late = threading.Timer(self.timeout, self._cut)
        self.late.daemon = True
        self.late.start()
        return super().connect(host, port, source_address)

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the line."""
        if self.late is not None:
            self.late.cancel()
        super().close()


class _TimedTls(_Timed, smtplib.SMTP_SSL):
    """The same with TLS from the beginning."""


@contextmanager
def _connected(mail: Mail, within_s: float) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=None if mail.ca_file is None else str(mail.ca_file))
    server: smtplib.SMTP
    if mail.security == "tls":
        server = _TimedTls(mail.host, mail.port, local_hostname=GREETED_AS, timeout=within_s, context=context)
    else:
        server = _Timed(mail.host, mail.port, local_hostname=GREETED_AS, timeout=within_s)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            # It has taken what it was given; what it says to a goodbye changes nothing.
            server.quit()
    finally:
        server.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the library raises into ours; addresses are not quoted."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as exc:
        codes = [code for code, _ in exc.recipients.values()]
        again = any(code in AGAIN_CODES for code in codes)
        raise NotifyFailed(f"The mail server refuses the receiver ({codes[0]}).", again=again) from exc
    except smtplib.SMTPAuthenticationError as exc:
        # Somebody has to mend it, and may do so while it is tried again.
        raise NotifyFailed(
            f"The mail server does not accept the account ({exc.smtp_code}).", again=True
        ) from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise NotifyFailed(f"The mail server cannot do what is set: {exc}.", again=False) from exc
    except smtplib.SMTPResponseException as exc:
        again = exc.smtp_code in AGAIN_CODES or exc.smtp_code < 0
        raise NotifyFailed(f"The mail server refused the e-mail ({exc.smtp_code}).", again=again) from exc
    except ssl.SSLError as exc:
        raise NotifyFailed(f"The mail server is not to be trusted: {exc.reason or exc}.", again=True) from exc
    except (smtplib.SMTPException, OSError, ValueError) as exc:
        raise NotifyFailed(f"The mail server is not reached: {type(exc).__name__}.", again=True) from exc
