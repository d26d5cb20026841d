"""Languages as folders: what one has to hold, what is told when it lacks something, and a third one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from appliance.languages import complete, folders
from appliance.languages.tables import TableMissing, having, table, words_of_all

ROOT = Path(__file__).parent.parent.parent
THIRD = ROOT / "tests" / "data" / "languages"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder of further languages, with the third one in it."""
    shutil.copytree(THIRD, tmp_path / "languages")
    yield tmp_path / "languages"
    folders.look_in(None)


@pytest.mark.parametrize("code", folders.codes())
def test_the_languages_that_ship_are_complete(code: str) -> None:
    found = folders.folder(code)
    assert [*complete.problems(code, found), *complete.lost(found)] == []


def test_a_language_that_is_not_there_is_told_with_those_that_are() -> None:
    assert folders.codes() == ("en", "es")
    with pytest.raises(folders.LanguageProblem, match=r"no language 'fr-CA': the folders are en, es\."):
        table("fr-CA", "prompts")
    with pytest.raises(TableMissing, match=r"The language 'en' has no songs\.toml\."):
        table("en", "songs")


def test_a_third_language_is_a_folder(place: Path) -> None:
    folders.look_in(place)
    assert folders.codes() == ("en", "es", "fr")
    assert [*folders.own()] == ["fr"]
    assert having("numbers") == ("en", "es")
    assert {"english", "espanol", "francais"} <= words_of_all("language", "called")
    # It has no titles of its own.
    assert {"mrs", "senora"} <= words_of_all("language", "names", "titles")
    assert list(complete.problems("fr", place / "fr")) == []
    told = " ".join(complete.lost(place / "fr"))
    for name in complete.LOST:
        assert f"Without {name}.toml " in told


def test_what_is_no_language_is_none(place: Path) -> None:
    for name in ("notes", "FR", "x1", "it"):
        (place / name).mkdir(exist_ok=True)
    (place / "de").write_text("no folder")
    folders.look_in(place)
    assert folders.codes() == ("en", "es", "fr")


def test_what_may_not_be_read_is_told_and_the_others_are_spoken(caplog: pytest.LogCaptureFixture) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder, "languages")
        for code in ("fr", "pt"):
            shutil.copytree(THIRD / "fr", place / code)
        Path(folder).chmod(0o755)
        (place / "pt").chmod(0)
        folders.look_in(place)
        # Root may read everything; nobody else may.
        before = os.geteuid()
        os.seteuid(before or 65534)
        try:
            assert {"fr"} <= {*folders.codes()} <= {"en", "es", "fr"}
        finally:
            os.seteuid(before)
            folders.look_in(None)
            (place / "pt").chmod(0o700)
    assert [record.getMessage() for record in caplog.records] == [
        "a language cannot be read: give its folder to the box's user"
    ]


@pytest.mark.parametrize(
    ("name", "before", "after", "problem"),
    [
        ("language", 'tag = "fr-CA"', "", "language.toml, tag: Field required"),
        ("language", 'tag = "fr-CA"', 'tag = "french"', "language.toml, tag: String should match"),
        (
            "language",
            'tag = "fr-CA"',
            'tag = "it-IT"',
            "language.toml, tag: must begin with the folder's name",
        ),
        ("language", "{key}", "key", "language.toml, offer: String should match"),
        ("language", "[keys]", "[kees]", "language.toml, kees: Extra inputs"),
        ("language", 'called = "', 'called = "French ', "language.toml, called: String should match"),
        ("opening", "hours = 24", "hours = 13", "opening.toml, clock.hours: Input should be 12 or 24"),
        ("opening", '"lundi", ', "", "opening.toml, week.days: List should have at least 7 items"),
        ("opening", "open_now = ", "open_noo = ", "opening.toml: [said] has no open_now."),
        ("prompts", "{business_name}", "{clinic}", "[filled] welcome must have the places {business_name}."),
        ("prompts", "goodbye = ", "song = ", "prompts.toml: [sentences] has song, which nothing says."),
        ("front_door", "[sentences]", "[sentences", "front_door.toml is not valid TOML"),
        ("when", "[said]", "[sayd]", "when.toml, said: Field required"),
    ],
)
def test_what_is_wrong_in_a_folder_is_told_in_a_sentence(
    place: Path, name: str, before: str, after: str, problem: str
) -> None:
    path = place / "fr" / f"{name}.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    assert problem in " ".join(complete.problems("fr", place / "fr"))


