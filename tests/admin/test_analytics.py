"""The page of analytics: its charts, their tables and files, and the days that are chosen."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from admin.analytics import charts, sheet
from admin.analytics.figures import FIGURES, GROUPS
from admin.analytics.span import Span, Step, last_days, marks
from admin.analytics.tables import Column, Table, within
from appliance.core.dispositions import HUNG_UP, PEOPLE, Outcome
from appliance.store import calls, tallies
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import rows, told
from tests.admin.test_calls import text_of

TODAY = date(2026, 11, 24)


def file(browser: FlaskClient, key: str, asked: str = "") -> list[list[str]]:
    """A chart's file as rows."""
    answer = browser.get(f"/analytics/{key}.csv{asked}")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith(sheet.MARK)
    return list(csv.reader(io.StringIO(answer.text.removeprefix(sheet.MARK))))


def test_every_chart_has_its_table_and_its_file(browser: FlaskClient, db: Connection) -> None:
    told.fill(db)
    page = browser.get("/analytics").text
    for key in FIGURES:
        assert f'<h2 id="{key}">' in page
    filled = [key for key in FIGURES if f'href="/analytics/{key}.csv?' in page]
    assert set(FIGURES) - {*filled} == {"languages"}, "nothing else is missing from that morning"
    assert page.count("<table") == len(filled)
    for key in filled:
        assert len(file(browser, key)) > 1


def test_calls_are_counted_by_what_became_of_them(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/analytics?since=2026-11-23&until=2026-11-24").text)
    assert "Nov 23, 2026 – Nov 24, 2026 · 7 calls that are over" in seen
    heads, *days = file(browser, "calls", "?since=2026-11-23&until=2026-11-24")
    assert heads[0] == "Day"
    assert [day[0] for day in days] == ["2026-11-23", "2026-11-24"]
    assert sum(int(cell) for day in days for cell in day[1:]) == 7


def test_transfers_say_whether_somebody_picked_up(browser: FlaskClient) -> None:
    heads, *found = file(browser, "transfers")
    assert heads == ["Led on to", "Put through", "Nobody picked up", "Left a voicemail", "Otherwise"]
    assert found == [["Billing", "1", "0", "0", "0"]]


def test_who_hung_up_on_the_assistant_was_put_through_to_nobody(browser: FlaskClient, db: Connection) -> None:
    rows.begin(db, "gone", "+12125550123", 10)
    rows.end(db, "gone", 9, Outcome.HANDLED, HUNG_UP, left=PEOPLE)
    assert file(browser, "transfers")[1:] == [["Billing", "1", "0", "0", "0"]]
    calls.went(db, "gone", Outcome.UNANSWERED)
    assert file(browser, "transfers")[2] == ["The front desk", "0", "1", "0", "0"]


def test_what_was_wanted_stands_in_words(browser: FlaskClient) -> None:
    names = [row[0] for row in file(browser, "wishes")[1:]]
    assert "Opening hours" in names
    assert "A department" in names


def test_a_document_goes_by_its_title(browser: FlaskClient, db: Connection) -> None:
    told.fill(db)
    assert file(browser, "documents")[1][0] == "Visitor guide"


def test_hours_are_a_table_by_weekday(browser: FlaskClient) -> None:
    heads, *hours = file(browser, "hours", "?since=2026-11-24&until=2026-11-24")
    assert heads[1:] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert sum(int(row[2]) for row in hours) == 5
    assert 'class="shade-' in browser.get("/analytics").text


@pytest.mark.parametrize("key", ["nothing", "../calls", "calls.csv", "index"])
def test_there_is_no_other_file(browser: FlaskClient, key: str) -> None:
    assert browser.get(f"/analytics/{key}.csv").status_code == 404


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?since=2026-11-24&until=2026-11-01", "This day is before the first one."),
        ("?since=2020-01-01", "These are more than two years."),
        ("?since=yesterday", "This is no day."),
        ("?until=2026-11-31", "This is no day."),
        ("?since=2027-01-01", "This day is before the first one."),
    ],
)
def test_wrong_days_are_said_with_what_is_wrong(browser: FlaskClient, asked: str, said: str) -> None:
    answer = browser.get(f"/analytics{asked}")
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert browser.get(f"/analytics/calls.csv{asked}").status_code == 404


@pytest.mark.parametrize(
    "asked", ["?until=0001-01-01", "?since=0001-01-01&until=0001-01-02", "?until=9999-12-31"]
)
def test_the_edges_of_the_calendar_are_days_too(browser: FlaskClient, asked: str) -> None:
    assert browser.get(f"/analytics{asked}").status_code == 200


