"""Watches what becomes of the traffic of canaries: in logs, in consumers, in spoilt and broken requests."""

from __future__ import annotations

import copy
import io
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from botocore.exceptions import EndpointConnectionError

from functions import copying, door, events, regrouping, scheduled
from functions.logs import FunctionFailedError, ListedFields, write_json_lines
from functions.storage import mail, sms
from functions.storage.tables import StoreFailureError
from tests import canaries, http, keys, people, stored
from tests.traffic import Traffic


@dataclass
class Seen:
    """All that came of the traffic, as (where, text)."""

    traffic: Traffic
    kept: list = field(default_factory=list)
    logged: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    shown_back: list = field(default_factory=list)
    """Refusals that are pages, without what their own request held."""
    others: list = field(default_factory=list)
    thrown: list = field(default_factory=list)

    def found(self, places, leaving_out=()):
        hits = canaries.found(self.traffic.canaries.sent, places)
        return sorted(hit for hit in hits if hit not in leaving_out)


class Listening:
    """Our own log as it is written, and what reaches the root of all loggers with the words of its errors."""

    def __init__(self, monkeypatch):
        write_json_lines()
        self.ours, self.root = io.StringIO(), io.StringIO()
        (own,) = (h for h in logging.getLogger("khidmat").handlers if isinstance(h.formatter, ListedFields))
        monkeypatch.setattr(own, "stream", self.ours)
        monkeypatch.setattr(logging.getLogger("khidmat"), "propagate", False)  # as write_json_lines has it
        self.handler = logging.StreamHandler(self.root)
        self.handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.handler.addFilter(
            lambda record: not record.name.startswith(("botocore", "boto", "moto", "urllib3"))
        )

    def __enter__(self):
        logging.getLogger().addHandler(self.handler)
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self.handler)


def spoil(made: Seen) -> None:
    """Each request again, wrong in one way: cut short, of another kind, with a field too many, of wrong types."""
    for by, event in list(made.traffic.requests):
        route = (event["httpMethod"], event["resource"])
        if not isinstance(event["body"], str):
            continue
        for spoilt in _spoilt(event):
            made.traffic.deliver(by, route, spoilt)


def _spoilt(event):
    yield event | {"body": event["body"][:-2]}
    yield event | {"headers": event["headers"] | {"Content-Type": "text/plain"}}
    if event["body"].startswith("{"):
        body = json.loads(event["body"])
        yield event | {"body": json.dumps(body | {"unknown": list(body.values())})}
        yield event | {"body": json.dumps({name: [value] for name, value in body.items()})}
        yield event | {"body": json.dumps(body)[:-1] + "," + json.dumps(body)[1:]}


def break_down(made: Seen, monkeypatch) -> None:
    """Each request again while something inside fails with the whole request in its words."""
    whole = door._read
    for failing in (ValueError, StoreFailureError):

        def breaking(*given, kind=failing):
            request = whole(*given)
            error = kind(f"could not make sense of {request!r}")
            error.add_note(json.dumps(given[1], default=str))
            raise error from ValueError(request.body)

        monkeypatch.setattr(door, "_read", breaking)
        for by, event in list(made.traffic.requests):
            made.traffic.deliver(by, (event["httpMethod"], event["resource"]), copy.deepcopy(event))
    monkeypatch.setattr(door, "_read", whole)


def consume(made: Seen, monkeypatch) -> None:
    """The tables' images through the streams' consumers, the queues' messages, the schedules; well and broken."""
    everything = " ".join(made.traffic.canaries.sent.values())
    images = {table: list(_images(table)) for table in ("cases", "officers")}
    broken = {"reference": {"S": "KH-2345-6789-A"}, "kind": {"S": "complaint"}, "history": {"S": everything}}
    runs = [
        (events.on_case_change, _stream("cases", "reference", images["cases"])),
        (events.on_case_change, _stream("cases", "reference", [broken])),
        (events.on_case_change, {"Records": [{everything: everything}]}),
        (copying.copy_case_changes, _stream("cases", "reference", images["cases"])),
        (copying.copy_case_changes, _stream("cases", "reference", [broken])),
        (copying.copy_officer_changes, _stream("officers", "subject", images["officers"])),
        (copying.copy_officer_changes, {"Records": [{"dynamodb": everything}]}),
        (regrouping.on_regroup_request, _queue(everything, json.dumps({"app": everything}), "[]")),
        (regrouping.on_regroup_request, {"Records": everything}),
        (scheduled.flag_overdue, _tick(timedelta(hours=9))),
        (scheduled.enforce_retention, _tick(timedelta(days=1))),
        (scheduled.flag_danger, _tick(timedelta(hours=1))),
        (scheduled.watch_drift, _tick(timedelta(hours=1))),
        (scheduled.flag_overdue, _tick(timedelta(), time=everything)),
    ]

    def refusing(phone, text):
        raise StoreFailureError(f"{phone} {text} {everything}")

    monkeypatch.setattr(sms, "send", refusing)
    bodies = [message.body for message in stored.queues()["khidmat-test-codes"]._messages]
    runs += [(events.on_code_request, _queue(body)) for body in [*bodies, everything]]
    _run(made, runs)
    _send_messages(made, monkeypatch, everything)


