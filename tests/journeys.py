"""What people send, in the order in which they would: each part a journey, each field with its canary."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from functions.domain import codes, regrouping
from functions.storage import fetches
from functions.storage import releases as release_store
from tests import evidence, models, people, stored
from tests.board_journey import work_on_the_board
from tests.browser import seed
from tests.canaries import Canaries
from tests.conftest import SETTINGS
from tests.http import Reply
from tests.traffic import CASE, DAY_IT_HAPPENED, EVIDENCE, TOPIC, Route, Traffic, begun

RELEASE = "/v1/releases/{release_id}"


def everything() -> Traffic:
    """All of it, in the order in which people would do it."""
    traffic = begun()
    for part in PARTS:
        part(traffic)
    return traffic


def newest_code() -> str:
    """Of the newest message on the codes' queue, opened as the consumer opens it."""
    message = codes.read_message(stored.queues()["khidmat-test-codes"]._messages[-1].body)
    assert message is not None
    return message.code


def sign_in(traffic: Traffic) -> None:
    new, ask, exchange = (
        traffic.canaries,
        ("POST", "/v1/accounts/challenges"),
        ("POST", "/v1/accounts/tokens"),
    )
    passport = {"kind": "passport", "number": new.passport("challenge passport"), "country": "GB"}
    traffic.send("nobody", ask, {"document": passport, "phone": new.phone("challenge other phone")})
    card = {"kind": "cnic", "number": new.card("challenge card")}
    phone = new.phone("challenge phone")
    body = {"document": card, "phone": phone, "purpose": "sign_in", "channel": "sms"}
    challenge = traffic.send("nobody", ask, body).json["challenge"]
    grant = {"grant": "code", "challenge": challenge, "phone": phone, "device": new.word("device")}
    right = newest_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    assert traffic.send("nobody", exchange, grant | {"code": wrong}).status == 401
    said = traffic.send("nobody", exchange, grant | {"code": right}).json
    again = {"grant": "refresh", "refresh_token": said["refresh_token"]}
    said = traffic.send("nobody", exchange, again).json
    traffic.tokens["citizen"] = said["access_token"]
    traffic.send(
        "nobody", exchange, {"grant": "refresh", "refresh_token": f"p-1.s.{new.word('refresh token')}"}
    )
    bogus = {"reference": new.word("report reference"), "code": new.word("report code")}
    traffic.send("nobody", exchange, {"grant": "report_code", **bogus})
    traffic.send("citizen", ("GET", "/v1/me/sessions"))
    unknown = {"session": new.word("path session")}
    traffic.send("citizen", ("DELETE", "/v1/me/sessions/{session}"), path=unknown)


def say_where_to_be_told(traffic: Traffic) -> None:
    new, mine, path = traffic.canaries, "/v1/me/notifications", {"office": "sd-lhr-civil-lines"}
    body = {
        "language": "en",
        "channels": ["email", "sms"],
        "email": new.mail("address for notices"),
        "quiet_hours": None,
    }
    assert traffic.send("citizen", ("PUT", mine), body).status == 200
    bad = body | {"language": new.word("language"), "email": new.word("bad address for notices")}
    bad["quiet_hours"] = {"from": new.word("quiet from"), "to": new.word("quiet to")}
    assert traffic.send("citizen", ("PUT", mine), bad).status == 400
    traffic.send("citizen", ("GET", mine))
    office = "/v1/offices/{office}/notifications"
    duty = {"language": "en", "channels": ["sms", "email"], "phone": new.phone("duty telephone")}
    duty["email"] = new.mail("duty address")
    assert traffic.send("sdpo", ("PUT", office), duty, path=path).status == 200
    traffic.send("sdpo", ("GET", office), path=path)
    unknown = {"office": new.word("path of an office").lower()}
    for method, said in (("PUT", duty), ("GET", None)):
        assert traffic.send("administrator", (method, office), said, path=unknown).status == 404
    traffic.send(
        "sdpo", ("GET", "/v1/office/notices"), query={"cursor": new.word("cursor of office notices")}
    )


def _said(new: Canaries, what: str) -> dict[str, Any]:
    return {
        "category": "illegal_detention",
        "narrative": f"They would not write it down, {new.word(f'{what} narrative')} said {new.card(f'{what} card')}.",
        "station": "ps-lhr-mozang",
        "district": "ds-lahore",
        "about_office": "ps-lhr-mozang",
        "about_officers": ["LHR-9009"],
        "place": f"{new.word(f'{what} place')} bazaar",
        "occurred_on": DAY_IT_HAPPENED,
    }


