"""Text as a synthesiser gets it: tables of both languages, and that no text whatever does harm."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.local.wording import Language, sentences, spoken
from models.local.wording.numbers import counted, ordered, year
from models.local.wording.plain import LONGEST

DATA = Path(__file__).parent.parent / "data" / "wording"
ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\n")
LANGUAGES: tuple[Language, ...] = ("en", "es")
WORDS = {
    "en": "please hold the line while somebody looks for your appointment we are open today",
    "es": "por favor espere en la línea mientras alguien busca su cita hoy está abierto mañana también",
}


def cases() -> list[tuple[Language, str, str]]:
    found = []
    for language in LANGUAGES:
        for line in (DATA / f"{language}.txt").read_text("utf-8").splitlines()[1:]:
            written, _, wanted = line.partition(" =>")
            found.append((language, ESCAPE.sub(_literal, written), wanted.strip()))
    return found


def _literal(escape: re.Match[str]) -> str:
    return "\n" if escape[0] == "\\n" else chr(int(escape[1] or escape[2], 16))


def test_the_tables_are_long() -> None:
    for language in LANGUAGES:
        assert sum(case[0] == language for case in cases()) >= 200


@pytest.mark.parametrize(("language", "written", "wanted"), cases())
def test_what_is_written_is_spoken(language: Language, written: str, wanted: str) -> None:
    assert spoken(written, language) == wanted


@pytest.mark.parametrize(("language", "written", "wanted"), cases())
def test_what_is_spoken_stays_as_it_is(language: Language, written: str, wanted: str) -> None:
    assert spoken(wanted, language) == wanted


SCRAPS = """
1 12 2025 0 007 $ € % / - – : . , ( ) [ ] [[ ]] < > pm a.m. Dr. St. No. # * ** Nov lun. las la 911 +1 312
555 0100 h mg °F & @ x.com http://
"""
hostile = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="0123456789.,:;/-+$€%()[]<>&#*_@ \n'\"aApPmMxXhºª°½", max_size=400),
    st.lists(
        st.sampled_from([*SCRAPS.split(), "\n", "\u200b"]),
        max_size=60,
    ).map(" ".join),
)


@given(hostile, st.sampled_from(LANGUAGES))
def test_no_text_does_harm(text: str, language: Language) -> None:
    said = spoken(text, language)
    assert len(said) <= LONGEST
    assert not re.search(r"[0-9\[\]<>{}|\\*_#@&%$€]", said)
    assert said.isprintable()
    assert said == said.strip()
    assert "  " not in said
    for clause in sentences(said, language):
        assert clause


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_sentences_lose_nothing(text: str, language: Language) -> None:
    assert "".join("".join(sentences(text, language)).split()) == "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_plain_words_are_left_alone(language: Language, data: st.DataObject) -> None:
    text = " ".join(data.draw(st.lists(st.sampled_from(WORDS[language].split()), min_size=1, max_size=30)))
    assert spoken(text, language) == text


@pytest.mark.parametrize(
    "hostile_text",
    [
        "9" * 5000,
        "1," * 3000,
        "<a" * 3000,
        "[a](" * 2000,
        "1/2" * 2000,
        "((((" * 1000,
        "&#99999999999999;" * 300,
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_long_texts_are_cut(hostile_text: str, language: Language) -> None:
    assert len(spoken(hostile_text, language)) <= LONGEST


@given(st.integers(0, 999_999_999), st.sampled_from(LANGUAGES))
def test_every_number_has_words(number: int, language: Language) -> None:
    words = counted(number, language)
    assert words
    assert not re.search("[0-9]", words)
    assert spoken(words, language) == words


@given(st.integers(1, 9999), st.sampled_from(LANGUAGES), st.booleans())
def test_every_place_and_year_has_words(number: int, language: Language, feminine: bool) -> None:
    assert ordered(number, language, feminine=feminine)
    assert year(number, language)


@pytest.mark.parametrize(
    ("number", "language", "words"),
    [
        (0, "en", "zero"),
        (13, "en", "thirteen"),
        (80, "en", "eighty"),
        (342, "en", "three hundred forty-two"),
        (1_000_001, "en", "one million one"),
        (
            999_999_999,
            "en",
            "nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
        ),
        (21, "es", "veintiuno"),
        (100, "es", "cien"),
        (1_001, "es", "mil uno"),
        (21_000, "es", "veintiún mil"),
        (31_031, "es", "treinta y un mil treinta y uno"),
        (1_000_000, "es", "un millón"),
        (21_500_000, "es", "veintiún millones quinientos mil"),
    ],
)
def test_numbers(number: int, language: Language, words: str) -> None:
    assert counted(number, language) == words


SPLITS: list[tuple[Language, str, list[str]]] = [
    ("en", "", []),
    ("en", "Hello.", ["Hello."]),
    ("en", "Hello. How can I help?", ["Hello.", "How can I help?"]),
    ("en", "Dr. Smith is in. Mrs. Lee is not.", ["Dr. Smith is in.", "Mrs. Lee is not."]),
    ("en", "We close at 5 p.m. Please call.", ["We close at 5 p.m.", "Please call."]),
    ("en", "We close at 5 p.m. on Friday.", ["We close at 5 p.m. on Friday."]),
    ("en", "Come at 5 p.m. Monday.", ["Come at 5 p.m. Monday."]),
    ("en", "It is No. 5 on Main St. in town.", ["It is No. 5 on Main St. in town."]),
    ("en", "It costs 3.5 dollars. Yes!", ["It costs 3.5 dollars.", "Yes!"]),
    ("en", "See example.com. Thanks.", ["See example.com.", "Thanks."]),
    ("en", "J. R. Smith called.", ["J. R. Smith called."]),
    ("en", "One\nTwo", ["One", "Two"]),
    ("en", "Really?! Yes.", ["Really?!", "Yes."]),
    ("es", "La Dra. Ruiz no está. Llame mañana.", ["La Dra. Ruiz no está.", "Llame mañana."]),
    ("es", "¿Cómo está? ¡Bien!", ["¿Cómo está?", "¡Bien!"]),
    ("es", "Cerramos a las 5 p. m. Gracias.", ["Cerramos a las 5 p. m.", "Gracias."]),
    ("es", "Cerramos a las 5 p. m. el lunes.", ["Cerramos a las 5 p. m. el lunes."]),
    ("es", "Diga a Ud. que sí.", ["Diga a Ud. que sí."]),
    ("es", "Vive en Av. Juárez 5. Venga.", ["Vive en Av. Juárez 5.", "Venga."]),
]


@pytest.mark.parametrize(("language", "text", "wanted"), SPLITS)
def test_sentences(language: Language, text: str, wanted: list[str]) -> None:
    assert sentences(text, language) == wanted


def test_a_long_sentence_is_cut_at_its_commas() -> None:
    text = (
        "Our office is open from Monday to Friday from eight in the morning until five in the afternoon,"
        " and on Saturday from nine until noon, but it is closed on Sunday and on every public holiday."
    )
    clauses = sentences(text, "en")
    assert " ".join(clauses) == text
    assert len(clauses) == 2
    assert max(map(len, clauses)) <= 110


def test_a_long_stretch_without_commas_is_cut_between_words() -> None:
    text = "word " * 200
    clauses = sentences(text, "en")
    assert " ".join(clauses) == text.strip()
    assert max(map(len, clauses)) <= 240
    assert all(clause.startswith("word") and clause.endswith("word") for clause in clauses)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Appuyez sur *2* ou __3__.", "Appuyez sur 2 ou 3."),
        ("Le +15550100002, à 14 h 30.", "Le 1 5 5 5 0 1 0 0 0 0 2, à 14 h 30."),
        ("<b>C'est</b> 20 % ou 5 €?", "C'est 20 % ou 5 €?"),
        ("", ""),
    ],
)
def test_a_language_without_rules_leaves_its_numbers_to_the_voice(written: str, wanted: str) -> None:
    assert spoken(written, "fr") == wanted


@given(hostile)
def test_no_text_does_harm_in_a_language_without_rules(text: str) -> None:
    said = spoken(text, "fr")
    assert len(said) <= LONGEST
    assert not re.search(r"[\[\]<>{}|\\*_@&]", said)
    assert "  " not in said
    assert all(sentences(said, "fr")) or not said
