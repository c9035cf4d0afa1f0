"""Every subject on every route at every sensitivity, against an oracle of its own."""

from __future__ import annotations

from functools import cache

import pytest

from functions import openapi
from functions.domain import access, complaints, inbox
from functions.domain.access import Role
from functions.openapi import ROUTES
from functions.storage import notices
from functions.storage.tables import StoreFailureError
from tests import matrix, oracle, stored
from tests.factories import NOON
from tests.http import send
from tests.oracle import SUBJECTS

pytestmark = pytest.mark.usefixtures("settings")
_built: list[matrix.World] = []
_looked_at: dict[str, int] = {}


@pytest.fixture
def world(tables, monkeypatch):
    """The cases, people and officers: made once, put back for each test."""
    # One document for all: it is worked out from the routes alone.
    monkeypatch.setattr(openapi, "document", lambda _: _document())
    if not _built:
        _built.append(matrix.build(tables))
    (made,) = _built
    made.kept.put_back()
    return made


SUBJECT = {subject.name: subject for subject in SUBJECTS}
READING = ("GET", oracle.CASE)
READINGS = [route for route in oracle.OF_A_CASE if route[0] == "GET"]


@cache
def _document(made=openapi.document):
    return made(ROUTES)


def declared():
    import app

    return {(route.method, route.path) for route in app.openapi.ROUTES}


def test_the_oracle_knows_every_route_and_no_other():
    missing, gone = declared() - oracle.KNOWN, oracle.KNOWN - declared()

    assert not missing, f"say in tests/oracle.py who may call {sorted(missing)}"
    assert not gone, f"take out of tests/oracle.py: {sorted(gone)}"
    assert len(ROUTES) == len(oracle.KNOWN)


def test_every_role_is_among_the_subjects():
    roles = {subject.role for subject in SUBJECTS}

    assert not {str(role) for role in Role} - roles, "a role without a subject in tests/oracle.py"


def test_the_readers_of_a_case_do_read_it(world):
    """Otherwise nothing would be shown by what the others are not told."""
    for case in world.cases.values():
        readers = [each for each in SUBJECTS if oracle.may_read(each, case.facts)]
        said = [matrix.ask(world, each, ("GET", oracle.CASE), case) for each in readers]
        # A file's name stands in the list of files alone.
        told = [word for word in case.secrets[:4] if "reported" not in case.facts.name or "name" not in word]

        assert len(readers) >= 3, case.facts.name
        assert all("Zqnarrative" in reply.text for reply in said), case.facts.name
        assert all(word in said[0].text for word in told if not word.isdigit()), case.facts.name


@pytest.mark.parametrize("route", READINGS, ids=" ".join)
def test_a_reading_that_cannot_be_put_on_record_is_not_answered(world, monkeypatch, route):
    reader = SUBJECT["auditor cleared" if route[1].endswith("audit") else "sdpo cleared"]
    case = world.cases["restricted"]
    assert matrix.ask(world, reader, route, case).status == 200

    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(complaints.cases, "save", failing)
    reply = matrix.ask(world, reader, route, case)

    assert reply.status == 503
    assert not [word for word in case.secrets if word in reply.text]


@pytest.mark.parametrize("role", ["administrator", "administrator cleared"])
def test_an_administrator_changes_no_row_of_their_own(world, role):
    bearer = {"Authorization": f"Bearer {world.tokens[role]}"}
    body = {"role": "central_office", "office": "pb", "clearances": [oracle.WOMEN]}
    reply = send("PUT", f"/v1/officers/{SUBJECT[role].id}", role=None, headers=bearer, body=body)

    assert (reply.status, reply.json["type"]) == (403, "/problems/own-post")
    assert not stored.changed(world.kept.content, stored.content())


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_each_cell_is_as_the_oracle_says(world, subject):
    faults, _looked_at[subject.name] = matrix.wrong(world, subject)

    assert not faults, "\n".join([f"{len(faults)} faults in {_looked_at[subject.name]} cells", *faults])


# --- and that the matrix can fail: the product broken in one place each


def fault(world, name, route, case):
    return "; ".join(matrix.cell(world, SUBJECT[name], route, world.cases[case]))


