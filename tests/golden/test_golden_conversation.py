"""Golden conversations: what happened, and what was asked for; see conversation_format.py."""

from difflib import ndiff
from pathlib import Path

import pytest

from tests.golden.conversation_format import expected, parse_conversation, played, read_conversation
from tests.golden.format import GoldenError

FOLDER = Path(__file__).parent / "conversation"
NAMES = sorted(path.stem for path in FOLDER.glob("*.golden"))


@pytest.mark.parametrize("name", NAMES)
def test_conversation_goes_as_written(name: str) -> None:
    golden = read_conversation(FOLDER / f"{name}.golden")
    wanted, went = expected(golden), played(golden)
    assert wanted == went, "\n".join(["", golden.title, *ndiff(wanted, went)])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("> Sneezed", "no such event"),
        ("> DigitPressed", "not this event's fields"),
        ("> DigitPressed digit=1 loud=2", "has no loud"),
        ("SpeechStarted", "must begin with"),
    ],
)
def test_a_wrong_line_is_told(line: str, said: str) -> None:
    with pytest.raises(GoldenError, match=f"line 4: .*{said}"):
        played(parse_conversation(f"A title\nA sentence.\n> CallAnswered\n{line}\n"))
