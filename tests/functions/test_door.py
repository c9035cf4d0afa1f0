import logging
import time

import pytest

from app import DOORS, app
from functions.domain import complaints
from functions.domain.access import Permission
from functions.storage.tables import StoreFailureError
from tests import people
from tests.factories import complaint_body
from tests.http import Context, event, send

pytestmark = pytest.mark.usefixtures("tables")
DECLARED = [route for door in DOORS for route in door.declared]


def lodge(body, **headers):
    return send("POST", "/v1/complaints", body=body, headers=headers)


def stored(tables) -> int:
    return tables.scan(TableName="khidmat-test-cases")["Count"]


def pointers(reply) -> list[str]:
    return [error["pointer"] for error in reply.json["errors"]]


def test_every_route_of_the_app_was_declared_with_a_permission():
    served = {
        (method, path) for path, methods in app.routes.items() for method in methods.keys() - {"OPTIONS"}
    }

    assert served == {(route.method, route.path) for route in DECLARED}
    assert all(isinstance(route.permission, Permission) for route in DECLARED)


@pytest.mark.parametrize(
    "route",
    [r for r in DECLARED if r.permission is not Permission.PUBLIC and r.kind == "json"],
    ids=lambda r: f"{r.method} {r.path}",
)
def test_no_door_opens_without_a_token(route):
    path = route.path.replace("{reference}", "KH-2345-6789-A").replace("{topic_id}", "t-0123456789abcdef")

    assert send(route.method, path, role=None, body={}).status == 401


def test_public_doors_are_those_and_no_others():
    public = {r.path for r in DECLARED if r.permission is Permission.PUBLIC and r.kind == "json"}

    assert public == {
        "/openapi.json",
        "/v1/services",
        "/v1/offices",
        "/v1/complaint-policy",
        "/v1/policies/holidays",
        "/open-data/complaints.csv",
        "/v1/changelog",
        "/v1/health",
        # What is about a place or a thing, and about nobody.
        *(
            f"/open311/v2/{n}.{form}"
            for n in ("discovery", "services", "requests")
            for form in ("json", "xml")
        ),
        "/open311/v2/services/{service}",
        "/open311/v2/requests/{service_request}",
        "/open311/v2/tokens/{token}",
        # WhatsApp, which signs what it sends.
        "/v1/whatsapp",
        # Whoever reports without a name, and whoever is about to sign in.
        "/v1/anonymous-reports",
        "/v1/accounts/challenges",
        "/v1/accounts/tokens",
    }


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "nonsense",
        '{"a": NaN}',
        '{"a": Infinity}',
        "[1, 2]",
        '"text"',
        "null",
        "[" * 60_000,
        '{"a":' * 12_000,
        '{"narrative": "a", "narrative": "b"}',
        '{"\\ud800": 1, "\\ud800": 2}',
        '{"category": ' + "9" * 5_000 + "}",
        '{"narrative": "\\ud800 a lone surrogate"}',
        b"\xff\xfe\x00",
        '{"a": "' + "[" * 30 + '"',
    ],
    ids=lambda raw: str(raw[:24]),
)
def test_what_is_no_json_object_is_refused_and_nothing_is_stored(raw, tables):
    reply = lodge(raw, **{"Content-Type": "application/json"})

    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["errors"]
    assert stored(tables) == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"narrative": None}, "/narrative"),
        ({"narrative": 5}, "/narrative"),
        ({"narrative": "short"}, "/narrative"),
        ({"narrative": " " * 50}, "/narrative"),
        ({"narrative": "x" * 5_001}, "/narrative"),
        ({"narrative": "a bell \a rings in here"}, "/narrative"),
        ({"narrative": "\u200b" * 20}, "/narrative"),
        ({"complainant_name": "\u200b\u200d"}, "/complainant_name"),
        ({"phone": "not a number"}, "/phone"),
        ({"phone": "12"}, "/phone"),
        ({"category": "noise"}, "/category"),
        ({"category": ["slackness"]}, "/category"),
        ({"station": "ps-nowhere"}, "/station"),
        ({"station": "../../etc"}, "/station"),
        ({"station": None}, "/"),
        ({"occurred_on": "yesterday"}, "/occurred_on"),
        ({"occurred_on": 20260301}, "/occurred_on"),
        ({"occurred_on": "2999-01-01"}, "/occurred_on"),
        ({"colour": "blue"}, "/colour"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(changes, pointer, tables):
    reply = lodge(complaint_body(**changes))

    assert (reply.status, pointers(reply)) == (400, [pointer])
    assert stored(tables) == 0


def test_every_wrong_field_is_named_at_once():
    reply = lodge({"narrative": 5, "phone": "x", "category": "slackness", "colour": "blue"})

    assert {"/narrative", "/colour", "/complainant_name"} <= set(pointers(reply))


def test_a_refusal_is_in_the_callers_language_and_never_repeats_what_was_sent():
    reply = lodge(complaint_body(phone="secret-value"), **{"Accept-Language": "ur"})

    assert "فون" in reply.json["errors"][0]["detail"]
    assert reply.headers["content-language"] == "ur"
    assert "secret-value" not in reply.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/json; charset=utf-16"])
def test_another_content_type_is_refused(kind, tables):
    assert lodge("{}", **{"Content-Type": kind}).status == 415
    assert stored(tables) == 0


@pytest.mark.parametrize("charset", ['charset="UTF-8"', "charset=utf-8; boundary=x", "profile=x"])
def test_json_with_its_charset_named_is_taken(charset):
    assert (
        send(
            "POST",
            "/v1/complaints",
            body=complaint_body(),
            headers={"Content-Type": f"application/json; {charset}"},
        ).status
        == 201
    )


def test_a_body_sent_as_bytes_is_read_as_text_is():
    import json

    raw = json.dumps(complaint_body()).encode()

    assert lodge(raw, **{"Content-Type": "application/json"}).status == 201


@pytest.mark.parametrize("size", [70_000, 200_000])
def test_too_large_a_body_is_refused_before_it_is_read(size, tables):
    reply = lodge(complaint_body(narrative="x" * size))

    assert reply.status == 413
    assert stored(tables) == 0


def test_deep_nesting_is_named():
    reply = lodge({"narrative": [[[[[[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]]]]]]})

    assert (reply.status, "20" in reply.json["errors"][0]["detail"]) == (400, True)


@pytest.mark.parametrize(
    "raw",
    [
        '"' + '\\"' * 31_000,
        "{" + ",".join(f'"n{i}":1' for i in range(6_500)) + ',"n0":1}',
        "[" + '"a",' * 15_000,
    ],
    ids=["a string that never ends", "thousands of names and one twice", "a list that never ends"],
)
def test_a_hostile_body_costs_no_more_than_its_length(raw):
    begun = time.process_time()
    reply = lodge(raw, **{"Content-Type": "application/json"})

    assert reply.status == 400
    assert time.process_time() - begun < 0.5


def test_a_hostile_cookie_costs_no_more_than_its_length():
    begun = time.process_time()
    reply = send("GET", "/board", role=None, headers={"Cookie": 'a="' + "\\" * 60_000})

    assert reply.status == 303
    assert time.process_time() - begun < 0.5


def test_brackets_inside_text_are_no_depth():
    assert (
        lodge(complaint_body(narrative='He wrote [[[[[[[[[[[[[[[[[[[[[[[[[[[ and \\" ]] too')).status == 201
    )


@pytest.mark.parametrize("key", ["", "x" * 129, "کلید", "two\nlines"])
def test_an_unfit_idempotency_key_is_refused(key):
    reply = lodge(complaint_body(), **{"Idempotency-Key": key})

    assert (reply.status, pointers(reply)) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=many", "?limit"),
        ("limit=5&limit=6", "?limit"),
        ("colour=blue", "?colour"),
        ("cursor=nonsense", "?cursor"),
        ("cursor=", "?cursor"),
        ("cursor=%00", "?cursor"),
    ],
)
def test_a_wrong_parameter_is_named(query, pointer):
    reply = send("GET", f"/v1/complaints?{query}")

    assert (reply.status, pointers(reply)) == (400, [pointer])


