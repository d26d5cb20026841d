"""The embedding network that ships."""

import hashlib
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import tokenizers

from appliance.core.errors import EmbedderFailed
from models.embed import NETWORK, SHIPPED, TOKENS, Embedder
from tests.models import onnx_table

SUMS = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model_int8.onnx": "dcb2f01c020be2c26131a3b36b055e66e03f2d7dc317022b23c289c5b74f81d5",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_the_shipped_files_are_what_they_were() -> None:
    for name, digest in SUMS.items():
        assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest
    told = [f"{digest}  {name}" for name, digest in SUMS.items()]
    assert (SHIPPED / "SHA256SUMS").read_text().splitlines() == told


def test_the_licence_goes_with_the_model() -> None:
    assert "Apache License" in (SHIPPED / "LICENSE").read_text()


def test_rows_come_in_the_order_of_the_texts_and_have_length_one(embedder: Embedder) -> None:
    texts = ["a much longer text about the opening hours of the clinic on Sundays", "hours", "", "hours"]
    rows = embedder.embed(texts)
    assert rows.shape == (4, embedder.size) == (4, 384)
    assert rows.dtype.name == "float32"
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[1], rows[3], atol=1e-3)
    assert float(rows[1] @ rows[0]) < 0.9


def test_many_texts_give_what_each_alone_gives(embedder: Embedder) -> None:
    texts = [f"please connect me with department number {number}" for number in range(40)]
    together, alone = embedder.embed(texts), embedder.embed(texts[7:8])
    assert float(together[7] @ alone[0]) > 0.98


def test_like_meanings_are_nearer_than_others(embedder: Embedder) -> None:
    asked, like, other = embedder.embed(["when do you open", "what are your opening hours", "my chest hurts"])
    assert float(asked @ like) > 0.5 > float(asked @ other)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_a_long_text_is_cut(embedder: Embedder) -> None:
    long = "word " * 5000
    assert np.allclose(embedder.embed([long]), embedder.embed([long + "and something else"]), atol=1e-3)


def test_the_model_is_named(embedder: Embedder) -> None:
    assert embedder.model_id == "all-MiniLM-L6-v2-int8"


def test_several_threads_share_one(embedder: Embedder) -> None:
    expected, found = embedder.embed(["hello there"]), dict[int, bool]()

    def ask(number: int) -> None:
        found[number] = bool(np.allclose(embedder.embed(["hello there"]), expected, atol=1e-5))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == dict.fromkeys(range(4), True)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderFailed, match=r"lacks model_int8\.onnx and tokenizer\.json"):
        Embedder(tmp_path)


@pytest.mark.parametrize("broken", ["model_int8.onnx", "tokenizer.json"])
def test_a_broken_file_is_told(tmp_path: Path, broken: str) -> None:
    for name in ("tokenizer.json", "SHA256SUMS", "config.json"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    (tmp_path / "model_int8.onnx").symlink_to(SHIPPED / "model_int8.onnx")
    (tmp_path / broken).unlink()
    (tmp_path / broken).write_bytes(b"half of it")
    with pytest.raises(EmbedderFailed, match=f"is broken: {broken}"):
        Embedder(tmp_path)


def test_a_network_that_gives_a_row_for_each_token_is_asked_as_it_was_taught(tmp_path: Path) -> None:
    folder = tmp_path / "multilingual-e5-small"
    folder.mkdir()
    shutil.copy(SHIPPED / TOKENS, folder / TOKENS)
    table = np.random.default_rng(1).standard_normal((30_522, 8)).astype(np.float32)
    (folder / NETWORK).write_bytes(onnx_table.network(table))
    made = Embedder(folder)
    assert (made.model_id, made.size) == ("multilingual-e5-small", 8)
    coded = tokenizers.Tokenizer.from_file(str(folder / TOKENS))
    coded.no_padding()
    for asked, before in ((False, "passage: "), (True, "query: ")):
        rows = made.embed(["parking", "is parking free behind the house"], asked=asked)
        for row, text in zip(rows, ["parking", "is parking free behind the house"], strict=True):
            # A text is the mean of its tokens, what fills it up left out.
            mean = table[coded.encode(before + text).ids].mean(axis=0)
            assert np.allclose(row, mean / np.linalg.norm(mean), atol=1e-5)


def test_tokens_are_counted_beyond_what_is_embedded(embedder: Embedder) -> None:
    assert embedder.count("parking is free") == 3
    assert embedder.count("free " * 1000) == 1000
