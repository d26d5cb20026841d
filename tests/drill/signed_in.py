"""What a person does in a browser to come in: fills in forms and presses buttons.

May import: the standard library, tests.
"""

import json

from tests.drill.chromium import Tab


async def fill(tab: Tab, button: str, **values: str) -> None:
    """Type into fields by their names, press the button of that name, and wait for the next page."""
    for name, value in values.items():
        found = await tab.run(
            f"""
            (() => {{
                const field = document.querySelector('main [name="{name}"]');
                if (!field) return false;
                field.type === 'radio'
                    ? document.querySelector('main [name="{name}"][value="{value}"]').click()
                    : field.value = {json.dumps(value)};
                return true;
            }})()
            """
        )
        assert found, f"there is no field {name} on {await tab.run('location.pathname')}"
    await press(tab, button)


async def press(tab: Tab, words: str) -> None:
    """Press what has these words, and wait for the next page."""
    before = tab.loads
    found = await tab.run(
        f"""
        (() => {{
            const seen = [...document.querySelectorAll('main button, main a, .wide-nav button, .wide-nav a')]
                .find(each => each.textContent.trim() === {json.dumps(words)});
            seen?.click();
            return Boolean(seen);
        }})()
        """
    )
    assert found, f"nothing says {words!r} on {await tab.run('location.pathname')}"
    await tab.loaded(before)


async def text(tab: Tab) -> str:
    """What the page says."""
    return " ".join(str(await tab.run("document.querySelector('main').innerText")).split())
