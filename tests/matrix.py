"""The cases, people and requests of the access matrix, and how one cell of it is looked at."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from functions import callers, form_tokens
from functions.domain import accounts, notices, register, releases, signing_in, sweep, topic_decisions
from functions.domain.access import Caller, Role
from functions.storage import cases, fetches
from functions.storage import danger as danger_store
from functions.storage import feedback as feedback_store
from functions.storage import releases as release_store
from functions.storage import topics as topic_store
from schemas.releases import NewRelease
from schemas.topics import NewDecision
from tests import evidence, keys, models, news, oracle, people, registered, stored
from tests.browser import seed
from tests.conftest import BASE_URL
from tests.factories import NOON, OWNER
from tests.http import Reply, send
from tests.oracle import CASE, EVIDENCE, Expected, Facts, Route, Subject
from tests.stored import Kept

NAMED = ("ordinary", "about officers", "about an office", "restricted", "restricted about officers")
SENSITIVITIES = ("ordinary", "about officers", "restricted")
"""What a route is asked about that is about no case of its own."""
TOPIC, POST = seed.topic_id(1), "post-of-somebody"
FEEDBACK = seed._labelled(1, seed.TOPICS[0], 0).feedback.feedback_id
NAMES, VERSION = {"en": "Codes come late", "ur": "کوڈ دیر سے آتے ہیں"}, "2.4"
CHANGES: dict[str, dict[str, Any]] = {
    "ordinary": {"category": "illegal_detention"},
    "about officers": {"category": "demand_of_gratification", "about_office": "ps-lhr-mozang"},
    "about an office": {"category": "illegal_detention", "about_office": "sd-lhr-civil-lines"},
    "restricted": {"category": oracle.WOMEN},
    "restricted about officers": {"category": oracle.WOMEN, "about_office": "ps-lhr-mozang"},
}
PERSONS = {
    "owner": ("cnic:0000000000001", "+923000000001"),
    "another": ("cnic:0000000000002", "+923000000002"),
}


@dataclass
class Case:
    """A case as the oracle sees it, with what must not be read by whoever may not."""

    facts: Facts
    reference: str
    piece: str
    secrets: tuple[str, ...]


@dataclass
class World:
    """All there is: cases by name, tokens by subject's name, and the state that each cell begins with."""

    cases: dict[str, Case] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    code: str = ""
    session: str = ""
    kept: Kept | None = None


def build(tables: Any) -> World:
    """Everything lodged, overdue, told of and with a file; then the accused are moved up."""
    world, now = World(), datetime.now(UTC)
    for name, (document, phone) in PERSONS.items():
        person = signing_in.registered(document, phone, now)
        tokens = accounts.open_session(person, "", now)
        world.tokens[name], world.persons[name] = tokens.access_token, person.person
        world.session = world.session or tokens.session
    world.tokens["signed-out"] = people.citizen_token("citizen-1")
    accounts.sign_out(people.citizen("citizen-1"), None, now)
    for subject in oracle.ACCUSED:
        people.enrol(Caller(subject.id, Role.STATION_OFFICER, "ps-lhr-mozang"), service_number=subject.number)
    for number, name in enumerate(NAMED):
        body = _body(name, number) | {
            "complainant_name": f"Zqname{number} Sample",
            "phone": f"0300000710{number}",
        }
        said = send("POST", "/v1/complaints", headers=_bearer(world.tokens["owner"]), body=body)
        assert said.status == 201, said.text
        _add_case(world, name, "owner", number, said.json)
    for number, (name, reporter) in enumerate(
        (("ordinary", "reporter"), ("restricted about officers", "woman-reporter")), start=len(NAMED)
    ):
        said = send(
            "POST",
            "/v1/anonymous-reports",
            role=None,
            headers={"Idempotency-Key": f"a-key-for-the-matrix-{number:03}"},
            body=_body(name, number),
        ).json
        world.tokens[reporter] = _opened(said)
        world.code = world.code or said["code"]
        _add_case(world, f"reported {name}", reporter, number, said)
    sweep.flag_overdue(now + timedelta(hours=9))
    for case in world.cases.values():
        held = cases.get(case.reference)
        notices.record_change(news.change_of(held))
    # Left where no rule of today would put it, so that the office's own rule is what passes it by.
    misplaced = {
        "Key": {"reference": {"S": world.cases["about an office"].reference}},
        "UpdateExpression": "SET office = :office",
        "ExpressionAttributeValues": {":office": {"S": "sd-lhr-civil-lines"}},
    }
    tables.update_item(TableName="khidmat-test-cases", **misplaced)
    for case in world.cases.values():
        register.follow({}, registered.image(tables, case.reference))
    for subject in oracle.SUBJECTS:
        _enter(world, subject)
    people.enrol(Caller(POST, Role.SDPO, "sd-lhr-city"))
    _write_a_topic()
    world.kept = Kept()
    return world


