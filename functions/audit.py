"""A case's audit, for auditors: who did what and when, whether the chain is whole; never what was written."""

from __future__ import annotations

from functions import cursors
from functions.complaints import reference_of
from functions.domain import audit
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from schemas.ledger import AuditEntry, AuditPage, AuditQuery

door = Door("functions.audit", tag="Audit")


@door.declare(
    "GET",
    "/v1/complaints/{reference}/audit",
    Permission.AUDIT_READ,
    "Who did what in a case",
    query=AuditQuery,
    answers=AuditPage,
    problems=(400, 401, 403, 404, 409, 503),
)
def read_audit(request: Request) -> Answer:
    """Every entry of the case's chain, oldest first, without a word of what was written.

    The audit of a restricted case needs the clearance named for it and a purpose; reading it is an entry too.
    """
    caller, reference = request.signed_in, reference_of(request)
    bound = ("audit", caller.subject, reference)
    position = cursors.decode(request.query.cursor, *bound)
    case, entries, first_bad, following = audit.entries_of(caller, reference, position, request.now)
    page = AuditPage(
        reference=case.reference,
        whole=first_bad is None,
        first_bad=first_bad,
        items=tuple(
            AuditEntry(
                sequence=entry.sequence,
                at=entry.at,
                actor=entry.actor,
                role=entry.role,
                action=entry.action,
                facts=dict(entry.facts),
                digest=entry.digest,
            )
            for entry in entries
        ),
        next=cursors.encode(following, *bound),
    )
    return Answer(page)
