"""One request after another on every route, each field carrying a canary of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from functions import callers, form_tokens
from functions.domain.access import Caller, Role
from tests import http, keys, people
from tests.canaries import Canaries
from tests.conftest import BASE_URL

Route = tuple[str, str]
STAFF: dict[str, Caller] = {
    role: Caller(f"{role}-1", Role(role), office)
    for role, office in {
        "sdpo": "sd-lhr-civil-lines",
        "dpo": "ds-lahore",
        "central_office": "pb",
        "front_desk": "ps-lhr-model-town",
        "product_owner": None,
        "auditor": None,
        "administrator": None,
    }.items()
}
CASE, EVIDENCE = "/v1/complaints/{reference}", "/v1/complaints/{reference}/evidence"
TOPIC = "/v1/topics/{topic_id}"
PAGES = ("/board", "/changelog", "/danger", "/desk", "/docs", "/feedback", "/sign-", "/supervision")
DAY_IT_HAPPENED = "2019-07-23"


@dataclass(frozen=True)
class Answered:
    """What somebody was answered; `by` is whose canaries the request carried."""

    route: Route
    by: str
    status: int
    text: str
    asked: str


@dataclass
class Traffic:
    """What was sent (route -> names of fields, of the query and of the path) and answered."""

    canaries: Canaries = field(default_factory=Canaries)
    answers: list[Answered] = field(default_factory=list)
    bodies: dict[Route, set[str]] = field(default_factory=dict)
    queries: dict[Route, set[str]] = field(default_factory=dict)
    routes: set[Route] = field(default_factory=set)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def send(
        self, by: str, route: Route, body: Any = None, *, query: dict[str, str] | None = None, **more: Any
    ) -> http.Reply:
        method, pattern = route
        path = more.pop("path", {})
        url = pattern.format(**path) + (f"?{urlencode(query)}" if query else "")
        event = http.event(method, url, headers=self._headers(by, route, more), body=body)
        event["requestContext"]["identity"]["sourceIp"] = self.canaries.sent["address of the connection"]
        self._note(route, body, query)
        self.requests.append((by, event))
        return self.deliver(by, route, event)

    def deliver(self, by: str, route: Route, event: dict[str, Any]) -> http.Reply:
        from app import app

        answer = app(event, http.Context())
        text = json.dumps(answer, ensure_ascii=False)
        self.answers.append(Answered(route, by, answer["statusCode"], text, json.dumps(event)))
        raw = answer.get("body") or ""
        return http.Reply(answer["statusCode"], answer["headers"], [], raw.encode())

    def _headers(self, by: str, route: Route, more: dict[str, Any]) -> dict[str, str]:
        sent = self.canaries.sent
        token = self.tokens.get(by, "")
        headers = {name: sent[f"header {name}"] for name in HEADERS} | more.pop("headers", {})
        headers["X-Forwarded-For"] = sent["header X-Forwarded-For"]
        if route[1].startswith(PAGES) or route[1] == "/":
            headers["Cookie"] = f"{callers.COOKIE}={token}; other={sent['header Cookie']}"
            headers["Origin"] = BASE_URL
            return headers
        headers["Cookie"] = f"other={sent['header Cookie']}"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if route[0] in ("POST", "PUT"):
            headers.setdefault("Content-Type", "application/json")
        return headers

    def _note(self, route: Route, body: Any, query: dict[str, str] | None) -> None:
        self.routes.add(route)
        if isinstance(body, dict):
            self.bodies.setdefault(route, set()).update(body)
        self.queries.setdefault(route, set()).update(query or {})

    def form(
        self, route: Route, fields: dict[str, str], *, by: str = "product_owner", **more: Any
    ) -> http.Reply:
        csrf = form_tokens.token(self.tokens[by])
        self.bodies.setdefault(route, set()).update(fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({**fields, form_tokens.FIELD: csrf})
        return self.send(by, route, body, headers=headers, **more)


HEADERS = ("User-Agent", "Accept-Language", "Referer", "X-Device-Id", "traceparent", "If-None-Match")


def begun() -> Traffic:
    """Everybody is there, and nothing was sent yet."""
    traffic = Traffic()
    new = traffic.canaries
    for name in (*HEADERS, "Cookie"):
        new.word(f"header {name}")
    new.address("header X-Forwarded-For")
    new.sent["day it happened"] = DAY_IT_HAPPENED
    new.address("address of the connection")
    for name, caller in STAFF.items():
        people.enrol(caller)
        traffic.tokens[name] = keys.token(caller.subject)
    people.enrol(Caller("officer-9", Role.STATION_OFFICER, "ps-lhr-mozang"), service_number="LHR9009")
    traffic.tokens["other citizen"] = people.citizen_token("citizen-2")
    return traffic
