"""HTTP to the app as API Gateway does it: a full REST proxy event in, the handler's answer out.

Event: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import http
import json
import logging
import time
import uuid
from datetime import UTC, datetime
from threading import local
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from infra.local.functions import HTTP_SECONDS, LambdaContext
from infra.local.routes import Match, RouteTable
from infra.packaging.gateway import ANSWERS, HEADERS
from infra.tables import LOCAL_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

MOST_BYTES = 6 * 1024 * 1024  # Lambda's limit for an event, and for an answer
API_ID = "local"
FUNCTION_NAME = "khidmat-dev"
Headers = list[tuple[str, str]]
log = logging.getLogger(__name__)


class Gateway:
    """A WSGI application that answers for `app`, a Chalice app, at `stage`."""

    def __init__(self, app: Any, stage: str) -> None:
        self._app = one_request_a_thread(app)
        self._stage = stage
        self._routes = RouteTable(app)
        self._binary_types: list[str] = app.api.binary_types

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self.answer(environ)
        headers.append(("Content-Length", str(len(body))))
        start_response(f"{status} {_phrase(status)}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def answer(self, environ: WSGIEnvironment) -> tuple[int, Headers, bytes]:
        path, method = _path(environ), environ["REQUEST_METHOD"]
        match = self._routes.match(path)
        if match is None:
            return own_answer("MISSING_AUTHENTICATION_TOKEN")
        methods = self._routes.methods(match.resource)
        if method == "OPTIONS" and method not in methods and (cors := _preflight(methods)):
            return 200, cors, b""
        if method not in methods:  # HEAD too: the deployed gateway knows only the methods it was given
            return own_answer("MISSING_AUTHENTICATION_TOKEN")
        body = _read(environ)
        event = self.event(environ, path, match, body)
        if len(body) > MOST_BYTES or len(event["body"] or "") > MOST_BYTES:
            return own_answer("REQUEST_TOO_LARGE")
        return self._invoke(event)

    def event(self, environ: WSGIEnvironment, path: str, match: Match, body: bytes) -> dict[str, Any]:
        """Return the event Lambda would get for this request."""
        headers = _headers(environ)
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        content, encoded = self._body(body, environ.get("CONTENT_TYPE", ""))
        return {
            "resource": match.resource,
            "path": path,
            "httpMethod": environ["REQUEST_METHOD"],
            "headers": headers or None,
            "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
            "queryStringParameters": dict(query) or None,
            "multiValueQueryStringParameters": _multiple(query) or None,
            "pathParameters": match.parameters or None,
            "stageVariables": None,
            "requestContext": self._context(environ, path, match),
            "body": content,
            "isBase64Encoded": encoded,
        }

    def _context(self, environ: WSGIEnvironment, path: str, match: Match) -> dict[str, Any]:
        now = time.time()
        host = environ.get("HTTP_HOST", "localhost")
        return {
            "accountId": LOCAL_ACCOUNT,
            "apiId": API_ID,
            "domainName": host.partition(":")[0],
            "domainPrefix": host.partition(".")[0].partition(":")[0],
            "extendedRequestId": uuid.uuid4().hex[:15] + "=",
            "httpMethod": environ["REQUEST_METHOD"],
            "identity": _identity(environ),
            "path": f"/{self._stage}{path}",
            "protocol": environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "requestId": str(uuid.uuid4()),
            "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": f"{abs(hash(match.resource)) % 10**6:06d}",
            "resourcePath": match.resource,
            "stage": self._stage,
        }

    def _body(self, body: bytes, content_type: str) -> tuple[str | None, bool]:
        if not body:
            return None, False
        if self._is_binary(content_type):
            return base64.b64encode(body).decode("ascii"), True
        return body.decode("utf-8", "replace"), False

    def _is_binary(self, media_type: str) -> bool:
        plain = media_type.partition(";")[0].strip().lower()
        return plain in self._binary_types or "*/*" in self._binary_types

    def _invoke(self, event: dict[str, Any]) -> tuple[int, Headers, bytes]:
        context = LambdaContext(FUNCTION_NAME, HTTP_SECONDS)
        try:
            answer = self._app(event, context)
            return self._answered(answer, event, context)
        except Exception:
            log.exception("the function failed or answered in a form that the gateway does not take")
            return own_answer("DEFAULT_5XX")

    def _answered(
        self, answer: dict[str, Any], event: dict[str, Any], context: LambdaContext
    ) -> tuple[int, Headers, bytes]:
        headers = _answer_headers(answer)
        headers.append(("x-amzn-RequestId", context.aws_request_id))
        body = (answer.get("body") or "").encode()
        if len(body) > MOST_BYTES:
            raise ValueError("the answer is larger than 6 MB")
        # As deployed: base64 is undone only for a client that accepts a binary type, by the first it names.
        if answer.get("isBase64Encoded") and self._is_binary(_first_accepted(event)):
            body = _decoded(body)
        return int(answer["statusCode"]), headers, body


def one_request_a_thread(app: Any) -> Any:
    """Give each thread its own `current_request`: in Lambda a process serves one request at a time."""
    slots = local()

    def slot(name: str) -> property:
        return property(lambda _: getattr(slots, name, None), lambda _, value: setattr(slots, name, value))

    attributes = {name: slot(name) for name in ("current_request", "lambda_context")}
    app.__class__ = type("ThreadedChalice", (app.__class__,), attributes)
    return app


def own_answer(kind: str) -> tuple[int, Headers, bytes]:
    """Return what the deployed gateway says by itself, by the type it gives the response."""
    status, detail = ANSWERS[kind]
    content = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return status.value, list(HEADERS.items()), json.dumps(content).encode()


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Answer"


def _path(environ: WSGIEnvironment) -> str:
    """Return the path as sent: WSGI's own PATH_INFO has lost which slashes were encoded."""
    target = environ.get("REQUEST_URI") or environ.get("PATH_INFO") or "/"
    # Not urlsplit for the usual form: it takes "//x/y" for a host.
    path = urlsplit(target).path if "://" in target.partition("?")[0] else target.partition("?")[0]
    return path or "/"


