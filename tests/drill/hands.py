"""What a person's hands do on a page: the mouse at the place of a thing, or keys alone. Clicks are counted.

Nothing is clicked that is not seen, or that something else lies over. May import: the standard library,
admin.tongue, tests.drill.
"""

import json
from dataclasses import dataclass

from admin.tongue import ENGLISH, Tongue
from tests.drill.chromium import Tab

FURTHEST = 120
"""So many times Tab is pressed at most to reach a thing."""
NEAR = 4
"""Within so many fields of a form one goes on by Tab, rather than by the mouse."""
BY_PARTS = ("date", "time")

# The first of these that is seen and has the words, as its own or as its label.
NAMED = """
(() => {
    const tidy = text => (text ?? '').replace(/\\s+/g, ' ').trim();
    const named = each => [each.getAttribute('aria-label'), each.textContent].map(tidy).includes(WORDS);
    const pressed = [...document.querySelectorAll('a, button, summary')];
    return pressed.find(each => each.checkVisibility() && named(each));
})()
"""
FIELD = """[...document.querySelectorAll('main [name="NAME"]')].find(each => each.checkVisibility())"""
# Its middle; of a field with parts, such as a day, the first of them. Nothing where something else is met.
PLACE = """
(() => {
    aim.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = aim.getClientRects()[0];
    const x = BY_PARTS.includes(aim.type) ? box.left + 16 : box.left + box.width / 2;
    const y = box.top + box.height / 2;
    return aim.contains(document.elementFromPoint(x, y)) ? [x, y] : null;
})()
"""
BEFORE = "document.activeElement.form != null && document.activeElement.form === aim.form"


@dataclass(slots=True)
class Hands:
    """Somebody who reads the pages in a language, and has a mouse, or the keys alone."""

    tab: Tab
    tongue: Tongue = ENGLISH
    keys_alone: bool = False
    clicks: int = 0

    async def way(self, words: str) -> None:
        """Go to a page of the navigation, which a narrow screen keeps folded."""
        if await self.tab.run("document.querySelector('details.menu').checkVisibility()"):
            await self.press("Menu", leads=False)
        await self.press(words)

    async def press(self, words: str, *, leads: bool = True) -> None:
        """Press what has these words, given in English, and wait for the page that it leads to."""
        await self.aim(NAMED.replace("WORDS", json.dumps(self.tongue(words))), words)
        before = self.tab.loads
        await self.do()
        if leads:
            await self.tab.loaded(before)

    async def dial(self, words: str) -> str:
        """Press a link with these words that the browser gives to a telephone; the address that it gives."""
        await self.aim(NAMED.replace("WORDS", json.dumps(self.tongue(words))), words)
        if self.keys_alone:
            await self._reach()
        else:
            self.clicks += 1
        return str(await self.tab.run("aim.href"))

    async def type(self, name: str, text: str) -> None:
        """Write into a field in place of what is in it; days and times part by part, as `0130PM`."""
        await self.aim(FIELD.replace("NAME", name), name)
        await self.write(text)

    async def write(self, text: str) -> None:
        """Write into the field that is in mind; of a choice, the letter with which it begins."""
        kind = await self.tab.run("aim.type")
        if kind == "select-one":
            await self.tab.run("aim.focus()")  # what a click opens is no part of the page
        else:
            await self.to()
            if kind not in BY_PARTS:
                await self.tab.mark_all()
        for letter in text:
            await self.tab.key(letter)

    async def enter(self) -> None:
        """Send the form whose field was written into last, by the Enter key."""
        before = self.tab.loads
        await self.tab.key("Enter")
        await self.tab.loaded(before)

    async def aim(self, script: str, what: str) -> None:
        """Have something in mind; `what` it is called."""
        found = await self.tab.run(f"Boolean(window.aim = {script})")
        assert found, f"nothing is seen of {what!r} on {await self.tab.run('location.href')}"

    async def do(self) -> None:
        """Press what is in mind."""
        if self.keys_alone:
            await self._reach()
            await self.tab.key("Enter")
        else:
            await self._click()

    async def to(self) -> None:
        """Have the cursor in the field that is in mind; from field to field one goes by Tab."""
        if self.keys_alone:
            await self._reach()
        elif not (await self._is_here() or await self._next()):
            await self._click()

    async def _click(self) -> None:
        place = await self.tab.run(PLACE.replace("BY_PARTS", json.dumps(BY_PARTS)))
        assert place, f"something lies over {await self.tab.run('aim.outerHTML')}"
        self.clicks += 1
        await self.tab.click(*place)

    async def _next(self) -> bool:
        if not await self.tab.run(BEFORE):
            return False
        for _ in range(NEAR):
            await self.tab.key("Tab")
            if await self._is_here():
                return True
        return False

    async def _reach(self) -> None:
        """Go there by Tab; from the top of a page over its navigation, as its first link offers."""
        if await self.tab.run("document.activeElement === document.body && aim.closest('main') !== null"):
            await self.tab.key("Tab")
            assert await self.tab.run("document.activeElement.matches('.skip')")
            await self.tab.key("Enter")
        for _ in range(FURTHEST):
            if await self._is_here():
                return
            await self.tab.key("Tab")
        raise AssertionError(f"no key leads to {await self.tab.run('aim.outerHTML')}")

    async def _is_here(self) -> bool:
        return bool(await self.tab.run("document.activeElement === aim"))
