"""What every request passes: a known host, a near address, small bodies, protecting headers."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.door import hosts
from admin.door.guard import HEADERS
from appliance.core.own_addresses import outward_address, own_addresses, own_names
from appliance.core.settings import checked
from appliance.store.database import Connection


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
    assert stranger.get("/signed-out", headers={"Host": host}).status_code == 200


def test_the_configured_host_is_a_name_of_the_box() -> None:
    def known(host: str, **listen: str) -> bool:
        return hosts.is_known(host, hosts.known_names(checked({"listen": listen}, "test")))

    assert known("192.168.1.20:8082", admin_host="192.168.1.20")
    assert known("[fd00::5]:8082", admin_host="FD00::5")
    assert known(f"{outward_address()}:8082", admin_host="0.0.0.0")
    assert not known("evil.example", admin_host="0.0.0.0")


def test_behind_the_front_its_name_and_the_boxs_own_are_answered() -> None:
    known = hosts.known_names(checked({"front": {"name": "attendant.lan"}}, "test"))
    for host in ("attendant.lan", "attendant.lan:443", *own_names(), *map(str, own_addresses())):
        assert hosts.is_known(host, known)
    for host in ("evil.example", "evil.lan", "attendant.lan.evil.example", "203.0.113.9"):
        assert not hosts.is_known(host, known)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "100.64.0.1", "nonsense", ""]
)
def test_a_far_address_is_refused(stranger: FlaskClient, address: str) -> None:
    answer = stranger.get("/signed-out", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "192.168.1.7", "10.1.2.3", "172.16.0.9", "fe80::1%eth0", "::ffff:10.0.0.1"],
)
def test_a_near_address_is_answered(stranger: FlaskClient, address: str) -> None:
    answer = stranger.get("/signed-out", environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 200


def test_a_claimed_address_counts_for_nothing(stranger: FlaskClient) -> None:
    answer = stranger.get(
        "/signed-out",
        headers={"X-Forwarded-For": "127.0.0.1"},
        environ_overrides={"REMOTE_ADDR": "8.8.8.8"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/calls", "/calls/talk", "/messages", "/messages/1/recording", "/nothing",
                                  "/static/attendant.css", "/static/pages.css",
                                  "/static/nothing"])  # fmt: skip
def test_every_answer_is_protected(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path, buffered=True)
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value]
    if not path.startswith("/static"):
        assert answer.headers["Cache-Control"] == "no-store"


PAGES = (
    "/today", "/callbacks", "/callbacks/1", "/callbacks/done", "/calls", "/calls/talk", "/calls/hostile",
    "/messages", "/messages/1", "/messages?part=done", "/analytics", "/languages",
    "/hours", "/hours/holidays",
    "/departments", "/departments/new", "/departments/one/billing", "/on-call", "/on-call/new", "/people",
    "/people/new", "/people/1",
    "/knowledge", "/knowledge/new", "/knowledge/unanswered", "/knowledge/answer",
    "/citations", "/jobs", "/bookings", "/rehearsals/drafts/new",
    "/calls?text=earache&number=1", "/calls/voice", "/calls/now",
    "/menu", "/menu/in/es", "/devices", "/devices/new", "/system", "/settings", "/settings?text=ring",
    "/settings/callbacks",
    "/settings/box-asterisk", "/settings/box-cloud",
    "/audit", "/account", "/account/password", "/account/two-step", "/nothing", "/signed-out",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_nothing_that_the_policy_forbids(browser: FlaskClient, path: str) -> None:
    page = browser.get(path).text
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/attendant.js" defer>']
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<[^>]* on[a-z]+=", page)
    # Sentences may name an address; nothing is fetched or led to.
    assert not re.search(r"""=["']?https?://""", page.replace("http://www.w3.org/2000/svg", ""))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small(browser: FlaskClient, path: str) -> None:
    linked = re.findall(r'(?:src|href)="(/static/[^"#]+)', browser.get(path).text)
    assert len(linked) >= 3
    sent = sum(len(browser.get(each, buffered=True).data) for each in {path, "/static/icons.svg", *linked})
    assert sent < 100_000


def changes(app: Flask) -> list[str]:
    """The addresses that change something."""
    found = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    assert len(found) > 12
    return [re.sub(r"<[^>]*>", "1", rule.rule) for rule in found]


def test_every_change_takes_the_token_of_this_browser(
    app: Flask, browser: FlaskClient, db: Connection
) -> None:
    before = db.execute("SELECT COUNT(*) FROM audit").fetchone()[0]
    for path in changes(app):
        for token in ("", "é" * 32, "F" * 32):
            assert browser.post(path, data={"form_token": token}).status_code == 400, path
        assert browser.post(path, json={"form_token": "f" * 32}).status_code == 400, path
        assert browser.post(f"{path}?form_token={'f' * 32}").status_code == 400, path
    assert db.execute("SELECT COUNT(*) FROM audit").fetchone()[0] == before


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:9999"},
     {"Origin": "http://["}, {"Origin": ""},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_no_other_site_makes_a_change_even_with_the_token(
    app: Flask, browser: FlaskClient, headers: dict[str, str]
) -> None:
    for path in changes(app):
        assert browser.post(path, data={"form_token": "f" * 32}, headers=headers).status_code == 400, path


def test_a_large_body_is_refused(browser: FlaskClient) -> None:
    assert browser.post("/sign-out", data={"form_token": "x" * 100_000}).status_code == 413
    many = {f"f{number}": "x" for number in range(60)}
    assert browser.post("/sign-out", data=many, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static//etc/passwd",
     "/static/....//app.py", "/static/es.toml"],
)  # fmt: skip
def test_static_files_are_those_of_the_folder(stranger: FlaskClient, path: str) -> None:
    answer = stranger.get(path, follow_redirects=True, buffered=True)
    assert answer.status_code == 404
    assert b"create_app" not in answer.data
