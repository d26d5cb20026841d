"""A mail server on a real socket: STARTTLS, TLS, accounts, and the ways in which such servers fail."""

from tests.peers.smtp.server import Fault, MailServer

__all__ = ["Fault", "MailServer"]
