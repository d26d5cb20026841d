"""Walks through all pages by their links, fills in every form that it sees, and sends it.

What it drives is what the pages and the map of addresses say. A field that is needed gets what `ANSWERS` has
for it. May import: the standard library, werkzeug, appliance, admin, tests.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from admin.door import totp
from admin.permits import UNNOTED
from appliance.store import requests, times
from appliance.store.database import Connection
from tests.admin.people import PASSWORD
from tests.drill.hands import Hands
from tests.drill.test_accessible import faults
from tests.drill.test_documents import choose

ADDRESSES_MOST = 5
"""So many addresses of a page are looked at, such as those of several callers."""
NO_PAGES = UNNOTED | {"static", "home", "door.link", "analytics.table", "messages.recording", "menu.sound"}
LAST = "door.leave"
AFTERWARDS = frozenset({LAST, "door.enter"})
"""What ends a session, or begins it: not on the way."""
WIDE = 1280
NEW = "Something new"
"""How whatever is added is called, and whoever walks."""

OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
LINKS = """
[...document.querySelectorAll('a[href]')].map(each => new URL(each.href))
    .filter(each => each.host === location.host).map(each => each.pathname + each.search)
"""
FORMS = """
[...document.forms].flatMap((form, place) => [...form.elements].map((each, at) => ({
    method: form.method.toUpperCase(), place, at,
    path: new URL(each.hasAttribute('formaction') ? each.formAction : form.action).pathname,
    sends: each.type === 'submit' && !each.disabled && each.checkVisibility(),
})).filter(each => each.sends))
"""
FIELDS = """
[...document.forms[PLACE].elements].map((each, at) => ({
    at, name: each.name, type: each.type, needed: each.required, value: each.value, checked: each.checked,
    label: each.labels?.[0]?.innerText.trim() || each.ariaLabel || '',
})).filter(each => each.name && !['hidden', 'submit', 'fieldset'].includes(each.type))
"""
PAGE = """
({path: location.pathname, heading: document.querySelector('h1')?.innerText ?? '',
  secret: document.querySelector('.secret')?.textContent ?? ''})
"""
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
REDIRECTS = "performance.getEntriesByType('navigation')[0].redirectCount"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field, and the page on which it stands."""

    label: str
    path: str
    heading: str
    secret: str

    @property
    def code(self) -> str:
        """What a telephone shows now that has the page's secret."""
        step = int(times.read(times.utc_now()).timestamp()) // totp.PERIOD_S
        return totp.code(self.secret.replace(" ", ""), step)

    @property
    def sure(self) -> str:
        """What is to be typed to be sure: as the label says, else as the page is called."""
        return self.label.partition(": ")[2] or self.heading


ANSWERS: Mapping[str, str | Callable[[Asked], str]] = {
    "account.two_step_on code": lambda asked: asked.code,
    "calls.hang_up sure": lambda asked: re.sub(r"\D", "", asked.heading)[-4:],
    "callbacks.note words": "She comes by on Monday.",
    "callbacks.put_off again": "I",
    "departments.change aliases": "accounts, invoices",
    "devices.remove sure": lambda asked: asked.path.split("/")[3],
    "hours.set_day day": f"0102{date.today().year + 1}",
    "hours.show_holidays country": "US",
    "hours.until until": "1159PM",
    "jobs.drop number": lambda asked: asked.path.split("/")[2],
    "knowledge.add_page address": "https://clinic.example/prices",
    "menu.save greeting": "Good day, this is the clinic.",
    "messages.correct text": "It is about Friday.",
    "on_call.add name-0": "Dr. Lee",
    "on_call.add number-0": "(415) 555-0121",
    "on_call.remove sure": lambda asked: asked.sure,
    "people.add name": "Eva Lind",
    "rehearse.draft_department_add name": "Another one",
    "settings.save ring_s": "30",
    "answer": "Yes, on weekdays.",
    "content": "A flu shot costs 30 dollars.",
    "name": NEW,
    "number-0": "(212) 555-0139",
    "question": "Do you sell stamps?",
    "secret": "sk-" + "a1" * 20,
    "title": "Prices",
    **dict.fromkeys(("old", "password", "again"), PASSWORD),
}
"""What is typed: by the form's endpoint and the field's name, or where that is needed by the name alone. Of a
choice it is the letter with which it begins."""

ONLY_AT = {
    "settings.save": "/settings/answering",
    **dict.fromkeys(("people.set_role", "people.reset", "people.two_step_off", "people.end"), "/people/2"),
}
"""Forms that are the same on many pages, and work with the answers on this one."""


