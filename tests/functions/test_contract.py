"""Cases made from the OpenAPI document itself, sent through the local gateway to the handler."""

import os

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
from functions.openapi import ROUTES, document
from infra.local.gateway import Gateway
from tests import keys

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
    "complaint": ("citizen", None),
    "notice": ("citizen", None),
    "supervision": ("supervisor", "pb"),
    "feedback": ("product_owner", None),
    "topic": ("product_owner", None),
}

contract = schemathesis.openapi.from_dict(document(ROUTES))
contract.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
contract.app = Gateway(app, "api")


def bearer(permission: str) -> dict[str, str]:
    if permission == "feedback:give":
        return {"Authorization": f"Bearer {keys.token()}"}
    role, office = ROLES.get(permission.split(":", maxsplit=1)[0], ("citizen", None))
    return {"Authorization": f"Bearer {keys.token(role, f'{role}-1', office)}"}


@contract.parametrize()
@settings(
    max_examples=CASES_EACH,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.usefixtures("tables")
def test_the_handler_answers_as_the_document_says(case):
    headers = bearer(case.operation.definition.raw["x-permission"])
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS)
