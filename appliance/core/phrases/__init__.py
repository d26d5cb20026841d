"""Wishes that are recognised outside any model: help in an emergency, and a person.

`load()` gives the book of phrases, its `find` asks about a text, a `Watcher` follows the transcripts of one
call. The phrases themselves are data: phrases.toml and spellings.toml in appliance/languages/<code>/. May
import: the standard library, appliance.core, appliance.languages.
"""

from appliance.core.phrases.book import NoPhrases, PhraseBook, load
from appliance.core.phrases.likeness import LANGUAGES
from appliance.core.phrases.reading import Finding
from appliance.core.phrases.watcher import Watcher

__all__ = ["LANGUAGES", "Finding", "NoPhrases", "PhraseBook", "Watcher", "load"]
