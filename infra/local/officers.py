"""The demonstration's officers: what the local issuer's people are, entered as an administrator does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.domain import officers
from functions.storage import officers as store
from infra.local import tokens
from schemas.officers import NewPost

if TYPE_CHECKING:
    from datetime import datetime


def enrol(now: datetime) -> int:
    """Enter whoever has no row yet; returns how many. A row that an administrator changed stays as it is."""
    new = 0
    for person in tokens.people():
        if store.get(person.sub, consistent=True) is not None:
            continue
        post = NewPost.model_validate(
            {
                "role": person.role,
                "office": person.office or None,
                "service_number": person.service_number or None,
                "clearances": person.clearances,
            }
        )
        officers.write(person.sub, post, now, by=officers.OPERATOR, role=officers.OPERATOR)
        new += 1
    return new
