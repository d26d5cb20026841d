"""Danger and the wish for a person, recognised in what callers say."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core import phrases
from appliance.core.phrases import Finding, Watcher
from appliance.core.phrases.likeness import SHIPPED
from scripts.train_phrases import digest

BOOK = phrases.load()
SETS = Path(__file__).parent.parent / "data" / "phrases"


def lines(name: str) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in (SETS / name).read_text("utf-8").splitlines()]
    return [(row["text"], row["label"]) for row in rows]


def what(text: str) -> str:
    finding = BOOK.find(text)
    return finding.what if finding else "not"


FILES = sorted(path.name for path in SETS.glob("*.jsonl"))
LEARNT = sorted(path.name for path in (SETS / "learnt").glob("*.jsonl"))
WISHES = [row for name in FILES for row in lines(name) if row[1] != "not"]


@pytest.mark.parametrize("name", FILES)
def test_the_written_sets_are_understood(name: str) -> None:
    rows = lines(name)
    wishes = [text for text, label in rows if label != "not"]
    missed = [text for text, label in rows if label != "not" and what(text) != label]
    alarms = [text for text, label in rows if label == "not" and what(text) != label]
    assert len(missed) <= 0.01 * len(wishes), missed
    assert len(alarms) <= 0.02 * (len(rows) - len(wishes)), alarms


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_sentences_that_nothing_was_learnt_from_are_understood(language: str) -> None:
    sets = [lines(f"unseen/{path.name}") for path in sorted((SETS / "unseen").glob(f"{language}*"))]
    for each in sets:
        recall, alarms = shares(each)
        assert recall >= 0.97
        assert alarms <= 0.04
    recall, alarms = shares([row for each in sets for row in each])
    assert recall >= 0.985
    assert alarms <= 0.02


@pytest.mark.parametrize("name", LEARNT)
def test_what_was_learnt_is_known(name: str) -> None:
    recall, alarms = shares(lines(f"learnt/{name}"))
    assert recall >= 0.99
    assert alarms <= 0.01


def shares(rows: list[tuple[str, str]]) -> tuple[float, float]:
    """Recall and false alarms."""
    found = [(label, what(text)) for text, label in rows]
    wishes = [said == label for label, said in found if label != "not"]
    quiet = [said != label for label, said in found if label == "not"]
    return sum(wishes) / len(wishes) if wishes else 1.0, sum(quiet) / len(quiet)


def test_the_weights_were_learnt_from_these_sentences() -> None:
    with np.load(SHIPPED) as kept:
        assert str(kept["learnt_from"]) == digest(), "run python -m scripts.train_phrases"


@pytest.mark.parametrize(
    "text",
    [
        *("how old is the bridge", "help", "ayuda", "no, está mal", "a bicycle"),
        *("1:30", "14:45", "June 5", "555 0100", "half past two", "John Smith", "and more", "the same"),
        *("las dos y media", "el 5 de mayo", "es todo", "tres tres cuatro"),
    ],
)
def test_what_has_nothing_to_do_with_danger_sets_nothing_off(text: str) -> None:
    assert what(text) == "not"


@pytest.mark.parametrize(
    "text", ["help help help", "Help, help!", "somebody help, please help me", "¡Ayuda, ayuda por favor!"]
)
def test_who_cries_for_help_again_is_in_danger(text: str) -> None:
    assert what(text) == "emergency"


@pytest.mark.parametrize("text", ["live support please", "human help", "atención humana por favor"])
def test_help_by_a_person_is_no_cry_for_help(text: str) -> None:
    assert what(text) == "person"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        *(("he is un conscious", "emergency"), ("send an ambu lance", "emergency")),
        *(("recep tionist please", "person"), ("llame una ambu lancia", "emergency")),
        *(("the opera was great", "not"), ("I need a contract or two", "not")),
    ],
)
def test_a_word_that_was_torn_in_two_is_put_together(text: str, wish: str) -> None:
    assert what(text) == wish


@pytest.mark.parametrize("text", ["help", "help please", "ayuda", "help with the help menu"])
def test_who_asks_for_help_once_is_not(text: str) -> None:
    assert what(text) == "not"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "can I talk to nurse Kelly",
            "may I speak with Doctor Rosenberg please",
            "put me through to Dr. Ferrari",
        ),
        *("con la enfermera Kelly", "quiero hablar con la doctora Okafor", "páseme con el doctor Smith"),
    ],
)
def test_somebody_by_name_is_no_wish_for_just_anybody(text: str) -> None:
    assert what(text) == "not"


@pytest.mark.parametrize(
    "text",
    [
        *("I think that's all", "I'll let you go", "no I can't", "I can't make it", "are there stairs"),
        *("gracias por todo", "me despido", "le cuelgo", "ya me voy", "no puedo ir", "hay escaleras"),
    ],
)
def test_the_short_answers_of_any_call_set_nothing_off(text: str) -> None:
    assert what(text) == "not"


def test_the_phrases_alone_still_know_what_is_plain() -> None:
    book = phrases.load(by_likeness=False)
    assert book.find("my chest hurts") == Finding("emergency", "chest_pain")


def test_what_no_phrase_knows_is_found_by_likeness() -> None:
    text = "I swallowed every tablet in the cabinet"
    assert phrases.load(by_likeness=False).find(text) is None
    assert what(text) == "emergency"


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_hardly_anything_is_told_too_early(language: str) -> None:
    quiet = [text for text, label in lines(f"{language}.jsonl") if label == "not"]
    early = [text for text in quiet if any(part_tells(text, count) for count in range(1, len(text.split())))]
    assert len(early) <= 0.02 * len(quiet), early


def part_tells(text: str, count: int) -> bool:
    return BOOK.find(" ".join(text.split()[:count]), whole=False) is not None


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_each_language_has_enough_cases(language: str) -> None:
    labels = [label for _, label in lines(f"{language}.jsonl")]
    assert len(labels) >= 300
    assert set(labels) == {"emergency", "person", "not"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my chest hurts", Finding("emergency", "chest_pain")),
        ("no puede respirar mi bebé", Finding("emergency", "breathing")),
        ("me quiero morir", Finding("emergency", "suicide")),
        ("I need an operator, my wife can't breathe", Finding("emergency", "breathing")),
        ("operadora por favor", Finding("person", "anyone")),
        ("can I speak to a nurse", Finding("person", "nurse")),
        ("I don't want to talk to a machine", Finding("person", "machine")),
        ("", None),
    ],
)
def test_a_finding_says_what_and_about_what(text: str, found: Finding | None) -> None:
    assert BOOK.find(text) == found


@pytest.mark.parametrize(
    ("text", "language"),
    [("no puedo respirar", "es"), ("I can't breathe", "en"), ("operadora por favor", "es")],
)
def test_a_finding_says_in_which_language_it_was_said(text: str, language: str) -> None:
    found = BOOK.find(text)
    assert found is not None
    assert found.language == language


def test_a_language_without_phrases_is_refused() -> None:
    with pytest.raises(phrases.NoPhrases, match="no language 'xx'"):
        phrases.load(["xx"])


@given(st.text())
@example("\N{COMBINING ACUTE ACCENT}'s ... ¿?")
def test_any_text_has_an_answer(text: str) -> None:
    BOOK.find(text)
    BOOK.find(text, whole=False)


@given(st.sampled_from(WISHES), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_does_not_matter(row: tuple[str, str], cased: object) -> None:
    assert callable(cased)
    assert what(cased(row[0])) == row[1]


@given(st.sampled_from(lines("es.jsonl")))
def test_accents_do_not_matter(row: tuple[str, str]) -> None:
    bare = row[0].translate(str.maketrans("áéíóúüñÁÉÍÓÚÑ", "aeiouunAEIOUN"))
    assert what(bare) == what(row[0])


@given(st.sampled_from([row for row in lines("en.jsonl") if row[1] != "not"]), st.data())
def test_fillers_lose_nothing(row: tuple[str, str], data: st.DataObject) -> None:
    words = row[0].split()
    place = data.draw(st.integers(0, len(words)))
    filler = data.draw(st.sampled_from(["uh", "um", "um uh", "you know"]))
    assert what(" ".join([*words[:place], filler, *words[place:]])) == row[1]


@given(st.sampled_from(WISHES))
@example(("connect me to a nurse", "person"))
def test_saying_it_twice_loses_nothing(row: tuple[str, str]) -> None:
    # Who cries for help again is in danger.
    assert what(f"{row[0]} {row[0]}") in {row[1], "emergency"}


@pytest.mark.parametrize("word", ["my chest ", "no ", "me duele ", "can not ", "a person ", "a", ". ", "'s "])
def test_long_texts_end(word: str) -> None:
    BOOK.find(word * 100_000)


def test_of_what_is_still_being_said_the_end_is_looked_at() -> None:
    story = "we went to the market and then home again " * 20
    assert BOOK.find(f"{story}my chest hurts", whole=False) == Finding("emergency", "chest_pain")
    assert BOOK.find(f"my chest hurts. {story}", whole=False) is None


def test_the_end_of_a_long_text_is_looked_at() -> None:
    assert what("we went to the market and then home again " * 300 + "my chest hurts") == "emergency"


class TestWatcher:
    """One call's transcripts, word by word."""

    def heard(self, text: str) -> list[str]:
        """After which words something is told while a text is recognised; `.` marks the final text."""
        watcher, told = Watcher(BOOK), []
        words = text.split()
        for count in range(1, len(words) + 1):
            part = " ".join(words[:count])
            finding = watcher.heard("u1", part, final=False)
            told += [f"{finding.what}: {part}"] if finding else []
        finding = watcher.heard("u1", text, final=True)
        return told + ([f"{finding.what}."] if finding else [])

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("help my chest hurts and I am alone", ["emergency: help my chest hurts"]),
            ("I can't breathe at all", ["emergency: I can't breathe"]),
            ("no puedo respirar señorita", ["emergency: no puedo respirar"]),
            ("me quiero morir ya", ["emergency: me quiero morir"]),
            ("I have no chest pain", []),
            ("dolor de pecho no tengo", []),
            ("heart attack survivor group", []),
            ("she passed out and fell down hard", ["emergency: she passed out and fell down"]),
            ("she passed out two years ago", []),
            ("chest pain", ["emergency."]),
            ("I'm dying to know", []),
            ("me muero de risa", []),
            ("transfer me to radiology", []),
            ("representative", ["person."]),
            ("representative of Blue Cross calling", []),
            ("let me talk to a person now", ["person: let me talk to a person"]),
        ],
    )
    def test_it_tells_at_the_earliest_certain_word(self, text: str, told: list[str]) -> None:
        assert self.heard(text) == told

    def test_a_person_gives_way_to_an_emergency_but_not_the_other_way(self) -> None:
        watcher = Watcher(BOOK)
        text = "give me a person"
        assert watcher.heard("u1", text, final=False) == Finding("person", "anyone")
        assert watcher.heard("u1", text, final=False) is None
        text += " my husband can't breathe"
        assert watcher.heard("u1", text, final=False) == Finding("emergency", "breathing")
        assert watcher.heard("u1", text, final=True) is None

    def test_a_person_who_is_told_of_in_a_message_may_be_wished_for_in_its_last_words(self) -> None:
        watcher = Watcher(BOOK)
        text = "I want to talk to somebody about my bill"
        assert watcher.heard("u1", text, final=False, dictated=True) is None
        assert watcher.heard("u1", text, final=True, dictated=True) is None
        text += ". No, wait. I want to talk to a real person."
        assert watcher.heard("u1", text, final=False, dictated=True) is None
        assert watcher.heard("u1", text, final=True, dictated=True) == Finding("person", "anyone")
        assert watcher.heard("u2", "my chest hurts", final=False, dictated=True)

    def test_each_utterance_counts_for_itself(self) -> None:
        watcher = Watcher(BOOK)
        assert watcher.heard("u1", "operator", final=True)
        assert watcher.heard("u2", "operator", final=True)
        assert not watcher.heard("u1", "operator", final=True)

    def test_only_the_latest_utterances_are_remembered(self) -> None:
        watcher = Watcher(BOOK)
        for number in range(40):
            assert watcher.heard(f"u{number}", "operator", final=True)
        assert watcher.heard("u0", "operator", final=True)
        assert not watcher.heard("u39", "operator", final=True)
