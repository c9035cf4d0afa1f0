from dataclasses import replace

import pytest

from functions.domain import audit, complaints, steps
from functions.storage import cases
from functions.storage.history import history_text
from schemas.complaints import NewComment, NewComplaint
from schemas.steps import Accept
from tests.factories import AUDITOR, CITIZEN, NOON, SDPO, complaint_body
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def reference():
    return complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON).reference


def auditor(path, **more):
    return send("GET", path, role="auditor", subject="auditor-1", **more)


def test_an_auditor_reads_who_did_what_and_not_what_was_written(reference):
    complaints.comment(CITIZEN, reference, NewComment(text="My neighbour saw it."), "c", NOON)
    reply = auditor(f"/v1/complaints/{reference}/audit")

    assert (reply.status, reply.json["whole"]) == (200, True)
    assert [row["action"] for row in reply.json["items"]] == ["lodge", "comment"]
    assert "neighbour" not in reply.text
    assert complaint_body()["narrative"] not in reply.text


def test_a_long_audit_is_paged(monkeypatch, reference):
    monkeypatch.setattr(audit, "PAGE", 2)
    for number in range(3):
        complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), f"c-{number}", NOON)
    first = auditor(f"/v1/complaints/{reference}/audit").json
    second = auditor(f"/v1/complaints/{reference}/audit?cursor={first['next']}").json

    assert [row["sequence"] for row in first["items"] + second["items"]] == [1, 2, 3, 4]
    assert second["next"] is None


def test_a_chain_that_is_not_whole_is_said_to_the_auditor(tables, reference):
    steps.take(SDPO, reference, Accept(action="accept"), NOON, None)
    history = list(cases.get(reference).history)
    tables.update_item(
        TableName="khidmat-test-cases",
        Key={"reference": {"S": reference}},
        UpdateExpression="SET history = :h",
        ExpressionAttributeValues={
            ":h": {"S": history_text([history[0], replace(history[1], action="report")])}
        },
    )
    page = auditor(f"/v1/complaints/{reference}/audit").json

    assert (page["whole"], page["first_bad"]) == (False, 2)


def test_the_audit_of_a_restricted_case_needs_clearance_and_purpose_and_is_on_record():
    case = complaints.lodge(
        CITIZEN, NewComplaint(**complaint_body(category="violence_against_women")), "key-1", NOON
    )
    path = f"/v1/complaints/{case.reference}/audit"
    cleared = {"clearances": frozenset({"violence_against_women"})}

    assert auditor(path).status == 404
    assert auditor(path, **cleared).status == 403
    assert auditor(path, headers={"X-Purpose": "audit"}, **cleared).status == 200
    last = cases.get(case.reference).history[-1]
    assert (last.action, last.actor, last.facts) == ("audit_read", AUDITOR.subject, (("purpose", "audit"),))


def test_older_history_that_is_gone_is_said_to_the_auditor(tables, monkeypatch, reference):
    monkeypatch.setattr(cases, "HISTORY_KEPT_BYTES", 100)
    for number in range(5):
        complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), f"c-{number}", NOON)
    path = f"/v1/complaints/{reference}/audit"
    assert auditor(path).json["whole"]
    tables.delete_item(TableName="khidmat-test-cases", Key={"reference": {"S": f"{reference}#0001"}})

    page = auditor(path).json
    assert (page["whole"], page["first_bad"]) == (False, page["items"][0]["sequence"])


def test_an_officer_who_is_no_auditor_is_refused_and_a_stranger_as_well(reference):
    path = f"/v1/complaints/{reference}/audit"

    assert send("GET", path, role="sdpo", subject="sdpo-1", office="sd-lhr-civil-lines").status == 403
    assert send("GET", path).status == 403
    assert auditor("/v1/complaints/KH-2222-2222-2/audit").status in (400, 404)
    assert auditor(f"{path}?cursor=forged").status == 400