@dataclass(slots=True)
class Walk:
    """A way through all pages."""

    hands: Hands
    base: str
    addresses: Map
    db: Connection
    file: Path
    left_out: frozenset[str]
    """Endpoints of forms that others drive."""
    driven: set[str] = field(default_factory=set)
    pages: Counter[str] = field(default_factory=Counter)

    def changes(self) -> set[str]:
        """The endpoints that change something, by the map of addresses."""
        return {rule.endpoint for rule in self.addresses.iter_rules() if "POST" in (rule.methods or ())}

    def endpoint(self, path: str, method: str = "GET") -> str:
        """What answers an address; nothing for one that nobody answers."""
        try:
            found = self.addresses.bind("localhost").match(path.partition("?")[0], method)
        except HTTPException:
            return ""
        return str(found[0])

    async def all(self) -> None:
        """Go on until nothing more is seen; what one form does brings others forth, so thrice."""
        for _ in range(3):
            self.pages.clear()
            todo = deque(self._beginnings())
            known = {*todo}
            while todo:
                path = todo.popleft()
                self.pages[self.endpoint(path)] += 1
                for found in await self._page(path):
                    wanted = self.endpoint(found)
                    if wanted and wanted not in NO_PAGES and found not in known:
                        known.add(found)
                        if self.pages[wanted] < ADDRESSES_MOST:
                            todo.append(found)
            if self.changes() - AFTERWARDS <= self.driven | self.left_out:
                return

    def _beginnings(self) -> Iterator[str]:
        for rule in self.addresses.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NO_PAGES:
                yield rule.rule

    async def _page(self, path: str) -> list[str]:
        """Drive what has not been driven yet of a page; where it and its forms lead."""
        found: list[str] = []
        while await self._open(path):
            found += await self.hands.tab.run(LINKS)
            form = next((each for each in await self.hands.tab.run(FORMS) if self._is_new(each, path)), None)
            if form is None:
                break
            found.append(await self.send(form))
        return found

    async def _open(self, path: str) -> bool:
        await self.hands.tab.open(self.base + path)
        await self.hands.tab.run(OPEN)
        there = bool(await self.hands.tab.run(STATUS) == 200)
        if not there:
            self.hands.tab.complaints.clear()  # that it is not there
        return there

    def _is_new(self, form: dict[str, Any], path: str) -> bool:
        endpoint = self.endpoint(form["path"], form["method"])
        assert endpoint, f"a form of {path} leads nowhere: {form['path']}"
        return endpoint not in {*self.driven, *self.left_out, LAST} and ONLY_AT.get(endpoint, path) == path

    async def send(self, form: dict[str, Any]) -> str:
        """Fill a form of the open page in and send it; where that leads."""
        tab, endpoint = self.hands.tab, self.endpoint(form["path"], form["method"])
        page, chosen = await tab.run(PAGE), set[str]()
        for each in await tab.run(FIELDS.replace("PLACE", str(form["place"]))):
            element = f"document.forms[{form['place']}].elements[{each['at']}]"
            assert each["label"], f"{each['name']} on {page['path']} has no label"
            if each["type"] == "radio":
                if each["name"] not in chosen and not await tab.run(
                    f"{element}.form[{each['name']!r}].value"
                ):
                    await self.hands.aim(f"{element}.labels[0]", each["name"])
                    await self.hands.do()
                chosen.add(each["name"])
            elif each["type"] == "file":
                await choose(tab, self.file)
            elif answer := _answer(endpoint, each, Asked(each["label"], **page)):
                await self.hands.aim(element, each["name"])
                await self.hands.write(answer)
        await self.hands.aim(f"document.forms[{form['place']}].elements[{form['at']}]", endpoint)
        before = tab.loads
        await self.hands.do()
        await tab.loaded(before)
        told = f"{endpoint} on {page['path']}: {await tab.run('document.body.innerText')}"
        assert await tab.run(STATUS) == 200, told
        assert tab.complaints == [], told
        self.driven.add(endpoint)
        if form["method"] == "POST" and not await tab.run(REDIRECTS):  # a page that is seen this once
            assert await faults(tab) == [], told
            await tab.look(WIDE, dark=False)
        for asked in requests.waiting(self.db):  # as the bridge does
            requests.settle(self.db, asked.id, None, at=times.utc_now())
        return str(await tab.run("location.pathname + location.search"))


def _answer(endpoint: str, each: dict[str, Any], asked: Asked) -> str:
    """What is typed into a field; nothing where it stays as it is."""
    found = ANSWERS.get(f"{endpoint} {each['name']}")
    if found is None and each["needed"] and not each["value"]:
        found = asked.sure if "to be sure" in each["label"] else ANSWERS.get(each["name"], "")
        assert found, f"{endpoint} needs an answer to {each['label']!r} ({each['name']})"
    return found(asked) if callable(found) else found or ""
