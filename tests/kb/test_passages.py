"""Passages: nothing is lost, none is longer than an embedder reads, what belongs together stays."""

from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core import tongue
from kb import passages
from kb.documents import markdown
from kb.documents.blocks import Block, Heading, Item, Pair, Paragraph, Row
from kb.found import Passage
from kb.passages import SIZES, Piece, estimated
from kb.sentences import sentences
from models.embed import Embedder

DATA = Path(__file__).parents[1] / "data" / "kb"
_SAID = "we the clinic parking is free behind house on Monday x-ray costs forty dollars please"
WORDS = st.sampled_from(_SAID.split())
SENTENCE = st.lists(WORDS, min_size=1, max_size=40).map(lambda words: " ".join(words).capitalize() + ".")
NAME = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
BLOCKS: st.SearchStrategy[list[Block]] = st.lists(
    st.one_of(
        st.builds(Heading, level=st.integers(1, 4), text=NAME),
        st.builds(Paragraph, text=st.lists(SENTENCE, min_size=1, max_size=12).map(" ".join)),
        st.builds(Item, text=SENTENCE),
        st.builds(Row, header=st.just(("Service", "Price")), cells=st.tuples(SENTENCE, SENTENCE)),
        st.builds(Pair, question=WORDS.map(lambda word: f"{word}?"), answer=SENTENCE),
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip


def told(piece: Piece) -> str:
    return Passage(0, 0, "", "Guide", piece.heading, "en", piece.text, piece.question).to_embed


@settings(max_examples=150, deadline=None)
@given(BLOCKS)
def test_every_sentence_is_in_a_passage_that_an_embedder_reads_whole(blocks: list[Block]) -> None:
    pieces = passages.cut(blocks, "Guide", "en")
    whole = [f"{' '.join(piece.heading)} {piece.question or ''} {piece.text}" for piece in pieces]
    for block in blocks:
        parts = [block.question, block.answer] if isinstance(block, Pair) else sentences(block.text)
        for part in parts:
            assert any(part in each for each in whole), part
    assert all(estimated(told(piece)) <= SIZES.most + 6 for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_the_order_is_kept_and_nothing_is_told_twice_but_where_a_text_goes_on(blocks: list[Block]) -> None:
    words = sum(len(block.text.split()) for block in blocks if isinstance(block, Paragraph | Item | Row))
    words += sum(len(block.answer.split()) for block in blocks if isinstance(block, Pair))
    heads = sum(len(block.text.split()) for block in blocks if isinstance(block, Heading))
    pieces = passages.cut(blocks, "Guide", "en")
    made = sum(len(piece.text.split()) for piece in pieces)
    assert words <= made <= words + heads + 45 * len(pieces)


LONG = " ".join(
    f"Sentence number {number} says that parking is free behind the house." for number in range(60)
)


def test_a_long_text_is_cut_between_sentences_and_goes_on_with_the_last() -> None:
    pieces = passages.cut([Heading(level=1, text="Parking"), Paragraph(text=LONG)], "Guide", "en")
    assert len(pieces) >= 4
    sizes = [estimated(piece.text) for piece in pieces]
    assert min(sizes) > 0.5 * max(sizes)
    for before, behind in pairwise(pieces):
        assert sentences(before.text)[-1] == sentences(behind.text)[0]
        assert behind.text.endswith(".")


def test_lists_tables_and_answers_are_whole() -> None:
    read = markdown.read(
        "# Guide\n\nPlease bring:\n\n- your card\n- a list\n\n## Prices\n\n| Service | Price |\n|---|---|\n"
        "| X-ray | $40 |\n| Flu | $25 |\n\n## Is it free?\n\nYes. Always.\n\n"
        "### Why?\n\n- Because.\n\nQ: Open?\nA: Yes, it is.\n"
    )
    assert passages.cut(read.blocks, "Guide", "en") == [
        Piece(("Guide",), "list", "Please bring:\nyour card\na list", None, "en"),
        Piece(
            ("Guide", "Prices"), "table", "Service: X-ray; Price: $40\nService: Flu; Price: $25", None, "en"
        ),
        Piece(("Guide",), "text", "Yes. Always.", "Is it free?", "en"),
        Piece(("Guide", "Is it free?"), "list", "Because.", "Why?", "en"),
        Piece(("Guide",), "pair", "Yes, it is.", "Open?", "en"),
    ]


def test_a_long_list_repeats_what_leads_to_it_and_cuts_no_item() -> None:
    items = [Item(text=f"Paper number {number} with the signature of your doctor") for number in range(80)]
    pieces = passages.cut([Paragraph(text="Please bring all of these:"), *items], "Guide", "en")
    assert len(pieces) > 2
    lines = [line for piece in pieces for line in piece.text.splitlines()]
    assert [line for line in lines if line.startswith("Paper")] == [item.text for item in items]
    assert all(piece.text.startswith("Please bring all of these:\n") for piece in pieces)


def test_an_answer_that_is_too_long_keeps_its_question() -> None:
    pieces = passages.cut([Pair(question="Is it free?", answer=LONG)], "Guide", "en")
    assert len(pieces) >= 4
    assert {piece.question for piece in pieces} == {"Is it free?"}


def test_a_heading_with_nothing_below_it_is_not_lost() -> None:
    blocks = [
        Heading(level=1, text="Guide"),
        Heading(level=2, text="No dogs"),
        Heading(level=2, text="Parking"),
    ]
    assert [(piece.heading, piece.text) for piece in passages.cut(blocks, "Guide", "en")] == [
        (("Guide",), "No dogs"),
        (("Guide",), "Parking"),
    ]


def test_a_word_without_end_is_cut_too() -> None:
    pieces = passages.cut([Paragraph(text="x" * 9000)], "Guide", "en")
    assert "".join(piece.text for piece in pieces) == "x" * 9000
    assert all(estimated(told(piece)) <= SIZES.most for piece in pieces)


def test_each_passage_has_its_language() -> None:
    blocks: list[Block] = [
        Heading(level=1, text="Parking"),
        Paragraph(text="The parking is free for you and it is behind the house."),
        Heading(level=1, text="Estacionamiento"),
        Paragraph(text="El estacionamiento es gratis para usted y está en la parte de atrás."),
        Heading(level=1, text="Wi-Fi"),
        Paragraph(text="HillGuest / 555-0100"),
        Pair(question="Gratis?", answer="Sí", language="es"),
    ]
    assert [piece.language for piece in passages.cut(blocks, "Guide", "en")] == ["en", "es", "en", "es"]
    assert passages.language_of(blocks[:2]) == "en"
    assert passages.language_of(blocks[5:6]) == ""


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_language_of_paragraphs_is_told_by_their_small_words(language: str) -> None:
    lines = (DATA / f"xquad_{language}" / "corpus.jsonl").read_bytes().splitlines()
    assert {tongue.spoken(orjson.loads(line)["text"]) for line in lines} == {language}


def test_the_estimate_of_tokens_is_near_and_rather_too_high() -> None:
    embedder = Embedder()
    for name in ("xquad_en", "xquad_es"):
        texts = [
            orjson.loads(line)["text"] for line in (DATA / name / "corpus.jsonl").read_bytes().splitlines()
        ]
        shares = [estimated(text) / embedder.count(text) for text in texts]
        assert min(shares) > 0.85
        assert 0.95 < sum(shares) / len(shares) < 1.6


def test_by_the_embedders_own_count_nothing_is_cut_off() -> None:
    embedder = Embedder()
    for name, language in (("xquad_en", "en"), ("xquad_es", "es")):
        blocks = [
            Paragraph(text=orjson.loads(line)["text"])
            for line in (DATA / name / "corpus.jsonl").read_bytes().splitlines()
        ]
        pieces = passages.cut(blocks, "Guide", language, embedder.count)
        assert max(embedder.count(told(piece)) for piece in pieces) <= 254


def test_sentences_end_where_they_end() -> None:
    text = "Dr. Lee is in at 8 a.m. on St. Mary Ave. Call us! ¿Está abierto? Sí, el Sr. Ruiz (lun.) está."
    text += "\nNext line"
    assert sentences(text) == [
        "Dr. Lee is in at 8 a.m. on St. Mary Ave. Call us!",
        "¿Está abierto?",
        "Sí, el Sr. Ruiz (lun.) está.",
        "Next line",
    ]
