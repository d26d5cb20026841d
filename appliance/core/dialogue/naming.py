"""The name that a caller says when the box asks for it. Pure.

May import: the standard library, appliance.core.
"""

from appliance.core.booking.identity import WORDS_MOST, name_within
from appliance.core.events import Understood


def name_told(wish: Understood) -> str:
    """The name in these words; empty where they are something else, as a wish is."""
    name = name_within(wish.text)
    named = wish.intent == "none" or (wish.intent == "yes" and name != wish.text.strip())
    return name if named and len(name.split()) <= WORDS_MOST else ""
