import pytest
from openapi_spec_validator import validate

from app import DOORS
from functions.openapi import ROUTES, document
from tests.http import send


@pytest.fixture
def contract():
    return document(ROUTES)


def test_the_document_is_valid_openapi_3_1(contract):
    validate(contract)

    assert contract["openapi"].startswith("3.1")


def test_every_api_route_is_in_the_document_and_the_other_way_round(contract):
    declared = {(r.method, r.path) for door in DOORS for r in door.declared if r.kind == "json"}
    listed = {(method.upper(), path) for path, methods in contract["paths"].items() for method in methods}

    assert listed == declared


def test_every_operation_names_its_permission_and_says_what_it_is_for(contract):
    for methods in contract["paths"].values():
        for operation in methods.values():
            assert operation["x-permission"]
            assert operation["description"]


def test_every_reference_in_the_document_leads_somewhere(contract):
    text = str(contract)
    known = set(contract["components"]["schemas"])
    named = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}

    assert named <= known


def test_the_document_is_served():
    assert send("GET", "/openapi.json", role=None).json["info"]["title"] == "Khidmat"


def test_a_file_is_named_by_its_media_type(contract):
    said = contract["paths"]["/v1/supervision/overdue.csv"]["get"]["responses"]["200"]

    assert said["content"] == {"text/csv": {"schema": {"type": "string"}}}
    assert "Link" in said["headers"]


def test_a_preflight_is_no_part_of_the_document(contract):
    assert not [path for path, methods in contract["paths"].items() if "options" in methods]