def complain(traffic: Traffic) -> None:
    new, lodge = traffic.canaries, ("POST", "/v1/complaints")
    more = {"complainant_name": new.word("name"), "phone": new.phone("phone")}
    key = {"Idempotency-Key": new.word("lodging key")}
    said = traffic.send("citizen", lodge, _said(new, "complaint") | more, headers=key)
    assert said.status == 201, said.text
    path = {"reference": said.json["reference"]}
    again = _said(new, "other body") | {
        "complainant_name": new.word("other name"),
        "phone": new.phone("other phone"),
    }
    assert traffic.send("citizen", lodge, again, headers=key).status == 422
    for by in ("citizen", "sdpo"):
        body, keyed = (
            {"text": new.word(f"comment of {by}")},
            {"Idempotency-Key": new.word(f"comment key of {by}")},
        )
        assert traffic.send(by, ("POST", f"{CASE}/comments"), body, path=path, headers=keyed).status == 201
    _steps(traffic, path)
    _files(traffic, path)
    lists = ("/v1/complaints", "/v1/me/notices", "/v1/me/export")
    for route in (*(("GET", each) for each in lists), ("GET", CASE)):
        query = {"cursor": new.word(f"cursor of {route[1]}")} if route[1] in lists else None
        traffic.send("citizen", route, path=path, query=query)
        traffic.send("citizen", route, path={"reference": new.word(f"path of {route[1]}")})
    traffic.send("citizen", ("GET", "/v1/complaints"), query={"limit": new.word("limit")})
    for route in (("GET", "/v1/supervision/overdue"), ("GET", "/v1/supervision/overdue.csv")):
        name = route[1].rpartition("/")[2]
        asked = {"district": new.word(f"district of {name}").lower(), "cursor": new.word(f"cursor of {name}")}
        traffic.send("dpo", route, query=asked | {"limit": "5"})
        traffic.send("dpo", route)
    audit = ("GET", f"{CASE}/audit")
    traffic.send("auditor", audit, path=path, query={"cursor": new.word("cursor of audit")})
    traffic.send("auditor", audit, path=path)


def _steps(traffic: Traffic, path: dict[str, str]) -> None:
    new, route = traffic.canaries, ("POST", f"{CASE}/steps")
    finding = {"action": "report", "finding": "substantiated"}
    for by, body in (
        ("sdpo", {"action": "accept"}),
        ("sdpo", {"action": "contact", "outcome": "reached", "note": new.word("note of the call")}),
        ("sdpo", finding | {"text": f"It was done, {new.word('report of the officer')}"}),
        ("citizen", {"action": "dispute", "text": f"It was not, {new.word('dispute')}"}),
        ("sdpo", finding | {"text": f"Now it was, {new.word('second report')}"}),
        ("citizen", {"action": "confirm", "rating": 4, "text": new.word("confirmation")}),
        ("citizen", {"action": "withdraw", "text": new.word("withdrawal too late")}),
    ):
        reply = traffic.send(by, route, body, path=path)
        assert reply.status == (409 if body["action"] == "withdraw" else 200), reply.text
    tag = {"If-Match": f'"{new.word("if match")}"'}
    traffic.send("sdpo", route, {"action": "accept"}, path=path, headers=tag)


def _files(traffic: Traffic, path: dict[str, str]) -> None:
    new = traffic.canaries
    body = evidence.PHOTO | {
        "name": f"{new.word('file name')}.jpg",
        "media_type": f"image/jpeg; name={new.word('media type parameter')}",
        "sha256": "0" * 64,
    }
    key = {"Idempotency-Key": new.word("evidence key")}
    announced = traffic.send("citizen", ("POST", EVIDENCE), body, path=path, headers=key)
    evidence.upload(announced, evidence.JPEG)
    piece = path | {"evidence": announced.json["evidence"]}
    completion = ("POST", f"{EVIDENCE}/{{evidence}}/completion")
    assert traffic.send("citizen", completion, path=piece).status == 422  # it is another file than was said
    del body["sha256"]
    announced = traffic.send("citizen", ("POST", EVIDENCE), body, path=path, headers=key)
    evidence.upload(announced, evidence.JPEG)
    assert traffic.send("citizen", completion, path=piece).status == 200
    # One that is announced, arrived, and never completed.
    left = evidence.PHOTO | {"name": new.word("name of a file left behind")}
    evidence.upload(traffic.send("citizen", ("POST", EVIDENCE), left, path=path), evidence.JPEG)
    for route in (("GET", EVIDENCE), ("GET", f"{EVIDENCE}/{{evidence}}")):
        traffic.send("sdpo", route, path=piece)
        traffic.send("sdpo", route, path=path | {"evidence": new.word(f"path of {route[1]}")})


def report(traffic: Traffic) -> None:
    new, route = traffic.canaries, ("POST", "/v1/anonymous-reports")
    key = {"Idempotency-Key": new.word("report key") + "-long-enough-to-be-taken"}
    said = traffic.send("nobody", route, _said(new, "report"), headers=key).json
    grant = {"grant": "report_code", "reference": said["reference"], "code": said["code"]}
    tokens = traffic.send("nobody", ("POST", "/v1/accounts/tokens"), grant).json
    traffic.tokens["reporter"] = tokens["access_token"]
    body = {"action": "withdraw", "text": new.word("withdrawal")}
    path = {"reference": said["reference"]}
    assert traffic.send("reporter", ("POST", f"{CASE}/steps"), body, path=path).status == 200
    # Somebody else's rows, and their own, after being forgotten.
    traffic.send("reporter", ("POST", "/v1/me/erasure"))
    traffic.send("other citizen", ("DELETE", "/v1/me/sessions"))


