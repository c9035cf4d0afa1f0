"""Things to test with, each whole by default; a test names only what it is about. All invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from functions.domain.access import Caller, Role
from functions.domain.privacy import sealed_for
from schemas.cases import Case
from schemas.feedback import Feedback, Labels
from tests.people import citizen

NOON = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""Monday 2 March 2026, 12:00 in Asia/Karachi."""

CITIZEN = citizen("citizen-1")
OTHER_CITIZEN = citizen("citizen-2")
SDPO = Caller("sdpo-1", Role.SDPO, "sd-lhr-civil-lines")
OTHER_SDPO = Caller("sdpo-2", Role.SDPO, "sd-lhr-model-town")
DPO = Caller("dpo-1", Role.DPO, "ds-lahore")
RPO = Caller("rpo-1", Role.RPO, "rg-lahore")
CENTRAL_OFFICE = Caller("central-1", Role.CENTRAL_OFFICE, "pb")
AUDITOR = Caller("auditor-1", Role.AUDITOR)
ADMINISTRATOR = Caller("administrator-1", Role.ADMINISTRATOR)
OWNER = Caller("owner-1", Role.PRODUCT_OWNER)


def complaint_body(**changes: Any) -> dict[str, Any]:
    body = {
        "category": "fir_not_registered",
        "narrative": "The station refused to write my report of a stolen bicycle.",
        "complainant_name": "Sample Person",
        "phone": "0300 0000000",
        "station": "ps-lhr-mozang",
    } | changes
    return {name: value for name, value in body.items() if value is not None}


PERSONAL = {
    "narrative": "The station refused to write my report of a stolen bicycle.",
    "complainant_name": "Sample Person",
    "complainant_phone": "+923000000000",
    "place": "",
}


def case(**changes: Any) -> Case:
    """A class B complaint lodged at noon, waiting for the sub-division; what was written is sealed to citizen-1."""
    reference = changes.get("reference", "KH-2345-6789-A")
    said = PERSONAL | {name: changes.pop(name) for name in PERSONAL if name in changes}
    case_key, sealed = sealed_for(CITIZEN.public_key, reference, said)
    made = Case(
        reference=reference,
        kind="complaint",
        owner="citizen-1",
        state="lodged",
        category="fir_not_registered",
        complaint_class="B",
        policy_version="2023-01",
        office="sd-lhr-civil-lines",
        district="ds-lahore",
        sealed=sealed,
        case_key=case_key,
        lodged_at=NOON,
        first_contact_due=NOON.replace(hour=15),
        final_report_due=NOON.replace(day=5),
        request_digest="request",
        idempotency_digest="key",
    )
    return replace(made, **changes)


def feedback(number: int = 1, **changes: Any) -> Feedback:
    made: dict[str, Any] = {
        "source": "play",
        "app": "pk.khidmat.app",
        "external_id": f"review-{number}",
        "written_at": NOON,
        "text": "The one time code never arrives",
        "rating": 1,
        "version": "2.1",
    }
    return Feedback(**(made | changes))


def labels(**changes: Any) -> Labels:
    made: dict[str, Any] = {
        "type": "bug",
        "types": ("bug",),
        "language": "en",
        "sentiment": "negative",
        "severity": 4,
        "confidence": 0.9,
        "why": ("code",),
    }
    return Labels(**(made | changes))
