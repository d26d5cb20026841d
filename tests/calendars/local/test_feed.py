"""The feed: lines that every reader of iCalendar takes, with nothing in them that was not meant to be."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from appliance.calendars.local.feed import feed
from appliance.core.calendar import Span
from appliance.store.own_events import OwnEvent

NINE = datetime(2026, 12, 1, 14, tzinfo=UTC)
SPAN = Span(NINE, NINE + timedelta(minutes=30))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def event(title: str = "Check-up (3F9A1)", notes: str = "Ana Ruiz") -> OwnEvent:
    return OwnEvent("0a1b", "lee", "d", title, notes, SPAN, "America/New_York", NINE, 2)


def unfolded(body: bytes) -> list[str]:
    """The lines as a reader puts them together again."""
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


def value(text: str) -> str:
    """A value as a reader understands it."""
    out, rest = "", iter(text)
    for sign in rest:
        following = next(rest) if sign == "\\" else ""
        out += {"": sign, "n": "\n", "N": "\n"}.get(following, following)
    return out


def test_an_entry_is_written_in_utc() -> None:
    lines = unfolded(feed("Dr. Lee, Clinic", [event()], notes=True))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    entry = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
    assert entry[1:] == [
        "UID:0a1b@attendant",
        "DTSTAMP:20261201T140000Z",
        "SEQUENCE:2",
        "DTSTART:20261201T140000Z",
        "DTEND:20261201T143000Z",
        "SUMMARY:Check-up (3F9A1)",
        "DESCRIPTION:Ana Ruiz",
    ]


def test_notes_are_left_out_where_nobody_may_read_names() -> None:
    assert b"Ana" not in feed("Dr. Lee", [event()], notes=False)


@given(title=texts, name=texts)
def test_whatever_stands_in_a_title_is_one_value(title: str, name: str) -> None:
    body = feed(name, [event(title)], notes=False)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    lines = unfolded(body)
    assert [line.partition(":")[0] for line in lines if line.startswith(("BEGIN", "END", "SUMMARY"))] == [
        "BEGIN", "BEGIN", "SUMMARY", "END", "END",
    ]  # fmt: skip
    (summary,) = [line for line in lines if line.startswith("SUMMARY:")]
    plain = title.replace("\r\n", "\n")
    assert value(summary.removeprefix("SUMMARY:")) == "".join(
        sign for sign in plain if sign == "\n" or (sign >= " " and sign != "\x7f")
    )
