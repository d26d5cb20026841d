"""What the model of likeness is made of: places of traits, weights in bytes, a layer that is learnt."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.core.hidden import Hidden
from appliance.core.linear import Linear, Places, Traits, WeightsUnreadable, in_bytes, packed, weighed
from appliance.core.phrases.likeness import SHIPPED
from scripts import layered

PLACES = Places.of([7, 3, 2**32 - 1, 40])


def test_known_traits_have_their_rows_in_order() -> None:
    assert PLACES.rows({40, 3, 5, 2**32 - 1}).tolist() == [0, 2, 3]
    assert PLACES.rows(set()).tolist() == []
    assert len(PLACES) == 4


def test_a_long_text_weighs_as_much_as_a_short_one() -> None:
    said = weighed(PLACES, ({3, 7, 40, 2**32 - 1}, {5}, {3}))
    assert said.rows.tolist() == [0, 1, 2, 3, 0]
    assert said.shares.tolist() == [0.5, 0.5, 0.5, 0.5, 1.0]


def test_weights_in_bytes_are_nearly_the_same() -> None:
    weights = np.array([[1.0, 0.0], [-0.5, 0.0], [0.003, 0.0]], np.float32)
    small, scale = in_bytes(weights)
    assert small.dtype == np.int8
    assert np.abs(small * scale - weights).max() <= 0.5 / 127


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Weights that were learnt and written down."""
    path = tmp_path / "weights.npz"
    hidden = Hidden.of(np.ones((4, 2), np.float32), np.zeros(2, np.float32), np.ones((2, 3), np.float32))
    weights, bias = np.ones((4, 3), np.float32), np.zeros(3, np.float32)
    parts: dict[str, Any] = {**packed(PLACES, weights, bias), **hidden.packed()}
    np.savez_compressed(path, **parts)
    return path


def test_what_is_written_is_read(kept: Path) -> None:
    traits = Traits(np.array([1, 3]), np.array([1.0, -3.0], np.float32))
    assert Linear.load(kept).scores(traits) == pytest.approx([-2.0] * 3)
    # Less than nothing is not passed on.
    assert Hidden.load(kept).scores(traits).tolist() == [0.0] * 3
    assert Hidden.load(kept).scores(Traits(traits.rows, -traits.shares)) == pytest.approx([4.0] * 3)


@pytest.mark.parametrize("changed", [{"numbers": np.arange(3)}, {"numbers": np.array([3, 2, 7, 40])}])
def test_weights_that_do_not_belong_together_cannot_be_read(
    kept: Path, changed: dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]
) -> None:
    with np.load(kept) as stored:
        parts = {**stored, **changed}
    np.savez_compressed(kept, **parts)
    with pytest.raises(WeightsUnreadable):
        Linear.load(kept)


def test_a_layer_of_other_traits_cannot_be_read(kept: Path) -> None:
    with np.load(kept) as stored:
        parts = {**stored, "inner": stored["inner"][:3]}
    np.savez_compressed(kept, **parts)
    with pytest.raises(WeightsUnreadable, match="other traits"):
        Hidden.load(kept)


def test_the_shipped_layer_can_be_read() -> None:
    assert len(Hidden.load(SHIPPED).weights) == len(Linear.load(SHIPPED).places)


def test_the_layer_learns_what_lines_cannot_tell() -> None:
    """Either of two traits alone means one thing, both or neither the other."""
    both = [
        Traits(np.array(rows, np.intp), np.ones(len(rows), np.float32)) for rows in ([0], [1], [0, 1], [2])
    ]
    labels = np.array([1, 1, 0, 0] * 128)
    made = layered.learnt(both * 128, labels, (3, 2, 16), 40, 3)
    hidden = Hidden.of(made.inner.value, made.inner_bias.value, made.outer.value)
    linear = Linear(Places.of(range(3)), made.linear.value, made.bias.value)
    found = [int(np.argmax(linear.scores(each) + hidden.scores(each))) for each in both]
    assert found == [1, 1, 0, 0]
