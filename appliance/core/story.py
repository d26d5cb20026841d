"""What was said in a call so far, in the order in which it was said.

The story outlives any brain: a new session, or another brain, is told it and goes on from there.
May import: the standard library.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Speaker(StrEnum):
    """Who says a turn of the story."""

    CALLER = "caller"
    ATTENDANT = "attendant"
    KEYPAD = "keypad"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `text` is empty until it is known; `cut` when the caller broke in and heard only a part."""

    turn_id: str
    speaker: Speaker
    text: str = ""
    cut: bool = False


@dataclass(slots=True)
class Story:
    """The turns of a call in order; a turn holds its place from its beginning, its words come later."""

    turns: list[Turn] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)
    _awaited: set[str] = field(default_factory=set)

    def open(self, turn_id: str, speaker: Speaker) -> None:
        """Give a turn its place; one that has its place already keeps it."""
        if turn_id not in self._places:
            self._places[turn_id] = len(self.turns)
            self.turns.append(Turn(turn_id, speaker))
            if speaker is Speaker.CALLER:
                self._awaited.add(turn_id)

    def tell(
        self, turn_id: str, speaker: Speaker, text: str, *, cut: bool = False, final: bool = True
    ) -> int:
        """Set the words of a turn and return its place, counted from 0. More come unless they are `final`."""
        self.open(turn_id, speaker)
        if final:
            self._awaited.discard(turn_id)
        place = self._places[turn_id]
        self.turns[place] = replace(self.turns[place], text=text, cut=cut)
        return place

    @property
    def awaited(self) -> bool:
        """Whether the caller has said something whose words are still to come."""
        return bool(self._awaited)

    def waits_no_more(self) -> None:
        """What has not come by now is waited for by nobody."""
        self._awaited.clear()

    @property
    def unworded(self) -> str:
        """The last turn of the caller, where its words are to come or could not be had; empty otherwise."""
        last = next((turn for turn in reversed(self.turns) if turn.speaker is Speaker.CALLER), None)
        if last is None:
            return ""
        nothing_since = last is self.turns[-1] and not last.text
        return last.turn_id if last.turn_id in self._awaited or nothing_since else ""

    def holds(self, turn_id: str) -> bool:
        """Whether this turn has its place."""
        return turn_id in self._places

    def text_of(self, turn_id: str) -> str:
        """The words of a turn so far; empty for one that has none or does not exist."""
        place = self._places.get(turn_id)
        return "" if place is None else self.turns[place].text

    def told(self) -> tuple[Turn, ...]:
        """The turns that have words."""
        return tuple(turn for turn in self.turns if turn.text)


def spoken_part(text: str, heard_ms: int, total_ms: int) -> str:
    """The words that fit into the part of a reply that was heard, cut at a word's end."""
    if total_ms <= 0 or heard_ms >= total_ms:
        return text
    upto = round(len(text) * heard_ms / total_ms)
    part = text[:upto]
    if upto < len(text) and not text[upto].isspace() and not part.endswith(" "):
        part = part.rpartition(" ")[0]
    return part.rstrip()