def _body(name: str, number: int) -> dict[str, Any]:
    about = [subject.number for subject in oracle.ACCUSED] if name.endswith("about officers") else []
    return {
        "narrative": f"Zqnarrative{number} was written here, plainly invented.",
        "place": f"Zqplace{number} bazaar",
        "station": "ps-lhr-mozang",
        **CHANGES[name],
        **({"about_officers": about} if about else {}),
    }


def _opened(said: dict[str, Any]) -> str:
    grant = {"grant": "report_code", "reference": said["reference"], "code": said["code"]}
    return str(send("POST", "/v1/accounts/tokens", role=None, body=grant).json["access_token"])


def _add_case(world: World, name: str, owner: str, number: int, said: dict[str, Any]) -> None:
    reference, bearer = said["reference"], _bearer(world.tokens[owner])
    send(
        "POST",
        f"/v1/complaints/{reference}/comments",
        headers=bearer,
        body={"text": f"Zqcomment{number} here"},
    )
    photo = evidence.PHOTO | {"name": f"Zqfile{number}.jpg"}
    announced = send("POST", f"/v1/complaints/{reference}/evidence", headers=bearer, body=photo)
    evidence.upload(announced, evidence.JPEG)
    piece = announced.json["evidence"]
    done = send("POST", f"/v1/complaints/{reference}/evidence/{piece}/completion", headers=bearer)
    assert done.status == 200, done.text
    sensitivity = name.removeprefix("reported ")
    # By the rule of the house: above whatever is complained of, and never below the sub-division.
    about = (CHANGES[sensitivity]["about_office"],) if "about_office" in CHANGES[sensitivity] else ()
    is_personal = sensitivity.endswith("about officers")
    facts = Facts(
        name,
        owner,
        lies_at="sd-lhr-civil-lines",
        is_restricted=sensitivity.startswith("restricted"),
        about=about,
        accused=tuple(subject.id for subject in oracle.ACCUSED) if is_personal else (),
    )
    words = [f"Zq{field}{number}" for field in ("narrative", "name", "place", "comment", "file")]
    world.cases[name] = Case(facts, reference, piece, (*words, f"300000710{number}"))


def _enter(world: World, subject: Subject) -> None:
    if subject.role is None:
        return
    if subject.is_citizen:
        world.tokens[subject.name] = world.tokens[subject.id]
        return
    world.tokens[subject.name] = keys.token(subject.id)
    if subject.is_enrolled:
        caller = Caller(subject.id, Role(subject.role), subject.held, subject.clearances)
        people.enrol(caller, suspended=subject.is_suspended, service_number=subject.number)


def _write_a_topic() -> None:
    feedback_store.forget_registered()
    feedback_store.register(seed.APP, {"2026-02", "2026-03"})
    rows = [seed._labelled(1, seed.TOPICS[0], number) for number in range(3)]
    feedback_store.put_many(rows)
    for number in (1, 2):
        held = [row.feedback.feedback_id for row in rows] if number == 1 else ["another"]
        topic_store.save_ranking(seed.row(number, seed.TOPICS[0]), held)
    topic_decisions.decide(OWNER, TOPIC, NewDecision(status="accepted"), NOON, None)
    releases.create(OWNER, NewRelease(app=seed.APP, version=VERSION), seed.APP, NOON)
    fetches.save(fetches.Fetch(SOURCE))
    danger_store.put(danger_store.DangerRow(FEEDBACK, seed.APP, "digest", "past", NOON), None)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# --- one request a route, whole and right: what is refused is refused for who asks, and for nothing else
