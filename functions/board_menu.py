"""What every page of the board has round it: where else to go, and how much waits there."""

from __future__ import annotations

from typing import Any

from functions.domain import labels
from functions.domain.access import Permission, allow
from functions.door import Request
from functions.settings import settings


def frame(request: Request) -> dict[str, Any]:
    """For the menu. What waits for a label is counted for those alone who may label."""
    may_label = allow(request.signed_in, Permission.LABEL_CORRECT)
    return {
        "to_label": labels.waiting(settings().own_app) if may_label else None,
        "may_decide": may_decide(request),
    }


def may_decide(request: Request) -> bool:
    return allow(request.signed_in, Permission.TOPIC_DECIDE)
