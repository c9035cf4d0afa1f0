"""Domain error -> HTTP, once: RFC 9457 problem details, in the caller's language."""

from __future__ import annotations

from typing import Any

from chalice.app import Response
from pydantic import ValidationError

from functions.domain.errors import FieldFault, InvalidRequest, KhidmatError, TooManyRequests
from functions.messages import fault_sentence, problem_words
from functions.storage.tables import StoreFailureError
from schemas.common import FieldProblem, Problem, Tongue

MEDIA_TYPE = "application/problem+json"
EXTRA_HEADERS = {
    "not_authenticated": {"WWW-Authenticate": 'Bearer realm="khidmat"'},
    "code_refused": {"WWW-Authenticate": 'Bearer realm="khidmat"'},
    "store_busy": {"Retry-After": "2"},
}


def problem_of(error: Exception, tongue: Tongue, request_id: str) -> Problem:
    """What the caller is told of an error; anything unknown is our mistake and tells nothing of it."""
    kind, words = _kind(error)
    status, title, detail = problem_words(kind, tongue, words)
    faults = error.faults if isinstance(error, InvalidRequest) else ()
    return Problem(
        type=f"/problems/{kind.replace('_', '-')}",
        title=title,
        status=status,
        detail=detail,
        instance=f"urn:request:{request_id}",
        errors=tuple(
            FieldProblem(pointer=f.pointer, detail=fault_sentence(f.fault, tongue, f.words)) for f in faults
        ),
    )


def problem_response(error: Exception, tongue: Tongue, request_id: str) -> Response:
    problem = problem_of(error, tongue, request_id)
    kind, _ = _kind(error)
    headers: dict[str, str | list[str]] = {"Content-Type": MEDIA_TYPE, "Content-Language": tongue}
    headers |= EXTRA_HEADERS.get(kind, {})
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.seconds)
    return Response(body=problem.model_dump_json(), status_code=problem.status, headers=headers)


def _kind(error: Exception) -> tuple[str, dict[str, str]]:
    if isinstance(error, KhidmatError):
        return error.kind, error.words
    if isinstance(error, StoreFailureError):
        return "store_busy", {}
    return "internal", {}


def faults_of(error: ValidationError, prefix: str = "/", *, in_union: bool = False) -> tuple[FieldFault, ...]:
    """Validation errors as ours: a JSON Pointer each, and never the value that was sent."""
    return tuple(
        FieldFault(_pointer(row["loc"][1 if in_union else 0 :], prefix), _fault(row), _words(row))
        for row in error.errors()[:50]
    )


def _fault(row: Any) -> str:
    """A text measured after it was trimmed is reported as a list is; it is told as the text it is."""
    kind = str(row["type"])
    return f"string_{kind}" if kind in ("too_short", "too_long") and isinstance(row["input"], str) else kind


def _pointer(location: tuple[int | str, ...], prefix: str) -> str:
    steps = [str(step) for step in location]
    escaped = [step.replace("~", "~0").replace("/", "~1") for step in steps]
    return prefix + "/".join(escaped) if escaped else prefix


def _words(row: Any) -> dict[str, str]:
    words = {name: str(value) for name, value in row.get("ctx", {}).items() if name != "error"}
    words["msg"] = row["msg"]
    return words
