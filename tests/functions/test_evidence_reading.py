"""Reading evidence: by whom, on which record, and what is left when it was forgotten."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.domain import evidence, own_data
from functions.domain.access import CLEARANCE_WOMEN, Caller, Role
from functions.domain.errors import CaseErased
from functions.domain.evidence import HEAD_BYTES
from functions.storage import cases
from functions.storage import evidence as storage
from tests import people
from tests.evidence import JPEG, PDF, PHOTO, add, announce, complete, fetch, listed, lodge, stored, upload
from tests.factories import CITIZEN, NOON
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
SDPO = {"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}


@pytest.fixture(autouse=True)
def _clients(tables):
    storage.client.cache_clear()
    yield
    storage.client.cache_clear()


@pytest.fixture
def reference():
    return lodge()


def test_the_list_is_the_owners_and_the_officers(reference):
    add(reference)
    add(reference, PDF, "piece-2", media_type="application/pdf", name="statement.pdf")
    for reader in ({}, SDPO):
        reply = listed(reference, **reader)
        assert [row["name"] for row in reply.json["items"]] == ["receipt.jpg", "statement.pdf"]


def test_a_link_is_a_download_for_a_minute(reference):
    piece, _ = add(reference)
    reply = fetch(reference, piece)
    address = urlsplit(reply.json["url"])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}

    assert set(reply.json) == {"url", "expires_at"}
    assert address.path == f"/kept/{reference}/{piece}"
    assert query["X-Amz-Expires"] == "60"
    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["response-content-type"] == "image/jpeg"
    assert query["response-content-disposition"] == f'attachment; filename="{reference}-{piece}.jpg"'
    assert "receipt" not in reply.text


@pytest.mark.parametrize(
    ("reader", "status"),
    [
        ({"subject": "citizen-2"}, 404),
        ({"role": "sdpo", "subject": "sdpo-1", "office": "sd-lhr-civil-lines"}, 200),
        ({"role": "sdpo", "subject": "sdpo-2", "office": "sd-lhr-model-town"}, 404),
        ({"role": "dpo", "subject": "dpo-1", "office": "ds-lahore"}, 200),
        ({"role": "rpo", "subject": "rpo-1", "office": "rg-lahore"}, 200),
        ({"role": "central_office", "subject": "central-1", "office": "pb"}, 200),
        ({"role": "station_officer", "subject": "so-1", "office": "ps-lhr-mozang"}, 404),
        ({"role": "front_desk", "subject": "desk-1", "office": "ps-lhr-mozang"}, 403),
        ({"role": "centre_supervisor", "subject": "centre-1", "office": "ps-lhr-mozang"}, 403),
        ({"role": "product_owner", "subject": "owner-1"}, 403),
        ({"role": "auditor", "subject": "auditor-1"}, 403),
        ({"role": "administrator", "subject": "administrator-1"}, 403),
        ({"role": None}, 401),
    ],
    ids=lambda value: value.get("subject", "nobody") if isinstance(value, dict) else str(value),
)
def test_files_are_read_by_the_cases_own_rule(reference, reader, status):
    piece, _ = add(reference)

    assert listed(reference, **reader).status == status
    assert fetch(reference, piece, **reader).status == status


@pytest.mark.parametrize("role", [Role.SDPO, Role.CENTRAL_OFFICE, Role.AUDITOR, Role.ADMINISTRATOR])
def test_the_owner_alone_adds(reference, role):
    office = {Role.SDPO: "sd-lhr-civil-lines", Role.CENTRAL_OFFICE: "pb"}.get(role)
    url = f"/v1/complaints/{reference}/evidence"
    by = {"role": str(role), "subject": f"{role}-1", "office": office}

    assert send("POST", url, body=PHOTO, **by).status == 403
    assert announce(reference, subject="citizen-2").status == 404
    piece, _ = add(reference)
    assert complete(reference, piece, subject="citizen-2").status == 404
    assert complete(reference, piece, **by).status == 403


def test_an_officer_complained_of_and_the_whole_station_see_nothing():
    people.enrol(Caller("so-9", Role.STATION_OFFICER, "ps-lhr-mozang"), service_number="LHR123")
    reference = lodge(about_officers=["LHR-123"])
    piece, _ = add(reference)
    # Moved up since, and in charge of the very case: still the officer complained of.
    moved = {"role": "dpo", "subject": "so-9", "office": "ds-lahore"}
    people.enrol(Caller("so-9", Role.DPO, "ds-lahore"), service_number="LHR123")

    assert (listed(reference, **moved).status, fetch(reference, piece, **moved).status) == (404, 404)


CLEARED = SDPO | {"clearances": frozenset({CLEARANCE_WOMEN})}
PURPOSE = {"headers": {"X-Purpose": "handling"}}


def test_a_restricted_file_needs_clearance_and_purpose_and_is_on_record_before_there_is_a_link(monkeypatch):
    reference = lodge(category="violence_against_women")
    piece, _ = add(reference)
    assert (fetch(reference, piece, **SDPO, **PURPOSE).status, listed(reference, **SDPO).status) == (404, 404)
    assert (fetch(reference, piece, **CLEARED).status, listed(reference, **CLEARED).status) == (403, 403)
    link, known = storage.link, []

    def linked(*given):
        known.extend(cases.get(reference).history[-1:])
        return link(*given)

    monkeypatch.setattr(storage, "link", linked)
    assert fetch(reference, piece, **CLEARED, **PURPOSE).status == 200
    (entry,) = known
    assert (entry.action, entry.actor) == ("evidence_read", "sdpo-1")
    assert dict(entry.facts) == {"evidence": piece, "purpose": "handling"}


def test_the_list_of_a_restricted_case_is_a_reading_of_it():
    reference = lodge(category="violence_against_women")
    add(reference)

    assert listed(reference, **CLEARED, **PURPOSE).json["items"][0]["name"] == "receipt.jpg"
    assert cases.get(reference).history[-1].action == "read"


def test_who_is_forgotten_leaves_no_file(reference):
    piece, _ = add(reference)
    other = lodge(narrative="Another matter, of the same person and still open.")
    add(other, key="piece-2")
    upload(announce(reference, "piece-3"), JPEG)
    for each in (reference, other):
        send("POST", f"/v1/complaints/{each}/steps", body={"action": "withdraw"})
    own_data.erase(CITIZEN, NOON)

    assert stored() == {}
    with pytest.raises(CaseErased):
        evidence.complete(CITIZEN, reference, piece, NOON)


def test_a_file_taken_in_while_its_case_was_being_forgotten_goes_too(reference, monkeypatch):
    announced = announce(reference)
    upload(announced, JPEG)
    keep = storage.keep

    def forgotten_then_keep(*given):
        case = cases.get(reference)
        evidence.forget(case)
        upload(announced, JPEG)
        bare = replace(case, sealed=(), case_key=b"", erased_at=NOON)
        evidence.complaints.save(bare)
        keep(given[0], given[1], storage.arrived(*given[:2], HEAD_BYTES).etag)

    monkeypatch.setattr(storage, "keep", forgotten_then_keep)
    reply = complete(reference, announced.json["evidence"])

    assert (reply.status, reply.json["type"]) == (409, "/problems/case-erased")
    assert stored("kept/") == {}


def test_files_of_an_erased_case_are_not_found_and_its_list_names_none(reference):
    piece, _ = add(reference)
    case = cases.get(reference)
    evidence.complaints.save(replace(case, sealed=(), case_key=b"", erased_at=NOON))

    assert fetch(reference, piece).status == 404
    assert listed(reference).json["items"][0]["name"] is None
    assert announce(reference, "piece-2").status == 409
