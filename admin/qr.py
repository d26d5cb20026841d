"""A QR code as a drawing within a page: black on white, whatever the page is.

May import: segno, markupsafe.
"""

from typing import Any

import segno
from markupsafe import Markup

_OPTIONS: dict[str, Any] = {"scale": 4, "border": 4, "dark": "#000", "light": "#fff", "omitsize": True}


def picture(text: str) -> Markup:
    """The code that a camera reads this text from."""
    return Markup(segno.make(text, error="m").svg_inline(**_OPTIONS))  # noqa: S704 -- drawn here
