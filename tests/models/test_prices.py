"""What answers cost and which models end: a table that is data."""

import tomllib
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from models.realtime import prices
from models.realtime.prices import Tokens, tokens_of


def test_the_worked_example_of_the_price_sheet() -> None:
    tokens = Tokens(text_in=60, text_cached=640, audio_in=208, audio_cached=192, text_out=30, audio_out=110)
    assert prices.load().cost_usd("gpt-realtime", tokens) == pytest.approx(0.0147488, abs=1e-9)


def test_a_minute_of_speech() -> None:
    table = prices.load()
    assert table.cost_usd("gpt-realtime", Tokens(audio_in=600)) == pytest.approx(0.0192)
    assert table.cost_usd("gpt-realtime", Tokens(audio_out=1200)) == pytest.approx(0.0768)
    assert table.cost_usd("gpt-never", Tokens(audio_out=1200)) is None


def test_cached_tokens_are_part_of_the_input() -> None:
    assert tokens_of(
        {"input_token_details": {"text_tokens": 5, "cached_tokens_details": {"text_tokens": 9}}}
    ) == Tokens(text_cached=9)
    assert tokens_of(None) == tokens_of({}) == Tokens()


def test_an_announced_end_is_told() -> None:
    table = prices.load()
    assert table.warning("gpt-realtime", date(2026, 11, 24)) == (
        "The model gpt-realtime will be shut down on 2027-01-20: choose another in [cloud]."
    )
    assert "was shut down on" in table.warning("gpt-4o-realtime-preview", date(2026, 11, 24))
    assert "was shut down on" in table.warning("gpt-realtime", date(2027, 1, 20))


def test_our_own_defaults_have_prices_and_do_not_end() -> None:
    table, cloud = prices.load(), Settings().cloud
    assert table.notices((cloud.model, cloud.transcription_model), date.today()) == []
    assert table.warning(cloud.model, date.today()) == ""


def test_an_end_is_spoken_of_half_a_year_before() -> None:
    table, end = prices.load(), date(2027, 1, 20)
    assert table.notices(("gpt-realtime",), end - timedelta(days=181)) == []
    assert len(table.notices(("gpt-realtime",), end - timedelta(days=180))) == 1
    # Without a price and at its end: both are told; one that is not in use is none.
    assert len(table.notices(("whisper-1", ""), date(2027, 2, 1))) == 2


def test_a_price_has_a_source() -> None:
    tree = tomllib.loads((files("models.realtime") / "prices.toml").read_text("utf-8"))
    assert all(row["source"] for row in tree["model"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "model = 3",
        'as_of = "x"\nmodel = [3]',
        'as_of = "x"\n[[model]]\nnames = ["a"]',
        'as_of = "x"\nends = 3\n[[model]]\nnames = []',
        'as_of = "x"\nmodel = []\n[ends]\na = "soon"',
        'as_of = "x"\nmodel = []\n[ends]\na = 2027-01-20',
        "[[[",
    ],
)
def test_a_table_that_cannot_be_used_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"The price table .*prices\.toml cannot be used"):
        prices.load(path)


def test_a_table_of_the_clinics_own(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    kinds = "\n".join(f"{kind} = 1.0" for kind in prices.KINDS)
    path.write_text(f'as_of = "2026-11-01"\n[[model]]\nnames = ["mine"]\n{kinds}\n')
    assert prices.load(path).cost_usd("mine", Tokens(text_in=1_000_000)) == 1.0
    with pytest.raises(SettingsError, match="No such file"):
        prices.load(tmp_path / "other.toml")


def test_a_transcription_without_details_is_counted() -> None:
    usage = {"type": "tokens", "input_tokens": 30, "output_tokens": 7, "total_tokens": 37}
    assert tokens_of(usage) == Tokens(audio_in=30, text_out=7)


def test_a_transcription_by_duration_costs_by_the_minute() -> None:
    table, usage = prices.load(), {"type": "duration", "seconds": 30}
    assert tokens_of(usage) == Tokens()
    assert table.cost_of_usage("gpt-realtime-whisper", usage) == pytest.approx(0.0085)
    assert table.cost_of_usage("gpt-never", usage) is None
    assert table.cost_of_usage("gpt-realtime-whisper", {"type": "duration", "seconds": "x"}) == 0.0
    assert table.cost_of_usage("gpt-realtime", {"input_tokens": 1000}) == pytest.approx(0.032)
