"""What every request passes: a known host, a near address, small bodies, protecting headers."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.door import hosts
from admin.door.guard import HEADERS


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::2]", "evil.example:8082",
        "localhost:8082:80", "10.0.0.1",
    ],
)  # fmt: skip
def test_another_name_is_not_answered(browser: FlaskClient, host: str) -> None:
    answer = browser.get("/calls", headers={"Host": host})
    assert answer.status_code == 421
    assert "Riverside" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8082", "127.0.0.1:8082", "[::1]:8082"])
def test_its_own_names_are_answered(stranger: FlaskClient, host: str) -> None:
    assert stranger.get("/door/closed", headers={"Host": host}).status_code == 200


def test_the_configured_host_is_a_name_of_the_box() -> None:
    assert hosts.is_known("192.168.1.20:8082", hosts.known_names("192.168.1.20"))
    assert hosts.is_known("[fd00::5]:8082", hosts.known_names("FD00::5"))
    everywhere = hosts.known_names("0.0.0.0")
    assert hosts.is_known(f"{hosts.own_address()}:8082", everywhere)
    assert not hosts.is_known("evil.example", everywhere)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "100.64.0.1", "nonsense", ""]
)
def test_a_far_address_is_refused(stranger: FlaskClient, address: str) -> None:
    answer = stranger.get("/door/closed", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "192.168.1.7", "10.1.2.3", "172.16.0.9", "fe80::1%eth0", "::ffff:10.0.0.1"],
)
def test_a_near_address_is_answered(stranger: FlaskClient, address: str) -> None:
    answer = stranger.get("/door/closed", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 200


def test_a_claimed_address_counts_for_nothing(stranger: FlaskClient) -> None:
    answer = stranger.get(
        "/door/closed",
        headers={"X-Forwarded-For": "127.0.0.1"},
        environ_overrides={"REMOTE_ADDR": "8.8.8.8"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/calls", "/calls/talk", "/messages", "/messages/1/recording", "/nothing",
                                  "/static/attendant.css", "/static/nothing"])  # fmt: skip
def test_every_answer_is_protected(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path, buffered=True)
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]
    if not path.startswith("/static"):
        assert answer.headers["Cache-Control"] == "no-store"


def test_pages_hold_nothing_that_the_policy_forbids(browser: FlaskClient) -> None:
    for path in ("/calls", "/calls/talk", "/calls/hostile", "/messages", "/nothing"):
        page = browser.get(path).text
        assert "<script" not in page
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert "http://" not in page
        assert "https://" not in page


def test_every_change_takes_a_form_token(app: Flask, browser: FlaskClient) -> None:
    changing = [
        rule for rule in app.url_map.iter_rules() if {"POST", "PUT", "DELETE"} & (rule.methods or set())
    ]
    assert [rule.endpoint for rule in changing] == ["door.leave"]
    for rule in changing:
        assert browser.post(rule.rule, data={"form_token": ""}).status_code == 400
        assert browser.post(rule.rule, data={"form_token": "é" * 32}).status_code == 400


def test_a_large_body_is_refused(browser: FlaskClient) -> None:
    assert browser.post("/door/leave", data={"form_token": "x" * 100_000}).status_code == 413
