"""Colours that are read are far enough from their ground (WCAG 2.2, 1.4.3 and 1.4.11), light and dark."""

import re
from pathlib import Path

import pytest

from admin import tongue

STYLE = "".join(
    (Path(tongue.__file__).parent / "static" / name).read_text("utf-8")
    for name in ("attendant.css", "pages.css")
)
TEXT, EDGE = 4.5, 3.0
PAIRS = (
    ("ink", "ground", TEXT), ("ink", "paper", TEXT), ("quiet", "ground", TEXT), ("quiet", "paper", TEXT),
    ("accent", "paper", TEXT), ("accent", "ground", TEXT), ("accent", "accent-paper", TEXT),
    ("quiet", "accent-paper", TEXT), ("good", "good-paper", TEXT), ("care", "care-paper", TEXT),
    ("care", "paper", TEXT), ("care", "ground", TEXT), ("bad", "bad-paper", TEXT), ("bad", "paper", TEXT),
    ("bad", "ground", TEXT), ("plain", "plain-paper", TEXT), ("ink", "plain-paper", TEXT),
    ("ink", "caller-paper", TEXT), ("ink", "attendant-paper", TEXT), ("on-strong", "strong", TEXT),
    ("on-strong", "strong-hover", TEXT), ("edge", "paper", EDGE), ("edge", "ground", EDGE),
    ("accent", "plain-paper", EDGE), ("strong", "ground", EDGE),
    ("series-a", "paper", EDGE), ("series-b", "paper", EDGE), ("series-c", "paper", EDGE),
    ("series-d", "paper", EDGE), ("series-e", "paper", EDGE),
)  # fmt: skip


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme by their names."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper", "least"), PAIRS)
def test_it_can_be_read(scheme: str, ink: str, paper: str, least: float) -> None:
    known = colours(scheme)
    darker, lighter = sorted(luminance(known[name]) for name in (ink, paper))
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_both_schemes_name_the_same_colours() -> None:
    assert colours("light").keys() == colours("dark").keys()
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) - {"round"}
    assert used <= colours("light").keys()
