"""The page of a call as the admin shows it, kept as a file that opens without any process.

The real admin process is started, opened by a link of its console and asked for the page. May import: the
standard library, aiohttp, admin, appliance.
"""

import asyncio
import os
import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

from admin.door.link import new_link
from appliance.core import settings as boot
from appliance.store import calls, database
from scripts.loopback_box import ROOT, BoxFailed, LoopbackBox

READY_S = 15.0
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
ICON = re.compile(r'<link rel="icon"[^>]*>\n?')
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class CallPage:
    """A call's id in the call log, and its page."""

    call_id: str
    file: Path


async def page_of(box: LoopbackBox, call_sid: str) -> CallPage:
    """Fetch the page of a call and keep it. Raises BoxFailed when the admin does not answer."""
    db = database.connect_readonly(box.database)
    try:
        row = calls.by_sid(db, call_sid)
    finally:
        db.close()
    call_id = row.id if row else ""
    file = box.folder / "call.html"
    file.write_text(await _fetched(box, f"/calls/{call_id}"), "utf-8")
    return CallPage(call_id, file)


async def _fetched(box: LoopbackBox, path: str) -> str:
    command = (sys.executable, "-m", "appliance.cli.main", "--config", str(box.config), "admin")
    with (box.folder / "admin.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        async with asyncio.timeout(READY_S):
            said = await process.stdout.readline() if process.stdout else b""
            return await _asked(box, int(orjson.loads(said)["admin"]), path)
    except (TimeoutError, orjson.JSONDecodeError, aiohttp.ClientError) as exc:
        raise BoxFailed((box.folder / "admin.log").read_text("utf-8", "replace")[-4000:]) from exc
    finally:
        process.terminate()
        await process.wait()


async def _asked(box: LoopbackBox, port: int, path: str) -> str:
    """Sign in by a link of the console and read a page, with its style inside."""
    link, _ = new_link(boot.load(box.config), port=port)
    password = secrets.token_urlsafe(16)
    base = f"http://127.0.0.1:{port}"
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, raise_for_status=True) as http:
        async with http.get(link) as answer:
            token = TOKEN.search(await answer.text())
        chosen = {"name": "owner", "password": password, "again": password}
        async with http.post(link, data={**chosen, "form_token": token[1] if token else ""}):
            pass
        async with http.get(base + path) as answer:
            page = await answer.text()
        found = STYLE.search(page)
        if found is None:
            return page
        async with http.get(base + found[1]) as answer:
            style = await answer.text()
    return ICON.sub("", page.replace(found[0], f"<style>\n{style}</style>"))