def change_phones(traffic: Traffic) -> None:
    new, phone = traffic.canaries, traffic.canaries.phone("changed phone")
    ask, change = ("POST", "/v1/me/phone-changes/challenges"), ("POST", "/v1/me/phone-changes")
    challenge = traffic.send("citizen", ask, {"phone": phone, "channel": "whatsapp"}).json["challenge"]
    code = newest_code()
    wrong = {"challenge": challenge, "phone": new.phone("phone of another"), "code": code}
    assert traffic.send("citizen", change, wrong).status == 401
    assert traffic.send("citizen", change, wrong | {"phone": phone}).status == 200
    body = {
        "document": {"kind": "cnic", "number": new.card("unknown card at the desk")},
        "phone": new.phone("desk"),
    }
    desk = ("POST", "/v1/desk/phone-changes")
    assert traffic.send("front_desk", desk, body).status == 404
    card = {"kind": "cnic", "number": new.sent["challenge card"]}
    assert (
        traffic.send("front_desk", desk, {"document": card, "phone": new.phone("desk phone")}).status == 200
    )
    traffic.tokens["citizen"] = people.citizen_token("citizen-1")  # that one signed out every device


def keep_officers(traffic: Traffic) -> None:
    new = traffic.canaries
    path = {"subject": new.word("officer's subject")}
    row = {"role": "dpo", "office": "ds-kasur", "service_number": new.passport("service number")}
    row |= {"clearances": [], "suspended": False}
    for route, body in ((("PUT", "/v1/officers/{subject}"), row), (("GET", "/v1/officers/{subject}"), None)):
        assert traffic.send("administrator", route, body, path=path).status == 200
        unknown = {"subject": f"nobody {new.word(f'unknown subject of {route[0]}')}".replace(" ", "%20")}
        traffic.send("administrator", route, body, path=unknown)


def amend_a_holiday(traffic: Traffic) -> None:
    new, route = traffic.canaries, ("PUT", "/v1/policies/holidays/{holiday}")
    name = {"en": new.word("holiday's name"), "ur": new.word("holiday's name in Urdu")}
    body = {"kind": "holiday", "name": name, "days": ["2027-03-11"], "reason": new.word("holiday's reason")}
    path = {"holiday": new.word("holiday's id").lower()}
    assert traffic.send("administrator", route, body, path=path).status == 200
    unknown = {"holiday": new.word("unknown holiday")}
    assert traffic.send("administrator", route, body, path=unknown).status == 400
    years = {"year": "2027"}, {"year": new.word("year of holidays")}
    read = [traffic.send("nobody", ("GET", "/v1/policies/holidays"), query=year).status for year in years]
    assert read == [200, 400]


def give_feedback(traffic: Traffic) -> None:
    new, give = traffic.canaries, ("POST", "/v1/feedback")
    free = {name: new.in_feedback(f"feedback {name}") for name in ("text",)}
    short = {name: f"page of {new.mail(f'feedback {name}')}" for name in ("screen", "version", "device")}
    key = {"Idempotency-Key": new.word("feedback key")}
    said = traffic.send("citizen", give, {**free, **short, "rating": 1}, headers=key)
    assert said.status == 201, said.text
    record = {
        "source": "file",
        "app": seed.APP,
        "external_id": new.word("imported external_id"),
        "written_at": "2026-03-01T09:00:00+05:00",
        "rating": 1,
        "person": new.phone("imported person"),
        "text": new.in_feedback("imported text"),
        "title": new.in_feedback("imported title"),
        "version": new.phone("imported version"),
        "locale": new.phone("imported locale"),
        "device": new.phone("imported device"),
        "screen": new.phone("imported screen"),
    }
    bad = record | {"rating": new.word("imported rating"), new.word("unknown field"): 1, "external_id": "2"}
    imports = ("POST", "/v1/feedback/imports")
    said = traffic.send("product_owner", imports, {"records": [record, bad]})
    assert [each["outcome"] for each in said.json["results"]] == ["added", "refused"]
    revised = record | {"text": new.in_feedback("revised text"), "revised_at": "2026-03-02T09:00:00+05:00"}
    many = [revised | {"external_id": f"many-{n}", "person": f"person-{n}"} for n in range(12)]
    traffic.send("product_owner", imports, {"records": [revised, *many]})
    regroup = ("POST", "/v1/topics/regroup")
    traffic.send("product_owner", regroup, {"app": new.word("unknown app")})
    assert traffic.send("product_owner", regroup, {"app": seed.APP}).status == 202
    regrouping.regroup(seed.APP, datetime.now(UTC))


def write_by_whatsapp(traffic: Traffic) -> None:
    new, hook = traffic.canaries, ("POST", "/v1/whatsapp")
    phone = new.phone("whatsapp sender").replace(" ", "")
    marked = {
        "from": phone,
        "id": f"wamid.{new.word('whatsapp id')}",
        "timestamp": "1772430000",
        "type": "text",
        "text": {"body": f"Feedback: {new.in_feedback('whatsapp text')}"},
    }
    unmarked = marked | {
        "id": "wamid.2",
        "text": {"body": f"My case {new.word('whatsapp without a marker')}"},
    }
    contact = {"profile": {"name": new.word("whatsapp name")}, "wa_id": phone}
    value = {"contacts": [contact], "messages": [marked, unmarked], "statuses": []}
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    traffic.bodies.setdefault(hook, set()).update(body)
    raw = json.dumps(body)
    mac = hmac.new(SETTINGS["KHIDMAT_WHATSAPP_APP_SECRET"].encode(), raw.encode(), hashlib.sha256)
    signature = {"X-Hub-Signature-256": f"sha256={mac.hexdigest()}"}
    assert traffic.send("nobody", hook, raw, headers=signature).status == 200
    forged = {"X-Hub-Signature-256": f"sha256={new.word('whatsapp signature')}"}
    assert traffic.send("nobody", hook, raw, headers=forged).status == 403
    asked = {
        "hub.mode": "subscribe",
        "hub.challenge": "1",
        "hub.verify_token": new.word("whatsapp verify token"),
    }
    wrong = {name: new.word(f"wrong {name}") + "!" for name in asked}
    for query in (asked, wrong):
        traffic.send("nobody", ("GET", "/v1/whatsapp"), query=query)


