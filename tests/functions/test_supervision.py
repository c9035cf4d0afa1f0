"""The overdue list as a file."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest

from functions.domain import sweep
from tests.factories import complaint_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
SHEET = "/v1/supervision/overdue.csv"
CENTRAL_OFFICE = {"role": "central_office", "subject": "supervisor-1", "office": "pb"}


def lodge_late(count=1):
    """References of cases that are overdue by their first deadline."""
    said = [send("POST", "/v1/complaints", body=complaint_body()).json for _ in range(count)]
    sweep.flag_overdue(datetime.fromisoformat(said[-1]["lodged_at"]) + timedelta(hours=9))
    return [row["reference"] for row in said]


def rows(reply):
    text = reply.text
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_list_is_had_as_a_file():
    (reference,) = lodge_late()
    reply = send("GET", SHEET, **CENTRAL_OFFICE)
    (row,) = rows(reply)

    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="overdue.csv"'
    assert (row["reference"], row["clock"]) == (reference, "first_contact")
    assert list(row) == ["reference", "class", "category", "office", "clock", "due_at", "overdue_seconds"]


def test_the_file_says_what_the_list_says():
    lodge_late()
    (shown,) = send("GET", "/v1/supervision/overdue", **CENTRAL_OFFICE).json["items"]
    (row,) = rows(send("GET", SHEET, **CENTRAL_OFFICE))

    assert row["due_at"] == datetime.fromisoformat(shown["due_at"]).isoformat()
    assert (row["class"], row["category"], row["office"]) == (
        shown["complaint_class"],
        shown["category"],
        shown["office"],
    )
    assert row["overdue_seconds"].isdigit()


def test_an_empty_list_is_a_file_with_its_columns():
    reply = send("GET", SHEET, **CENTRAL_OFFICE)

    assert (reply.status, rows(reply)) == (200, [])
    assert '"reference","class"' in reply.text


def test_pages_follow_on_by_their_link_without_gap_or_repeat():
    known = lodge_late(3)
    seen, address = [], f"{SHEET}?limit=2"
    while address:
        reply = send("GET", address, **CENTRAL_OFFICE)
        seen += [row["reference"] for row in rows(reply)]
        link = re.fullmatch(r'<(.+)>; rel="next"', reply.headers.get("link", ""))
        address = link.group(1) if link else ""

    assert sorted(seen) == sorted(known)


def test_the_link_keeps_the_filter():
    lodge_late(2)
    reply = send("GET", f"{SHEET}?limit=1&district=ds-lahore", **CENTRAL_OFFICE)
    other = send("GET", f"{SHEET}?district=ds-kasur", **CENTRAL_OFFICE)

    assert ("limit=1" in reply.headers["link"], "district=ds-lahore" in reply.headers["link"]) == (
        True,
        True,
    )
    assert rows(other) == []


def test_another_supervisors_link_is_refused():
    lodge_late(2)
    address = send("GET", f"{SHEET}?limit=1", **CENTRAL_OFFICE).headers["link"].split(">")[0].lstrip("<")

    assert send("GET", address, **CENTRAL_OFFICE | {"subject": "supervisor-2"}).status == 400


def test_citizens_take_no_list_away():
    assert send("GET", SHEET).status == 403


def test_a_refusal_is_a_problem_and_no_file():
    reply = send("GET", f"{SHEET}?limit=0", **CENTRAL_OFFICE)

    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