Asked = tuple[str, Any]
"""Path and body."""
STEPS = {"citizen": {"action": "withdraw"}}
WRONG_TOKEN = {"hub.mode": "subscribe", "hub.verify_token": "guessed", "hub.challenge": "1"}
SOURCE = "play:pk.khidmat.app"
RECORD = {"source": "file", "app": seed.APP, "external_id": "1", "written_at": "2026-03-01T09:00:00+05:00"}


def _lodging(case: Case, *, named: bool) -> dict[str, Any]:
    body = _body(case.facts.name.removeprefix("reported "), 99)
    if "about_officers" in body:  # the others serve where nobody is above them by now
        body["about_officers"] = [oracle.ACCUSED[0].number]
    return body | ({"complainant_name": "Sample Person", "phone": "0300 0000000"} if named else {})


def _form(case: Case) -> dict[str, str]:
    said = _lodging(case, named=False)
    return {
        "service_code": "traffic_signal_fault",
        "description": said["narrative"],
        "address_id": said["station"],
    }


def _question(case: Case) -> dict[str, Any]:
    asked = ("category", "narrative", "place", "station")
    return {name: value for name, value in _lodging(case, named=False).items() if name in asked}


def _step_on_the_page(subject: Subject, case: Case) -> dict[str, str]:
    present = cases.get(case.reference)
    fields = {"action": "accept", "version": str(present.version if present else 1)}
    return fields | ({"purpose": subject.purpose} if subject.purpose else {})