def look_at_the_sources(traffic: Traffic) -> None:
    new, run = traffic.canaries, ("POST", "/v1/feedback/sources/{source}/runs")
    fetches.save(fetches.Fetch("play:pk.khidmat.app"))
    traffic.send("administrator", ("GET", "/v1/feedback/sources"))
    for name in ("play:pk.khidmat.app", new.word("name of a source")):
        traffic.send("product_owner", run, {"dry_run": True}, path={"source": name})
    page = ("GET", "/board/sources")
    traffic.send("product_owner", page)
    traffic.send("product_owner", page, query={"asked": new.word("what was asked of a source")})
    for name in ("play:pk.khidmat.app", new.word("name of a source on the page")):
        for what in ("dry_run", new.word(f"what to do with {name[:4]}")):
            traffic.form(("POST", "/board/sources/{source}/runs"), {"what": what}, path={"source": name})


def decide(traffic: Traffic) -> None:
    new = traffic.canaries
    (topic, *_) = traffic.send("product_owner", ("GET", "/v1/topics"), query={"app": seed.APP}).json["items"]
    path = {"topic_id": topic["topic_id"]}
    body = {"status": "declined", "reason": new.word("reason")}
    assert traffic.send("product_owner", ("POST", f"{TOPIC}/decisions"), body, path=path).status == 200
    asked = {"limit": "5", "cursor": new.word("cursor of topics"), "app": new.word("app of topics")}
    traffic.send("auditor", ("GET", "/v1/topics"), query=asked)
    traffic.send("auditor", ("GET", "/v1/apps"))
    for route in (("GET", TOPIC), ("GET", f"{TOPIC}/feedback")):
        traffic.send("auditor", route, path=path)
        traffic.send("auditor", route, path={"topic_id": new.word(f"path of {route[1]}")})
    query = {"cursor": new.word("cursor of quotes"), "limit": "2"}
    traffic.send("auditor", ("GET", f"{TOPIC}/feedback"), path=path, query=query)
    form = {"status": "accepted", "reason": new.word("reason on the page"), "version": "2"}
    page = ("POST", "/board/topics/{topic_id}/decisions")
    assert traffic.form(page, form, path=path).status == 303
    assert traffic.form(page, form | {"status": new.word("status on the page")}, path=path).status == 422
    for part in ("", "/why", "/quotes"):
        route = ("GET", f"/board/topics/{{topic_id}}{part}")
        traffic.send("product_owner", route, path=path)
        traffic.send("product_owner", route, path={"topic_id": new.word(f"path of page{part}")})
        query = {"cursor": new.word(f"cursor of page{part}"), "limit": "2", "changed": "1"}
        traffic.send("product_owner", route, path=path, query=query)


def turn_the_loop(traffic: Traffic) -> None:
    """A topic edited by hand, shipped with a release, told of, and still broken."""
    new, path = traffic.canaries, {"topic_id": _a_topic(traffic)["topic_id"]}
    words = {tongue: new.word(f"topic's name in {tongue}") for tongue in ("en", "ur")}
    done = {tongue: new.word(f"what was done in {tongue}") for tongue in ("en", "ur")}
    owner = [
        (("PUT", f"{TOPIC}/name"), {**words, "reason": new.word("reason of a name")}),
        (("PUT", f"{TOPIC}/override"), {"points": 5, "reason": new.word("reason of a place")}),
        (("DELETE", f"{TOPIC}/override"), None),
        (("PUT", f"{TOPIC}/override"), {"place": 1, "reason": "Law"}),
    ]
    for route, body in owner:
        assert traffic.send("product_owner", route, body, path=path).status == 200
    _split_and_merge(traffic, path)
    release_id = _release(traffic)
    into = {
        "status": "in_release",
        "release_id": release_id,
        "done": done,
        "reason": new.word("reason to ship"),
    }
    assert traffic.send("product_owner", ("POST", f"{TOPIC}/decisions"), into, path=path).status == 200
    release = {"release_id": release_id}
    notes = {"notes": new.word("release's notes"), "released_on": None, "state": "shipped"}
    assert traffic.send("product_owner", ("PUT", RELEASE), notes, path=release).status == 200
    regrouping.regroup(seed.APP, datetime.now(UTC))
    for route, more in ((("GET", RELEASE), {"path": release}), (("GET", "/v1/topics.csv"), {})):
        traffic.send("auditor", route, **more)
    traffic.send("auditor", ("GET", "/v1/topics.csv"), query={"app": new.word("app of the file")})
    traffic.send("auditor", ("GET", "/v1/topics"), query={"hidden": "true"})
    query = {"cursor": new.word("cursor of releases"), "limit": "2", "app": new.word("app of releases")}
    traffic.send("auditor", ("GET", "/v1/releases"), query=query)
    traffic.send(
        "nobody", ("GET", "/v1/changelog"), query={"cursor": new.word("cursor of changes"), "limit": "2"}
    )
    traffic.send("nobody", ("GET", "/v1/changelog"))
    _say_still_broken(traffic, path["topic_id"], release_id)