def _send_messages(made: Seen, monkeypatch, everything) -> None:
    """What the runs before put into the outbox: every channel set up, and each failing with all there is to say."""

    def failing(*said, **more):
        raise EndpointConnectionError(endpoint_url=f"{said} {more} {everything}")

    monkeypatch.setattr(sms, "client_once", lambda: SimpleNamespace(publish=failing))
    monkeypatch.setattr(mail, "client", lambda: SimpleNamespace(send_email=failing))
    monkeypatch.setenv("KHIDMAT_EMAIL_SENDER", "notices@khidmat.example")
    bodies = [message.body for message in stored.queues()["khidmat-test-messages"]._messages]
    assert len(bodies) > 3
    half = len(bodies) // 2
    _run(
        made, [(events.on_message, _queue(*bodies[:half], everything)), (events.on_message, {everything: 1})]
    )

    def breaking(*said, **more):
        raise ValueError(f"{said} {more} {everything}")

    monkeypatch.setattr(sms, "client_once", lambda: SimpleNamespace(publish=breaking))
    monkeypatch.setattr(mail, "client", lambda: SimpleNamespace(send_email=breaking))
    _run(
        made,
        [(events.on_message, _queue(*bodies[half:])), (scheduled.send_waiting, _tick(timedelta(days=1)))],
    )
    assert any("tried" in row for row in _images("messages")), "no message was given to anybody"


def _run(made: Seen, runs) -> None:
    for consumer, event in runs:
        try:
            answer = consumer(event, http.Context())
            made.thrown.append((f"answer of {consumer.func.__name__}", json.dumps(answer)))
        except FunctionFailedError as error:
            trace = f"{error!r} {error.__cause__!r} {getattr(error, '__notes__', '')}"
            made.thrown.append((f"error of {consumer.func.__name__}", trace))


def _images(table):
    for item in stored.items(stored.tables()[f"khidmat-test-{table}"]):
        yield item.to_json()["Attributes"]


def _stream(table, key, images):
    records = [
        {
            "eventID": str(number),
            "eventName": "INSERT",
            "eventSourceARN": f"arn:aws:dynamodb:us-east-1:1:table/khidmat-test-{table}/stream/now",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "Keys": {key: image[key]},
                "SequenceNumber": f"{number}",
                "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
                "NewImage": image,
            },
        }
        for number, image in enumerate(images)
    ]
    return {"Records": records}


def _queue(*bodies):
    return {"Records": [{"messageId": f"m-{n}", "body": body} for n, body in enumerate(bodies)]}


def _tick(later, **changes):
    """The clock's own event; a `changes` may spoil it."""
    named = dict.fromkeys(("version", "account", "region", "detail-type", "source", "id"), "0")
    at = (datetime.now(UTC) + later).isoformat()
    return {**named, "time": at, "detail": {}, "resources": [], **changes}


def ask_as_others(made: Seen) -> None:
    """Everything that people to whom none of it belongs may ask for."""
    cases = [image["reference"]["S"] for image in _images("cases") if "#" not in image["reference"]["S"]]
    topics = [image["topic_id"]["S"] for image in _images("topics") if "#" not in image["topic_id"]["S"]]
    officer = made.traffic.canaries.sent["officer's subject"]
    citizens = [
        "/v1/complaints",
        "/v1/me/notices",
        "/v1/me/notifications",
        "/v1/me/export",
        "/v1/me/sessions",
    ]
    about_cases = [f"/v1/complaints/{each}{part}" for each in cases for part in ("", "/evidence", "/audit")]
    lists = ["/v1/supervision/overdue", "/v1/supervision/overdue.csv", "/v1/office/notices"]
    lists.append("/v1/offices/sd-lhr-civil-lines/notifications")
    of_topics = [
        "/v1/apps",
        "/v1/topics",
        *(f"/v1/topics/{each}{part}" for each in topics for part in ("", "/feedback")),
    ]
    outsiders = {
        "another citizen": (people.citizen_token("citizen-3"), citizens + about_cases),
        "sdpo of another": (http.token_of("sdpo", "sdpo-9", "sd-lhr-model-town"), lists + about_cases),
        "dpo of another": (http.token_of("dpo", "dpo-9", "ds-kasur"), lists + about_cases),
        "product_owner": (keys.token("product_owner-1"), of_topics + about_cases),
        "auditor": (keys.token("auditor-1"), of_topics + about_cases),
        "administrator": (keys.token("administrator-1"), [f"/v1/officers/{officer}", *about_cases]),
    }
    for who, (token, urls) in outsiders.items():
        for url in urls:
            reply = http.send("GET", url, role=None, headers={"Authorization": f"Bearer {token}"})
            made.others.append((who, f"{reply.text} {reply.headers}"))
    desks = ["/supervision", "/supervision/promises", "/desk", *(f"/desk/{each}" for each in cases)]
    pages = {
        "product_owner": ["/board", *(f"/board/topics/{each}" for each in topics), *desks],
        "sdpo of another": desks,
    }
    for who, urls in pages.items():
        cookie = {"Cookie": f"khidmat_session={outsiders[who][0]}"}
        made.others += [(who, http.send("GET", url, role=None, headers=cookie).text) for url in urls]


def sort_refusals(made: Seen) -> None:
    """Problems as they are. A page may show its reader what they asked with: that alone is left out of it."""
    sent = made.traffic.canaries.sent
    for each in made.traffic.answers:
        if each.status < 400:
            continue
        where = " ".join(each.route)
        if "text/html" not in each.text:
            made.refused.append((where, each.text))
            continue
        asked = {name for name, _ in canaries.found(sent, [("asked", each.asked)])}
        told = canaries.found(sent, [(where, each.text)])
        made.shown_back += [hit for hit in sorted(told) if hit[0] not in asked]
