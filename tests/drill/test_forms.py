"""Every form of the pages is filled in and sent in a real browser, and none is forgotten."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from admin.app import create_app
from admin.door import totp
from appliance.core.rehearsal import Outline, Part
from appliance.core.settings import load
from appliance.store import (
    accounts,
    backups,
    callback_rows,
    callbacks,
    database,
    drafts,
    message_texts,
    messages,
    recordings_away,
    rehearsals,
    times,
    visits,
)
from appliance.store.accounts import Role
from appliance.store.backups import Result, Snapshot, What
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from appliance.store.recordings_away import Away
from tests.admin import people, told
from tests.admin.process import link, prepare, running
from tests.drill import daily, test_access, test_rehearse
from tests.drill.chromium import chromium
from tests.drill.every_form import FORMS, LAST, NEW, WIDE, Walk
from tests.drill.hands import Hands
from tests.drill.test_access import base_of

pytestmark = pytest.mark.drill

ELSEWHERE = {
    "door.check_code": test_access.test_a_telephone_is_set_up_and_asked_for,
    "rehearse.token": test_rehearse.test_somebody_types_over_the_socket_and_presses_keys,
    "rehearse.keep": test_rehearse.test_somebody_speaks_and_sees_what_is_said_and_done,
    "rehearse.begin": test_rehearse.test_without_script_it_goes_turn_by_turn,
    "rehearse.say": test_rehearse.test_without_script_it_goes_turn_by_turn,
}
"""What needs the bridge, or a sign-in of its own, and who drives it."""


@pytest_asyncio.fixture
async def walk(tmp_path: Path) -> AsyncIterator[Walk]:
    """Somebody before the first link of a box in which there is something to do on every page."""
    config = prepare(tmp_path)
    settings = load(_backed_up(config))
    file = _written(tmp_path / "Visitor guide.md")
    with closing(database.connect(settings.database)) as db:
        _fill(db)
        addresses = create_app(settings, file=config).url_map
        with running(config) as (_, port):
            entrance = link(config, port)
            async with chromium(tmp_path) as tab:
                await tab.ask("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
                await tab.look(WIDE, dark=False)
                await tab.open(entrance)
                yield Walk(Hands(tab), base_of(entrance), addresses, db, file, frozenset(ELSEWHERE))


async def test_every_form_is_filled_in_and_sent(walk: Walk) -> None:
    tab = walk.hands.tab
    (first,) = await tab.run(FORMS)
    await walk.send(first)
    await walk.all()
    await tab.open(f"{walk.base}/today")
    leaving = next(each for each in await tab.run(FORMS) if walk.endpoint(each["path"], "POST") == LAST)
    await walk.send(leaving)
    await tab.open(f"{walk.base}/sign-in")
    (door,) = await tab.run(FORMS)
    await walk.send(door)
    assert await tab.run("location.pathname") == "/today"
    assert walk.changes() - walk.driven - ELSEWHERE.keys() == set(), "no page has a form for these"


def _backed_up(config: Path) -> Path:
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[backup]\nrepository = "{config.parent / "copies"}"\n')
    return config


def _written(file: Path) -> Path:
    file.write_text("# Visitor guide\n\nParking is free.\n", "utf-8")
    return file


def _fill(db: Connection) -> None:
    now = times.utc_now()
    daily.in_the_morning(db)
    told.fill(db)
    with database.immediate(db):
        people.add(db, Role.READ_ONLY, now)
        other = people.add(db, Role.IT, now)
        accounts.offer_secret(db, other.id, totp.new_secret())
        accounts.take_secret(db, other.id, 1, totp.recovery_codes())
        for kind in ("fetch_recording", "text_confirmation"):
            told.dead(db, kind, "It does not answer.")
        drafts.keep(db, "Summer", {"greeting": "Good day."}, at=now, by="Ana Ruiz")
        run_id = rehearsals.begin(db, "", {}, at=now, by="Ana Ruiz")
        for kept in rehearsals.every(db):  # one is forgotten on the way
            other_end = Outline({**kept.expected.parts, Part.ENDING: ("goodbye",)}, kept.expected.wording)
            rehearsals.add(db, run_id, kept.id, other_end)
        rehearsals.end(db, run_id, at=now)
        message_texts.put(db, MessageText(1, TextState.FAILED, problem="it is broken"), now)
        _to_press(db, times.read(now))


def _to_press(db: Connection, now: datetime) -> None:
    """What brings forth the buttons that stand alone: to move, to ask, to fetch, to verify, to take back."""
    visits.save_visit(db, {"slug": "check-up", "name": "Check-up"}, now=now)
    outside = {"slug": "ruiz", "name": "Dr. Ruiz", "calendar": "google:ruiz@clinic.example"}
    visits.save_provider(db, outside, now=now)
    messages.keep_recording(db, "RE2", "RE2.wav")
    away = Away("RE2.wav", "https://s3.example/recordings", "RE2.wav", 9, "0" * 64, None)
    recordings_away.begin(db, away, now=now)
    recordings_away.there(db, away.name, now=now)
    held = (Snapshot("4f1c", now, "attendant.lan"),)
    backups.add(db, What.BACKUP, times.written(now), 900, Result("4f1c", 12, 3_400_000, 5, held=held))
    for entry in callback_rows.open_page(db):  # some of them are done on the way
        callbacks.attempt(db, entry.id, NEW, now=now - timedelta(hours=1))