def _a_topic(traffic: Traffic) -> dict[str, Any]:
    (topic, *_) = traffic.send("product_owner", ("GET", "/v1/topics"), query={"app": seed.APP}).json["items"]
    return dict(topic)


def _split_and_merge(traffic: Traffic, path: dict[str, str]) -> None:
    new = traffic.canaries
    texts = traffic.send("product_owner", ("GET", f"{TOPIC}/feedback"), path=path).json["items"]
    part = {
        "feedback_ids": [texts[0]["feedback_id"]],
        "name": {tongue: new.word(f"name split out in {tongue}") for tongue in ("en", "ur")},
        "reason": new.word("reason of a split"),
    }
    made = traffic.send("product_owner", ("POST", f"{TOPIC}/splits"), part, path=path)
    assert made.status == 200, made.text
    merge = {"topic_ids": [made.json["split_out"]["topic_id"]], "reason": new.word("reason of a merge")}
    merged = traffic.send("product_owner", ("POST", f"{TOPIC}/merges"), merge, path=path)
    undo = {"decision": merged.json["can_undo"], "reason": new.word("reason of an undoing")}
    assert traffic.send("product_owner", ("POST", f"{TOPIC}/undo"), undo, path=path).status == 200


def _release(traffic: Traffic) -> str:
    new = traffic.canaries
    body = {
        "app": seed.APP,
        "version": new.word("release's version"),
        "released_on": "2026-03-01",
        "notes": new.word("release's first notes"),
        "state": "planned",
    }
    made = traffic.send("product_owner", ("POST", "/v1/releases"), body)
    assert made.status == 201, made.text
    line = {
        "version": new.word("version of a changelog"), "date": "2026-01-05", "changelog": new.word("a change")
    }  # fmt: skip
    bad = line | {"date": new.word("day of a changelog")}
    lines = {"app": seed.APP, "releases": [line, bad]}
    said = traffic.send("product_owner", ("POST", "/v1/releases/imports"), lines)
    assert [each["outcome"] for each in said.json["results"]] == ["added", "refused"]
    return str(made.json["release_id"])


def _say_still_broken(traffic: Traffic, topic_id: str, release_id: str) -> None:
    new, route = traffic.canaries, ("POST", "/v1/feedback/{feedback_id}/still-broken")
    given = traffic.send(
        "citizen", ("POST", "/v1/feedback"), {"text": new.in_feedback("own text")},
        headers={"Idempotency-Key": new.word("second feedback key")},
    ).json["feedback_id"]  # fmt: skip
    told = release_store.Told(topic_id, release_id, "2.4", datetime.now(UTC))
    release_store.note_told([given], told)
    body = {
        "text": new.in_feedback("what is still broken"),
        "version": f"page of {new.mail('broken version')}",
    }
    assert traffic.send("citizen", route, body, path={"feedback_id": given}).status == 200
    traffic.send("citizen", route, body, path={"feedback_id": new.word("path of still broken")})


def learn_from_people(traffic: Traffic) -> None:
    new, owner, labels = traffic.canaries, "product_owner", "/v1/feedback/{feedback_id}/labels"
    topic = {"topic_id": _a_topic(traffic)["topic_id"]}
    texts = traffic.send(owner, ("GET", f"{TOPIC}/feedback"), path=topic).json["items"]
    path, unknown = (
        {"feedback_id": texts[0]["feedback_id"]},
        {"feedback_id": new.word("path of a correction")},
    )
    word = {"type": "usability", "types": ["bug"], "area": "app", "severity": 2, "danger": False}
    for at, status in ((path, 200), (unknown, 404)):
        said = word | {"reason": new.word(f"reason of a correction answered {status}")}
        assert traffic.send(owner, ("PUT", labels), said, path=at).status == status
    for method in ("GET", "DELETE"):
        assert traffic.send(owner, (method, labels), path=path).status == 200
    kept = word | {"reason": new.word("reason of a correction")}
    traffic.send(owner, ("PUT", labels), kept, path=path)
    traffic.send(owner, ("POST", "/v1/labels/queue/{feedback_id}/skip"), path=path)
    for route in ("/v1/labels/queue", "/v1/labels/export"):
        traffic.send(owner, ("GET", route), query={"app": seed.APP, "limit": "5"})
        for name in ("app", "cursor", *(("language",) if route.endswith("queue") else ())):
            traffic.send(owner, ("GET", route), query={name: new.word(f"{name} of {route}")})
    _offer_a_model(traffic)
    _call_for_help(traffic)


def _offer_a_model(traffic: Traffic) -> None:
    new, owner, offer = traffic.canaries, "product_owner", models.challenger()
    refused = {"better": False, "reasons": [new.word("reason of a report")]}
    said = offer | {"report": offer["report"] | refused}
    assert traffic.send(owner, ("POST", "/v1/models"), said).status == 200
    bad = offer | {name: new.word(f"{name} of a model") for name in ("name", "sha256", "bytes")}
    assert traffic.send(owner, ("POST", "/v1/models"), bad).status == 400
    body = {"force": True, "reason": new.word("reason of force")}
    promote = ("POST", "/v1/models/{model}/promote")
    assert traffic.send(owner, promote, body, path={"model": offer["name"]}).status == 409
    traffic.send(owner, promote, {}, path={"model": new.word("path of a model")})
    traffic.send(owner, ("POST", "/v1/models/rollback"), {"reason": new.word("reason of a return")})
    traffic.send("auditor", ("GET", "/v1/models"))
    traffic.send("auditor", ("GET", "/v1/models/drift"), query={"app": new.word("app of drift")})
    _promote_on_the_page(traffic, str(offer["name"]))