REQUESTS: dict[Route, Callable[[World, Subject, Case], Asked]] = {
    ("POST", f"{CASE}/comments"): lambda _w, _s, _c: ("", {"text": "Sample comment"}),
    ("POST", f"{CASE}/steps"): lambda _w, s, _c: ("", STEPS.get(s.role, {"action": "accept"})),
    ("POST", EVIDENCE): lambda _w, _s, _c: ("", evidence.PHOTO),
    ("POST", "/v1/complaints"): lambda _w, _s, c: ("", _lodging(c, named=True)),
    ("POST", "/v1/anonymous-reports"): lambda _w, _s, c: ("", _lodging(c, named=False)),
    ("POST", "/v1/accounts/challenges"): lambda _w, _s, _c: (
        "",
        {"document": {"kind": "cnic", "number": "00000-0000000-3"}, "phone": "0300 0000003"},
    ),
    ("POST", "/v1/accounts/tokens"): lambda w, _s, _c: (
        "",
        {"grant": "report_code", "reference": w.cases["reported ordinary"].reference, "code": w.code},
    ),
    ("POST", "/v1/me/phone-changes/challenges"): lambda _w, _s, _c: ("", {"phone": "0300 0000004"}),
    ("POST", "/v1/me/phone-changes"): lambda _w, _s, _c: (
        "",
        {"challenge": "unknown", "phone": "0300 0000004", "code": "000000"},
    ),
    ("POST", "/v1/desk/phone-changes"): lambda _w, _s, _c: (
        "",
        {"document": {"kind": "cnic", "number": "00000-0000000-2"}, "phone": "0300 0000005"},
    ),
    ("PUT", "/v1/me/notifications"): lambda _w, _s, _c: ("", {"language": "en"}),
    ("PUT", oracle.OFFICE_NOTIFICATIONS): lambda _w, _s, _c: ("", {"phone": "0300 0000006"}),
    ("GET", "/v1/office/notices"): lambda _w, _s, _c: ("?limit=100", None),
    ("PUT", "/v1/officers/{subject}"): lambda _w, _s, _c: ("", {"role": "dpo", "office": "ds-kasur"}),
    ("POST", "/v1/feedback"): lambda _w, _s, _c: ("", {"text": "The code does not arrive", "rating": 1}),
    ("POST", "/v1/feedback/imports"): lambda _w, _s, _c: ("", {"records": [RECORD | {"text": "Sample"}]}),
    ("PUT", "/v1/policies/holidays/{holiday}"): lambda _w, _s, _c: (
        "",
        {"kind": "holiday", "name": {"en": "Eid", "ur": "عید"}, "days": ["2027-03-11"], "reason": "The moon"},
    ),
    ("POST", "/v1/topics/regroup"): lambda _w, _s, _c: ("", {"app": seed.APP}),
    ("POST", "/v1/feedback/sources/{source}/runs"): lambda _w, _s, _c: ("", {"dry_run": True}),
    ("GET", "/v1/whatsapp"): lambda _w, _s, _c: (f"?{urlencode(WRONG_TOKEN)}", None),
    ("POST", "/v1/whatsapp"): lambda _w, _s, _c: ("", {"object": "whatsapp_business_account"}),
    ("POST", "/v1/topics/{topic_id}/decisions"): lambda _w, _s, _c: ("", {"status": "accepted"}),
    ("POST", "/v1/topics/{topic_id}/merges"): lambda _w, _s, _c: ("", {"topic_ids": [seed.topic_id(2)]}),
    ("POST", "/v1/topics/{topic_id}/splits"): lambda _w, _s, _c: (
        "",
        {"feedback_ids": [FEEDBACK], "name": NAMES},
    ),
    ("PUT", "/v1/topics/{topic_id}/name"): lambda _w, _s, _c: ("", NAMES),
    ("PUT", "/v1/topics/{topic_id}/override"): lambda _w, _s, _c: ("", {"place": 1, "reason": "Law"}),
    ("POST", "/v1/topics/{topic_id}/undo"): lambda _w, _s, _c: ("", {"decision": 2}),
    ("POST", "/v1/releases"): lambda _w, _s, _c: ("", {"version": "9.9"}),
    ("POST", "/v1/releases/imports"): lambda _w, _s, _c: (
        "",
        {"app": seed.APP, "releases": [{"version": "9.9", "date": "2026-02-01", "changelog": "Codes"}]},
    ),
    ("PUT", "/v1/releases/{release_id}"): lambda _w, _s, _c: ("", {"state": "planned", "notes": "Codes"}),
    ("PUT", oracle.LABELS): lambda _w, _s, _c: ("", {"type": "usability", "area": "app"}),
    ("POST", "/v1/models"): lambda _w, _s, _c: ("", models.challenger()),
    ("POST", "/v1/models/{model}/promote"): lambda _w, _s, _c: ("", {}),
    ("POST", "/v1/models/rollback"): lambda _w, _s, _c: ("", {}),
    ("POST", "/v1/danger/{feedback_id}/outcome"): lambda _w, _s, _c: ("", {"outcome": "helped"}),
    ("POST", "/danger/{feedback_id}/acknowledge"): lambda _w, _s, _c: ("", {}),
    ("POST", "/danger/{feedback_id}/giver"): lambda _w, _s, _c: ("", {}),
    ("POST", "/danger/{feedback_id}/outcome"): lambda _w, _s, _c: ("", {"version": "1", "outcome": "helped"}),
    ("POST", "/danger/{feedback_id}/complaint"): lambda _w, _s, _c: (
        "",
        {
            "key": secrets.token_urlsafe(24),
            "category": "illegal_detention",
            "where": "ps-lhr-mozang",
            "narrative": "Somebody is held there, plainly invented.",
        },
    ),
    ("POST", "/board/models/{model}/promote"): lambda _w, _s, _c: ("", {"version": "0"}),
    ("POST", "/board/models/rollback"): lambda _w, _s, _c: ("", {"version": "0", "reason": "All is a bug"}),
    ("POST", "/board/sources/{source}/runs"): lambda _w, _s, _c: ("", {"what": "dry_run"}),
    ("POST", oracle.STILL_BROKEN): lambda _w, _s, _c: ("", {}),
    ("POST", "/board/topics/{topic_id}/decisions"): lambda _w, _s, _c: (
        "",
        {"status": "accepted", "reason": "", "version": "2"},
    ),
    ("POST", "/board/topics/{topic_id}/edits"): lambda _w, _s, _c: (
        "",
        {"do": "rename", "version": "2", **NAMES},
    ),
    ("POST", "/board/merges"): lambda _w, _s, _c: ("", {"topic": f"{TOPIC}:2,{seed.topic_id(2)}:1"}),
    ("POST", "/board/views"): lambda _w, _s, _c: ("", {"do": "keep", "name": "Bugs", "back": "type=bug"}),
    ("POST", "/board/releases"): lambda _w, _s, _c: ("", {"version": "9.9"}),
    ("POST", "/board/releases/{release_id}"): lambda _w, _s, _c: (
        "",
        {"do": "save", "row_version": "1", "notes": "Codes"},
    ),
    ("POST", "/board/labels/{feedback_id}"): lambda _w, _s, _c: ("", {"do": "skip", "version": "0"}),
    ("POST", "/feedback/{feedback_id}/still-broken"): lambda _w, _s, _c: ("", {}),
    **dict.fromkeys(oracle.FORMS, lambda _w, _s, c: ("", _form(c))),
    ("GET", oracle.DESK): lambda _w, s, _c: (f"?purpose={s.purpose}" if s.purpose else "", None),
    ("POST", f"{oracle.DESK}/steps"): lambda _w, s, c: ("", _step_on_the_page(s, c)),
    ("POST", "/sign-out"): lambda _w, _s, _c: ("", {}),
    ("GET", "/v1/supervision/overdue"): lambda _w, _s, _c: ("?limit=100", None),
    ("GET", "/v1/supervision/overdue.csv"): lambda _w, _s, _c: ("?limit=100", None),
    ("GET", "/v1/inbox"): lambda _w, _s, _c: ("?limit=100", None),
    ("GET", "/v1/inbox.csv"): lambda _w, _s, _c: ("?limit=100", None),
    ("POST", f"{oracle.CASE}/call-backs"): lambda _w, _s, _c: ("", {"outcome": "settled"}),
    ("GET", "/v1/complaints/search"): lambda _w, _s, _c: ("?limit=100", None),
    ("GET", "/v1/complaints/search.csv"): lambda _w, _s, _c: ("?limit=100", None),
    ("POST", "/v1/complaints/similar"): lambda _w, _s, c: ("", _question(c)),
}


