"""The boot settings: each mistake is one clear sentence; secrets are files that nobody else reads."""

from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import SettingsError
from appliance.core.settings import Settings, checked, load


def mistakes(tree: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as found:
        checked(tree, "attendant.toml")
    return found.value.mistakes


def test_an_empty_file_is_a_box_with_defaults(tmp_path: Path) -> None:
    path = tmp_path / "attendant.toml"
    path.touch()
    assert load(path) == Settings()
    assert Settings().database == Path("/var/lib/attendant/attendant.db")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "attendant.toml"
    path.write_text('[limits]\ncalls_at_once = 4\n[box]\ndata_dir = "/srv/box"\n')
    settings = load(path)
    assert (settings.limits.calls_at_once, settings.database) == (4, Path("/srv/box/attendant.db"))


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"clod": {}}, "clod is not a setting. Did you mean cloud?"),
        (
            {"limits": {"calls_at_one": 3}},
            "limits.calls_at_one is not a setting. Did you mean limits.calls_at_once?",
        ),
        ({"cloud": {"modle": "x"}}, "cloud.modle is not a setting. Did you mean cloud.model?"),
        ({"cloud": {"zzzz": 1}}, "cloud.zzzz is not a setting."),
        ({"business_name": "Riverside"}, "business_name is not a setting."),
        (
            {"limits": {"calls_at_once": 0}},
            "limits.calls_at_once: Input should be greater than or equal to 1 (it is '0').",
        ),
        ({"limits": {"calls_at_once": "many"}}, "limits.calls_at_once: Input should be a valid integer"),
        ({"limits": 3}, "limits: Input should be a valid dictionary"),
        (
            {"listen": {"public_port": 70000}},
            "listen.public_port: Input should be less than or equal to 65535",
        ),
        (
            {"twilio": {"public_url": "http://box.example.com"}},
            "twilio.public_url: String should match pattern",
        ),
        (
            {"twilio": {"public_url": "https://box.example.com/"}},
            "twilio.public_url: String should match pattern",
        ),
        (
            {"twilio": {"account_sid": "AC" + "0" * 32}},
            "twilio: Value error, public_url must be set with account_sid",
        ),
        ({"twilio": {"account_sid": "AC123"}}, "twilio.account_sid: String should match pattern"),
        ({"cloud": {"url": "https://api.openai.com"}}, "cloud.url: String should match pattern"),
        ({"cloud": {"audio": "opus"}}, "cloud.audio: Input should be 'pcmu' or 'pcm24' (it is 'opus')."),
        (
            {"box": {"log_level": "loud"}},
            "box.log_level: Input should be 'debug', 'info', 'warning' or 'error'",
        ),
    ],
)
def test_a_mistake_is_told_in_a_sentence(tree: dict[str, Any], sentence: str) -> None:
    (said,) = mistakes(tree)
    assert said.startswith(f"attendant.toml: {sentence}")
    assert said.endswith((".", "?"))
    assert "\n" not in said


def test_every_mistake_is_told() -> None:
    tree = {"limits": {"calls_at_once": 0, "start": 5}, "cluod": {}}
    assert len(mistakes(tree)) == 3


@hypothesis.settings(max_examples=25)
@given(st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_any_tree_is_settings_or_sentences(tree: dict[str, Any]) -> None:
    told_of: list[str] = []
    try:
        checked(tree, "x")
    except SettingsError as exc:
        told_of = exc.mistakes
    assert all(said.startswith("x: ") for said in told_of)
    assert bool(told_of) is bool(tree)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "attendant.toml"
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load(path)
    path.write_text("[cloud\n")
    with pytest.raises(SettingsError, match=r"is not valid TOML: .*line 1"):
        load(path)
    path.write_bytes(b'box = "\xff"')
    with pytest.raises(SettingsError, match="is not valid TOML"):
        load(path)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(), "box", None)  # noqa: B010


def secret_box(folder: Path, content: bytes, mode: int = 0o600) -> Settings:
    path = folder / "secrets" / "key"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return checked({"box": {"data_dir": str(folder)}}, "x")


def test_a_secret_is_a_file_in_the_secrets_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = secret_box(tmp_path, b" sk-secret \n")
    assert settings.secret(Path("key")) == "sk-secret"
    elsewhere = tmp_path / "credentials"
    elsewhere.mkdir()
    (elsewhere / "key").write_text("sk-of-systemd")
    (elsewhere / "key").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(elsewhere))
    assert settings.secret(Path("key")) == "sk-of-systemd"


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (b"", 0o600, "is empty"),
        (b" \n\t", 0o600, "is empty"),
        (b"sk-secret", 0o644, "can be read by everybody: chmod 600 it"),
        (b"sk-secret", 0o604, "can be read by everybody"),
        (b"sk-secret", 0o602, "can be read by everybody"),
        (b"\xff\xfe", 0o600, "cannot be read"),
        (b"sk-one\nsk-two\n", 0o600, "must hold one line of plain text"),
        (b"sk-\xc3\xa9", 0o600, "must hold one line of plain text"),
        (b"sk-\x00", 0o600, "must hold one line of plain text"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told(
    tmp_path: Path, content: bytes, mode: int, problem: str
) -> None:
    settings = secret_box(tmp_path, content, mode)
    with pytest.raises(SettingsError, match=problem) as found:
        settings.secret(Path("key"))
    assert "sk-" not in str(found.value)


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    settings = secret_box(tmp_path, b"x")
    with pytest.raises(SettingsError, match=r"secrets/other cannot be read: .*No such file"):
        settings.secret(Path("other"))


def test_speech_is_asked_where_the_settings_say() -> None:
    ours = checked({"box": {"data_dir": "/srv/box"}, "speech": {"uri": "unix:///run/s.sock"}}, "test")
    assert ours.models_dir == Path("/srv/box/models")
    assert ours.speech.recognition_at == ours.speech.synthesis_at == "unix:///run/s.sock"
    theirs = checked({"speech": {"recognition_uri": "tcp://192.168.1.20:10300"}}, "test").speech
    assert (theirs.recognition_at, theirs.synthesis_at) == ("tcp://192.168.1.20:10300", "")


@pytest.mark.parametrize(
    "uri",
    ["/run/s.sock", "unix://s.sock", "http://host:1", "tcp://host", "tcp://me@host:1", "tcp://host:1/x"],
)
def test_an_address_of_another_kind_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"speech\.uri"):
        checked({"speech": {"uri": uri}}, "test")


def test_a_port_that_there_is_not_is_said() -> None:
    for key in ("uri", "recognition_uri", "synthesis_uri"):
        with pytest.raises(SettingsError, match="99999 is no port"):
            checked({"speech": {key: "tcp://10.0.0.2:99999"}}, "test")
