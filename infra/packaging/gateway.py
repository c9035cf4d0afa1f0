"""What API Gateway answers by itself, in the same form as our own errors (RFC 9457).

Types: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

SIGN_IN = "Sign in first."
REFUSED = "This is not open to you."
OURS = "The service failed to answer. Try again."
ANSWERS: dict[str, tuple[HTTPStatus, str]] = {
    "DEFAULT_4XX": (HTTPStatus.BAD_REQUEST, "The request cannot be taken."),
    # What a function that crashed or was too slow to start ends as.
    "DEFAULT_5XX": (HTTPStatus.BAD_GATEWAY, OURS),
    "BAD_REQUEST_BODY": (HTTPStatus.BAD_REQUEST, "The body cannot be read."),
    "BAD_REQUEST_PARAMETERS": (HTTPStatus.BAD_REQUEST, "The address cannot be read."),
    "UNAUTHORIZED": (HTTPStatus.UNAUTHORIZED, SIGN_IN),
    "EXPIRED_TOKEN": (HTTPStatus.UNAUTHORIZED, SIGN_IN),
    "ACCESS_DENIED": (HTTPStatus.FORBIDDEN, REFUSED),
    "INVALID_API_KEY": (HTTPStatus.FORBIDDEN, REFUSED),
    "INVALID_SIGNATURE": (HTTPStatus.FORBIDDEN, REFUSED),
    "WAF_FILTERED": (HTTPStatus.FORBIDDEN, REFUSED),
    # The gateway's odd name for a path or method that no route has.
    "MISSING_AUTHENTICATION_TOKEN": (HTTPStatus.NOT_FOUND, "There is nothing at this address."),
    "RESOURCE_NOT_FOUND": (HTTPStatus.NOT_FOUND, "There is nothing at this address."),
    "REQUEST_TOO_LARGE": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 6 MB."),
    "UNSUPPORTED_MEDIA_TYPE": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This type of content is not taken."),
    "THROTTLED": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests at once. Wait a moment."),
    "QUOTA_EXCEEDED": (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Come back later."),
    "API_CONFIGURATION_ERROR": (HTTPStatus.INTERNAL_SERVER_ERROR, OURS),
    "AUTHORIZER_CONFIGURATION_ERROR": (HTTPStatus.INTERNAL_SERVER_ERROR, OURS),
    "AUTHORIZER_FAILURE": (HTTPStatus.INTERNAL_SERVER_ERROR, OURS),
    "INTEGRATION_FAILURE": (HTTPStatus.BAD_GATEWAY, OURS),
    "INTEGRATION_TIMEOUT": (HTTPStatus.GATEWAY_TIMEOUT, OURS),
}
WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
HEADERS = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    # Any site's script may read these: they are fixed sentences, hold no data and take no credentials. Only
    # so does an application on another site learn that it has to wait, rather than that "the network failed".
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
}


def gateway_responses() -> dict[str, Any]:
    """The API's GatewayResponses, by type."""
    return {kind: _response(status, detail) for kind, (status, detail) in ANSWERS.items()}


def _response(status: HTTPStatus, detail: str) -> dict[str, Any]:
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    headers = HEADERS | ({"Retry-After": "1"} if status in WAIT else {})
    if status is HTTPStatus.UNAUTHORIZED:
        headers = headers | {"WWW-Authenticate": "Bearer"}
    return {
        "StatusCode": str(status.value),
        # The template is chosen by this key; the header below says what it really is.
        "ResponseTemplates": {"application/json": json.dumps(problem)},
        "ResponseParameters": {"Headers": {name: f"'{value}'" for name, value in headers.items()}},
    }
