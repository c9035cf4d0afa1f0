"""Finding cases in one's jurisdiction: by words, telephone, identity card or reference, newest first.

What a search costs follows the months it asks for. A position is that of a row among all rows by their
instant of lodging: rows that are added meanwhile lie before it, and move nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain import officers, register, words
from functions.domain.access import Caller, Permission, allow, districts_of
from functions.domain.deadlines import KARACHI
from functions.domain.errors import FieldFault, InvalidRequest
from functions.storage import cases, people
from functions.storage import register as store
from functions.storage.keyring import keyring
from functions.storage.register import Row
from schemas.cases import Case
from schemas.catalogue.reading import is_restricted, ladder, offices
from schemas.search import SearchQuery

USUAL_MONTHS, MOST_MONTHS = 3, 12
MOST_LOOKED_AT = 5_000
"""Rows a request: then it answers what it has, and its cursor goes on from there."""
OWNED = 100
MOST_PERSONS_A_DAY = 100
"""Assumed: a busy desk looks for a person every few minutes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page: rows, the position to go on from, and how many rows were looked at."""

    rows: tuple[Row, ...]
    position: str | None
    looked_at: int


def search(caller: Caller, asked: SearchQuery, before: str | None, now: datetime) -> Found:
    """The rows that meet all that is asked for and that the caller may read.

    InvalidRequest where `q` holds no word, or where the months cannot be read as a span.
    """
    sought = words.words_of(asked.q) if asked.q else ()
    if asked.q and not sought:
        raise InvalidRequest(FieldFault("?q", "no_words"))
    rows: list[Row] = []
    looked_at, marks = 0, _Marks(sought)
    for row in _candidates(caller, asked, before, now):
        looked_at += 1
        meets = _meets(row, asked) and marks.are_in(row)
        if meets and allow(caller, Permission.COMPLAINT_READ, register.access_row(row)):
            if len(rows) == asked.limit:
                return Found(tuple(rows), rows[-1].lodged_key, looked_at)
            rows.append(row)
        if looked_at == MOST_LOOKED_AT:
            return Found(tuple(rows), row.lodged_key, looked_at)
    return Found(tuple(rows), None, looked_at)


def note_search(caller: Caller, asked: SearchQuery, found: Found, now: datetime) -> None:
    """Puts on record that the officer looked for a person, by what, and how many cases came; never for whom.

    TooManyRequests after MOST_PERSONS_A_DAY: whoever goes through a list of numbers is stopped, and seen.
    """
    facts = (("by", "phone" if asked.phone is not None else "cnic"), ("found", str(len(found.rows))))
    officers.note(caller, "search_person", facts, now, most_a_day=MOST_PERSONS_A_DAY)


class _Marks:
    """The marks of the words sought, worked out once a month."""

    def __init__(self, sought: tuple[str, ...]) -> None:
        self._sought = sought
        self._by_month: dict[str, frozenset[bytes]] = {}

    def are_in(self, row: Row) -> bool:
        if not self._sought:
            return True
        month = register.month_of(row.lodged_at)
        if month not in self._by_month:
            self._by_month[month] = words.marks(self._sought, month)
        return self._by_month[month] <= words.unpacked(row.words)


def _meets(row: Row, asked: SearchQuery) -> bool:
    return (
        (asked.state is None or row.state == asked.state)
        and (asked.complaint_class is None or row.complaint_class == asked.complaint_class)
        and (asked.office is None or asked.office in ladder(row.office))
    )


def _candidates(caller: Caller, asked: SearchQuery, before: str | None, now: datetime) -> Iterator[Row]:
    """Rows to look at, newest first, all before the position."""
    if asked.is_exact:
        rows = _named(asked, before)
        if asked.first is None and asked.last is None:
            return rows
        wanted = frozenset(months(asked, now))
        return (row for row in rows if register.month_of(row.lodged_at) in wanted)
    return in_months(_areas(caller, asked.office), months(asked, now), before)


def _named(asked: SearchQuery, before: str | None) -> Iterator[Row]:
    found: Iterator[Row]
    if asked.reference is not None:
        case = cases.get(asked.reference)
        found = iter([register.row_of(case)] if case else [])
    elif asked.phone is not None:
        found = store.of_phone(keyring().index("phone", asked.phone), before=before)
    else:
        found = _of_document(f"cnic:{asked.cnic}", before)
    return (row for row in found if before is None or row.lodged_key < before)


def _of_document(document: str, before: str | None) -> Iterator[Row]:
    """Never a restricted case, as by telephone: whose it is, is read in it, on record."""
    holder = people.holder_of(keyring().index("document", document))
    while holder is not None:
        rows, before = cases.of_owner(holder.person, before=before, limit=OWNED)
        found = cases.many([row.reference for row in rows])
        there = (found[row.reference] for row in rows if row.reference in found)
        yield from (register.row_of(case) for case in there if _tells_whose(case))
        if before is None:
            return


def _tells_whose(case: Case) -> bool:
    return case.erased_at is None and not is_restricted(case.category)


def _areas(caller: Caller, office: str | None) -> tuple[str, ...]:
    """The districts to look in: the caller's, and of them those that the office answers for."""
    known = districts_of(caller.office) if caller.office else ()
    if office is None:
        return known
    if office not in offices():
        raise InvalidRequest(FieldFault("?office", "unknown_office"))
    return tuple(district for district in known if district in districts_of(office))


def in_months(districts: tuple[str, ...], wanted: tuple[str, ...], before: str | None) -> Iterator[Row]:
    """The rows of the districts, newest first, as the months are. One query a district and month."""
    position = register.month_of(store.lodged_at(before)) if before else None
    for month in wanted:
        if position is not None and month > position:
            continue
        areas = (store.area_of(district, month) for district in districts)
        yield from heapq.merge(
            *(store.in_area(area, before=before) for area in areas),
            key=lambda row: row.lodged_key,
            reverse=True,
        )


def months(asked: SearchQuery, now: datetime) -> tuple[str, ...]:
    """The months asked for, newest first; the last three where nothing is said."""
    last = asked.last or register.month_of(now)
    first = asked.first or earlier(last, USUAL_MONTHS - 1)
    return span(first, last)


def span(first: str, last: str) -> tuple[str, ...]:
    """From the last month to the first. InvalidRequest for no span, or a longer one than is answered."""
    if first > last:
        raise InvalidRequest(FieldFault("?from", "months_turned_round"))
    if earlier(last, MOST_MONTHS - 1) > first:
        raise InvalidRequest(FieldFault("?from", "too_many_months", {"most": str(MOST_MONTHS)}))
    found = [last]
    while found[-1] > first:
        found.append(earlier(found[-1], 1))
    return tuple(found)


def earlier(month: str, by: int) -> str:
    """The month that many before."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - by
    return f"{number // 12:04}-{number % 12 + 1:02}"


def first_instant(month: str) -> datetime:
    """When a month begins by the citizens' clock."""
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=KARACHI)


def first_after(month: str) -> datetime:
    """When it is over."""
    return first_instant(register.month_of(first_instant(month) + timedelta(days=32)))