@pytest.mark.parametrize(
    "name", [subject.name for subject in oracle.ACCUSED if subject.role in oracle.HANDLERS]
)
def test_the_matrix_sees_an_accused_officer_let_in(world, monkeypatch, name):
    monkeypatch.setattr(access, "is_accused", lambda *_: False)

    for case in ("about officers", "restricted about officers"):
        assert "answered 200" in fault(world, name, READING, case)
        assert "tells Zqnarrative" in fault(world, name, READING, case)
        for route in (("GET", "/v1/supervision/overdue"), ("GET", "/v1/complaints/search")):
            assert f"lists {case}" in fault(world, name, route, "ordinary")
    assert "answered 200" in fault(world, "sdpo", READING, "about an office")


def test_the_matrix_sees_an_accused_auditor_let_in(world, monkeypatch):
    monkeypatch.setattr(access, "is_accused", lambda *_: False)
    route = ("GET", f"{oracle.CASE}/audit")

    assert "answered 200" in fault(world, "accused and now auditor", route, "about officers")


@pytest.mark.parametrize("name", ["sdpo", "dpo", "sdpo of another", "dpo with a purpose and no clearance"])
def test_the_matrix_sees_a_restricted_case_opened_without_clearance(world, monkeypatch, name):
    right = complaints.allow
    for module in (complaints, inbox):
        monkeypatch.setattr(
            module, "allow", lambda who, what, row=None: (row and row.restricted) or right(who, what, row)
        )

    assert "and not [404]" in fault(world, name, READING, "restricted")
    assert "lists restricted" in fault(world, name, ("GET", "/v1/supervision/overdue.csv"), "ordinary")


def test_the_matrix_sees_a_restricted_case_opened_for_nothing(world, monkeypatch):
    monkeypatch.setattr(complaints, "lacks_purpose", lambda *_: False)

    assert "answered 200" in fault(world, "sdpo cleared without purpose", READING, "restricted")


@pytest.mark.parametrize("name", ["sdpo of another", "dpo of another", "rpo of another", "station officer"])
def test_the_matrix_sees_a_case_read_from_outside_its_jurisdiction(world, monkeypatch, name):
    monkeypatch.setattr(access, "has_jurisdiction", lambda *_: True)

    assert "answered 200" in fault(world, name, READING, "ordinary")


def test_the_matrix_sees_another_citizen_let_in(world, monkeypatch):
    monkeypatch.setattr(complaints, "allow", lambda *_: True)

    assert "tells Zqnarrative0" in fault(world, "another citizen", READING, "ordinary")


def test_the_matrix_sees_a_reading_that_is_not_on_record(world, monkeypatch):
    monkeypatch.setattr(complaints, "recorded", lambda _, case, *__, **___: case)

    assert "is not on record" in fault(world, "sdpo cleared", READING, "restricted")


def test_the_matrix_sees_a_refusal_that_leaves_something_behind(world, monkeypatch):
    right = complaints.allow

    def noting(who, what, row=None):
        notices.add(who.subject, notices.NoticeRow(NOON, "KH-2345-6789-A", "asked"), 1)
        return right(who, what, row)

    monkeypatch.setattr(complaints, "allow", noting)

    assert "changed ['khidmat-test-notices']" in fault(world, "sdpo of another", READING, "ordinary")


def test_the_matrix_sees_a_refusal_by_the_wrong_name(world, monkeypatch):
    monkeypatch.setattr(complaints, "NotFound", complaints.PurposeNeeded)

    assert "answered 403 and not [404]" in fault(world, "another citizen", READING, "ordinary")


def test_so_many_cells_were_looked_at(world):
    planned = sum(len(matrix.plan(world, subject)) for subject in SUBJECTS)
    print(f"{planned} cells: {len(SUBJECTS)} subjects, {len(ROUTES)} routes, {len(world.cases)} cases")

    assert planned >= len(SUBJECTS) * len(ROUTES) * 3
    if len(_looked_at) == len(SUBJECTS):  # not when a part of the tests was chosen
        assert sum(_looked_at.values()) == planned
