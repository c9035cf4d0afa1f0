"""What people send, in the order in which they would: each part a journey, each field with its canary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from functions.domain import codes, topics
from tests import evidence, people, stored
from tests.browser import seed
from tests.canaries import Canaries
from tests.http import Reply
from tests.traffic import CASE, DAY_IT_HAPPENED, EVIDENCE, TOPIC, Route, Traffic, begun


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
    topics.regroup(seed.APP, datetime.now(UTC))


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
    decide,
    go_round_the_pages,
    read_what_is_public,
    report_a_thing,
)
