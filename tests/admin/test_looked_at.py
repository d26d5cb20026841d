"""Every page of the admin is looked at in a browser: none of the map of addresses is missing there."""

from flask import Flask
from werkzeug.exceptions import HTTPException

from admin.permits import OPEN
from tests.drill.every_form import NO_PAGES
from tests.drill.test_pages import PAGES

THE_WAY_IN = {"door.code", "rehearse.talk"}
"""Pages that are there within a sign-in, or a rehearsal, and are looked at in the drills of those."""


def test_no_page_is_forgotten(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")

    def endpoint(path: str) -> str:
        try:
            return str(addresses.match(path.partition("?")[0])[0])
        except HTTPException:
            return path

    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {endpoint(path) for path in PAGES} == pages - NO_PAGES - OPEN - THE_WAY_IN
