"""The end of patience is the end of everything: look-up, connection, handshake, request and answer."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from appliance.calendars.google.http import LOOK_UPS_MOST, TimedHttp
from appliance.calendars.google.patience import left_s, must_be_left_s, patience
from tests.peers.google import GooglePeer

SHORT_S = 0.3
SLACK_S = 3.0


@contextmanager
def mute() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://localhost:{listening.getsockname()[1]}/"


def test_patience_is_one_for_all_that_happens_inside() -> None:
    with patience(60.0):
        first = left_s()
        assert 59.0 < must_be_left_s() <= first <= 60.0
    with patience(0.0), pytest.raises(TimeoutError):
        must_be_left_s()
    with patience(-1.0):
        assert left_s() < 0


def test_a_handshake_that_nobody_answers_ends() -> None:
    http, began = TimedHttp("", None), time.monotonic()
    with mute() as url, patience(SHORT_S), pytest.raises(TimeoutError):
        http.request(url)
    assert time.monotonic() - began < SHORT_S + SLACK_S


def test_a_resolver_that_is_silent_is_waited_for_no_longer_than_anything_else(google: GooglePeer) -> None:
    answer = threading.Event()

    def silent(*asked: Any, **more: Any) -> list[tuple[Any, ...]]:
        answer.wait(60)
        return socket.getaddrinfo(*asked, **more)

    http, began = TimedHttp("", google.ca_file, silent), time.monotonic()
    try:
        # One more than may wait for it at the same time.
        for _ in range(LOOK_UPS_MOST + 1):
            with patience(0.1), pytest.raises(TimeoutError):
                http.request(google.url)
        assert time.monotonic() - began < (LOOK_UPS_MOST + 1) * 0.1 + SLACK_S
    finally:
        answer.set()
    with patience(60.0):
        response, _ = http.request(f"{google.url}/calendar/v3/freeBusy", "POST", b"{}")
    http.close()
    assert response.status == 401


def test_nothing_is_sent_when_patience_is_over(google: GooglePeer) -> None:
    http = TimedHttp("", google.ca_file)
    with patience(0.0), pytest.raises(TimeoutError):
        http.request(f"{google.url}/calendar/v3/freeBusy", "POST", b"{}")
    with patience(60.0):
        http.request(f"{google.url}/calendar/v3/freeBusy", "POST", b"{}")
    with patience(0.0), pytest.raises(TimeoutError):
        # By a connection that is open already.
        http.request(f"{google.url}/calendar/v3/freeBusy", "POST", b"{}")
    http.close()
    assert len(google.asked) == 1


def test_a_connection_is_encrypted_and_to_whom_it_says(google: GooglePeer) -> None:
    http = TimedHttp("", google.ca_file)
    with patience(60.0), pytest.raises(ssl.SSLCertVerificationError):
        http.request(google.url.replace("localhost", "127.0.0.1"))