def _promote_on_the_page(traffic: Traffic, name: str) -> None:
    new, page = traffic.canaries, "/board/models"
    for query in (None, {"changed": new.word("version that changed")}):
        traffic.send("product_owner", ("GET", page), query=query)
    form = {"version": "0", "force": "yes", "reason": new.word("reason of force on the page")}
    for path in (name, new.word("path of a model on the page")):
        traffic.form(("POST", f"{page}/{{model}}/promote"), form, path={"model": path})
    back = {"version": "0", "reason": new.word("reason of a return on the page")}
    traffic.form(("POST", f"{page}/rollback"), back | {"force": ""})
    for spoilt in ("version", "force"):
        traffic.form(("POST", f"{page}/rollback"), back | {spoilt: new.word(f"{spoilt} of a model's form")})


def _call_for_help(traffic: Traffic) -> None:
    new, officer, call = traffic.canaries, "central_office", "/v1/danger/{feedback_id}"
    key = {"Idempotency-Key": new.word("key of a call for help")}
    text = {"text": f"He has a knife. {new.in_feedback('call for help')}"}
    given = traffic.send("citizen", ("POST", "/v1/feedback"), text, headers=key).json
    path = {"feedback_id": given["feedback_id"]}
    labels = ("PUT", "/v1/feedback/{feedback_id}/labels")
    traffic.send("product_owner", labels, {"type": "other", "area": "safety", "danger": True}, path=path)
    traffic.send(officer, ("GET", "/v1/danger"), query={"state": "open", "limit": "5"})
    for name in ("state", "cursor"):
        traffic.send(officer, ("GET", "/v1/danger"), query={name: new.word(f"{name} of danger")})
    for method, part in (("GET", ""), ("POST", "/giver"), ("POST", "/acknowledge")):
        assert traffic.send(officer, (method, call + part), path=path).status == 200
        traffic.send(
            officer, (method, call + part), path={"feedback_id": new.word(f"path of {method} {part}")}
        )
    unknown = {"outcome": "case", "reference": new.word("case of danger")}
    assert traffic.send(officer, ("POST", f"{call}/outcome"), unknown, path=path).status == 400
    assert traffic.send(officer, ("POST", f"{call}/outcome"), {"outcome": "helped"}, path=path).status == 200
    _help_on_the_pages(traffic, path)


def _help_on_the_pages(traffic: Traffic, path: dict[str, str]) -> None:
    new, officer, call = traffic.canaries, "central_office", "/danger/{feedback_id}"
    for name in ("state", "cursor"):
        traffic.send(officer, ("GET", "/danger"), query={name: new.word(f"{name} of the intake")})
    for state in ("open", "acknowledged"):
        traffic.send(officer, ("GET", "/danger"), query={"state": state})
    traffic.send(officer, ("GET", call), path=path, query={"done": new.word("what was done")})
    for part in ("", "/complaint"):
        traffic.send(officer, ("GET", call + part), path=path)
        traffic.send(officer, ("GET", call + part), path={"feedback_id": new.word(f"path of page {part}")})
    for step in ("acknowledge", "giver"):
        assert traffic.form(("POST", f"{call}/{step}"), {}, by=officer, path=path).status in (303, 409, 200)
    outcome = {
        "version": "1",
        "outcome": new.word("outcome of a call"),
        "reference": new.word("case of a call"),
    }
    assert traffic.form(("POST", f"{call}/outcome"), outcome, by=officer, path=path).status == 422
    spoilt = {"version": new.word("version of a call"), "outcome": "helped"}
    assert traffic.form(("POST", f"{call}/outcome"), spoilt, by=officer, path=path).status == 400
    complaint = {
        "key": new.word("key of the complaint of a call") + "-on-the-page",
        "category": "illegal_detention",
        "where": "ps-lhr-mozang",
        "place": new.word("place of a call"),
        "narrative": f"He is held there. {new.word('narrative of a call')}",
    }
    lodge = ("POST", f"{call}/complaint")
    assert traffic.form(lodge, complaint, by=officer, path=path).status == 200
    for name in ("category", "where"):
        wrong = complaint | {name: new.word(f"{name} of a call's complaint")}
        assert traffic.form(lodge, wrong, by=officer, path=path).status == 422


def go_round_the_pages(traffic: Traffic) -> None:
    new = traffic.canaries
    board = ("GET", "/board")
    for name in ("app", "type", "status", "cursor"):
        traffic.send("product_owner", board, query={name: new.word(f"{name} of the board")})
    traffic.send("nobody", board, query={"app": new.word("app of a stranger")})
    traffic.send(
        "nobody", ("GET", "/sign-in"), query={"next": f"/board?app={new.word('next')}", "again": "true"}
    )
    returned = {name: new.word(f"{name} of the callback") for name in ("code", "state", "error")}
    traffic.send("nobody", ("GET", "/sign-in/callback"), query=returned)
    traffic.form(("POST", "/sign-out"), {"other": new.word("form of sign-out")})


