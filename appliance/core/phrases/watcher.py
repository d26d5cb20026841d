"""Watches what is recognised of a call, word by word, and tells each wish once for each utterance. Pure.

May import: the standard library.
"""

from collections import OrderedDict

from appliance.core.phrases.book import PhraseBook
from appliance.core.phrases.reading import Finding

_REMEMBERED = 32
"""Utterances whose findings are remembered; the words of one may come late, but not that late."""


class Watcher:
    """One call's transcripts. An emergency is told after a wish for a person too, not the reverse."""

    def __init__(self, book: PhraseBook) -> None:
        self._book = book
        self._told: OrderedDict[str, str] = OrderedDict()

    def heard(self, utterance_id: str, text: str, *, final: bool, dictated: bool = False) -> Finding | None:
        """What an utterance says that was not told yet; of one that is not `final`, only what is certain.

        In one that is `dictated` as a message a person is wished for in a sentence of its own, or not at all.
        """
        told = self._told.get(utterance_id)
        if told == "emergency":
            return None
        finding = self._book.find(text, whole=final)
        if finding is None or finding.what == told:
            return None
        if dictated and finding.what == "person" and not (final and self._book.own_wish(text)):
            return None
        self._told[utterance_id] = finding.what
        self._told.move_to_end(utterance_id)
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return finding
