"""Makes pictures of the pages: `python -m scripts.pictures` those of docs/, `--every FOLDER` of all pages.

They show an invented clinic at a time that stands still, so that a picture changes with its page alone.
May import: the standard library, werkzeug, admin, appliance, scripts.example_clinic, tests.
"""

import argparse
import asyncio
import base64
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from wsgiref.types import StartResponse

from werkzeug.serving import make_server

from admin import nav
from admin.app import create_app
from appliance.core.settings import checked
from appliance.store import database
from appliance.store.accounts import Role
from scripts import example_clinic
from tests.admin import people, rows
from tests.drill.chromium import Tab, chromium

DOCS = Path(__file__).parent.parent / "docs" / "pictures"
DESKTOP, PHONE = (1280, 800), (390, 760)
SHRUNK = 2 / 3
OPEN = "document.querySelectorAll('details:not(.menu):not(.more)').forEach(each => each.open = true)"


@dataclass(frozen=True, slots=True)
class Picture:
    """A page, and how it is looked at."""

    path: str
    phone: bool = False
    dark: bool = False
    language: str = "en"


PICTURES = {
    "today": Picture("/today"),
    "today-phone-dark": Picture("/today", phone=True, dark=True),
    "callbacks": Picture("/callbacks"),
    "callbacks-phone-dark": Picture("/callbacks", phone=True, dark=True),
    "call": Picture("/calls/talk"),
    "message-dark": Picture("/messages/1", dark=True),
    "bookings": Picture("/bookings"),
    "analytics": Picture("/analytics"),
    "hours-phone-spanish": Picture("/hours", phone=True, language="es"),
    "knowledge": Picture("/knowledge"),
    "citations-dark": Picture("/citations", dark=True),
    "system": Picture("/system"),
}

WELL: dict[str, dict[str, dict[str, str]]] = {
    "parts": {
        "loop": {"state": "ok"},
        "twilio": {"state": "ok"},
        "cloud": {"state": "ok"},
        "recognition": {"state": "not asked yet"},
        "calendars": {"state": "ok"},
        "jobs": {"state": "ok"},
        "backup": {"state": "ok"},
    }
}
"""What bridge and worker of that clinic say of themselves."""


def _health(environ: dict[str, Any], answer: StartResponse) -> Iterable[bytes]:
    answer("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(WELL).encode()]


@contextmanager
def serving(application: Callable[..., Any]) -> Iterator[int]:
    """The port at which it is served."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def clinic(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Where its pages are, the cookie of the owner, and the addresses of the navigation."""
    with ExitStack() as stack:
        port = stack.enter_context(serving(_health))
        here = {
            "box": {"data_dir": str(folder / "data")},
            "listen": {"local_port": port, "worker_port": port},
        }
        (folder / "attendant.toml").touch()
        settings = checked(here, "the example clinic")
        example_clinic.fill(settings)
        app = create_app(settings, now=lambda: rows.NOW, file=folder / "attendant.toml")
        client = app.test_client()
        db = database.connect(settings.database)
        people.add(db, Role.FRONT_DESK, rows.at(9000))
        people.come_in(client, db, people.add(db, Role.OWNER, rows.at(9000)), rows.NOW)
        db.close()
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        endpoints = [way.endpoint for group in nav.groups(Role.OWNER) for way in group.ways]
        places = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
        address = f"http://127.0.0.1:{stack.enter_context(serving(app))}"
        yield address, cookie.value if cookie else "", [places[endpoint] for endpoint in endpoints]


async def look(tab: Tab, base: str, picture: Picture, *, whole: bool = False) -> bytes:
    """What is seen of a page at first; or the whole of it."""
    width, height = PHONE if picture.phone else DESKTOP
    await tab.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": picture.language})
    await tab.look(width, dark=picture.dark)
    await tab.open(base + picture.path)
    if whole:
        await tab.run(OPEN)
        return await tab.picture()
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 if picture.phone else SHRUNK}
    shot = await tab.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    return base64.b64decode(shot["data"])


async def taken(folder: Path, *, every: bool) -> dict[str, bytes]:
    """The pictures of docs/, or all, by their names, from a box that lies in a folder."""
    with clinic(folder) as (base, cookie, pages):
        async with chromium(folder) as tab:
            await tab.ask("Network.setCookie", name="attendant_session", value=cookie, url=base)
            if not every:
                return {name: await look(tab, base, each) for name, each in PICTURES.items()}
            paths = dict.fromkeys([*pages, *(each.path for each in PICTURES.values())])
            return {
                "-".join(filter(None, (*path[1:].split("/"), "phone" * phone, "dark" * dark))): await look(
                    tab, base, Picture(path, phone, dark), whole=True
                )
                for path in paths
                for phone in (False, True)
                for dark in (False, True)
            }


def main() -> None:
    """Make those of docs/, or all in a folder."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    parser = argparse.ArgumentParser("pictures", description=__doc__)
    parser.add_argument("--every", type=Path, metavar="FOLDER", help="all pages, each in four ways, in here")
    every = parser.parse_args().every
    place = every or DOCS
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="attendant-pictures-") as folder:
        for name, picture in asyncio.run(taken(Path(folder), every=every is not None)).items():
            (place / f"{name}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