@pytest.mark.parametrize("name", complete.NEEDED)
def test_a_file_that_is_missing_is_named(place: Path, name: str) -> None:
    (place / "fr" / f"{name}.toml").unlink()
    assert f"The language 'fr' has no {name}.toml." in list(complete.problems("fr", place / "fr"))


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("{url}", "{link}", "texts.toml: [texts] link must have the places {clinic}, {until}, {url}."),
        ("sent = ", "sended = ", "texts.toml: [said] has no sent."),
        ("[page]", "[paje]", "texts.toml: [page] has no title."),
        ('stop = ["', 'stopp = ["', "texts.toml, keywords.stop: Field required"),
    ],
)
def test_texts_of_a_language_are_complete_where_there_are_any(
    place: Path, before: str, after: str, problem: str
) -> None:
    assert "Without texts.toml texts, " in " ".join(complete.lost(place / "fr"))
    text = (Path(complete.__file__).parent / "en" / "texts.toml").read_text("utf-8")
    assert before in text
    mine = place / "fr" / "texts.toml"
    mine.write_text(text, "utf-8")
    assert list(complete.problems("fr", place / "fr")) == []
    assert "texts.toml" not in " ".join(complete.lost(place / "fr"))
    mine.write_text(text.replace(before, after, 1), "utf-8")
    assert problem in " ".join(complete.problems("fr", place / "fr"))


def test_phrases_need_their_spellings(place: Path) -> None:
    (place / "fr" / "phrases.toml").write_text("")
    assert "The language 'fr' has phrases.toml without spellings.toml." in list(
        complete.problems("fr", place / "fr")
    )


SPOKEN = """
from datetime import date, time
from pathlib import Path
from appliance.languages import folders
folders.look_in(Path({place!r}))
from appliance.core import numbers, tongue
from appliance.core.booking import birthday
from appliance.core.hours import WeeklyHours, time_said
from appliance.core.menu import spoken_key
from appliance.core.other_languages import keys, offer, spoken_in
from appliance.core.staff import Office, StaffSettings
from appliance.core.when import date_said, resolve
from appliance.tools.toolbox import TOOLS
from datetime import datetime, UTC
from models.local import tongues
office = Office(staff=StaffSettings(languages=("en", "es", "fr"), language="fr"))
print(office.staff.language, keys(office), office.staff.greeting_said())
print(WeeklyHours().said("fr"))
print(time_said(time(14, 30), "fr"), "|", date_said(date(2026, 11, 1), date(2026, 10, 30), "fr"))
print(resolve("lundi à dix heures", datetime.now(UTC), "fr").doubt)
print(birthday.told("March ninth nineteen eighty", "en"), birthday.told("neuf mars", "fr"))
print(spoken_key("appuyez sur deux"), spoken_key("touche neuf merci"), spoken_key("menu principal"))
print(tongue.spoken("bonjour je voudrais un rendez vous"), tongue.named("en français", ("en", "fr")))
print(tongues.wanted(["i", "want", "french"], "en"), numbers.digits("five five one", "fr"))
print([tool.schema()["parameters"]["properties"]["language"]["enum"] for tool in TOOLS
       if tool.name == "set_language"])
print(spoken_in(Office(), "fr").staff.said("nobody"), offer("fr", "8"))
"""


def test_every_part_of_the_core_speaks_a_third_language(place: Path) -> None:
    # In a process of its own: what is read of languages is kept for good.
    done = subprocess.run(
        [sys.executable, "-c", SPOKEN.format(place=str(place))],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        "fr-CA (('en', '2'), ('es', '8')) Merci d'appeler la clinique. En cas d'urgence, raccrochez et"
        " composez le 911.",
        "Nous sommes ouverts du lundi au vendredi de 8 heures à 17 heures.",
        "14 heures 30 | le dimanche premier novembre",
        "no_day",
        "1980-03-09 None",
        "2 9 *",
        "fr fr",
        "fr 551",
        "[['en', 'es', 'fr']]",
        "Personne ne peut prendre votre appel. ('Pour le français, appuyez sur 8.', 'fr-CA')",
    ]


@pytest.mark.parametrize(
    ("arguments", "last", "code"),
    [
        (("en",), "en can be spoken.", 0),
        (("fr", str(THIRD)), "fr can be spoken.", 0),
        (("de",), "There is no language 'de': the folders are en, es.", 1),
    ],
)
def test_the_command_says_whether_a_folder_is_complete(
    arguments: tuple[str, ...], last: str, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.language", *arguments],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last)


def test_no_language_is_named_in_the_code_that_speaks() -> None:
    """But for what was learnt from two languages, and defaults."""
    known = {
        # The pages are in two languages, which no caller hears.
        "admin/tongue.py",
        "appliance/core/phrases/likeness.py",
        "appliance/core/speech_settings.py",
        "appliance/core/staff.py",
        "appliance/languages/complete.py",
        "models/local/lexicon.py",
        # The Spanish word.
        "models/local/wording/es/amounts.py",
    }
    named = re.compile(r"""["']es["']""")
    found = {
        str(path.relative_to(ROOT))
        for part in ("appliance", "models", "twilio_bridge", "ari_bridge", "admin")
        for path in (ROOT / part).rglob("*.py")
        if named.search(path.read_text("utf-8"))
    }
    assert {each for each in found if "/migrations/" not in each} <= known, found - known
