from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.domain import open311
from functions.domain.errors import InvalidRequest, UnknownName
from functions.domain.references import reference_for
from functions.storage import cases
from functions.storage import register as store
from schemas.open311 import GeoRequestQuery, NewGeoRequest
from tests.factories import case
from tests.registered import row

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 9, 30, 7, 0, tzinfo=UTC)
KEY = "a-random-key-of-22-letters-or-more"
SIGNAL = "traffic_signal_fault"
THERE = reference_for("a case of another kind")


def new(**changes):
    body = {
        "service_code": SIGNAL,
        "description": "The signal is dark since Monday.",
        "address_id": "ds-kasur",
    }
    return NewGeoRequest.model_validate(body | changes)


def faults(call, *given):
    with pytest.raises(InvalidRequest) as refused:
        call(*given)
    return [(each.pointer, each.fault) for each in refused.value.faults]


def entered(*days_ago, **changes):
    """Public rows, lodged so many days before NOW."""
    for n, days in enumerate(days_ago):
        at = NOW - timedelta(days=days)
        made = row(n, **({"category": SIGNAL, "lodged_at": at} | changes))
        assert store.note_public(at.strftime("%Y-%m"), made)


def listed(**asked):
    found = open311.listed(GeoRequestQuery.model_validate(asked), NOW)
    return [(NOW - each.lodged_at).days for each in found.rows]


# --- what may be reported


def test_what_may_be_reported_is_about_places_and_things_alone():
    assert set(open311.services(NOW)) == {
        "centre_out_of_order",
        SIGNAL,
        "road_obstruction",
        "abandoned_vehicle",
        "missing_road_sign",
    }
    assert open311.services(datetime(2026, 1, 1, tzinfo=UTC)) == {}
    assert open311.service(SIGNAL, NOW).public
    assert not [code for code, each in open311.services(NOW).items() if each.restricted]


@pytest.mark.parametrize("code", ["misconduct", "violence_against_women", ""])
def test_no_other_matter_is_a_service(code):
    with pytest.raises(UnknownName):
        open311.service(code, NOW)


# --- reporting


@pytest.mark.parametrize(
    ("place", "station", "district"),
    [
        ({"address_id": "ps-lhr-mozang"}, "ps-lhr-mozang", "ds-lahore"),
        ({"address_id": "ds-kasur"}, "", "ds-kasur"),
        ({"address_id": "", "lat": "31.5", "long": "74.3"}, "", "ds-lahore"),
        (
            {"address_id": "", "lat": "", "long": "", "address_string": "مزنگ لاہور"},
            "ps-lhr-mozang",
            "ds-lahore",
        ),
        ({"address_id": "ds-kasur", "jurisdiction_id": "ds-kasur"}, "", "ds-kasur"),
    ],
)
def test_a_report_lies_at_its_place(place, station, district):
    made = open311.lodge(new(**place), KEY, NOW)

    assert (made.station, made.district, made.category) == (station, district, SIGNAL)
    assert made.final_report_due > NOW
    assert open311.find(made.reference).reference == made.reference


def test_a_repeat_answers_the_same_and_writes_nothing():
    assert open311.lodge(new(), KEY, NOW) == open311.lodge(new(email="a@example.org"), KEY, NOW)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"service_code": "misconduct"}, ("/service_code", "unknown_category")),
        ({"address_id": "sd-lhr-civil-lines"}, ("/address_id", "unknown_place")),
        ({"address_id": ""}, ("/address_id", "address_needed")),
        ({"address_id": "", "lat": "24.86", "long": "67.01"}, ("/lat", "too_far")),
        ({"address_id": "", "lat": "24.86"}, ("/long", "missing")),
        ({"address_id": "", "long": "67.01"}, ("/lat", "missing")),
        ({"address_id": "", "address_string": "the road"}, ("/address_string", "place_not_named")),
        ({"jurisdiction_id": "ds-lahore"}, ("/jurisdiction_id", "place_elsewhere")),
    ],
)
def test_a_wrong_field_is_named(changes, fault):
    assert faults(open311.lodge, new(**changes), KEY, NOW) == [fault]


@pytest.mark.parametrize("district", ["ds-nowhere", "pb"])
def test_a_jurisdiction_is_a_district(district):
    with pytest.raises(UnknownName):
        open311.lodge(new(jurisdiction_id=district), KEY, NOW)


# --- finding


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "misconduct"},
        {"category": "violence_against_women"},
        {"category": SIGNAL, "about_offices": ("ps-lhr-mozang",)},
        {"category": SIGNAL, "accused": ("officer-1",)},
    ],
)
def test_a_case_about_anybody_is_not_there(changes):
    cases.create(case(reference=THERE, **changes), cases.Indexed())

    with pytest.raises(UnknownName):
        open311.find(THERE)
    assert listed(service_request_id=THERE) == []


@pytest.mark.parametrize("reference", ["nonsense", THERE])
def test_what_was_never_lodged_is_not_there(reference):
    with pytest.raises(UnknownName):
        open311.find(reference)


