"""The languages of the pages: every sentence stands in Spanish too, and with the same values in it."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter

import jinja2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import nodes

from admin import tongue
from admin.settings import shown
from admin.settings.groups import ELSEWHERE, groups
from admin.tongue import Tongue
from admin.words import Words

ADMIN = Path(tongue.__file__).parent
SPANISH = tongue.table("es")


def in_templates() -> Iterator[str]:
    """The sentences of templates: what `_(...)` is called with, and the words of buttons."""
    environment = jinja2.Environment(autoescape=True)
    for file in ADMIN.rglob("*.html"):
        for call in environment.parse(file.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "finish"):
                yield from (each.value for each in call.args if isinstance(each, nodes.Const))


def in_code() -> Iterator[str]:
    """The sentences of modules: what `later(...)` and `tongue(...)` are called with."""
    for file in ADMIN.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("later", "tongue", "self.tongue"):
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "map"
                and "later" in ast.unparse(node)
            ):
                yield from (str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant))


def in_settings() -> Iterator[str]:
    """What settings do: their help stands where they are declared."""
    yield from (shown.help_of(key) for key in ELSEWHERE)
    for group in groups():
        yield group.told
        yield from (known.help for known in group.settings)


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_sentence_stands_in_spanish() -> None:
    said = {*in_templates(), *in_code(), *in_settings()}
    assert len(said) > 200
    assert sorted(said - SPANISH.keys()) == []
    assert sorted(SPANISH.keys() - said - {"English", "Spanish"}) == []


def test_the_same_values_stand_in_both() -> None:
    assert [english for english, own in SPANISH.items() if names(english) != names(own)] == []


def test_no_sentence_stands_in_a_page_by_itself() -> None:
    """Between tags there is nothing with two words or more that is not put into the reader's language."""
    for file in ADMIN.rglob("*.html"):
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", "|", file.read_text("utf-8"), flags=re.S)
        assert [text for text in plain.split("|") if re.search(r"[a-z]{2} [a-z]{2}", text)] in (
            [],
            ["attendant admin-link"],
            ["attendant bookings import"],
            ["attendant admin-link --without-second-step"],
        ), file


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("es-MX,es;q=0.9", "es"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("fr,es;q=0.5", "es"),
        ("", "en"),
        ("*;q=x", "en"),
    ],
)
def test_the_browser_is_asked(stranger: FlaskClient, app: Flask, asked: str, said: str) -> None:
    page = stranger.get("/signed-out", headers={"Accept-Language": asked}).text
    assert f'<html lang="{said}">' in page


def test_values_are_text_in_either_language(stranger: FlaskClient) -> None:
    assert Tongue("es")("Call {id}", id="<b>{x}") == "Llamada <b>{x}"


def test_days_are_spanish() -> None:
    words = Words(Tongue("es"))
    assert words.day(date(2026, 3, 1), date(2026, 3, 1)) == "Hoy, domingo, 1 de marzo de 2026"