def read_what_is_public(traffic: Traffic) -> None:
    new = traffic.canaries
    services = (
        "/v1/services",
        "/v1/offices",
        "/v1/complaint-policy",
        "/v1/health",
        "/openapi.json",
        "/",
        "/docs",
    )
    for path in services:
        traffic.send("nobody", ("GET", path), query={"q": new.word(f"query of {path}")})
    traffic.send("nobody", ("GET", "/static/{name}"), path={"name": new.word("name of a file")})
    traffic.send("nobody", ("GET", f"/v1/{new.word('path of nothing')}"))


def work_at_the_desk(traffic: Traffic) -> None:
    new = traffic.canaries
    for name in ("office", "district", "class", "state", "cursor", "limit"):
        for route in (("GET", "/v1/inbox"), ("GET", "/v1/inbox.csv")):
            said = new.word(f"{name} of {route[1].rpartition('/')[2]}")
            traffic.send("dpo", route, query={name: said.lower() if name in ("office", "district") else said})
    mine = traffic.send("citizen", ("GET", "/v1/complaints")).json["items"][0]["reference"]
    for reference in (mine, new.word("reference to assign")):
        traffic.send("sdpo", ("GET", f"{CASE}/assignees"), path={"reference": reference})
    call = ("POST", f"{CASE}/call-backs")
    traffic.send("front_desk", ("GET", "/v1/call-backs"), query={"cursor": new.word("cursor of call-backs")})
    said = {"outcome": "settled", "note": new.word("note of a call-back")}
    assert traffic.send("front_desk", call, said, path={"reference": mine}).status == 404
    _long_life(traffic)


def _long_life(traffic: Traffic) -> None:
    """Every step that takes words, in a life that has room for them all."""
    new = traffic.canaries
    lodge, step = ("POST", "/v1/complaints"), ("POST", f"{CASE}/steps")
    more = {"complainant_name": new.word("name of long"), "phone": new.phone("phone of long")}
    key = {"Idempotency-Key": new.word("key of long")}
    said = traffic.send("citizen", lodge, _said(new, "long complaint") | more, headers=key)
    path = {"reference": said.json["reference"]}

    def text(what: str) -> str:
        return f"It is so, {new.word(what)}"

    report = {"action": "report", "finding": "substantiated"}
    for by, body in (
        ("sdpo", {"action": "accept", "note": text("note of accepting")}),
        ("sdpo", {"action": "begin", "note": text("note of beginning")}),
        ("sdpo", {"action": "ask", "text": text("question to the citizen")}),
        ("citizen", {"action": "inform", "text": text("answer of the citizen")}),
        ("sdpo", {"action": "ask", "text": text("second question")}),
        ("sdpo", {"action": "resume", "note": text("note of resuming")}),
        ("dpo", {"action": "transfer", "office": "sd-lhr-city", "text": text("why it went on")}),
        ("dpo", {"action": "accept"}),
        ("dpo", report | {"text": text("report of the long life")}),
        ("citizen", {"action": "confirm", "rating": 5}),
        ("citizen", {"action": "reopen", "text": text("why it was reopened")}),
        ("dpo", {"action": "mark", "office": "sd-lhr-civil-lines", "note": text("note of marking")}),
        ("dpo", {"action": "reject", "reason": "no_facts", "text": text("why it was rejected")}),
        ("citizen", {"action": "appeal", "text": text("why it was appealed")}),
        ("dpo", {"action": "merge", "into": new.word("case to merge into"), "note": text("note of merging")}),
        ("citizen", {"action": "close", "note": text("note of closing")}),
    ):
        status = traffic.send(by, step, body, path=path).status
        expected = {"merge": 400, "close": 403}.get(body["action"], 200)
        assert status == expected, body


def work_on_the_pages(traffic: Traffic) -> None:
    new, page, step = traffic.canaries, "/desk/{reference}", ("POST", "/desk/{reference}/steps")
    wanted = ("show", "district", "office", "class", "state", "cursor")
    for address, names in (
        ("/supervision", wanted),
        ("/desk", (*wanted, "passed_to")),
        ("/supervision/promises", ("from", "to", "district", "by")),
    ):
        traffic.send("dpo", ("GET", address))
        for name in names:
            traffic.send("dpo", ("GET", address), query={name: new.word(f"{name} of {address}")})
    path = {"reference": _lodged_for_the_pages(traffic)}
    for name in (*wanted, "purpose", "changed"):
        traffic.send("sdpo", ("GET", page), path=path, query={name: new.word(f"{name} beside the list")})
    assert traffic.send("sdpo", ("GET", page), path=path).status == 200
    traffic.send("sdpo", ("GET", page), path={"reference": new.word("reference on the page")})
    for number, (action, fields) in enumerate(
        (
            ("accept", {}),
            ("contact", {"outcome": "reached", "note": new.word("note on the page")}),
            ("ask", {"text": f"It is so, {new.word('question on the page')}"}),
        ),
        start=1,
    ):
        form = {"action": action, "version": str(number)} | fields
        assert traffic.form(step, form, by="sdpo", path=path).status == 303
    chosen = ("office", "outcome", "finding", "reason", "into", "text", "note")
    wrong = {name: new.word(f"{name} of a wrong form") for name in chosen}
    for action in ("contact", "transfer", "report", "merge", "reject"):
        said = traffic.form(step, wrong | {"action": action, "version": "4"}, by="sdpo", path=path)
        assert said.status == 422
    for name in ("action", "version", "purpose"):
        spoilt = {"action": "begin", "version": "4"} | {name: new.word(f"{name} of a spoilt form")}
        assert traffic.form(step, spoilt, by="sdpo", path=path).status in (400, 422)