def _read(environ: WSGIEnvironment) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    # One byte over the limit is enough to know that it is over.
    content: bytes = environ["wsgi.input"].read(min(length, MOST_BYTES + 1)) if length else b""
    return content


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    named = {
        name.removeprefix("HTTP_").replace("_", "-").title(): value.encode("latin-1").decode(
            "utf-8", "replace"
        )
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            named[name.replace("_", "-").title()] = environ[name]
    named.setdefault("X-Forwarded-For", environ.get("REMOTE_ADDR", ""))
    named["X-Forwarded-Proto"] = "http"
    named["X-Forwarded-Port"] = environ.get("SERVER_PORT", "")
    return named


def _identity(environ: WSGIEnvironment) -> dict[str, str | None]:
    unknown = (
        "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
        "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
    )  # fmt: skip
    told = {"sourceIp": environ.get("REMOTE_ADDR", ""), "userAgent": environ.get("HTTP_USER_AGENT")}
    return dict.fromkeys(unknown) | told


def _multiple(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered


def _preflight(methods: dict[str, Any]) -> Headers:
    """Return the headers of the OPTIONS answer that is deployed beside routes which allow other origins."""
    allowed = next((route.cors for route in methods.values() if route.cors), None)
    if allowed is None:
        return []
    listed = ",".join([*sorted(methods), "OPTIONS"])
    return [*allowed.get_access_control_headers().items(), ("Access-Control-Allow-Methods", listed)]


def _answer_headers(answer: dict[str, Any]) -> Headers:
    several: dict[str, list[str]] = answer.get("multiValueHeaders") or {}
    taken = {name.lower() for name in several}
    single = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    listed = [(name, str(value)) for name, values in several.items() for value in values]
    both = [pair for pair in single if pair[0].lower() not in taken] + listed
    kept = [pair for pair in both if pair[0].lower() != "content-length"]
    if not any(name.lower() == "content-type" for name, _ in kept):
        kept.append(("Content-Type", "application/json"))  # the deployed gateway's own default
    return kept


def _first_accepted(event: dict[str, Any]) -> str:
    accepted: str = (event["headers"] or {}).get("Accept", "")
    return accepted.partition(",")[0]


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError("the answer says base64 and is not") from error
