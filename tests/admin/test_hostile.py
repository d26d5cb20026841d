"""Those who mean harm, by everything that can be sent: generated from the pages' own forms and addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

import admin
from appliance.store import attempts, audit, database
from appliance.store.accounts import Account
from appliance.store.database import Connection
from tests.admin import people
from tests.admin.people import form_token, sign_in
from tests.admin.test_guard import PAGES

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>{{ 7919*7907 }}${7919*7907}"
PRODUCT = "62615533"
"""What stands there when the sum of it was done."""
WORDS = (
    SCRIPT,
    "<script>alert(1)</script>",
    'x\'); DROP TABLE call_log; -- NEAR("a" *) AND col:x OR "',
    "../../../../etc/passwd\x00\x1b[31m\u202e１２３",
    "9" * 30,
)
SEGMENTS = ("' OR 1=1 --", "../../../../etc/passwd", "<script>{{ 7919*7907 }}", "9" * 30, "-1")
RAW = ("%00", "%ff%fe", "..%2f..%2fetc%2fpasswd")
TELLING = (b"root:x:", b"SQLite format", b"Traceback", PRODUCT.encode())
SPARED = {"/sign-out"}
"""What would end the session in which all of this is tried."""


@dataclass(slots=True)
class Sent:
    """A form as it stands in a page."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    """The fields in which a person writes; the others have a value of their own."""


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.found: list[Sent] = []
        self._path = path
        self._choice = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Sent(told.get("action") or self._path, told.get("method", "get").lower()))
        elif self.found and tag == "select":
            self._choice = told["name"]
        elif self.found and tag == "option":
            self.found[-1].values.setdefault(self._choice, told.get("value", ""))
        elif self.found and tag in ("input", "textarea") and "name" in told:
            form, own = self.found[-1], told.get("type") in ("hidden", "radio", "checkbox", "submit")
            form.values.setdefault(told["name"], told.get("value", "") if own else "")
            if not own:
                form.typed.add(told["name"])


def forms_of(browser: FlaskClient) -> list[Sent]:
    """Every form that the owner sees."""
    found: dict[tuple[str, ...], Sent] = {}
    for path in PAGES:
        for form in Forms(browser.get(path).text, urlsplit(path).path).found:
            found.setdefault((form.action, *sorted(form.values)), form)
    return [form for form in found.values() if form.action not in SPARED]


def send(browser: FlaskClient, form: Sent, values: dict[str, str]) -> tuple[int, bytes]:
    if form.method == "get":
        answer = browser.get(form.action, query_string=values, buffered=True)
    else:
        answer = browser.post(form.action, data={**values, "form_token": "f" * 32}, buffered=True)
    return answer.status_code, answer.data


def hostile(form: Sent, word: str) -> Iterator[dict[str, str]]:
    """That word in every field that is typed; the first also in those that are chosen."""
    yield {name: word if name in form.typed else value for name, value in form.values.items()}
    if word == SCRIPT:
        yield dict.fromkeys(form.values, word)


def test_hostile_words_in_every_form_stay_words(browser: FlaskClient, db: Connection) -> None:
    calls = db.execute("SELECT COUNT(*) FROM call_log").fetchone()[0]
    forms = forms_of(browser)
    assert len(forms) > 25
    for word in WORDS:
        for form in forms:
            for values in hostile(form, word):
                status, page = send(browser, form, values)
                assert status < 500, (form, word)
                assert status != 401, (form, word)
                assert not any(each in page for each in TELLING), (form, word)
                assert b"<script>alert" not in page
                assert b"<img src=x" not in page
    for path in PAGES:
        page = browser.get(path).data
        assert b"<script>alert" not in page
        assert b"<img src=x" not in page
        assert PRODUCT.encode() not in page
    assert db.execute("SELECT COUNT(*) FROM call_log").fetchone()[0] == calls


def asked_for() -> set[str]:
    """The names that any page looks for in its address."""
    sources = Path(admin.__file__).parent.rglob("*.py")
    found = {name for file in sources for name in re.findall(r'args\.get\(\s*"(\w+)"', file.read_text())}
    assert {"before", "kind"} <= found
    return found | {"who"}


def test_hostile_words_in_every_address_lead_nowhere(app: Flask, browser: FlaskClient) -> None:
    names = asked_for()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for word in WORDS:
            answer = browser.get(path, query_string=dict.fromkeys(names, word), buffered=True)
            assert answer.status_code < 500, (path, word)
            assert not any(each in answer.data for each in TELLING), (path, word)
            assert b"<script>alert" not in answer.data
        assert (
            browser.get(f"{path}?" + "&".join(f"{name}=%ff%00" for name in names), buffered=True).status_code
            < 500
        )


def test_hostile_ids_open_nothing(app: Flask, browser: FlaskClient) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            continue
        for segment in (*(quote(each, safe="") for each in SEGMENTS), *RAW):
            path = re.sub(r"<[^>]*>", segment.replace("\\", "\\\\"), rule.rule)
            method = "POST" if "POST" in (rule.methods or set()) else "GET"
            sent = {"form_token": "f" * 32} if method == "POST" else None
            answer = browser.open(path, method=method, data=sent, buffered=True)
            assert answer.status_code in (303, 308, 400, 404, 405, 410, 422, 429), (path, method)
            assert not any(each in answer.data for each in TELLING), path
            tried += 1
    assert tried > 150


TRICKS = (
    {"X-Original-URL": "/calls"}, {"X-Rewrite-URL": "/calls"}, {"X-Forwarded-Prefix": "/calls"},
    {"X-HTTP-Method-Override": "POST"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "https"},
    {"Forwarded": "for=10.0.0.9;host=evil.example;proto=https"}, {"X-Script-Name": "/calls"},
    {"Accept-Language": "../../etc/passwd"}, {"Accept": "../../etc"}, {"Range": "bytes=0-1,2-3," * 500},
    {"If-None-Match": '"' * 3000}, {"Cookie": "attendant_session=.e.e; __Host-attendant_session=x"},
    {"Cookie": "=;" * 3000}, {"Content-Length": "5"},
)  # fmt: skip


@pytest.mark.parametrize("headers", TRICKS)
def test_headers_change_neither_the_page_nor_who_asks(stranger: FlaskClient, headers: dict[str, str]) -> None:
    answer = stranger.get("/signed-out", headers=headers)
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert "evil.example" not in answer.text
    closed = stranger.get("/calls", headers={**headers, "Accept": "text/html"})
    assert (closed.status_code, closed.location) == (303, "/sign-in?next=/calls")
    assert not closed.headers.get("Set-Cookie", "").startswith("__Host-")


def test_a_page_sent_over_plain_http_makes_no_change_over_tls(app: Flask, owner: Account) -> None:
    browser = app.test_client()
    secure = {"base_url": "https://localhost"}
    token = form_token(browser.get("/sign-in", **secure).text)
    data = {"name": owner.name, "password": people.PASSWORD, "form_token": token}
    for origin in ("http://localhost", "https://localhost:8443", "https://[", "null"):
        sent = browser.post("/sign-in", data=data, headers={"Origin": origin}, **secure)
        assert sent.status_code == 400
    assert (
        browser.post("/sign-in", data=data, headers={"Origin": "https://localhost"}, **secure).status_code
        == 303
    )


def test_who_is_refused_again_and_again_writes_nothing(
    stranger: FlaskClient, owner: Account, db: Connection
) -> None:
    for _ in range(attempts.MOST + 1):
        sign_in(stranger, owner.name, "wrong")
    noted = len(audit.page(db))
    with database.immediate(db):
        # Whoever writes meanwhile, such as a call, is not waited for.
        assert sign_in(stranger, owner.name, "wrong") == 429
    assert len(audit.page(db)) == noted
