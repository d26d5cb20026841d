"""What is wrong with the box stands on top of every page, in the reader's words, until it is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from admin import troubles as pages
from admin.tongue import Tongue
from appliance.core.troubles import Trouble
from appliance.store import database, times, troubles
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import text_of

SAID = "The cloud cannot be reached: the box's own assistant talks to callers."


def wrong(db: Connection, trouble: Trouble, *, announced: bool = True) -> int:
    began = times.read(rows.NOW) - timedelta(minutes=20)
    with database.immediate(db):
        troubles.begin(db, trouble, "timeout", now=began)
        found = troubles.still(db)[-1].id
        if announced:
            troubles.announce(db, found, now=began)
    return found


@pytest.mark.parametrize("page", ["/today", "/calls", "/hours", "/settings", "/account"])
def test_it_stands_on_every_page(browser: FlaskClient, db: Connection, page: str) -> None:
    wrong(db, Trouble.CLOUD)
    seen = text_of(browser.get(page).text)
    assert f"{SAID} Since Today, 11:10 AM. More of this" in seen


def test_what_staff_are_not_to_know_yet_and_what_is_over_does_not(
    browser: FlaskClient, db: Connection
) -> None:
    wrong(db, Trouble.DISK, announced=False)
    over = wrong(db, Trouble.CLOUD)
    with database.immediate(db):
        troubles.end(db, over, now=times.read(rows.NOW))
    page = browser.get("/today").text
    assert "nearly full" not in page
    assert SAID not in page


def test_who_may_not_see_the_box_reads_it_without_a_way_there(
    browser_of: Callable[[Role], FlaskClient], db: Connection
) -> None:
    wrong(db, Trouble.CLOUD)
    page = browser_of(Role.READ_ONLY).get("/calls").text
    assert "the box&#39;s own assistant" in page
    assert "More of this" not in page


def test_nobody_reads_it_before_coming_in(stranger: FlaskClient, db: Connection) -> None:
    wrong(db, Trouble.BRIDGE)
    assert "does not answer calls" not in stranger.get("/sign-in").text


def test_each_has_its_words_in_both_languages() -> None:
    assert pages.SAID.keys() == set(Trouble)
    for sentence in pages.SAID.values():
        assert Tongue("es")(sentence) != sentence
