"""Writes golden conversations as they go now: `python -m tests.golden.rewrite [NAME...]`; read the diff.

Only what follows the first line of the conversation is written; comments in it are lost.
May import: the standard library, this package.
"""

import sys
from pathlib import Path

from tests.golden.conversation_format import expected, played, read_conversation

FOLDER = Path(__file__).parent / "conversation"


def main(names: list[str]) -> None:
    """Rewrite these, or all that go otherwise than they stand."""
    for path in sorted(FOLDER.glob("*.golden")):
        golden = read_conversation(path)
        went = played(golden)
        if (names and path.stem not in names) or expected(golden) == went:
            continue
        lines = path.read_text("utf-8").splitlines()
        begins = next(place for place, line in enumerate(lines) if line.strip()[:2] in ("> ", "< ", "ph"))
        path.write_text("\n".join([*lines[:begins], *went]) + "\n", "utf-8")
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
