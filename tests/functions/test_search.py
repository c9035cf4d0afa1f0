"""Searching by HTTP: the routes beside the case's own, pages and files, and what is put on record."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from functions.domain import complaints
from functions.domain.deadlines import KARACHI
from functions.domain.similar import LIKE
from functions.storage import officers
from functions.storage.history import read_history
from functions.storage.keyring import keyring
from schemas.complaints import NewComplaint
from tests.factories import CITIZEN, case, complaint_body
from tests.functions.domain.accounts_of_matters import MATTERS
from tests.http import send
from tests.registered import enter, lodged, row

pytestmark = pytest.mark.usefixtures("tables")
SEARCH, SHEET = "/v1/complaints/search", "/v1/complaints/search.csv"
SDPO = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}
CLEARED = SDPO | {"clearances": frozenset({"violence_against_women"}), "subject": "sdpo-9"}
STOLEN = MATTERS["motorcycle at the market"]
LATELY = datetime.now(UTC)


def today(number, text="", **changes):
    return row(number, text, lodged_at=LATELY, **changes)


def found(query="", **caller):
    reply = send("GET", f"{SEARCH}{query}", **(caller or SDPO))
    assert reply.status == 200, reply.text
    return [each["reference"] for each in reply.json["items"]]


def test_search_is_a_route_of_its_own_beside_that_of_a_case():
    enter(today(1, STOLEN[0], level=2))
    reply = send("GET", f"{SEARCH}?q=chori", **SDPO)
    (shown,) = reply.json["items"]

    assert (reply.status, shown["reference"], shown["level"]) == (200, "KH-2345-6701-A", 2)
    assert set(shown) >= {"state", "category", "complaint_class", "office", "lodged_at", "deadlines"}
    assert send("GET", "/v1/complaints/KH-JNS9-AK3U-W", **SDPO).status == 404


def test_an_urdu_word_is_sent_as_any_client_sends_it():
    enter(today(1, STOLEN[0]))

    assert found("?q=%DA%86%D9%88%D8%B1%DB%8C") == ["KH-2345-6701-A"]


def test_all_parameters_are_read():
    enter(today(1), today(2, state="closed"), phone=keyring().index("phone", "+923000000000"))

    assert found("?phone=0300+0000000&state=closed&class=B&office=ds-lahore") == ["KH-2345-6702-A"]
    assert found("?from=2020-01&to=2020-03") == []
    assert found("?cnic=00000-0000000-1") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?q=the", "?q"),
        ("?reference=KH-1", "?reference"),
        ("?cnic=12", "?cnic"),
        ("?cnic=00000-0000000-x", "?cnic"),
        ("?phone=no", "?phone"),
        ("?from=2026-13", "?from"),
        ("?from=2026-03&to=2026-01", "?from"),
        ("?office=nowhere", "?office"),
        ("?class=b", "?class"),
        ("?first=2026-01", "?first"),
        ("?cursor=AAAA", "?cursor"),
    ],
)
def test_what_is_wrong_is_named(query, pointer):
    reply = send("GET", f"{SEARCH}{query}", **SDPO)

    assert (reply.status, [each["pointer"] for each in reply.json["errors"]]) == (400, [pointer])


def test_a_reference_is_found_as_it_is_typed(tables):
    from functions.domain.references import reference_for

    reference = reference_for("seed", 0)
    lodged(tables, case(reference=reference))

    assert found(f"?reference={reference.lower().replace('-', '')}") == [reference]


def test_restricted_cases_name_no_matter():
    enter(today(1, category="violence_against_women"))
    reply = send("GET", SEARCH, **CLEARED)

    assert [each["category"] for each in reply.json["items"]] == ["restricted"]
    assert found() == []


@pytest.mark.parametrize("role", ["citizen", "station_officer", "auditor", "product_owner"])
def test_nobody_else_searches(role):
    office = "ps-lhr-mozang" if role == "station_officer" else None

    for path in (SEARCH, SHEET, "/v1/complaints/KH-2345-6789-A/similar"):
        assert send("GET", path, role=role, subject=f"{role}-1", office=office).status == 403


def test_pages_follow_on_and_are_the_callers_own():
    enter(*(today(n) for n in range(3)))
    first = send("GET", f"{SEARCH}?limit=2", **SDPO).json
    second = send("GET", f"{SEARCH}?limit=2&cursor={first['next']}", **SDPO).json

    assert [r["reference"][10:12] for r in first["items"] + second["items"]] == ["02", "01", "00"]
    assert second["next"] is None
    assert send("GET", f"{SEARCH}?state=closed&cursor={first['next']}", **SDPO).status == 400
    assert send("GET", f"{SEARCH}?cursor={first['next']}", **CLEARED).status == 400


def test_the_same_is_had_as_a_file_whose_link_keeps_what_was_asked():
    enter(*(today(n, STOLEN[0]) for n in range(3)))
    seen, address = [], f"{SHEET}?limit=2&q=chori&class=B&from={LATELY:%Y-%m}"
    while address:
        reply = send("GET", address, **SDPO)
        assert reply.headers["content-disposition"] == 'attachment; filename="search.csv"'
        rows = list(csv.DictReader(io.StringIO(reply.text[1:], newline="")))
        seen += [each["reference"] for each in rows]
        link = re.fullmatch(r'<(.+)>; rel="next"', reply.headers.get("link", ""))
        address = link.group(1) if link else ""

    assert [*rows[0]] == ["reference", "state", "class", "category", "office", "level", "lodged_at"]
    assert len(seen) == len(set(seen)) == 3


def test_that_a_person_was_looked_for_and_by_whom_is_on_record_without_the_number():
    enter(today(1), phone=keyring().index("phone", "+923000000000"))
    found("?phone=0300+0000000")
    found("?cnic=00000-0000000-1")
    found("?state=closed")
    day = datetime.now(UTC).astimezone(KARACHI)
    record = officers.get(f"desk.{SDPO['subject']}.{day:%Y-%m-%d}", consistent=True)
    entries = read_history(record.history)

    assert [dict(entry.facts) for entry in entries] == [
        {"by": "phone", "found": "1"},
        {"by": "cnic", "found": "0"},
    ]
    assert {entry.actor for entry in entries} == {SDPO["subject"]}
    assert "3000000" not in record.history


def test_whoever_goes_through_a_list_of_numbers_is_stopped(monkeypatch):
    monkeypatch.setattr("functions.domain.search.MOST_PERSONS_A_DAY", 1)
    assert send("GET", f"{SEARCH}?phone=03000000000", **SDPO).status == 200

    refused = send("GET", f"{SEARCH}?phone=03000000001", **SDPO)

    assert refused.status == 429
    assert int(refused.headers["retry-after"]) > 0


def question(**changes):
    body = {"category": "slackness", "narrative": STOLEN[3], "station": "ps-lhr-mozang"}
    return send("POST", "/v1/complaints/similar", body=body | changes)


def test_a_citizen_learns_of_others_no_more_than_that_there_are_some():
    enter(today(1, STOLEN[0]), today(2, STOLEN[2]))
    reply = question()

    assert reply.json == {"mine": [], "others": [{"complaint_class": "B", "count": "1-4"}]}
    assert question(narrative=MATTERS["signal"][0]).json == {"mine": [], "others": []}


def test_a_question_without_a_place_is_refused():
    assert question(station=None).status == 400
    assert question(place="Mozang Chowk").status == 200


def test_officers_see_what_is_like_a_case(tables):
    from functions.domain.references import reference_for

    reference = reference_for("seed", 0)
    lodged(tables, case(reference=reference, narrative=STOLEN[1], lodged_at=LATELY))
    enter(today(1, STOLEN[0]))
    reply = send("GET", f"/v1/complaints/{reference}/similar", **SDPO)
    (shown,) = reply.json["items"]

    assert shown["reference"] == "KH-2345-6701-A"
    assert LIKE <= shown["score"] <= 1


def test_the_reports_of_one_incident_are_named_by_the_case_that_carries_them():
    first, second = (
        complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), key, LATELY).reference for key in "ab"
    )
    send("POST", f"/v1/complaints/{second}/steps", body={"action": "merge", "into": first}, **SDPO)

    assert send("GET", f"/v1/complaints/{first}/similar", **SDPO).json["merged"] == [second]
    assert send("GET", f"/v1/complaints/{second}/similar", **SDPO).json["merged"] == []


def test_a_report_that_lies_outside_ones_jurisdiction_is_not_named_by_the_case_that_carries_it():
    first, second = (
        complaints.lodge(CITIZEN, NewComplaint(**complaint_body(**place)), str(place), LATELY).reference
        for place in ({}, {"station": "ps-lhr-model-town"})
    )
    dpo = {"role": "dpo", "subject": "dpo-1", "office": "ds-lahore"}
    send("POST", f"/v1/complaints/{second}/steps", body={"action": "merge", "into": first}, **dpo)

    assert send("GET", f"/v1/complaints/{first}/similar", **dpo).json["merged"] == [second]
    assert send("GET", f"/v1/complaints/{first}/similar", **SDPO).json["merged"] == []
