"""Keeps the register: what became of each case, from the stream of the cases' table, in order or out of it.

Words and telephone are read once, when the case is lodged; nothing is opened for any later change. A
restricted case has neither, so that no search comes upon it by what was written in it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from functools import cache

from functions.domain import deadlines, words
from functions.domain.access import Row as AccessRow
from functions.domain.deadlines import KARACHI
from functions.domain.privacy import CaseKey, key_of
from functions.storage import register as store
from functions.storage.case_items import Row as Image
from functions.storage.case_items import read_image
from functions.storage.keyring import keyring
from functions.storage.register import Row
from functions.storage.sealing import UnsealedError
from schemas.cases import Case, Summary
from schemas.catalogue.reading import complaint_policies, is_restricted

log = logging.getLogger("khidmat")


def month_of(instant: datetime) -> str:
    """The month of an instant by the citizens' clock: YYYY-MM."""
    return instant.astimezone(KARACHI).strftime("%Y-%m")


def follow(old: Image, new: Image) -> None:
    """One change of a case, by its images before and after; {} for none before. May come twice."""
    case = read_image(new)
    former = read_image(old) if old else None
    row, area = row_of(case), _area(case)
    is_erased = case.erased_at is not None and (former is None or former.erased_at is None)
    if former is None:
        _enter(case, row, area)
    elif former.district != case.district:
        store.move(_area(former), area, row)
    elif is_erased or row_of(former) != replace(row, version=former.version):
        store.advance(area, row)
    else:
        return
    if is_erased:
        store.strip(area, row.lodged_key)
    if is_public(case):
        store.note_public(month_of(case.lodged_at), row)


def _area(case: Case) -> str:
    return store.area_of(case.district, month_of(case.lodged_at))


def _enter(case: Case, row: Row, area: str) -> None:
    marked, phone = _written_in(case)
    whole = replace(row, words=marked)
    if (store.create(area, whole, phone) or store.complete(area, whole, phone)) and phone:
        store.note_phone(phone, area, row)


def _written_in(case: Case) -> tuple[bytes, str]:
    """(Marks of the words of narrative and place, blind index of the telephone) of a case just lodged."""
    if is_restricted(case.category):
        return b"", ""
    try:
        key = key_of(case)
        said, phone = _said(case, key), key.field(case, "complainant_phone")
    except UnsealedError:
        # Nobody can read it, and the cases behind it must not wait for that.
        log.exception("not opened", extra={"reference": case.reference})
        return b"", ""
    marked = words.marks(words.words_of(said, words.MOST_WORDS), month_of(case.lodged_at))
    return words.packed(marked), keyring().index("phone", phone) if phone else ""


def _said(case: Case, key: CaseKey) -> str:
    return f"{key.field(case, 'place') or ''}\n{key.field(case, 'narrative') or ''}"


def words_in(case: Case) -> tuple[str, ...]:
    """The words of a case for whoever may read it; none of a restricted or an erased one."""
    if is_restricted(case.category):
        return ()
    return words.words_of(_said(case, key_of(case)), words.MOST_WORDS)


def row_of(case: Case) -> Row:
    """What the register says of the case, without its words."""
    ticking = deadlines.ticking(case)
    return Row(
        reference=case.reference,
        district=case.district,
        lodged_at=case.lodged_at,
        state=case.state,
        category=case.category,
        complaint_class=case.complaint_class,
        office=case.office,
        station=case.station,
        first_contact_due=case.first_contact_due,
        final_report_due=case.final_report_due,
        appeal_due=case.appeal_due,
        first_contacted_at=case.first_contacted_at,
        reported_at=case.reported_at,
        appeal_answered_at=case.appeal_answered_at,
        runs_out=deadlines.due(case, ticking[0]) if ticking else None,
        closed_at=case.closed_at,
        closed_by=case.progress.closed_by,
        flagged=tuple(clock for clock, _ in case.flagged),
        level=case.progress.level,
        reopened=case.progress.reopened,
        appeals=case.progress.appeals,
        rating=case.progress.rating,
        about_offices=case.about_offices,
        accused=case.accused,
        version=case.version,
    )


def is_public(case: Case) -> bool:
    """Whether the case is about a place or a thing, and about nobody."""
    return case.category in _public_categories() and not case.about_offices and not case.accused


@cache
def _public_categories() -> frozenset[str]:
    """A case lodged under a policy that calls its category public stays so only while every version does."""
    versions = [policy.categories for policy in complaint_policies()]
    named = {name for categories in versions for name, each in categories.items() if each.public}
    return frozenset(n for n in named if all(c[n].public for c in versions if n in c))


def access_row(row: Row) -> AccessRow:
    """What the policy looks at in a row. It names no owner, so that no citizen is ever shown one."""
    return AccessRow(
        owner="",
        office=row.office,
        about_offices=row.about_offices,
        accused=row.accused,
        restricted=is_restricted(row.category),
        lodged_at=row.lodged_at,
    )


def summary_of(row: Row) -> Summary:
    return Summary(
        reference=row.reference,
        kind="complaint",
        state=row.state,
        category=row.category,
        complaint_class=row.complaint_class,
        office=row.office,
        lodged_at=row.lodged_at,
        first_contact_due=row.first_contact_due,
        final_report_due=row.final_report_due,
        version=row.version,
        first_contacted_at=row.first_contacted_at,
        reported_at=row.reported_at,
    )
