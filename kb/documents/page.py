"""A page of a website: its main part, without menus, notices and what else stands on every page.

May import: the standard library, lxml, trafilatura, kb.documents.
"""

import logging
import re
from typing import Any

import trafilatura
from lxml import etree
from trafilatura.settings import Extractor

from kb.documents import facts, markup
from kb.documents.blocks import Block, Pair, Read, Row
from kb.documents.clean import clean

FEWEST = 0.4
"""When less than this share of the visible words is found to be the main part, all of them are taken."""
_NAMES = {
    "list": "ul",
    "item": "li",
    "row": "tr",
    "quote": "blockquote",
    "hi": "span",
    "ref": "a",
    "lb": "br",
}
_HEAD = re.compile(r"h[1-6]$")


def read(text: str) -> Read:
    """The blocks of a page, and what its head says of it. Raises DocumentRefused."""
    tree = markup.parsed(text)
    visible, title = markup.blocks(tree), _title(tree)
    main = _main(tree)
    blocks = main if _words(main) >= FEWEST * _words(visible) else visible
    return Read(blocks=tuple(blocks), title=title, perhaps=facts.language(tree.get("lang") or ""))


def _main(tree: Any) -> list[Block]:
    """The blocks of what trafilatura finds to be the main part of a tree, which is another one then."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    wanted = Extractor(
        output_format="python", recall=True, comments=False, tables=True, links=False, dedup=False
    )
    for details in list(tree.iter("details")):
        _as_terms(details)
    found = trafilatura.bare_extraction(tree, options=wanted)
    body = getattr(found, "body", None)
    if body is None:
        return []
    for node in body.iter():
        _rename(node)
    return markup.blocks(body, aside=True)


def _as_terms(details: Any) -> None:
    """Have a question that opens its answer written as a term: trafilatura keeps these together."""
    if len(details) and details[0].tag == "summary":
        answer = details.makeelement("dd")
        answer.text, details[0].tail = details[0].tail, None
        answer.extend(details[1:])
        details.append(answer)
        details.tag, details[0].tag = "dl", "dt"


def _rename(node: Any) -> None:
    """Give an element of TEI its name in HTML."""
    tag, manner = node.tag, node.get("rend") or ""
    if tag == "head":
        # A summary is a heading without a level.
        node.tag = manner if _HEAD.match(manner) else "h6"
    elif tag == "cell":
        node.tag = "th" if node.get("role") == "head" else "td"
    elif tag == "item" and manner.startswith(("dt", "dd")):
        node.tag = manner[:2]
    elif tag == "list" and manner == "dl":
        node.tag = "dl"
    elif tag == "hi" and manner == "#b":
        node.tag = "strong"
    elif isinstance(tag, str):
        node.tag = _NAMES.get(tag, tag)


def _words(blocks: list[Block]) -> int:
    return sum(len(_told(block).split()) for block in blocks)


def _told(block: Block) -> str:
    match block:
        case Pair():
            return f"{block.question} {block.answer}"
        case Row():
            return " ".join(block.cells)
        case _:
            return block.text


def _title(tree: Any) -> str | None:
    """The title of the page: its only main heading, or what its head says before the name of the site."""
    heads = [clean(etree.tostring(head, method="text", encoding="unicode")) for head in tree.iter("h1")]
    if len(heads) == 1 and heads[0]:
        return heads[0][:200]
    title = clean(tree.findtext(".//title") or "")
    return re.split(r"\s[|–—·»-]\s", title, maxsplit=1)[0][:200] or None
