from datetime import UTC, datetime, timedelta

import pytest

from functions.domain import call_backs, complaints, steps, sweep
from functions.domain.access import Caller, Role
from schemas.complaints import NewComplaint
from schemas.steps import Accept, Contact, Report
from tests.factories import CITIZEN, SDPO, complaint_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
LAHORE = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}
CENTRE = {"role": "front_desk", "subject": "desk-1"}


def lodge(key="k", hours_ago=1, **changes):
    new = NewComplaint(**complaint_body(**changes))
    return complaints.lodge(CITIZEN, new, key, NOW - hours_ago * HOUR).reference


def reported():
    reference = lodge(hours_ago=20)
    for number, step in enumerate(
        (
            Accept(action="accept"),
            Contact(action="contact", outcome="reached"),
            Report(action="report", finding="substantiated", text="The gate was opened again."),
        )
    ):
        steps.take(SDPO, reference, step, NOW - (19 - number) * HOUR, None)
    return reference


def test_the_inbox_says_how_much_time_is_left_and_what_is_late():
    late, fresh = lodge("a", hours_ago=9), lodge("b")
    sweep.flag_overdue(NOW)
    page = send("GET", "/v1/inbox", **LAHORE).json

    assert [row["reference"] for row in page["items"]] == [late, fresh]
    assert page["items"][0]["seconds_left"] < 0 < page["items"][1]["seconds_left"]
    assert (page["items"][0]["clock"], page["items"][0]["level"]) == ("first_contact", 2)


def test_the_inbox_goes_on_by_its_cursor_with_the_same_filter():
    for number in range(3):
        lodge(f"k-{number}", hours_ago=number)
    first = send("GET", "/v1/inbox?limit=2&class=B", **LAHORE).json
    second = send("GET", f"/v1/inbox?limit=2&class=B&cursor={first['next']}", **LAHORE).json

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert send("GET", f"/v1/inbox?limit=2&class=A&cursor={first['next']}", **LAHORE).status == 400


def test_the_inbox_is_had_as_a_file_that_leads_on():
    for number in range(2):
        lodge(f"k-{number}", hours_ago=number)
    sheet = send("GET", "/v1/inbox.csv?limit=1&state=lodged", **LAHORE)

    assert sheet.text.splitlines()[0].startswith('\ufeff"reference","class","category","state"')
    assert 'rel="next"' in sheet.headers["link"]
    assert "state=lodged" in sheet.headers["link"]
    assert "link" not in send("GET", "/v1/inbox.csv", **LAHORE).headers


def test_offices_a_case_could_be_marked_to_come_with_their_load():
    lodge("load")
    reference = lodge("b", station=None, district="ds-lahore")
    said = send(
        "GET", f"/v1/complaints/{reference}/assignees", role="dpo", subject="dpo-1", office="ds-lahore"
    ).json

    assert [row["open"] for row in said["items"]] == sorted(row["open"] for row in said["items"])
    assert said["items"][-1] == {"office": "sd-lhr-civil-lines", "open": 1}


@pytest.fixture
def centre(monkeypatch):
    """A centre that calls back for Lahore, whichever district that falls to."""
    monkeypatch.setattr(call_backs, "is_drawn", lambda _: True)
    monkeypatch.setattr("functions.domain.access.calls_back", lambda _: "ds-rawalpindi")
    monkeypatch.setattr(call_backs, "calls_back", lambda _: "ds-rawalpindi")
    return CENTRE | {"office": "ps-rwp-cantt"}


def test_a_centre_sees_what_it_needs_for_the_call_and_says_what_it_heard(centre):
    reference = reported()
    (row,) = send("GET", "/v1/call-backs", **centre).json["items"]
    assert (row["reference"], row["phone"], row["report"]) == (
        reference,
        "+923000000000",
        "The gate was opened again.",
    )
    assert "narrative" not in row

    path = f"/v1/complaints/{reference}/call-backs"
    assert send("POST", path, body={"outcome": "not_reached"}, **centre).status == 204
    assert send("POST", path, body={"outcome": "settled", "note": "Content."}, **centre).status == 204
    assert send("POST", path, body={"outcome": "settled"}, **centre).status == 404
    assert complaints.show(CITIZEN, reference).state == "verified"


def test_a_centre_that_was_not_drawn_for_it_finds_nothing():
    reference = reported()
    caller = Caller("desk-1", Role.FRONT_DESK, "ps-lhr-mozang")

    assert call_backs.waiting_for(caller, 10) == []
    path = f"/v1/complaints/{reference}/call-backs"
    assert send("POST", path, body={"outcome": "settled"}, **CENTRE, office="ps-lhr-mozang").status == 404


def test_a_clock_that_stands_is_shown_with_what_is_left_of_it():
    reference = lodge(hours_ago=2)
    steps.take(SDPO, reference, Accept(action="accept"), NOW - HOUR, None)
    asked = send(
        "POST", f"/v1/complaints/{reference}/steps", body={"action": "ask", "text": "Which gate?"}, **LAHORE
    )
    clock = asked.json["clocks"]["final_report"]

    assert asked.json["state"] == "information_awaited"
    assert 69 * 3600 < clock["seconds_left"] <= 70 * 3600
    assert clock["stands_since"] < clock["stands_until"]
    assert asked.json["steps"][:1] == ["transfer"]
    assert "contact" in asked.json["steps"]
