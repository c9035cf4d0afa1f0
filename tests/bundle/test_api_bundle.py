"""The API's bundle answers by itself: unzipped alone, in an interpreter that has nothing else."""

import json

import pytest

from tests.bundle import clean
from tests.bundle.clean import content_of
from tests.factories import complaint_body
from tests.http import token_of
from tests.people import citizen_token

pytestmark = [pytest.mark.bundle, pytest.mark.engine]
MOST_BYTES = 40_000_000
"""14.4 MB of it is the one library that checks signatures, 5 MB pydantic's core, 3.5 MB the classifier's weights."""


def headers_of(answer):
    many = answer.get("multiValueHeaders") or {}
    named = {name: values[-1] for name, values in many.items()} | answer["headers"]
    return {name.lower(): value for name, value in named.items()}


def answered(api, environment, *calls):
    answers = clean.run(api.unzipped, list(calls), environment)
    assert all("returned" in answer for answer in answers), answers
    return [answer["returned"] for answer in answers]


def test_a_complaint_is_lodged_and_read_again(api, deployed):
    bearer = {"Authorization": f"Bearer {citizen_token()}", "Idempotency-Key": "bundle-1"}
    lodge = clean.request("POST", "/v1/complaints", "/v1/complaints", headers=bearer, body=complaint_body())
    (lodged,) = answered(api, deployed, lodge)
    reference = json.loads(content_of(lodged, status=201))["reference"]
    read = clean.get(
        f"/v1/complaints/{reference}",
        "/v1/complaints/{reference}",
        parameters={"reference": reference},
        headers=bearer,
    )
    (shown,) = answered(api, deployed, read)
    assert json.loads(content_of(shown))["reference"] == reference


def test_nobody_is_let_in_without_a_token(api, deployed):
    (refused,) = answered(api, deployed, clean.get("/v1/complaints"))
    assert refused["statusCode"] == 401
    assert headers_of(refused)["content-type"] == "application/problem+json"


def test_the_contract_is_inside(api, deployed):
    (answer,) = answered(api, deployed, clean.get("/openapi.json"))
    assert "/v1/complaints" in json.loads(content_of(answer))["paths"]


def test_the_board_and_its_files_are_inside(api, deployed):
    signed_in = {"Cookie": f"{cookie_name()}={token_of('product_owner', 'owner-1')}"}
    names = [path.name for path in (api.unzipped / "functions" / "pages" / "static").iterdir()]
    files = [n for n in names if n.endswith((".js", ".css", ".woff2"))]
    board, *static = answered(
        api,
        deployed,
        clean.get("/board", headers=signed_in),
        *(clean.get(f"/static/{n}", "/static/{name}", parameters={"name": n}) for n in files),
    )
    assert b"<html" in content_of(board)
    for name, answer in zip(files, static, strict=True):
        assert content_of(answer) == (api.unzipped / "functions" / "pages" / "static" / name).read_bytes()


def cookie_name():
    from functions.callers import COOKIE

    return COOKIE


def test_every_function_of_this_bundle_can_be_loaded(api, deployed):
    handlers = [
        each["Properties"]["Handler"]
        for each in api.template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function" and each["Properties"]["CodeUri"] == "./api.zip"
    ]
    assert sorted(handlers) == [
        "app.app",
        "functions.copying.copy_case_changes",
        "functions.copying.copy_officer_changes",
        "functions.events.on_case_change",
        "functions.events.on_code_request",
        "functions.events.on_message",
        "functions.fetching.fetch_reviews",
        "functions.scheduled.enforce_retention",
        "functions.scheduled.flag_danger",
        "functions.scheduled.flag_overdue",
        "functions.scheduled.publish_open_data",
        "functions.scheduled.seal_audit",
        "functions.scheduled.send_digest",
        "functions.scheduled.send_waiting",
        "functions.scheduled.watch_drift",
    ]
    for handler in handlers:  # each in a process of its own, as each is a function of its own
        (answer,) = clean.run(api.unzipped, [{"handler": handler}], {"KHIDMAT_STAGE": "dev"})
        assert "raised" not in answer, answer["raised"]


def test_the_sweep_runs_from_this_bundle(api, deployed):
    event = {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-03-02T07:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/flag-overdue"],
        "detail": {},
    }
    (swept,) = answered(api, deployed, {"handler": "functions.scheduled.flag_overdue", "event": event})
    assert swept["finished"] is True


def test_it_stays_small(api):
    assert api.bytes <= MOST_BYTES
