"""What an administrator sends to amend a holiday."""

from __future__ import annotations

from typing import Any


def holiday_body(**changes: Any) -> dict[str, Any]:
    """Eid-ul-Fitr of 2027, a day later than the catalogue expects it."""
    return {
        "kind": "holiday",
        "name": {"en": "Eid-ul-Fitr", "ur": "عید الفطر"},
        "days": ["2027-03-11", "2027-03-12", "2027-03-13"],
        "reason": "The moon was sighted a day later",
        **changes,
    }
