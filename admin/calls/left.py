"""What left the building in a call, in the reader's language.

May import: the standard library, admin.tongue, appliance.store.left_building.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from admin.tongue import Tongue, later
from appliance.store.left_building import TRUNK, Left

TOLD = (
    later("the call: both numbers and all sound of the line"),
    later("the call: both numbers and all sound of the caller's line"),
    later("a recorded message ({count} recordings, {seconds} s)"),
    later("keys and words that were answered to menus, recognised there"),
    later("sound of the caller"),
    later("sound of the caller ({heard} tokens) to {model}"),
    later("words: what the clinic told the assistant, and what was said ({read} tokens) to {model}"),
    later(
        "sound of the caller ({heard} tokens) and words: what the clinic told the assistant, and what was"
        " said ({read} tokens) to {model}"
    ),
    later("a request to {model}"),
    later("the text of a message to {model}"),
    later("that a call came, told to {count} numbers outside that were rung"),
    later("a call that was put through to a number outside: all sound of the line"),
    later("questions to the documents ({count}) to {model}, to be embedded"),
    later("a text ({kind}) with the number it went to"),
    later("recorded messages ({count}), to be kept there"),
    later("an appointment: its time, and what its entry shows"),
)
"""The sentences of the store, so that each stands in every language."""
PROVIDER = later("the telephone provider of the trunk")


@dataclass(frozen=True, slots=True)
class Told:
    """What one provider got."""

    to: str
    what: str
    certain: bool


def told(left: Iterable[Left], tongue: Tongue) -> list[Told]:
    """What left, in a reader's language."""
    return [
        Told(
            tongue(PROVIDER) if each.to == TRUNK else each.to,
            tongue(each.sentence, **dict(each.values)),
            each.certain,
        )
        for each in left
    ]
