"""A whole case as one change, as the stream brings it when nothing was seen of it before."""

from __future__ import annotations

from collections.abc import Sequence

from functions.domain.notices import Change
from schemas.cases import Case, Entry


def change_of(case: Case, entries: Sequence[Entry] | None = None) -> Change:
    return Change(
        reference=case.reference,
        owner=case.owner,
        entries=case.history if entries is None else entries,
        office=case.office,
        category=case.category,
        about_offices=case.about_offices,
        accused=case.accused,
        lodged_at=case.lodged_at,
    )
