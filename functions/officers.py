"""Officers' rows, for administrators."""

from __future__ import annotations

from functions.callers import SUBJECT
from functions.domain import officers
from functions.domain.access import Permission
from functions.domain.errors import FieldFault, InvalidRequest
from functions.door import Answer, Door, Request
from functions.storage.officers import Officer
from schemas.officers import NewPost, OfficerView, PostChange

door = Door("functions.officers", tag="Officers")


@door.declare(
    "GET",
    "/v1/officers/{subject}",
    Permission.OFFICER_MANAGE,
    "An officer's row",
    answers=OfficerView,
    problems=(400, 401, 403, 404, 503),
)
def show_officer(request: Request) -> Answer:
    return _shown(officers.show(_subject(request)))


@door.declare(
    "PUT",
    "/v1/officers/{subject}",
    Permission.OFFICER_MANAGE,
    "Enter an officer, or change what one is",
    takes=NewPost,
    answers=OfficerView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def enrol_officer(request: Request) -> Answer:
    """Role, office, clearances and suspension take effect with the officer's next request.

    Send the ETag you read as If-Match. Nobody changes their own row.
    """
    return _shown(
        officers.enrol(request.signed_in, _subject(request), request.body, request.now, request.if_version)
    )


def _subject(request: Request) -> str:
    subject = request.path["subject"]
    if not SUBJECT.fullmatch(subject):
        raise InvalidRequest(FieldFault("{subject}", "bad_subject"))
    return subject


def _shown(officer: Officer) -> Answer:
    view = OfficerView(
        subject=officer.subject,
        role=officer.role,
        office=officer.office or None,
        service_number=officer.service_number or None,
        clearances=tuple(sorted(officer.clearances)),
        suspended=officer.suspended,
        version=officer.version,
        history=tuple(
            PostChange(at=each.at, by=each.actor, action=each.action, facts=dict(each.facts))
            for each in officers.history_of(officer)
        ),
    )
    return Answer(view, headers={"ETag": f'"{officer.version}"'})
