"""Who may do what, a second time: the rules as tables, written apart from the policy they are held against.

Nothing here asks the product; it shares with it only the names of roles, offices, categories and routes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Route = tuple[str, str]

# --- the offices that the cases and subjects lie in, each with the one above it
ABOVE = {
    "ps-lhr-mozang": "sd-lhr-civil-lines",
    "ps-lhr-civil-lines": "sd-lhr-civil-lines",
    "sd-lhr-civil-lines": "ds-lahore",
    "sd-lhr-model-town": "ds-lahore",
    "ds-lahore": "rg-lahore",
    "ds-kasur": "rg-sheikhupura",
    "rg-lahore": "pb",
    "rg-sheikhupura": "pb",
}
WOMEN = "violence_against_women"
HANDLERS = {"sdpo", "dpo", "rpo", "central_office"}
AT_STATIONS = {"front_desk", "station_officer", "centre_supervisor"}
STAFF = HANDLERS | AT_STATIONS | {"product_owner", "auditor", "administrator"}


@dataclass(frozen=True)
class Subject:
    """Somebody who calls. `id` is what a token says; `held` is the office served in by now."""

    name: str
    role: str | None = None
    held: str | None = None
    id: str = ""
    clearances: frozenset[str] = frozenset()
    purpose: str = ""
    is_enrolled: bool = True
    is_suspended: bool = False
    is_signed_out: bool = False
    has_document: bool = False
    number: str = ""
    """A service number: of those who are complained of."""

    @property
    def is_citizen(self) -> bool:
        return self.role == "citizen"


@dataclass(frozen=True)
class Facts:
    """A case as far as the rules look at it."""

    name: str
    owner: str
    lies_at: str
    is_restricted: bool = False
    about: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()


def _officer(name: str, role: str, held: str | None = None, **more) -> Subject:
    return Subject(name, role, held, id=name.replace(" ", "-"), **more)


def _cleared(subject: Subject, name: str, purpose: str = "") -> Subject:
    return replace(
        subject, name=name, id=name.replace(" ", "-"), clearances=frozenset({WOMEN}), purpose=purpose
    )


NOBODY = Subject("nobody")
OWNER = Subject("the owner", "citizen", id="owner", has_document=True)
OTHER_CITIZEN = Subject("another citizen", "citizen", id="another", has_document=True)
REPORTER = Subject("the person behind an anonymous report", "citizen", id="reporter")
WOMAN_REPORTER = Subject("the person behind a restricted report", "citizen", id="woman-reporter")
SDPO = _officer("sdpo", "sdpo", "sd-lhr-civil-lines")
OTHER_SDPO = _officer("sdpo of another", "sdpo", "sd-lhr-model-town")
DPO = _officer("dpo", "dpo", "ds-lahore")
OTHER_DPO = _officer("dpo of another", "dpo", "ds-kasur")
RPO = _officer("rpo", "rpo", "rg-lahore")
CENTRAL = _officer("central office", "central_office", "pb")
AUDITOR = _officer("auditor", "auditor")
ACCUSED = tuple(
    replace(subject, clearances=frozenset({WOMEN}), purpose="handling", number=f"ZQX{9001 + n}")
    for n, subject in enumerate(
        (
            _officer("accused at the station", "station_officer", "ps-lhr-mozang"),
            _officer("accused and now sdpo", "sdpo", "sd-lhr-civil-lines"),
            _officer("accused and now dpo", "dpo", "ds-lahore"),
            _officer("accused and now central", "central_office", "pb"),
            _officer("accused and now auditor", "auditor"),
        )
    )
)
SUBJECTS = (
    NOBODY,
    OWNER,
    OTHER_CITIZEN,
    REPORTER,
    WOMAN_REPORTER,
    Subject("a citizen whose device was signed out", "citizen", id="signed-out", is_signed_out=True),
    _officer("front desk", "front_desk", "ps-lhr-mozang"),
    _cleared(_officer("", "front_desk", "ps-lhr-mozang"), "front desk cleared", "handling"),
    _officer("station officer", "station_officer", "ps-lhr-mozang"),
    _cleared(_officer("", "station_officer", "ps-lhr-mozang"), "station officer cleared", "handling"),
    _officer("station officer of another", "station_officer", "ps-lhr-civil-lines"),
    SDPO,
    OTHER_SDPO,
    DPO,
    OTHER_DPO,
    RPO,
    _officer("rpo of another", "rpo", "rg-sheikhupura"),
    CENTRAL,
    _officer("centre supervisor", "centre_supervisor", "ps-lhr-mozang"),
    _officer("product owner", "product_owner"),
    _cleared(_officer("", "product_owner"), "product owner cleared", "handling"),
    AUDITOR,
    _cleared(AUDITOR, "auditor cleared", "audit"),
    _officer("administrator", "administrator"),
    _cleared(_officer("", "administrator"), "administrator cleared", "audit"),
    _cleared(replace(SDPO, is_suspended=True), "suspended sdpo", "handling"),
    _cleared(replace(CENTRAL, is_suspended=True), "suspended central", "handling"),
    replace(SDPO, name="officer without a row", id="without-a-row", is_enrolled=False),
    *ACCUSED,
    replace(DPO, name="dpo with a purpose and no clearance", id="dpo-uncleared", purpose="handling"),
    _cleared(SDPO, "sdpo cleared without purpose"),
    _cleared(SDPO, "sdpo cleared", "handling"),
    _cleared(DPO, "dpo cleared without purpose"),
    _cleared(DPO, "dpo cleared", "supervision"),
    _cleared(RPO, "rpo cleared", "court_order"),
    _cleared(CENTRAL, "central cleared without purpose"),
    _cleared(CENTRAL, "central cleared", "audit"),
    _cleared(OTHER_DPO, "dpo of another cleared", "handling"),
    _cleared(OTHER_SDPO, "sdpo of another cleared", "handling"),
)

# --- the routes: who may ever do it, and what it answers then
CASE, EVIDENCE = "/v1/complaints/{reference}", "/v1/complaints/{reference}/evidence"
DESK = "/desk/{reference}"
OF_A_CASE: dict[Route, set[str]] = {
    ("GET", CASE): HANDLERS | {"citizen"},
    ("POST", f"{CASE}/comments"): HANDLERS | {"citizen"},
    ("POST", f"{CASE}/steps"): HANDLERS | {"citizen"},
    ("GET", EVIDENCE): HANDLERS | {"citizen"},
    ("GET", f"{EVIDENCE}/{{evidence}}"): HANDLERS | {"citizen"},
    # The owner alone adds files.
    ("POST", EVIDENCE): {"citizen"},
    ("POST", f"{EVIDENCE}/{{evidence}}/completion"): {"citizen"},
    ("GET", f"{CASE}/similar"): HANDLERS,
    ("GET", f"{CASE}/assignees"): HANDLERS,
    ("GET", DESK): HANDLERS,
    ("POST", f"{DESK}/steps"): HANDLERS,
    # Who did what, of any case and without a word of it: for auditors alone.
    ("GET", f"{CASE}/audit"): {"auditor"},
}
OFFICE_NOTIFICATIONS, OFFICE_ASKED_FOR = "/v1/offices/{office}/notifications", "sd-lhr-civil-lines"
STILL_BROKEN = "/v1/feedback/{feedback_id}/still-broken"
CITIZENS, OWNERS, INTAKE = {"citizen"}, {"product_owner"}, {"central_office"}
LABELS = "/v1/feedback/{feedback_id}/labels"
TOPIC_READERS, DESKS = {"product_owner", "auditor"}, {"front_desk", "centre_supervisor"}
LISTS: dict[Route, set[str]] = {
    ("GET", "/v1/complaints"): CITIZENS,
    ("GET", "/v1/me/notices"): CITIZENS,
    ("GET", "/v1/me/export"): CITIZENS,
    ("GET", "/v1/supervision/overdue"): HANDLERS,
    ("GET", "/v1/supervision/overdue.csv"): HANDLERS,
    ("GET", "/v1/inbox"): HANDLERS | {"station_officer"},
    ("GET", "/v1/inbox.csv"): HANDLERS | {"station_officer"},
    ("GET", "/v1/complaints/search"): HANDLERS,
    ("GET", "/v1/complaints/search.csv"): HANDLERS,
    ("GET", "/supervision"): HANDLERS,
    ("GET", "/desk"): HANDLERS | {"station_officer"},
}
"""Answers to everybody of the role, and holds exactly the cases that each may read."""
OTHERS: dict[Route, set[str]] = {
    ("POST", "/v1/complaints"): CITIZENS,
    ("POST", "/v1/complaints/similar"): CITIZENS,
    ("GET", "/v1/figures"): HANDLERS | {"centre_supervisor"},
    ("GET", "/v1/figures.csv"): HANDLERS | {"centre_supervisor"},
    ("GET", "/v1/me/sessions"): CITIZENS,
    ("DELETE", "/v1/me/sessions"): CITIZENS,
    ("DELETE", "/v1/me/sessions/{session}"): CITIZENS,
    ("POST", "/v1/me/erasure"): CITIZENS,
    ("POST", "/v1/me/phone-changes/challenges"): CITIZENS,
    ("POST", "/v1/me/phone-changes"): CITIZENS,
    ("POST", "/v1/feedback"): CITIZENS,
    ("POST", "/v1/desk/phone-changes"): DESKS,
    ("GET", "/v1/call-backs"): DESKS,
    # No report of these waits for a centre under the very chain that wrote it.
    ("POST", f"{CASE}/call-backs"): DESKS,
    ("GET", "/v1/me/notifications"): CITIZENS,
    ("PUT", "/v1/me/notifications"): CITIZENS,
    ("GET", "/v1/office/notices"): HANDLERS | {"station_officer"},
    ("GET", OFFICE_NOTIFICATIONS): HANDLERS | {"station_officer", "administrator"},
    ("PUT", OFFICE_NOTIFICATIONS): HANDLERS | {"station_officer", "administrator"},
    ("GET", "/v1/officers/{subject}"): {"administrator"},
    ("PUT", "/v1/officers/{subject}"): {"administrator"},
    ("PUT", "/v1/policies/holidays/{holiday}"): {"administrator"},
    ("POST", "/v1/feedback/imports"): OWNERS,
    ("POST", "/v1/topics/regroup"): OWNERS,
    ("GET", "/v1/feedback/sources"): OWNERS | {"administrator"},
    ("POST", "/v1/feedback/sources/{source}/runs"): OWNERS | {"administrator"},
    ("POST", "/v1/topics/{topic_id}/decisions"): OWNERS,
    ("POST", "/v1/topics/{topic_id}/merges"): OWNERS,
    ("POST", "/v1/topics/{topic_id}/splits"): OWNERS,
    ("PUT", "/v1/topics/{topic_id}/name"): OWNERS,
    ("PUT", "/v1/topics/{topic_id}/override"): OWNERS,
    ("DELETE", "/v1/topics/{topic_id}/override"): OWNERS,
    ("POST", "/v1/topics/{topic_id}/undo"): OWNERS,
    ("POST", "/v1/releases"): OWNERS,
    ("POST", "/v1/releases/imports"): OWNERS,
    ("PUT", "/v1/releases/{release_id}"): OWNERS,
    ("GET", "/v1/releases"): TOPIC_READERS,
    ("GET", "/v1/releases/{release_id}"): TOPIC_READERS,
    ("GET", "/v1/topics.csv"): TOPIC_READERS,
    ("POST", STILL_BROKEN): CITIZENS,
    ("GET", "/v1/apps"): TOPIC_READERS,
    ("GET", "/v1/topics"): TOPIC_READERS,
    ("GET", "/v1/topics/{topic_id}"): TOPIC_READERS,
    ("GET", "/v1/topics/{topic_id}/feedback"): TOPIC_READERS,
    ("GET", LABELS): OWNERS,
    ("PUT", LABELS): OWNERS,
    ("DELETE", LABELS): OWNERS,
    ("GET", "/v1/labels/queue"): OWNERS,
    ("POST", "/v1/labels/queue/{feedback_id}/skip"): OWNERS,
    ("GET", "/v1/labels/export"): OWNERS,
    ("GET", "/v1/models"): TOPIC_READERS,
    ("GET", "/v1/models/drift"): TOPIC_READERS,
    ("POST", "/v1/models"): OWNERS,
    ("POST", "/v1/models/{model}/promote"): OWNERS,
    ("POST", "/v1/models/rollback"): OWNERS,
    # Somebody may be in danger: the room of the province's own office, staffed at any hour, and nobody else.
    ("GET", "/v1/danger"): INTAKE,
    ("GET", "/v1/danger/{feedback_id}"): INTAKE,
    ("POST", "/v1/danger/{feedback_id}/giver"): INTAKE,
    ("POST", "/v1/danger/{feedback_id}/acknowledge"): INTAKE,
    ("POST", "/v1/danger/{feedback_id}/outcome"): INTAKE,
    ("GET", "/danger"): INTAKE,
    ("GET", "/danger/{feedback_id}"): INTAKE,
    ("POST", "/danger/{feedback_id}/acknowledge"): INTAKE,
    ("POST", "/danger/{feedback_id}/giver"): INTAKE,
    ("POST", "/danger/{feedback_id}/outcome"): INTAKE,
    ("GET", "/danger/{feedback_id}/complaint"): INTAKE,
    ("POST", "/danger/{feedback_id}/complaint"): INTAKE,
    ("GET", "/board/models"): TOPIC_READERS,
    ("POST", "/board/models/{model}/promote"): OWNERS,
    ("POST", "/board/models/rollback"): OWNERS,
    ("GET", "/board/sources"): OWNERS | {"administrator"},
    ("POST", "/board/sources/{source}/runs"): OWNERS | {"administrator"},
    ("GET", "/supervision/promises"): HANDLERS | {"centre_supervisor"},
    ("GET", "/board"): TOPIC_READERS,
    ("GET", "/board/topics/{topic_id}"): TOPIC_READERS,
    ("GET", "/board/topics/{topic_id}/why"): TOPIC_READERS,
    ("GET", "/board/topics/{topic_id}/quotes"): TOPIC_READERS,
    ("POST", "/board/topics/{topic_id}/decisions"): OWNERS,
    ("POST", "/board/topics/{topic_id}/edits"): OWNERS,
    ("GET", "/board/topics.csv"): TOPIC_READERS,
    ("POST", "/board/merges"): OWNERS,
    ("POST", "/board/views"): TOPIC_READERS,
    ("GET", "/board/roadmap"): TOPIC_READERS,
    ("GET", "/board/releases"): TOPIC_READERS,
    ("POST", "/board/releases"): OWNERS,
    ("GET", "/board/releases/{release_id}"): TOPIC_READERS,
    ("POST", "/board/releases/{release_id}"): OWNERS,
    ("GET", "/board/labels"): OWNERS,
    ("POST", "/board/labels/{feedback_id}"): OWNERS,
    ("GET", "/feedback/{feedback_id}/still-broken"): CITIZENS,
    ("POST", "/feedback/{feedback_id}/still-broken"): CITIZENS,
}
PUBLIC: dict[Route, int] = {
    ("GET", "/open-data/complaints.csv"): 404,  # no month was published
    **{
        ("GET", f"/open311/v2/{each}.{form}"): 200
        for each in ("discovery", "services", "requests")
        for form in ("json", "xml")
    },
    ("GET", "/open311/v2/services/{service}"): 200,
    ("GET", "/open311/v2/requests/{service_request}"): 404,  # none of the cases is of a public category
    ("GET", "/open311/v2/tokens/{token}"): 404,
    ("POST", "/open311/v2/requests.json"): 201,
    ("POST", "/open311/v2/requests.xml"): 201,
    ("GET", "/v1/services"): 200,
    ("GET", "/v1/offices"): 200,
    ("GET", "/v1/complaint-policy"): 200,
    ("GET", "/v1/policies/holidays"): 200,
    ("GET", "/v1/health"): 200,
    ("GET", "/v1/changelog"): 200,
    ("POST", "/v1/anonymous-reports"): 201,
    ("POST", "/v1/accounts/challenges"): 202,
    ("POST", "/v1/accounts/tokens"): 200,
    ("GET", "/v1/whatsapp"): 403,  # the verify token is not ours
    ("POST", "/v1/whatsapp"): 403,  # nobody signed it
    ("GET", "/openapi.json"): 200,
    ("GET", "/"): 200,
    ("GET", "/docs"): 200,
    ("GET", "/changelog"): 200,
    ("GET", "/sign-in"): 303,
    ("GET", "/sign-in/callback"): 400,  # nobody is on the way back from the issuer
    ("POST", "/sign-out"): 303,
    ("GET", "/static/{name}"): 200,
}
STATUS: dict[Route, int] = {
    ("POST", f"{CASE}/comments"): 201,
    ("POST", EVIDENCE): 201,
    ("POST", "/v1/complaints"): 201,
    ("POST", "/v1/feedback"): 201,
    ("DELETE", "/v1/me/sessions"): 204,
    ("DELETE", "/v1/me/sessions/{session}"): 204,
    ("POST", "/v1/me/phone-changes/challenges"): 202,
    ("POST", "/v1/topics/regroup"): 202,
    ("POST", "/v1/feedback/sources/{source}/runs"): 202,
    ("POST", "/v1/releases"): 201,
    ("POST", "/board/topics/{topic_id}/decisions"): 303,
    ("POST", "/board/topics/{topic_id}/edits"): 303,
    ("POST", "/board/merges"): 303,
    ("POST", "/board/views"): 303,
    ("POST", "/board/releases"): 303,
    ("POST", "/board/releases/{release_id}"): 303,
    ("POST", "/board/labels/{feedback_id}"): 303,
    ("POST", f"{DESK}/steps"): 303,
    ("POST", "/danger/{feedback_id}/acknowledge"): 303,
    ("POST", "/danger/{feedback_id}/outcome"): 303,
    ("POST", "/board/sources/{source}/runs"): 303,
    **PUBLIC,
}
"""What is answered to whoever may; 200 where nothing is said."""
PAGES_BEGIN = ("/board", "/changelog", "/danger", "/desk", "/feedback", "/supervision", "/sign-")
PAGES = {
    route
    for route in (*PUBLIC, *OTHERS, *LISTS, *OF_A_CASE)
    if route[1].startswith(PAGES_BEGIN) or route[1] in "/docs"
}
FORMS = {route for route in PUBLIC if route[0] == "POST" and route[1].startswith("/open311")}
"""Take their body as a form sends it, and are no pages."""
PARTS = {("GET", "/board/topics/{topic_id}/why"), ("GET", "/board/topics/{topic_id}/quotes")}
KNOWN = {*OF_A_CASE, *LISTS, *OTHERS, *PUBLIC}


@dataclass(frozen=True)
class Expected:
    """Statuses that are right, the kind of problem where there is one rule for it, and where a page leads."""

    statuses: frozenset[int]
    problem: str = ""
    is_allowed: bool = False
    leads_to: str = ""


def _refused(*statuses: int, problem: str = "", leads_to: str = "") -> Expected:
    return Expected(frozenset(statuses), problem, leads_to=leads_to)


NOT_FOUND = _refused(404, problem="not-found")
NOT_PERMITTED = _refused(403, problem="not-permitted")
PURPOSE_NEEDED = _refused(403, problem="purpose-needed")


def expected(subject: Subject, route: Route, case: Facts) -> Expected:
    """What the subject must be answered on the route, where it is about a case: about that one."""
    answered = Expected(frozenset({STATUS.get(route, 200)}), is_allowed=True)
    if route in PUBLIC:
        return answered
    at_the_door = _at_the_door(subject, route)
    if at_the_door is not None:
        return at_the_door
    roles = (OF_A_CASE | LISTS | OTHERS)[route]
    if subject.role not in roles:
        # A station's people may be told that there is nothing, or that it is not for them: never more.
        is_of_station = subject.role in AT_STATIONS and route in OF_A_CASE
        if subject.role == "centre_supervisor" and "/supervision" in route[1]:
            return Expected(frozenset({200, 403}))  # an empty list says no more than a refusal
        return _refused(403, 404) if is_of_station else NOT_PERMITTED
    if route in OF_A_CASE:
        return by_row(subject, case) or answered
    return _of_the_own_account(subject, route) or answered


def _at_the_door(subject: Subject, route: Route) -> Expected | None:
    if subject.role is None or (subject.is_signed_out and route != ("POST", "/v1/complaints")):
        if route in PAGES - PARTS:
            return _refused(303, leads_to="/sign-in?")
        return _refused(401, problem="" if route in PARTS else "not-authenticated")
    if not subject.is_enrolled:
        return _refused(403, problem="not-enrolled")
    if subject.is_suspended:
        return _refused(403, problem="suspended")
    return None


def _of_the_own_account(subject: Subject, route: Route) -> Expected | None:
    if route == ("POST", "/v1/me/erasure") and subject in (OWNER, REPORTER, WOMAN_REPORTER):
        return _refused(409, problem="cases-open")
    if route == ("POST", "/v1/me/phone-changes/challenges") and not subject.has_document:
        return NOT_FOUND
    if route == ("POST", "/v1/me/phone-changes"):
        return _refused(401, problem="code-refused")  # the code that is sent is wrong
    if route[1].endswith("/models/{model}/promote"):
        return NOT_FOUND  # there is no model of that name
    if route[1].endswith("/models/rollback"):
        return _refused(409, problem="nothing-to-roll-back")
    if route == ("POST", f"{CASE}/call-backs"):
        return NOT_FOUND
    if route[1].endswith("/still-broken"):
        return NOT_FOUND  # nobody's: it came from a store
    is_own = subject.role == "administrator" or subject.held == OFFICE_ASKED_FOR
    if route[1] == OFFICE_NOTIFICATIONS and not is_own:
        return NOT_FOUND
    if route == ("DELETE", "/v1/me/sessions/{session}") and subject != OWNER:
        return NOT_FOUND  # the session that is named is the owner's
    return None


def by_row(subject: Subject, case: Facts) -> Expected | None:
    """The refusal that this case calls for; None where it may be read."""
    if not (may_audit(subject, case) if subject.role == "auditor" else may_know(subject, case)):
        return NOT_FOUND
    if case.is_restricted and not subject.is_citizen and not subject.purpose:
        return PURPOSE_NEEDED
    return None


def may_know(subject: Subject, case: Facts) -> bool:
    """Whether the subject may know that there is such a case: what a list holds."""
    if subject.role is None or subject.is_suspended or not subject.is_enrolled or subject.is_signed_out:
        return False
    if subject.is_citizen:
        return subject.id == case.owner
    if subject.role not in HANDLERS or not _may_look(subject, case):
        return False
    return subject.held in _ladder(case.lies_at)


def may_audit(subject: Subject, case: Facts) -> bool:
    """Auditors look at every case, wherever it lies; but not at one about themselves."""
    return subject.role == "auditor" and _may_look(subject, case)


def _may_look(subject: Subject, case: Facts) -> bool:
    is_cleared = not case.is_restricted or WOMEN in subject.clearances
    return is_cleared and not is_passed_by(subject, case)


def may_read(subject: Subject, case: Facts) -> bool:
    """Whether the subject may read what was written in the case."""
    return may_know(subject, case) and by_row(subject, case) is None


def is_passed_by(subject: Subject, case: Facts) -> bool:
    """Whether the case is about the subject, or about the office they serve in or one above it."""
    own = _ladder(subject.held) if subject.held else []
    return subject.id in case.accused or any(office in own for office in case.about)


def _ladder(office: str) -> list[str]:
    return [office, *(_ladder(ABOVE[office]) if office in ABOVE else [])]