def test_several_are_found_by_their_ids_and_unknown_ones_left_out():
    made = [open311.lodge(new(), f"{KEY}-{n}", NOW).reference for n in range(2)]
    asked = GeoRequestQuery(service_request_id=f"{made[1]},nonsense,{made[0]},{made[1]}", status="closed")

    assert [each.reference for each in open311.listed(asked, NOW).rows] == made[::-1]


def test_so_many_ids_at_once_and_no_more(monkeypatch):
    monkeypatch.setattr(open311, "MOST_NAMED", 1)
    made = [open311.lodge(new(), f"{KEY}-{n}", NOW).reference for n in range(2)]

    asked = GeoRequestQuery(service_request_id=",".join(made))
    assert faults(open311.listed, asked, NOW) == [("?service_request_id", "too_long")]


# --- listing


def test_the_last_90_days_are_listed_newest_first():
    entered(1, 0, 40, 89, 91, 200)

    assert listed() == [0, 1, 40, 89]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (50, None, [0, 1, 40]),
        (210, None, [200]),
        (None, 30, [40, 89, 91]),
        (100, 40, [40, 89, 91]),
        (None, 120, [200]),
        (210, 100, []),  # of so long a span the last 90 days
    ],
)
def test_a_span_is_listed_with_both_its_ends(start, end, days):
    entered(0, 1, 40, 89, 91, 200)
    asked = {"start_date": start, "end_date": end}
    said = {name: (NOW - timedelta(days=n)).isoformat() for name, n in asked.items() if n is not None}

    assert listed(**said) == days


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_edges_of_time_are_instants_as_any(edge):
    entered(0)

    assert isinstance(listed(start_date=edge), list)
    assert isinstance(listed(end_date=edge), list)


def test_a_plus_that_was_not_escaped_is_one():
    assert GeoRequestQuery(start_date="2026-09-01T00:00:00 05:00").start_date.utcoffset() == timedelta(
        hours=5
    )


def test_a_span_does_not_end_before_it_begins():
    asked = GeoRequestQuery(start_date=NOW, end_date=NOW - timedelta(days=1))

    assert faults(open311.listed, asked, NOW) == [("?end_date", "instants_turned_round")]


def test_requests_are_listed_by_state_code_and_district():
    entered(0)
    entered(1, state="merged")
    entered(2, category="road_obstruction")
    entered(3, district="ds-kasur", station="")

    assert listed(status="open") == [0, 2, 3]
    assert listed(status="closed") == [1]
    assert listed(status="open,closed", service_code="road_obstruction, abandoned_vehicle") == [2]
    assert listed(jurisdiction_id="ds-kasur") == [3]


@pytest.mark.parametrize("asked", [{"service_code": "misconduct"}, {"jurisdiction_id": "ds-nowhere"}])
def test_what_is_not_known_is_said_to_be_so(asked):
    with pytest.raises(UnknownName):
        listed(**asked)


@pytest.mark.parametrize("limit", ["MOST", "MOST_LOOKED_AT"])
def test_a_list_that_is_cut_says_where_to_go_on(monkeypatch, limit):
    entered(0, 1, 2)
    monkeypatch.setattr(open311, limit, 2)
    found = open311.listed(GeoRequestQuery(), NOW)
    after = open311.listed(GeoRequestQuery(end_date=found.up_to), NOW)

    assert len(found.rows) == 2
    assert [each.reference for each in after.rows] == ["KH-2345-6701-A", "KH-2345-6702-A"]


# --- what is told


def test_of_a_request_its_matter_place_and_dates_are_told():
    said = open311.shown(row(category=SIGNAL, lodged_at=NOW, final_report_due=NOW + timedelta(days=3)), "en")

    assert said.model_dump(mode="json") == {
        "service_request_id": "KH-2345-6701-A",
        "status": "open",
        "status_notes": "",
        "service_name": "Traffic signal out of order",
        "service_code": SIGNAL,
        "description": "",
        "agency_responsible": "Lahore District",
        "service_notice": "",
        "requested_datetime": "2026-09-30T12:00:00+05:00",
        "updated_datetime": "2026-09-30T12:00:00+05:00",
        "expected_datetime": "2026-10-03T12:00:00+05:00",
        "address": "Mozang Police Station",
        "address_id": "ps-lhr-mozang",
        "zipcode": "",
        "lat": 31.55,
        "long": 74.34,
        "media_url": "",
    }


def test_it_is_told_in_urdu_too_with_its_last_change(monkeypatch):
    monkeypatch.setattr(open311, "headquarters", dict)
    made = replace(row(category=SIGNAL, station=""), state="closed", closed_at=NOW)
    said = open311.shown(made, "ur")

    assert (said.service_name, said.address) == ("ٹریفک سگنل خراب", "ضلع لاہور")
    assert (said.status, said.updated_datetime, said.lat) == ("closed", NOW, None)
