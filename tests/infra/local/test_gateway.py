import json
from types import SimpleNamespace

import pytest

from infra.local import gateway as gateway_module
from infra.local.gateway import Gateway
from infra.local.routes import RouteTable
from tests.infra.local.wsgi import call

# The keys of a REST API proxy event, from API Gateway's developer guide ("Input format of a Lambda function").
DOCUMENTED = {
    "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
    "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body", "isBase64Encoded",
}  # fmt: skip
DOCUMENTED_CONTEXT = {
    "accountId", "apiId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod", "identity", "path",
    "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage",
}  # fmt: skip


@pytest.fixture
def gateway(sample):
    return Gateway(sample.app, "dev")


def event_of(gateway, method, target, body=b"", **headers):
    return json.loads(call(gateway, method, target, body, **headers).body)["event"]


def routes(*patterns):
    return RouteTable(SimpleNamespace(routes={pattern: {} for pattern in patterns}))


def test_an_event_has_the_documented_keys(gateway):
    event = event_of(gateway, "GET", "/v1/echo/amina")
    assert set(event) == DOCUMENTED
    assert set(event["requestContext"]) == DOCUMENTED_CONTEXT


def test_the_context_tells_where_the_request_came_from_and_which_route_serves_it(gateway):
    context = event_of(gateway, "GET", "/v1/echo/amina", user_agent="curl")["requestContext"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] == "curl"
    assert (context["resourcePath"], context["path"]) == ("/v1/echo/{name}", "/dev/v1/echo/amina")
    assert isinstance(context["requestTimeEpoch"], int)


def test_a_path_parameter_is_decoded_once(gateway):
    assert event_of(gateway, "GET", "/v1/echo/a%2Fb%2520")["pathParameters"] == {"name": "a/b%20"}


def test_the_path_stays_as_it_was_sent(gateway):
    assert event_of(gateway, "GET", "/v1/echo/%D9%86")["path"] == "/v1/echo/%D9%86"


def test_a_repeated_query_name_keeps_all_values_and_the_last_alone(gateway):
    event = event_of(gateway, "GET", "/v1/echo/x?a=1&a=2&b=%C3%A9+e&c=")
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["é e"], "c": [""]}
    assert event["queryStringParameters"] == {"a": "2", "b": "é e", "c": ""}


def test_no_query_is_null_as_deployed(gateway):
    event = event_of(gateway, "GET", "/v1/echo/x")
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None


def test_a_text_body_arrives_as_text(gateway):
    event = event_of(gateway, "POST", "/v1/echo/x", "نمبر".encode(), content_type="application/json")
    assert (event["body"], event["isBase64Encoded"]) == ("نمبر", False)


def test_a_binary_body_arrives_as_base64_and_is_read_as_bytes(gateway):
    answered = call(gateway, "PUT", "/v1/picture", b"\x89PNG", content_type="image/png")
    assert json.loads(answered.body) == {"length": 4}


def test_a_static_segment_wins_over_a_parameter(gateway):
    assert json.loads(call(gateway, "GET", "/v1/echo/mine").body) == {"static": True}


def test_a_parameter_serves_what_the_static_branch_cannot():
    table = routes("/a/b/c", "/a/{x}/d")
    assert table.match("/a/b/d").parameters == {"x": "b"}
    assert table.match("/a/b/c").resource == "/a/b/c"


def test_an_empty_segment_is_no_parameter():
    assert routes("/a/{x}/d").match("/a//d") is None


def test_one_slash_at_the_end_changes_nothing():
    assert routes("/a/{x}").match("/a/b/").resource == "/a/{x}"


def test_the_root_can_be_a_route():
    assert routes("/").match("/").resource == "/"


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/nowhere"), ("DELETE", "/v1/health"), ("OPTIONS", "/v1/health")]
)
def test_what_no_route_serves_gets_the_deployed_gateways_answer(gateway, method, target):
    answered = call(gateway, method, target)
    assert answered.status == 404
    assert answered.headers["content-type"] == "application/problem+json"
    told = json.loads(answered.body)
    assert (told["type"], told["title"], told["status"]) == ("about:blank", "Not Found", 404)


def test_head_has_no_body(gateway):
    answered = call(gateway, "HEAD", "/v1/health")
    assert (answered.status, answered.body) == (404, b"")


def test_a_preflight_is_answered_where_a_route_allows_another_origin(gateway):
    answered = call(gateway, "OPTIONS", "/v1/echo/x")
    assert answered.status == 200
    assert answered.headers["access-control-allow-origin"] == "https://pages.example"
    assert answered.headers["access-control-allow-methods"] == "GET,POST,OPTIONS"


def test_a_body_over_six_megabytes_is_refused_before_the_app(gateway):
    answered = call(gateway, "POST", "/v1/echo/x", b"x" * (6 * 1024 * 1024 + 1))
    assert (answered.status, json.loads(answered.body)["title"]) == (413, "Request Entity Too Large")


def test_a_binary_body_counts_as_base64(gateway):
    answered = call(gateway, "PUT", "/v1/picture", b"x" * (5 * 1024 * 1024), content_type="image/png")
    assert answered.status == 413


def test_each_cookie_is_a_header_of_its_own(gateway):
    pairs = call(gateway, "GET", "/v1/cookies").pairs
    assert [value for name, value in pairs if name == "Set-Cookie"] == ["a=1; HttpOnly", "b=2; HttpOnly"]


def test_an_answer_is_utf8(gateway):
    answered = call(gateway, "GET", "/v1/cookies")
    assert answered.body == "<p>نمبر</p>".encode()
    assert answered.headers["content-length"] == str(len(answered.body))


def test_an_answer_without_a_type_is_json_as_deployed(gateway):
    assert call(gateway, "GET", "/v1/health").headers["content-type"] == "application/json"


def test_a_picture_comes_as_bytes_to_who_accepts_it(gateway):
    assert call(gateway, "GET", "/v1/picture", accept="image/png,*/*").body == b"\x89PNG\x00"


def test_a_picture_stays_base64_for_who_does_not_name_it_first(gateway):
    assert call(gateway, "GET", "/v1/picture", accept="*/*").body != b"\x89PNG\x00"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"statusCode": 200, "headers": {}, "body": "x" * (6 * 1024 * 1024 + 1)},
        {"statusCode": 200, "headers": {}, "body": "not base64!", "isBase64Encoded": True},
    ],
)
def test_a_malformed_answer_is_a_plain_502(gateway, monkeypatch, answer):
    monkeypatch.setattr(gateway, "_app", lambda event, context: answer)
    answered = call(gateway, "GET", "/v1/health", accept="image/png")
    assert (answered.status, json.loads(answered.body)["title"]) == (502, "Bad Gateway")


def test_an_unknown_status_still_has_a_phrase():
    assert gateway_module._phrase(299) == "Answer"


def test_an_absolute_target_loses_its_host():
    assert gateway_module._path({"REQUEST_URI": "http://localhost:8000/v1/a?b"}) == "/v1/a"


def test_two_threads_do_not_see_each_others_request(gateway):
    from concurrent.futures import ThreadPoolExecutor

    def asked(number):
        return json.loads(call(gateway, "GET", f"/v1/echo/x?wait=0.02&n={number}").body)["seen"]["n"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, range(32))) == [str(number) for number in range(32)]


def test_the_context_counts_down():
    context = gateway_module.LambdaContext("f", seconds=29)
    assert 28_000 < context.get_remaining_time_in_millis() <= 29_000
    assert context.invoked_function_arn.endswith(":function:f")
    assert (context.log_group_name, context.log_stream_name) == ("/aws/lambda/f", "local")
