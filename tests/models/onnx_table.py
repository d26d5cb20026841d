"""Writes the smallest network with a row for each token: a table that is looked into, as bytes of ONNX.

Field numbers are those of onnx.proto3. May import: the standard library, numpy.
"""

import numpy as np
from numpy.typing import NDArray

FLOAT, INT64 = 1, 7


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _value(name: str, kind: int, *dims: str | int) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, dim) if isinstance(dim, str) else _number(1, dim)) for dim in dims)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def network(table: NDArray[np.float32]) -> bytes:
    """A network that gives the table's row of each token, whatever it is told of types and masks."""
    rows, size = table.shape
    stored = _number(1, rows) + _number(1, size) + _number(2, FLOAT) + _bytes(8, "table")
    stored += _bytes(9, table.astype("<f4").tobytes())
    node = _bytes(1, "table") + _bytes(1, "input_ids") + _bytes(2, "last_hidden_state") + _bytes(4, "Gather")
    graph = _bytes(1, node) + _bytes(2, "table") + _bytes(5, stored)
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        graph += _bytes(11, _value(name, INT64, "texts", "tokens"))
    graph += _bytes(12, _value("last_hidden_state", FLOAT, "texts", "tokens", size))
    return _number(1, 8) + _bytes(8, _number(2, 17)) + _bytes(7, graph)
