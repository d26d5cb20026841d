"""The process that reads one document: `python -m kb.documents FORMAT`, the document in, its blocks out.

May import: the standard library, orjson, kb.documents.
"""

import os
import sys

import orjson

from kb.documents import confined, kinds
from kb.documents.blocks import DocumentRefused
from kb.documents.kinds import Format

MEMORY = 500_000_000
CPU_S = 60
TOO_MUCH = "The document takes too much memory to read: divide it, or leave out pictures."


def main(supposed: str) -> dict[str, object]:
    """What was read, or why nothing was."""
    confined.limit(memory=MEMORY, cpu_s=CPU_S)
    confined.shut()
    try:
        # One byte more than is read is enough to be too many.
        data = sys.stdin.buffer.read(kinds.LARGEST + 1)
        found = kinds.read(data, Format(supposed) if supposed else None)
        return {"read": found.model_dump(mode="json")}
    except DocumentRefused as exc:
        return {"refused": str(exc)}
    except MemoryError:
        return {"refused": TOO_MUCH}


if __name__ == "__main__":
    answer = orjson.dumps(main(sys.argv[1]))
    out = sys.stdout.buffer
    out.write(answer)
    out.flush()
    # Nothing is left to be tidied up, and large trees take their time.
    os._exit(0)
