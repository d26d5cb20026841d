"""Why a document cannot be read, in the reader's language."""

import re
from pathlib import Path

import pytest

import kb
from admin.knowledge import problems
from admin.tongue import Tongue
from kb.documents import kinds, pdf
from kb.documents.blocks import DocumentRefused

SPANISH = Tongue("es")


def test_every_sentence_is_one_that_the_reader_says() -> None:
    folder = Path(kb.__file__).parent
    jobs = folder.parent / "appliance" / "jobs" / "knowledge.py"
    code = "".join(file.read_text("utf-8") for file in (*folder.rglob("*.py"), jobs))
    plain = re.sub(r'"\s*\n\s*f?"', "", code)
    for sentence in (*problems.SENTENCES, problems.STILL):
        for piece in re.split(r"\{\w+\}|The file is |a picture: |says\. ", sentence):
            assert piece.strip(" .,;()") in plain, sentence


def test_values_are_taken_along() -> None:
    assert problems.said(kinds.too_large(31_000_000), SPANISH) == (
        "El archivo tiene 31 MB; lo máximo son 20 MB. Divídalo o deje fuera imágenes."
    )


def test_that_the_one_before_is_still_told_is_said_too() -> None:
    told = problems.said(f"{pdf.PASSWORD} {problems.STILL}", SPANISH)
    assert (
        told == "El PDF tiene contraseña: guárdelo sin ella. Lo que se había leído antes se sigue diciendo."
    )


def test_a_picture_is_told_as_one() -> None:
    with pytest.raises(DocumentRefused) as refused:
        kinds.seen(b"\x89PNG", None)
    assert problems.said(str(refused.value), SPANISH).startswith("El archivo es una imagen: escriba lo que")


def test_what_is_not_known_stays_as_it_is() -> None:
    assert problems.said("Something new {x}.", SPANISH) == "Something new {x}."
    assert problems.said("", SPANISH) == ""
