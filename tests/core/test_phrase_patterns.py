"""The small language of phrases, plain words, and the tables that are written in it."""

import pytest

from appliance.core.phrases.lexicon import Lexicon
from appliance.core.phrases.patterns import PatternBook, PatternWrong, classes, compiled
from appliance.core.phrases.words import Plainness, Spoken, plain, runs_of
from appliance.languages.tables import table

NAMED = classes({"pain": "pain, tightness", "sore": "{pain}, sore spot"})
PLAIN = Plainness(
    ["uh"], ["you know"], {"cant": "can not", "over dose": "overdose"}, ["seizure"], ["leisure"]
)


def spoken(text: str, *, whole: bool = True) -> Spoken:
    return PLAIN.spoken(runs_of(text, whole=whole), whole=whole)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("chest pain", "my chest pain", "chest pain"),
        ("chest pain", "my chests pain", None),
        ("chest {pain}", "chest tightness", "chest tightness"),
        ("chest {sore}", "chest sore spot", "chest sore spot"),
        ("chest .. hurts", "chest it does now hurts", "chest it does now hurts"),
        ("chest .. hurts", "chest a b c d hurts", None),
        ("chest ..1 hurts", "chest a b hurts", None),
        ("(my|his bad) chest", "his bad chest", "his bad chest"),
        ("(my (bad|sore)?|his) chest", "my chest", "my chest"),
        ("bleed*", "bleeding now", "bleeding"),
        ("help $", "help me help", "help"),
        ("in {year}", "in 2019", "in 2019"),
        ("in {year}", "in 1850", None),
        ("{number} pills", "40 pills", "40 pills"),
        ("doctor ^{pain}", "doctor chen", "doctor chen"),
        ("doctor ^{pain}", "doctor pain", None),
        ("doctor ^{pain}", "doctor", None),
    ],
)
def test_a_pattern_finds(pattern: str, text: str, found: str | None) -> None:
    words = spoken(text)
    hits = list(PatternBook([(compiled(pattern, NAMED), "x")]).hits(words))
    assert [" ".join(words.words[hit.first : hit.last]) for hit in hits] == ([found] if found else [])


@pytest.mark.parametrize(
    "pattern", ["(a", "a)", "a|", "", "()", "? a", "{nothing} a", "^{nothing} a", "^a", "(a|)"]
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternWrong, match="A phrase table holds"):
        compiled(pattern, NAMED)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I CAN’T, uh, you know, breathe!", "i can not breathe"),
        ("my my chest my chest hurts", "my chest hurts"),
        ("I can't I can't breathe", "i can not breathe"),
        ("he's over-dosing", "he is over dosing"),
        ("an over dose", "an overdose"),
        ("a seiure", "a seizure"),
        ("a seizurre", "a seizure"),
        ("leisure", "leisure"),
        ("Está, ñandú", "esta nandu"),
        ("", ""),
    ],
)
def test_a_transcript_becomes_plain_words(text: str, words: str) -> None:
    assert " ".join(spoken(text).words) == words


def test_marks_are_kept_beside_the_words() -> None:
    words = spoken("No, no pain. It... went? uh")
    assert words.words == ("no", "pain", "it", "went")
    assert words.ends == {2, 4}
    assert words.pauses == {3}


def test_the_last_word_of_an_unfinished_text_is_not_guessed() -> None:
    assert spoken("a seizurre", whole=False).words == ("a", "seizurre")


def lexicon_of(language: str) -> Lexicon:
    return Lexicon(table(language, "phrases"), table(language, "spellings"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_of_a_pattern_can_be_heard(language: str) -> None:
    lexicon = lexicon_of(language)
    for word in lexicon.vocabulary:
        assert lexicon.plainness.spoken(runs_of(word)).words == (word,)
    for word in plain(" ".join(lexicon.vocabulary)).split():
        assert word in lexicon.vocabulary


def test_no_language_takes_a_word_of_another_for_its_own() -> None:
    english, spanish = (lexicon_of(language) for language in ("en", "es"))
    for one, other in ((english, spanish), (spanish, english)):
        for word in other.near:
            assert one.plainness.spoken(runs_of(word)).words == (word,)
