"""The admin's process is killed in the midst of what somebody does: all of it is there, or nothing."""

import os
import signal
import threading
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from appliance.store import audit, database, office
from appliance.store.audit import Deed
from tests.admin.process import Browser, link, prepare, running

MOST = 5
"""Departments that fit beside those that are there."""


def _adds(browser: Browser, begun: threading.Event) -> None:
    """Add one department after the other, until nobody answers."""
    with suppress(OSError, HTTPException):
        for number in range(MOST):
            sent = {"name": f"Room {number}", "number-0": "+12125550100", "aliases": "", "hours": "clinic"}
            assert browser.fill("/departments/new", **sent) in (303, 422)
            begun.set()


def test_killed_in_a_change_nothing_is_half_done_and_the_next_one_goes_on(tmp_path: Path) -> None:
    config, path = prepare(tmp_path), tmp_path / "data" / "attendant.db"
    with running(config) as (process, port):
        browser, begun = Browser(port), threading.Event()
        browser.become_owner(link(config, port))
        adding = threading.Thread(target=_adds, args=(browser, begun))
        adding.start()
        assert begun.wait(30)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        adding.join()
        browser.close()
    assert database.faults(path) == []
    db = database.connect_readonly(path)
    added = [line for line in office.departments(db) if line.name.startswith("Room ")]
    noted = audit.page(db, deeds=[Deed.DEPARTMENT_ADDED])
    assert len(added) == len(noted) >= 1
    assert audit.broken(db) is None
    db.close()
    with running(config) as (_, port):
        again = Browser(port)
        again.cookie = browser.cookie
        answer, page = again.ask("GET", "/departments")
        again.close()
    assert (answer.status, b"Room 0" in page) == (200, True)
