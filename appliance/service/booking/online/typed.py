"""What a visitor of the page has typed, in place of what a caller has said: it is the visitor's own.

May import: the standard library.
"""


class Typed:
    """Whoever presses a button has agreed; what stands in a form was told; the number is that of the link."""

    place = 0

    def __init__(self, number: str) -> None:
        self._number = number

    async def agreed(self, since: int) -> bool:
        """A button was pressed."""
        return since == self.place

    async def answered(self, since: int) -> bool:
        """A button was pressed."""
        return since == self.place

    async def number(self, told: str) -> str:
        """The number to which the link was texted; no other counts."""
        return "" if told else self._number

    async def numbers_told(self, text: str) -> bool:
        """All that stands in the form is the visitor's."""
        return bool(text)

    async def name(self, told: str) -> bool:
        """The visitor has written it."""
        return bool(told)

    async def born(self, told: str) -> bool:
        """The visitor has written it."""
        return bool(told)

    async def insisted(self, name: str) -> bool:
        """The visitor has written it."""
        return bool(name)