def ask(world: World, subject: Subject, route: Route, case: Case) -> Reply:
    method, path = route
    more, body = REQUESTS.get(route, lambda *_: ("", None))(world, subject, case)
    url = path.format(
        reference=case.reference,
        evidence=case.piece,
        session=world.session,
        office=oracle.OFFICE_ASKED_FOR,
        subject=POST,
        holiday="eid-ul-fitr-2027",
        topic_id=TOPIC,
        feedback_id=FEEDBACK,
        model="m-ffffffffffff",
        source=SOURCE,
        release_id=release_store.id_of(seed.APP, VERSION),
        name="khidmat.css",
        service="traffic_signal_fault.json",
        service_request=f"{case.reference}.json",
        token=f"{case.reference}.xml",
    )
    token = world.tokens.get(subject.name, "")
    headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
    if subject.purpose:
        headers["X-Purpose"] = subject.purpose
    if route in oracle.FORMS:
        headers["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(body)
    if route not in oracle.PAGES:
        headers |= _bearer(token) if token else {}
        return send(method, url + more, role=None, headers=headers, body=body)
    headers |= {"Cookie": f"{callers.COOKIE}={token}"} if token else {}
    if route in oracle.PARTS:
        headers["HX-Request"] = "true"
    if method == "POST":
        headers |= {"Origin": BASE_URL, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(body | ({form_tokens.FIELD: form_tokens.token(token)} if token else {}))
    return send(method, url + more, role=None, headers=headers, body=body)


# --- a cell: who asked, what, of which case; and everything that is wrong with the answer


def plan(world: World, subject: Subject) -> list[tuple[Route, Case]]:
    of_cases = [(route, case) for route in oracle.OF_A_CASE for case in world.cases.values()]
    others = [
        (route, world.cases[name])
        for route in (*oracle.LISTS, *oracle.OTHERS, *oracle.PUBLIC)
        for name in SENSITIVITIES
    ]
    return of_cases + others


def wrong(world: World, subject: Subject) -> tuple[list[str], int]:
    """(Every wrong cell of one subject in words, how many were looked at)."""
    faults, looked_at = [], plan(world, subject)
    for route, case in looked_at:
        faults += [
            f"{subject.name} | {' '.join(route)} | {case.facts.name}: {fault}"
            for fault in cell(world, subject, route, case)
        ]
    return faults, len(looked_at)


def cell(world: World, subject: Subject, route: Route, case: Case) -> list[str]:
    right = oracle.expected(subject, route, case.facts)
    reply = ask(world, subject, route, case)
    after = stored.content()
    differing = stored.changed(world.kept.content, after)
    faults = [*_answered_wrong(right, reply), *_told_too_much(world, subject, route, case, reply)]
    if right.problem != "code-refused" or differing - {"khidmat-test-codes"}:
        faults += _changed_wrong(world, subject, route, case, right, differing)
    if route in oracle.LISTS and reply.status == 200:
        faults += _listed_wrong(world, subject, reply)
    if differing:
        world.kept.put_back(differing)
    return faults


def _answered_wrong(right: Expected, reply: Reply) -> list[str]:
    if reply.status not in right.statuses:
        return [f"answered {reply.status} and not {sorted(right.statuses)}: {reply.body[:200]!r}"]
    if right.leads_to and not reply.headers.get("location", "").startswith(right.leads_to):
        return [f"leads to {reply.headers.get('location')} and not to {right.leads_to}"]
    is_problem = reply.headers.get("content-type") == "application/problem+json"
    if right.problem and is_problem and reply.json["type"] != f"/problems/{right.problem}":
        return [f"refused as {reply.json['type']} and not as {right.problem}"]
    return []


def _told_too_much(world: World, subject: Subject, route: Route, asked: Case, reply: Reply) -> list[str]:
    said = f"{reply.text} {reply.headers} {reply.cookies}"
    faults = []
    for case in world.cases.values():
        if not oracle.may_read(subject, case.facts) or route in oracle.PUBLIC:
            faults += [f"tells {word} of {case.facts.name}" for word in case.secrets if word in said]
        was_sent = route in oracle.OF_A_CASE and case is asked
        may_know = oracle.may_know(subject, case.facts) and route not in oracle.PUBLIC
        if case.reference in said and not (was_sent or may_know):
            faults.append(f"tells the reference of {case.facts.name}")
    accused = [officer for officer in oracle.ACCUSED if officer != subject]
    names = [word for officer in accused for word in (officer.id, officer.number)]
    if not subject.is_citizen and route != ("GET", f"{CASE}/audit"):
        names += world.persons.values()
    return faults + [f"tells who {word} is" for word in names if word in said]


def _changed_wrong(
    world: World, subject: Subject, route: Route, case: Case, right: Expected, differing: set[str]
) -> list[str]:
    is_sensitive = case.facts.is_restricted and route in oracle.OF_A_CASE and not subject.is_citizen
    if right.is_allowed and is_sensitive:
        last = cases.get(case.reference).history[-1]
        if (last.actor, dict(last.facts).get("purpose")) != (subject.id, subject.purpose):
            return [f"is not on record: the last entry is {last.action} by {last.actor}"]
        return []
    if differing and (not right.is_allowed or route[0] == "GET"):
        return [f"changed {sorted(differing)}"]
    return []


def _listed_wrong(world: World, subject: Subject, reply: Reply) -> list[str]:
    faults = []
    for case in world.cases.values():
        is_listed, may = case.reference in reply.text, oracle.may_know(subject, case.facts)
        if is_listed != may:
            faults.append(f"{'lists' if is_listed else 'leaves out'} {case.facts.name}")
    if not subject.is_citizen and oracle.WOMEN in reply.text:
        faults.append("names the matter of a restricted case")
    return faults