def _lodged_for_the_pages(traffic: Traffic) -> str:
    new = traffic.canaries
    more = {"complainant_name": new.word("name for the pages"), "phone": new.phone("phone for the pages")}
    body = _said(new, "complaint for the pages") | more
    reference: str = traffic.send("citizen", ("POST", "/v1/complaints"), body).json["reference"]
    return reference


def look_for(traffic: Traffic) -> None:
    new, search = traffic.canaries, ("GET", "/v1/complaints/search")
    for by, name, value in (
        ("dpo", "q", f"theft {new.word('searched word')}"),
        ("dpo", "phone", new.phone("searched telephone")),
        ("dpo", "cnic", new.card("searched card")),
        ("central_office", "reference", new.word("searched reference")),
        ("central_office", "office", new.word("searched office").lower()),
        ("central_office", "class", new.word("searched class")),
        ("central_office", "state", new.word("searched state")),
        ("central_office", "from", new.word("first month searched")),
        ("central_office", "to", new.word("last month searched")),
        ("central_office", "cursor", new.word("cursor of the search")),
        ("central_office", "limit", new.word("limit of the search")),
    ):
        status = traffic.send(by, search, query={name: value}).status
        assert status == (200 if by == "dpo" else 400), name
    traffic.send("dpo", ("GET", "/v1/complaints/search.csv"), query={"q": new.word("word of the file")})
    said = _said(new, "question")
    question = {name: said[name] for name in ("category", "narrative", "station", "place")}
    similar = ("POST", "/v1/complaints/similar")
    assert traffic.send("citizen", similar, question | {"district": "ds-lahore"}).status == 200
    assert traffic.send("citizen", similar, question | {"station": new.word("unknown station")}).status == 400
    mine = traffic.send("citizen", ("GET", "/v1/complaints")).json["items"][0]["reference"]
    for reference in (mine, new.word("reference of what is similar")):
        traffic.send("sdpo", ("GET", f"{CASE}/similar"), path={"reference": reference})
    asked = {name: new.word(f"{name} of the figures").lower() for name in ("from", "to", "district")}
    for route in (("GET", "/v1/figures"), ("GET", "/v1/figures.csv")):
        traffic.send("dpo", route)
        assert traffic.send("dpo", route, query=asked).status == 400
    for query in (None, {"month": new.word("month of open data")}):
        traffic.send("nobody", ("GET", "/open-data/complaints.csv"), query=query)


def report_a_thing(traffic: Traffic) -> None:
    """Through Open311: what clients of the standard send of people goes nowhere."""
    new, there = traffic.canaries, "/open311/v2"
    dropped = ("device_id", "account_id", "first_name", "last_name", "media_url", "api_key")
    for form in ("json", "xml"):
        route = ("POST", f"{there}/requests.{form}")
        body = {name: new.word(f"{name} in {form}") for name in dropped} | {
            "service_code": "traffic_signal_fault",
            "description": f"The signal is dark, {new.word(f'description in {form}')} saw it.",
            "address_id": "ps-lhr-mozang",
            "lat": "31.55",
            "long": "74.34",
            "address_string": f"Lahore, {new.word(f'address in {form}')}",
            "jurisdiction_id": "ds-lahore",
            "email": new.mail(f"email in {form}"),
            "phone": new.phone(f"phone in {form}"),
        }
        assert _sent_as_form(traffic, route, body).status == 201
        for name in ("service_code", "address_id", "lat", "jurisdiction_id"):
            wrong = body | {name: new.word(f"wrong {name} in {form}").lower()}
            assert _sent_as_form(traffic, route, wrong).status in (400, 404), name
        asked = ("service_request_id", "service_code", "start_date", "end_date", "status", "jurisdiction_id")
        for name in asked:
            query = {name: new.word(f"{name} asked for in {form}").lower()}
            traffic.send("nobody", ("GET", f"{there}/requests.{form}"), query=query)
        query = {"jurisdiction_id": new.word(f"jurisdiction of services in {form}").lower()}
        traffic.send("nobody", ("GET", f"{there}/services.{form}"), query=query)
        traffic.send("nobody", ("GET", f"{there}/discovery.{form}"))
        for part, name in (("services", "service"), ("requests", "service_request"), ("tokens", "token")):
            path = {name: f"{new.word(f'path of {part} in {form}').lower()}.{form}"}
            traffic.send("nobody", ("GET", f"{there}/{part}/{{{name}}}"), path=path)


def _sent_as_form(traffic: Traffic, route: Route, body: dict[str, str]) -> Reply:
    traffic.bodies.setdefault(route, set()).update(body)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return traffic.send("nobody", route, urlencode(body), headers=headers)


PARTS = (
    sign_in,
    say_where_to_be_told,
    complain,
    work_at_the_desk,
    work_on_the_pages,
    look_for,
    report,
    change_phones,
    keep_officers,
    amend_a_holiday,
    give_feedback,
    write_by_whatsapp,
    look_at_the_sources,
    decide,
    turn_the_loop,
    learn_from_people,
    work_on_the_board,
    go_round_the_pages,
    read_what_is_public,
    report_a_thing,
)
