"""The suite through its handlers: gateway events to the app, the sweep by its event, the consumers fed."""

from __future__ import annotations

import io
import json
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import boto3

from functions.domain import accounts, assignment, complaints, officers, signing_in, sweep
from functions.domain.access import CLEARANCES, Role
from functions.storage import cases
from infra.local import citizens, functions, queues, timers, tokens, worker
from infra.local.environment import STAGE
from infra.local.gateway import Gateway
from infra.local.home import home
from infra.local.positions import Positions
from infra.local.simulation.agenda import Agenda
from infra.local.simulation.world import Actor, staff
from infra.local.tokens import DEFAULT_BASE_URL, Person
from schemas.accounts import NewChallenge
from schemas.catalogue.reading import policy_of_version
from schemas.officers import NewPost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.functions import Function
    from infra.local.home import Home
    from infra.local.simulation.assumptions import Arrival
    from infra.local.streams import Consumer
    from schemas.cases import Case

CITIZENS_TOKEN_SECONDS = 8 * 60
"""A citizen's token lasts ten minutes, on the machine's own clock."""
OFFICERS_TOKEN = timedelta(hours=12)
MOST_ROUNDS = 1_000
REFUSALS = range(400, 500)


class BrokenError(Exception):
    """The suite failed at something that nobody may be refused; the message says what it answered."""


def enrol(now: datetime) -> int:
    """Enter the simulated officers, as an administrator does; returns how many there are."""
    for each in staff():
        clearances = CLEARANCES if each.role is not Role.CENTRE_SUPERVISOR else ()
        post = NewPost.model_validate(
            {"role": each.role, "office": each.office, "clearances": sorted(clearances)}
        )
        officers.write(each.subject, post, now, by=officers.OPERATOR, role=officers.OPERATOR)
    return len(staff())


