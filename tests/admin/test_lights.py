"""The state of the box: asked of real processes on real sockets, told in plain words."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from admin.app import create_app
from admin.today import asking
from admin.today.asking import Standing, Told
from admin.today.lights import NO_BRIDGE, NO_WORKER, SAID, Light, lights
from appliance.core.settings import Listen, Settings, checked
from appliance.store import database
from appliance.store.accounts import Role
from tests.admin import people, rows
from tests.admin.test_calls import text_of

WELL: dict[str, Any] = {
    "loop": {"state": "ok", "late_s": 0.0},
    "store": {"state": "ok"},
    "cloud": {"state": "ok"},
    "twilio": {"state": "not asked yet"},
    "recognition": {"state": "ok"},
    "synthesis": {"state": "ok"},
    "calendars": {"state": "ok"},
}
JOBS: dict[str, Any] = {"jobs": {"state": "ok"}, "crew": {"state": "ok", "running": 0}}


@contextmanager
def saying(answer: Callable[[], tuple[int, bytes]]) -> Iterator[tuple[int, list[str]]]:
    """A process that is asked how it is; its port, and what was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answer()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


def parts(told: Mapping[str, Any], status: int = 200) -> Callable[[], tuple[int, bytes]]:
    return lambda: (status, json.dumps({"state": "ok", "parts": told}).encode())


def of(bridge: Mapping[str, Any], worker: Mapping[str, Any] = JOBS) -> list[tuple[str, str]]:
    return [
        (light.name, light.tone)
        for light in lights(Told(there=True, parts=bridge), Told(there=True, parts=worker))
    ]


def test_a_box_that_is_well_has_a_light_for_each_thing() -> None:
    assert of(WELL) == [
        ("Answering", "good"), ("Telephone", "good"), ("Cloud", "good"), ("Speech", "good"),
        ("Calendars", "good"), ("After calls", "good"),
    ]  # fmt: skip


def test_what_presses_most_speaks_for_its_light() -> None:
    house: dict[str, Any] = {
        "pbx": {"state": "ok"},
        "phones": {"state": "front desk unreachable", "well": False, "told": "101"},
    }
    found = {
        light.name: light
        for light in lights(Told(there=True, parts={**WELL, **house}), Told(there=True, parts=JOBS))
    }
    assert found["Telephone"] == Light(
        "Telephone", "bad", "The telephones of the front desk cannot be reached.", "101"
    )


def test_what_is_not_well_and_has_no_words_is_named_all_the_same() -> None:
    odd: dict[str, Any] = {"detector": {"state": "dead", "well": False, "problem": "gone"}}
    found = lights(Told(there=True, parts={**WELL, **odd}), Told(there=True, parts=JOBS))[0]
    assert (found.tone, found.told) == ("care", "detector: dead: gone")
    assert of({**WELL, "detector": {"state": "off"}}) == of(WELL)


def test_a_part_that_is_not_told_of_has_no_light() -> None:
    assert [name for name, _ in of({"loop": {"state": "ok"}}, {})] == ["Answering"]


def test_who_is_not_there_is_said_to_be_missing() -> None:
    assert lights(Told(there=False), Told(there=False)) == [NO_BRIDGE, NO_WORKER]
    unknown = lights(Told(there=False, asked=False), Told(there=False, asked=False))
    assert [light.tone for light in unknown] == ["plain", "plain"]


def test_a_state_that_is_well_is_never_told_as_bad_and_the_other_way() -> None:
    assert {tone for states in SAID.values() for state, (tone, _) in states.items() if state == "ok"} == {
        "good"
    }


def test_processes_are_asked_and_not_again_for_a_while() -> None:
    with saying(parts(WELL)) as (bridge, asked), saying(parts(JOBS, 503)) as (worker, _):
        standing = Standing(Listen(local_port=bridge, worker_port=worker))
        first, second = standing.now()
        assert (first.parts, second.parts) == (WELL, JOBS)
        assert standing.now() == (first, second)
        assert asked == ["/healthz"]
        standing.kept_s = 0
        standing.now()
        assert len(asked) == 2


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b'{"parts": 3}', b'{"parts": {"loop": 3}}', b"\xff"])
def test_nonsense_is_nobody(body: bytes) -> None:
    with saying(lambda: (200, body)) as (port, _):
        assert Standing(Listen(local_port=port, worker_port=port)).now()[0] == Told(there=False)


def test_who_hangs_keeps_no_page_waiting() -> None:
    hanging = threading.Event()

    def hang() -> tuple[int, bytes]:
        hanging.wait(10)
        return 200, b"{}"

    with saying(hang) as (port, _):
        told, nobody = Standing(Listen(local_port=port, worker_port=0)).now()
        hanging.set()
    assert told == Told(there=False, late=True)
    assert [(light.name, light.tone) for light in lights(told, nobody)] == [
        ("Answering", "care"),
        ("After calls", "plain"),
    ]


def app_of(settings: Settings, port: int) -> Flask:
    listen = {"local_port": port, "worker_port": 0}
    told = checked({"box": {"data_dir": str(settings.box.data_dir)}, "listen": listen}, "test")
    return create_app(told, now=lambda: rows.NOW)


def test_today_tells_how_the_box_is_and_a_change_is_another_version(settings: Settings) -> None:
    told: dict[str, Any] = dict(WELL)
    with saying(lambda: (200, json.dumps({"parts": told}).encode())) as (port, _):
        app = app_of(settings, port)
        app.extensions["standing"].kept_s = 0
        db = database.connect(settings.database)
        client = app.test_client()
        people.come_in(client, db, people.add(db, Role.OWNER, rows.NOW), rows.NOW)
        assert "Cloud The cloud assistant talks to callers." in text_of(client.get("/today").text)
        version = client.get("/today/live").headers["ETag"]
        assert client.get("/today/live", headers={"If-None-Match": version}).status_code == 304
        told["cloud"] = {"state": "down", "well": False, "reason": "refused <b>"}
        answer = client.get("/today/live", headers={"If-None-Match": version})
        assert answer.status_code == 200
        assert "The cloud cannot be reached: the box" in answer.text
        assert "refused &lt;b&gt;" in answer.text
        db.close()


def test_an_application_knows_where_its_neighbours_are(app: Flask) -> None:
    with app.app_context():
        assert [told.asked for told in asking.standing()] == [False, False]