def test_days_to_come_are_not_shown(browser: FlaskClient) -> None:
    assert 'value="2026-11-24"' in browser.get("/analytics?until=2030-01-01").text


def test_a_box_without_calls_says_what_is_to_come(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM tally")
    page = browser.get("/analytics").text
    assert "Nothing to count yet" in page
    assert "<svg viewBox" not in page.partition("<main")[2]


def test_days_without_calls_say_so(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/analytics?since=2026-10-01&until=2026-10-02").text)
    assert seen.count("Nothing of this in these days.") == len(FIGURES)


def test_everybody_may_see_numbers(browser_of: Callable[[Role], FlaskClient]) -> None:
    for role in Role:
        page = browser_of(role).get("/analytics").text
        assert "7 calls that are over" in text_of(page)
        assert ("/callbacks" in page.partition("<main")[2]) is (role is not Role.IT)


def test_names_are_never_markup(browser: FlaskClient, db: Connection) -> None:
    db.execute("INSERT INTO tally VALUES ('wish', '2026-11-24', ?, 3, 0)", (rows.HOSTILE,))
    db.execute("INSERT INTO tally VALUES ('led', '2026-11-24', ?, 3, 0)", (f"transfer:{rows.HOSTILE} x",))
    assert rows.HOSTILE not in browser.get("/analytics").text


def test_a_cell_is_no_formula() -> None:
    table = Table("=1+1", ("@x", "-2", "\t=1", "Ana"), (Column("+1", (1, None, 0.25, 1_234_567)),))
    assert sheet.written(table) == ("\ufeff'=1+1,'+1\r\n'@x,1\r\n'-2,\r\n'\t=1,0.25\r\nAna,1234567\r\n")


def test_all_is_read_from_the_counts(db: Connection) -> None:
    """However many calls there are, a page looks at a row for each day and name."""
    query = (
        "SELECT day, name, count, usd FROM tally WHERE what = ? AND day BETWEEN ? AND ? ORDER BY day, name"
    )
    (step,) = db.execute(f"EXPLAIN QUERY PLAN {query}", ("outcome", "2026-01-01", "2026-12-31"))
    assert "SEARCH tally USING PRIMARY KEY (what=? AND day>? AND day<?)" in step["detail"]
    assert tallies.by_day(db, tallies.What.OUTCOME, TODAY, TODAY)


# Steps, shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "step", "columns"),
    [(1, Step.DAY, 1), (45, Step.DAY, 45), (46, Step.WEEK, 8), (210, Step.WEEK, 31), (365, Step.MONTH, 13)],
)
def test_columns_are_few_enough(days: int, step: Step, columns: int) -> None:
    span = last_days(days, TODAY)
    assert (span.step, len(span.places(span.step))) == (step, columns)


def test_weeks_begin_on_mondays_and_the_first_with_the_span() -> None:
    span = Span(date(2026, 11, 4), date(2026, 11, 17))
    assert span.places(Step.WEEK) == [date(2026, 11, 4), date(2026, 11, 9), date(2026, 11, 16)]
    assert span.place(date(2026, 11, 15), Step.WEEK) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 1), (0.013, 0.02), (1, 1), (3, 4), (7, 8), (10, 10), (11, 20), (401, 600), (1e6, 1e6)],
)
def test_a_chart_reaches_to_a_round_number(value: float, top: float) -> None:
    assert charts.rounded_up(value) == pytest.approx(top)


def test_columns_stand_on_each_other() -> None:
    chart = charts.columns([("a", [1, 0]), ("b", [1, 2])])
    assert chart.top == 2
    assert chart.shapes[0].path == "M70.0 100.0h360.0v100.0h-360.0z"
    assert re.findall(r"M[\d.]+ ([\d.]+)h", chart.shapes[1].path) == ["0.0", "0.0"]


def test_a_line_is_broken_where_nothing_is_known() -> None:
    (shape,) = charts.lines([("a", [100, None, 50, 100])]).shapes
    assert re.findall(r"[ML]", shape.path) == ["M", "M", "L"]


def test_half_of_the_answers_came_within() -> None:
    answers = {"00800": [3, 0], "01000": [1, 0], "99999": [1, 0]}
    assert within(answers, 0.5, 2) == (800, None)
    assert within(answers, 0.95, 2) == (12_500, None)


def test_marks_hold_the_first_and_the_last() -> None:
    names = [str(number) for number in range(28)]
    assert (marks(names)[0], marks(names)[-1], len(marks(names))) == ("0", "27", 5)
    assert marks(["x"]) == ["x"]


def test_every_outcome_has_its_colour() -> None:
    assert sorted(outcome for _, those in GROUPS.values() for outcome in those) == sorted(Outcome)
