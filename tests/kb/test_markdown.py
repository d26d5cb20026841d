"""Markdown as people write it, and as the store keeps what was read of other formats."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.documents import markdown
from kb.documents.blocks import Block, Heading, Item, Pair, Paragraph, Row
from kb.documents.clean import clean

SIGNS = st.sampled_from("abQ: A.P*_`[]()<>&#|~\\-+1.)é•?=!\"'Rz y")
LINE = st.text(SIGNS, min_size=1, max_size=14).map(clean).filter(bool)
CELLS = st.lists(LINE | st.just(""), min_size=1, max_size=3).map(tuple)
BLOCKS: st.SearchStrategy[list[Block]] = st.lists(
    st.one_of(
        st.builds(Heading, level=st.integers(1, 6), text=LINE),
        st.builds(Paragraph, text=LINE),
        st.builds(Item, text=LINE),
        st.builds(
            Row,
            header=st.lists(LINE, min_size=1, max_size=3).map(tuple) | st.just(()),
            cells=CELLS.filter(any),
        ),
        st.builds(Pair, question=LINE, answer=LINE, language=st.sampled_from([None, "es"])),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(BLOCKS)
def test_what_is_kept_reads_as_what_was_read(blocks: list[Block]) -> None:
    assert list(markdown.read(markdown.written(blocks)).blocks) == blocks


def test_markdown_as_people_write_it() -> None:
    read = markdown.read(
        """---
title: Visitor guide
idioma: es
Reviewed: 2026-05-01
---
Parking
=======
It is **free**, see [the map](https://clinic.example/map) or
call `555-0100`. 2 * 3 is 6 &amp; snake_case stays.

* Bring your card
  and your letter.
* Bring a list.

1) First.
> Quoted words.

| Service | Price |
|:--------|------:|
| X-ray \\| film | $40 |

## Do you take walk-ins? ##

Yes.<!-- not for callers -->
"""
    )
    assert (read.title, read.language, read.reviewed_on) == ("Visitor guide", "es", "2026-05-01")
    assert list(read.blocks) == [
        Heading(level=1, text="Parking"),
        Paragraph(text="It is free, see the map or call 555-0100. 2 * 3 is 6 & snake_case stays."),
        Item(text="Bring your card and your letter."),
        Item(text="Bring a list."),
        Item(text="First. Quoted words."),
        Row(header=("Service", "Price"), cells=("X-ray | film", "$40")),
        Heading(level=2, text="Do you take walk-ins?"),
        Paragraph(text="Yes."),
    ]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Q:", "A:"),
        ("**Q:**", "**A:**"),
        ("P:", "R:"),
        ("Pregunta 3:", "Respuesta:"),
        ("Question:", "Answer:"),
    ],
)
def test_marked_questions_have_their_answers_whole(asks: str, answers: str) -> None:
    text = f"{asks} Is it free?\n{answers} Yes,\nit is.\n\nBehind the house:\n- in front\n- and below\n\n"
    text += "# Next\nText."
    assert list(markdown.read(text).blocks) == [
        Pair(question="Is it free?", answer="Yes, it is. Behind the house: in front; and below;"),
        Heading(level=1, text="Next"),
        Paragraph(text="Text."),
    ]


def test_initials_are_no_marks() -> None:
    text = "A. Smith sees you.\n\nP. O. Box 12."
    assert [block.text for block in markdown.read(text).blocks if isinstance(block, Paragraph)] == text.split(
        "\n\n"
    )


def test_front_matter_that_says_nothing_of_the_kind_is_text() -> None:
    read = markdown.read("---\nWe are open on Mondays\n---\nand on Fridays.")
    assert "We are open on Mondays" in markdown.written(read.blocks)
    assert read.reviewed_on is None
    assert markdown.read("---\nreviewed: soon\n---\nText.").reviewed_on is None


@pytest.mark.parametrize(
    "line",
    ["[" * 20_000, "*" * 20_000, "`" * 20_001, "<" * 20_000, "<a" * 10_000, "&" * 9_000, "![](" * 9_000],
)
def test_no_line_takes_long(line: str) -> None:
    assert markdown.read(f"Begin. {line} end.").blocks