@pytest.mark.parametrize(
    "reference", ["nonsense", "KH-0000-0000-0", "..", "%2e%2e", "KH-2345-6789-", "🙂" * 20]
)
def test_what_is_no_reference_is_named_so(reference):
    reply = send("GET", f"/v1/complaints/{reference}")

    assert (reply.status, pointers(reply)) == (400, ["{reference}"])


def test_a_weak_tag_names_the_same_version():
    reference = lodge(complaint_body()).json["reference"]
    reply = send(
        "POST",
        f"/v1/complaints/{reference}/steps",
        body={"action": "withdraw"},
        headers={"If-Match": 'W/"1"'},
    )

    assert reply.status == 200


@pytest.mark.parametrize("tag", ["three", '"x"', "-1", "1" * 13])
def test_an_unfit_if_match_is_named(tag):
    reference = lodge(complaint_body()).json["reference"]
    reply = send(
        "POST", f"/v1/complaints/{reference}/steps", body={"action": "withdraw"}, headers={"If-Match": tag}
    )

    assert (reply.status, pointers(reply)) == (400, ["If-Match"])


def test_a_role_that_may_not_is_told_so():
    reply = send("POST", "/v1/complaints", role="product_owner", body=complaint_body())

    assert reply.status == 403
    assert reply.json["type"] == "/problems/not-permitted"


def test_a_silent_store_is_503_with_when_to_come_back(monkeypatch):
    def silent(*_):
        raise StoreFailureError("ThrottlingException")

    monkeypatch.setattr(complaints, "lodge", silent)
    reply = lodge(complaint_body())

    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert "Throttling" not in reply.text


def test_our_own_mistake_tells_the_caller_nothing_of_it(monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("secret-value")

    monkeypatch.setattr(complaints, "lodge", broken)
    logging.getLogger("khidmat").propagate = True
    reply = lodge(complaint_body())
    logging.getLogger("khidmat").propagate = False

    assert (reply.status, "secret-value" in reply.text) == (500, False)
    assert "failed" in caplog.messages


def test_an_address_unknown_to_chalice_is_a_problem_too():
    sent = event("GET", "/v1/health")
    sent["requestContext"]["resourcePath"] = "/nowhere"
    answer = app(sent, Context())

    assert answer["statusCode"] == 405
    assert answer["headers"]["Content-Type"] == "application/problem+json"


def test_every_answer_carries_the_security_headers():
    for reply in (send("GET", "/v1/health"), send("GET", "/v1/complaints", role=None)):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["cache-control"] == "no-store"


def test_the_api_takes_no_cookie():
    cookie = f"khidmat_session={people.citizen_token()}"

    assert send("GET", "/v1/complaints", role=None, headers={"Cookie": cookie}).status == 401
