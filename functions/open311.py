"""Open311 GeoReport v2, in JSON and XML: report what is wrong with a place or a thing, and follow it.

Names, telephone, e-mail, device, account and media that clients of the standard send are taken and dropped:
nothing is kept of anybody, and nothing that was written is ever told. Refusals have the standard's shape.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from chalice.app import Response
from pydantic import BaseModel

from functions import bodies, markup
from functions.domain import anonymous, open311
from functions.domain.access import Permission
from functions.domain.errors import FieldFault, InvalidRequest, KeyRefused, UnknownName
from functions.door import Answer, Door, Manner, Request
from functions.errors import problem_of, problem_response
from functions.messages import open311_words
from functions.settings import settings
from schemas.catalogue.policies import Category
from schemas.common import Problem, Tongue
from schemas.open311 import (
    GeoDiscovery,
    GeoEndpoint,
    GeoError,
    GeoErrors,
    GeoQuery,
    GeoReceipt,
    GeoReceipts,
    GeoRequestQuery,
    GeoRequests,
    GeoService,
    GeoServiceDefinition,
    GeoServices,
    GeoToken,
    GeoTokens,
    NewGeoRequest,
)

door = Door("functions.open311", tag="Open311")
HERE = "/open311/v2"
CHANGESET = "2026-07-01T00:00:00+05:00"
"""When what is offered here changed last."""
REAL_STAGES = frozenset({"prod", "production"})
Form = Literal["json", "xml"]
MEDIA_TYPES: dict[Form, str] = {"json": bodies.JSON, "xml": markup.MEDIA_TYPE}


@dataclass(frozen=True)
class Said:
    """An answer before it has a form; `root` is what its outermost element is called.

    `where`, without its suffix, is the address of what was made.
    """

    content: BaseModel
    root: str
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    where: str = ""


Handler = Callable[[Request], Said]


def _in(form: Form, said: Said) -> Answer:
    headers = dict(said.headers)
    if said.where:
        headers["Location"] = f"{said.where}.{form}"
    if form == "json":
        return Answer(said.content, headers=headers)
    text = markup.document(said.root, said.content.model_dump(mode="json"))
    return Answer(text, headers=headers | {"Content-Type": f"{markup.MEDIA_TYPE}; charset=utf-8"})


def _refuse(
    form: Form | None, error: Exception, tongue: Tongue, request_id: str, path: Mapping[str, str]
) -> Response:
    """A refusal as the standard has it: a code and a sentence each, in the form that was asked for."""
    problem = problem_of(error, tongue, request_id)
    refused = problem_response(error, tongue, request_id)
    errors = GeoErrors(tuple(GeoError(code=problem.status, description=each) for each in _sentences(problem)))
    answer = _in(form or _split(next(iter(path.values()), ""))[1] or "json", Said(errors, "errors"))
    if isinstance(answer.body, BaseModel):
        answer = Answer(answer.body.model_dump_json(), headers={"Content-Type": bodies.JSON})
    return Response(answer.body, {**refused.headers, **answer.headers}, problem.status)


def _sentences(problem: Problem) -> tuple[str, ...]:
    if problem.errors:
        return tuple(f"{each.pointer.lstrip('/?')} {each.detail}".strip() for each in problem.errors)
    # The standard has no place of its own for the request's id, and our own mistakes are found by it.
    return (f"{problem.detail} {problem.instance}" if problem.status == 500 else problem.detail,)


def _manner(form: Form | None) -> Manner:
    media_types = (MEDIA_TYPES[form],) if form else tuple(MEDIA_TYPES.values())
    return Manner(media_types, GeoErrors, functools.partial(_refuse, form))


def _both(method: str, stem: str, summary: str, **more: Any) -> Callable[[Handler], Handler]:
    """Declares a route for each form: `stem`.json and `stem`.xml."""

    def register(handler: Handler) -> Handler:
        for form in MEDIA_TYPES:
            view = functools.partial(_view, handler, form)
            functools.update_wrapper(view, handler)
            view.__name__ = f"{handler.__name__}_{form}"  # type: ignore[attr-defined]  # the operation's id
            said = {"manner": _manner(form), **more}
            door.declare(method, f"{HERE}/{stem}.{form}", Permission.PUBLIC, summary, **said)(view)
        return handler

    return register


def _view(handler: Handler, form: Form, request: Request) -> Answer:
    return _in(form, handler(request))


def _split(named: str) -> tuple[str, Form | None]:
    """(Name, form) of a last part of a path: the gateway has no parameter that ends before a suffix."""
    for form in MEDIA_TYPES:
        if named.endswith(f".{form}"):
            return named.removesuffix(f".{form}"), form
    return named, None


def _one(part: str, parameter: str, summary: str, **more: Any) -> Callable[[Callable[..., Said]], Any]:
    """Declares a route whose last part is a name and the form of the answer."""

    def register(handler: Callable[[Request, str], Said]) -> Callable[[Request, str], Said]:
        def view(request: Request) -> Answer:
            name, form = _split(request.path[parameter])
            if form is None:
                raise UnknownName(name="format")
            open311.check_jurisdiction(request.query.jurisdiction_id)
            return _in(form, handler(request, name))

        functools.update_wrapper(view, handler)
        more.setdefault("problems", (400, 404, 503))
        said = {"manner": _manner(None), "query": GeoQuery, **more}
        door.declare("GET", f"{HERE}/{part}/{{{parameter}}}", Permission.PUBLIC, summary, **said)(view)
        return handler

    return register


@_both("GET", "discovery", "Where and how Open311 is spoken", answers=GeoDiscovery)
def open311_discovery(request: Request) -> Said:
    words = open311_words(request.tongue)
    kind: Literal["production", "test"] = "production" if settings().stage in REAL_STAGES else "test"
    endpoint = GeoEndpoint(url=settings().base_url + HERE, changeset=CHANGESET, type=kind)
    found = GeoDiscovery(
        changeset=CHANGESET,
        contact=words["contact"],
        key_service=words["keys_needed" if settings().keys_of_open311 else "no_keys"],
        endpoints=(endpoint,),
    )
    return Said(found, "discovery")


@_both("GET", "services", "What may be reported", query=GeoQuery, answers=GeoServices, problems=(400, 404))
def open311_services(request: Request) -> Said:
    open311.check_jurisdiction(request.query.jurisdiction_id)
    found = open311.services(request.now)
    shown = tuple(_service(code, each, request.tongue) for code, each in found.items())
    return Said(GeoServices(shown), "services")


def _service(code: str, of: Category, tongue: Tongue) -> GeoService:
    name, words = getattr(of.name, tongue), open311_words(tongue)
    return GeoService(
        service_code=code,
        service_name=name,
        description=words["service"].format(name=name),
        group=words["group"],
    )


@_one("services", "service", "One kind of report", answers=GeoServiceDefinition, problems=(400, 404))
def open311_service(request: Request, code: str) -> Said:
    """There is nothing more to fill in for any: the list of attributes is empty."""
    open311.service(code, request.now)
    return Said(GeoServiceDefinition(service_code=code), "service_definition")


@_both(
    "GET",
    "requests",
    "What was reported, newest first",
    query=GeoRequestQuery,
    answers=GeoRequests,
    problems=(400, 404, 503),
)
def open311_requests(request: Request) -> Said:
    """At most 90 days and 1000 requests; a Link header leads on. What was lodged just now may come later."""
    found = open311.listed(request.query, request.now)
    shown = GeoRequests(tuple(open311.shown(row, request.tongue) for row in found.rows))
    if found.up_to is None:
        return Said(shown, "service_requests")
    asked = request.query.model_dump(exclude_none=True, mode="json")
    further = urlencode(asked | {"end_date": found.up_to.isoformat()})
    return Said(shown, "service_requests", {"Link": f'<?{further}>; rel="next"'})


@_one("requests", "service_request", "One request", answers=GeoRequests)
def open311_request(request: Request, reference: str) -> Said:
    found = open311.shown(open311.find(reference), request.tongue)
    return Said(GeoRequests((found,)), "service_requests")


@_both(
    "POST",
    "requests",
    "Report something",
    takes=NewGeoRequest,
    is_form=True,
    answers=GeoReceipts,
    status=201,
    idempotent=True,
    problems=(400, 403, 404, 413, 415, 422, 503),
)
def open311_report(request: Request) -> Said:
    """Who you are is neither asked nor kept: name, telephone, e-mail, device, account and media are dropped.

    Repeat under an Idempotency-Key of at least 22 random characters.
    """
    _check_key(request.body.api_key)
    if len(request.idempotency_key) < anonymous.SHORTEST_KEY:
        raise InvalidRequest(FieldFault("Idempotency-Key", "key_too_short"))
    case = open311.lodge(request.body, request.idempotency_key, request.now)
    notice = open311_words(request.tongue)["notice"]
    receipt = GeoReceipt(service_request_id=case.reference, service_notice=notice)
    where = f"{HERE}/requests/{case.reference}"
    return Said(GeoReceipts((receipt,)), "service_requests", where=where)


def _check_key(given: str | None) -> None:
    """Where keys were given out, one of them is needed; each is compared, however early one fits."""
    known = settings().keys_of_open311
    fits = [hmac.compare_digest((given or "").encode(), key.encode()) for key in known]
    if known and not any(fits):
        raise KeyRefused


@_one("tokens", "token", "The request of a token", answers=GeoTokens)
def open311_token(_: Request, token: str) -> Said:
    """Reports are answered at once, so nobody is given a token: a request's id stands for its own."""
    found = open311.find(token)
    tokens = GeoTokens((GeoToken(service_request_id=found.reference, token=found.reference),))
    return Said(tokens, "service_requests")
