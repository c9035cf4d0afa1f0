"""Evidence of a complaint: a form to upload with, its completion, the list, and a link to each file."""

from __future__ import annotations

from functions.complaints import reference_of
from functions.domain import evidence
from functions.domain.access import Permission
from functions.domain.evidence import Piece
from functions.door import Answer, Door, Request
from schemas.evidence import (
    EvidenceLink,
    EvidenceList,
    EvidenceShown,
    EvidenceUpload,
    NewEvidence,
    UploadForm,
)

door = Door("functions.evidence", tag="Evidence")
ALL = "/v1/complaints/{reference}/evidence"
ONE = "/v1/complaints/{reference}/evidence/{evidence}"


@door.declare(
    "POST",
    ALL,
    Permission.EVIDENCE_ADD,
    "Announce a file",
    takes=NewEvidence,
    answers=EvidenceUpload,
    status=201,
    idempotent=True,
    problems=(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def announce_evidence(request: Request) -> Answer:
    """Answers a form to upload the file with: photo, sound, video or PDF. Then ask for its completion."""
    reference = reference_of(request)
    made = evidence.announce(request.signed_in, reference, request.body, request.idempotency_key, request.now)
    shown = EvidenceUpload(
        evidence=made.evidence,
        upload=UploadForm(url=made.form.url, fields=made.form.fields),
        expires_at=made.expires_at,
        most_bytes=made.most_bytes,
    )
    return Answer(shown, headers={"Location": ONE.format(reference=reference, evidence=made.evidence)})


@door.declare(
    "POST",
    f"{ONE}/completion",
    Permission.EVIDENCE_ADD,
    "Say that the file is uploaded",
    answers=EvidenceShown,
    problems=(400, 401, 403, 404, 409, 422, 503),
)
def complete_evidence(request: Request) -> Answer:
    """Looks at the file and keeps it. What is not what it was announced as is refused and deleted.

    May be repeated: it answers the same.
    """
    piece = evidence.complete(request.signed_in, reference_of(request), request.path["evidence"], request.now)
    return Answer(_shown(piece))


@door.declare(
    "GET",
    ALL,
    Permission.EVIDENCE_READ,
    "List the files of a complaint",
    answers=EvidenceList,
    problems=(400, 401, 403, 404, 409, 503),
)
def list_evidence(request: Request) -> Answer:
    """Whoever may read the complaint reads this, by the same rule and on the same record."""
    found = evidence.pieces(request.signed_in, reference_of(request), request.now)
    return Answer(EvidenceList(items=tuple(_shown(piece) for piece in found)))


@door.declare(
    "GET",
    ONE,
    Permission.EVIDENCE_READ,
    "Fetch a file",
    answers=EvidenceLink,
    problems=(400, 401, 403, 404, 409, 503),
)
def fetch_evidence(request: Request) -> Answer:
    """Answers an address that gives the file as a download, for a minute."""
    url, expires_at = evidence.download(
        request.signed_in, reference_of(request), request.path["evidence"], request.now
    )
    return Answer(EvidenceLink(url=url, expires_at=expires_at))


def _shown(piece: Piece) -> EvidenceShown:
    return EvidenceShown(
        evidence=piece.evidence,
        kind=piece.kind,
        media_type=piece.media_type,
        bytes=piece.size,
        sha256=piece.sha256 or None,
        name=piece.name,
        at=piece.at,
    )
