"""Cases made from the OpenAPI document itself, sent through the local gateway to the handler."""

import os
import secrets
from functools import cache

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import app
from functions import openapi
from functions.openapi import ROUTES, document
from infra.local.gateway import Gateway
from tests.http import token_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CASES_EACH = int(os.environ.get("KHIDMAT_CONTRACT_CASES", "40"))
"""A route; `make soak` asks for more."""
ROLES = {
    "supervision": ("central_office", "pb"),
    "complaint:search": ("central_office", "pb"),
    "complaint:inbox": ("central_office", "pb"),
    "complaint:call_back": ("front_desk", "ps-rwp-cantt"),
    "topic": ("product_owner", None),
    "audit": ("auditor", None),
    "officer": ("administrator", None),
    "policy": ("administrator", None),
    "label": ("product_owner", None),
    "source": ("product_owner", None),
    "model": ("product_owner", None),
    "danger": ("central_office", "pb"),
    "office": ("sdpo", "sd-lhr-civil-lines"),
    "desk": ("front_desk", "ps-lhr-mozang"),
}
"""Who may call the routes of a permission, or of its noun; the others are the citizen's."""

contract = schemathesis.openapi.from_dict(document(ROUTES))
contract.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
contract.app = Gateway(app, "api")


@pytest.fixture
def steady(tables, monkeypatch):
    """What is the same for each case of a route: who calls, and the document, worked out from the routes alone."""
    bearer.cache_clear()
    monkeypatch.setattr(openapi, "document", lambda _: made())


@cache
def made():
    return document(ROUTES)


@cache
def bearer(permission: str, subject: str) -> dict[str, str]:
    if permission == "public":
        return {}
    if permission == "feedback:import":
        return {"Authorization": f"Bearer {token_of('product_owner', 'owner-1')}"}
    role, office = ROLES.get(permission) or ROLES.get(permission.split(":", maxsplit=1)[0], ("citizen", None))
    if role != "citizen":
        subject = f"{role}-1"
    return {"Authorization": f"Bearer {token_of(role, subject, office)}"}


@contract.parametrize()
@settings(
    max_examples=CASES_EACH,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.usefixtures("steady")
def test_the_handler_answers_as_the_document_says(case):
    # Whoever was forgotten cannot ask a second time.
    subject = f"citizen-{secrets.token_hex(4)}" if case.path.endswith("/erasure") else "citizen-1"
    headers = bearer(case.operation.definition.raw["x-permission"], subject)
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS)
