"""What we send of an event, against the description of the API that Google's own package brings."""

import json
from typing import Any

from googleapiclient.discovery_cache import get_static_doc

from appliance.calendars.google.calendar import COLOURS, GoogleCalendar
from tests.calendars.google.desk import DOCTOR, visit
from tests.peers.google import GooglePeer


def described() -> dict[str, Any]:
    """The discovery document of the Calendar API."""
    document: dict[str, Any] = json.loads(get_static_doc("calendar", "v3"))
    return document


def test_an_event_has_only_fields_that_google_describes(google: GooglePeer, calendar: GoogleCalendar) -> None:
    calendar.keep(DOCTOR, visit(colour="#0b8043"))
    (asked,) = google.at("insert")
    fields = described()["schemas"]["Event"]["properties"]
    assert set(asked.body) <= set(fields)
    assert asked.body["colorId"] in COLOURS
    assert fields["colorId"]["type"] == "string"


def test_numbers_of_colours_count_as_long_as_nothing_is_said_of_labels() -> None:
    for verb in ("insert", "patch", "update"):
        version = described()["resources"]["events"]["methods"][verb]["parameters"]["eventLabelVersion"]
        assert not version.get("required")
        assert "Version 0" in version["description"]
        assert "default is 0" in version["description"]


def test_the_colours_of_events_are_looked_up_by_google_too() -> None:
    palette = described()["schemas"]["Colors"]["properties"]["event"]
    assert palette["additionalProperties"]["$ref"] == "ColorDefinition"