class Handlers:
    """A world in which nothing happens but through what Lambda would call."""

    def __init__(self, place: Home, app: Any, clock: list[datetime]) -> None:
        self._place, self._clock = place, clock
        self._gateway = Gateway(app, STAGE)
        self._agenda = Agenda()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._sweep = functions.named(functions.scheduled(app), "flag_overdue")
        self._waiting = functions.named(functions.scheduled(app), "send_waiting")
        self._publish = functions.named(functions.scheduled(app), "publish_open_data")
        positions, stop = Positions(home().positions), Event()
        self._streams = [
            worker.stream_consumer(each, positions, stop)
            for each in sorted(
                functions.functions(app, "DynamoDBEventConfig"), key=lambda f: f.name != "on_case_change"
            )
        ]
        self._messages = functions.named(functions.functions(app, "SQSEventConfig"), "on_message")
        self._sqs = boto3.client("sqs", config=worker.QUICK)
        self._queue = worker.queue_of(self._sqs, self._messages)
        self.refused: dict[str, int] = {}
        self.requests = 0
        self._has_news = False
        self._cases: dict[str, Case] = {}
        self._fresh: list[str] = []

    def lodge(self, arrival: Arrival) -> str:
        key = {"Idempotency-Key": f"simulated-{arrival.number:08d}-of-this-year"}
        by = Actor.of_citizen(arrival.citizen)
        status, told = self._ask(by, "/v1/complaints", arrival.body, arrival.at, key)
        if status != 201:
            raise BrokenError(f"a complaint was answered {status}: {told}")
        self._read(told["reference"])
        self._fresh.append(told["reference"])
        return str(told["reference"])

    def step(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool:
        return self._taken(by, reference, f"/v1/complaints/{reference}/steps", body, at)

    def call_back(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool:
        return self._taken(by, reference, f"/v1/complaints/{reference}/call-backs", body, at)

    def _taken(self, by: Actor, reference: str, path: str, body: dict[str, Any], at: datetime) -> bool:
        status, told = self._ask(by, path, body, at, {})
        if status in REFUSALS:
            kind = str(told.get("type", status))
            self.refused[kind] = self.refused.get(kind, 0) + 1
        elif status >= REFUSALS.stop:
            raise BrokenError(f"{path} was answered {status}: {told}")
        self._read(reference)
        return status not in REFUSALS

    def _ask(
        self, by: Actor, path: str, body: dict[str, Any], at: datetime, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        self._clock[:] = [at]
        self.requests, self._has_news = self.requests + 1, True
        content = json.dumps(body, ensure_ascii=False).encode()
        given = {"Authorization": f"Bearer {self._token(by, at)}", "Accept": "application/json", **headers}
        if by.role is not Role.CITIZEN:
            given["X-Purpose"] = "handling"
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(content),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()},
        }
        status, _, answer = self._gateway.answer(environ)
        return status, json.loads(answer) if answer else {}

    def _token(self, by: Actor, at: datetime) -> str:
        token, until = self._tokens.get(by.subject, ("", 0.0))
        if time.monotonic() < until:
            return token
        now = datetime.now(UTC)
        if by.role is Role.CITIZEN:
            token = accounts.open_session(_person(by.citizen, at), citizens.DEVICE, now).access_token
            lasting: float = CITIZENS_TOKEN_SECONDS
        else:
            officer = Person(by.subject, by.role, by.subject, by.office)
            token = tokens.access_token(self._place, officer, DEFAULT_BASE_URL, now, OFFICERS_TOKEN)
            lasting = OFFICERS_TOKEN.total_seconds() / 2
        self._tokens[by.subject] = (token, time.monotonic() + lasting)
        return token

    def case(self, reference: str) -> Case:
        """As it was left by what was done last: it is read again after whatever may have changed it."""
        return self._cases[reference]

    def _read(self, reference: str) -> None:
        case = cases.get(reference)
        if case is None:
            raise BrokenError(f"{reference} was lodged and is not there")
        self._cases[reference] = case
        self._agenda.note(case)

    def due(self) -> datetime | None:
        return self._agenda.first()

    def sweep(self, at: datetime) -> None:
        """The scheduled function as it is. Districts in whose index nothing is due are not asked."""
        due = self._agenda.before(at)
        areas = tuple(dict.fromkeys(self.case(reference).district for reference in due))
        with _only(areas):
            self._run(self._sweep, at)
        for reference in due:
            self._read(reference)
        self._has_news = True

    def feed(self, at: datetime) -> None:
        """At once for cases that are marked by their stream; the rest of it follows each morning."""
        if any(_is_marked_by_load(self._cases[each]) for each in self._fresh):
            self._follow(at, self._streams[:1])
        for reference in self._fresh:
            self._read(reference)
        self._fresh.clear()

    def _follow(self, at: datetime, consumers: list[Consumer]) -> None:
        self._clock[:] = [at]
        for consumer in consumers:
            consumer.read_all()

    def deliver(self, at: datetime) -> None:
        """What the queue of messages and its schedule do: all that may be sent by then is sent."""
        if not self._has_news:
            return
        self._has_news = False
        self._follow(at, self._streams)
        self._empty_queue()
        self._run(self._waiting, at)
        self._empty_queue()

    def publish(self, at: datetime) -> None:
        self._run(self._publish, at)

    def _empty_queue(self) -> None:
        for _ in range(MOST_ROUNDS):
            if not queues.deliver_once(self._sqs, self._queue, self._messages, wait_seconds=0):
                return

    def _run(self, function: Function, at: datetime) -> None:
        self._clock[:] = [at]
        function.invoke(timers.scheduled_event(function.name, at))

    def every_case(self) -> list[Case]:
        for reference in self._cases:
            self._read(reference)
        return [replace(each, history=complaints.whole_history(each)) for each in self._cases.values()]


def _is_marked_by_load(case: Case) -> bool:
    return not case.station and bool(assignment.candidates(case, policy_of_version(case.policy_version)))


@contextmanager
def _only(areas: tuple[str, ...]) -> Iterator[None]:
    """Within the block the sweep looks at these districts: of the others the index would answer nothing."""
    every = vars(sweep)["districts"]
    vars(sweep)["districts"] = lambda: areas
    try:
        yield
    finally:
        vars(sweep)["districts"] = every


def _person(number: int, at: datetime) -> Any:
    known = citizens.citizens()
    if number < len(known):
        return citizens.person(known[number], at)
    document = {"kind": "cnic", "number": f"00000-{number:07d}-{number % 10}"}
    asked = NewChallenge.model_validate({"document": document, "phone": f"0300 1{number:06d}"})
    return signing_in.registered(asked.document.normal, asked.phone, at)
