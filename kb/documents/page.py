"""A page of a website: its main part, without menus, notices and what else stands on every page.

May import: the standard library, lxml, trafilatura, kb.documents.
"""

import logging
import re
from typing import Any

import trafilatura
from lxml import etree

from kb.documents import facts, markup
from kb.documents.blocks import Block, Pair, Read, Row
from kb.documents.clean import clean

FEWEST = 0.4
"""When less than this share of the visible words is found to be the main part, all of them are taken."""
TITLE_LENGTH = 200


def read(text: str) -> Read:
    """The blocks of a page, and what its head says of it. Raises DocumentRefused."""
    tree = markup.parsed(text)
    title, spoken = _title(tree), facts.language(tree.get("lang") or "")
    visible = markup.blocks(tree)
    main = _main(tree)
    # That says which words are the page's own; how they belong together is told better by the page.
    told = [block for block in visible if all(_bare(part) in main for part in _parts(block))]
    blocks = told if _words(told) >= FEWEST * _words(visible) else visible
    return Read(blocks=tuple(blocks), title=title, perhaps=spoken)


def _main(tree: Any) -> str:
    """The text of what trafilatura finds to be the main part of a tree, which is another one then."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.extract(
        tree,
        output_format="txt",
        favor_recall=True,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
    )
    return _bare(found or "")


def _bare(text: str) -> str:
    """The letters and digits of a text, whatever stands between them."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _parts(block: Block) -> tuple[str, ...]:
    match block:
        case Pair():
            return (block.question, block.answer)
        case Row():
            return block.cells
        case _:
            return (block.text,)


def _words(blocks: list[Block]) -> int:
    return sum(len(part.split()) for block in blocks for part in _parts(block))


def _title(tree: Any) -> str | None:
    """The title of the page: its only main heading, or what its head says before the name of the site."""
    heads = [clean(etree.tostring(head, method="text", encoding="unicode")) for head in tree.iter("h1")]
    if len(heads) == 1 and heads[0]:
        return heads[0][:TITLE_LENGTH]
    title = clean(tree.findtext(".//title") or "")
    return re.split(r"\s[|–—·»-]\s", title, maxsplit=1)[0][:TITLE_LENGTH] or None
