"""The sentences of the local assistant as texts, by language and name, with their places filled in.

May import: appliance.core, appliance.languages.
"""

from appliance.core.dialogue.moves import LITERAL
from appliance.languages.prompts import prompts


def text(sentence: str, language: str, fields: tuple[tuple[str, str], ...] = ()) -> str:
    """A sentence as it is to be spoken. Raises KeyError for a name or a word that is missing."""
    words = dict(fields)
    return words["text"] if sentence == LITERAL else prompts(language).said(sentence, **words)
