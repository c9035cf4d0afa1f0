"""Complaints that are like another: the same words, in whichever script, near in place and day."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from functions.domain import register, words
from functions.domain.access import Caller, Permission, allow, row_of
from functions.domain.errors import FieldFault, InvalidRequest
from functions.storage import cases
from functions.storage import register as store
from functions.storage.register import Row
from functions.storage.tables import instant_key
from schemas.cases import ENDED, Case
from schemas.catalogue.reading import is_restricted, ladder, offices
from schemas.search import SimilarQuestion

MOST_CARRIED = 100
"""Of many reports of one incident, as many as are named at once."""
DAYS = 7
LIKE = 0.42
"""Measured on accounts of one matter by two people, in one script or two: tests/.../test_similar.py."""
LEAST_SHARED = 4
LEAST_SHARED_BY_OTHERS = 6
"""Of a stranger's complaint more must be known before so much as that there is one is told."""
MOST_LOOKED_AT = 5_000
MOST_NAMED = 20
MANY = 5


def score(one: frozenset[bytes], other: frozenset[bytes]) -> float:
    """From 0, nothing in common, to 1: the mean of Jaccard's share and of the share of the shorter one.

    One account may be three times as long as another of the same matter: the first share alone would miss it,
    the second alone would take any short text for part of a long one.
    """
    shared = len(one & other)
    if shared < LEAST_SHARED:
        return 0.0
    return (shared / len(one | other) + shared / min(len(one), len(other))) / 2


def similar(
    sought: tuple[str, ...], district: str, station: str, around: datetime
) -> list[tuple[Row, float]]:
    """Open cases lodged within a week of `around` that are like the words sought, most alike first.

    Of the station where it is known on both sides, else of the district. One query a month of the span.
    """
    telling = [word for word in sought if word not in words.common()]
    if len(telling) < LEAST_SHARED:
        return []
    by_month: dict[str, tuple[frozenset[bytes], frozenset[bytes]]] = {}
    found: list[tuple[Row, float]] = []
    for row in _near(district, station, around):
        month = register.month_of(row.lodged_at)
        if month not in by_month:
            by_month[month] = words.marks(telling, month), words.marks(words.common(), month)
        asked, common = by_month[month]
        likeness = score(asked, words.unpacked(row.words) - common)
        if likeness >= LIKE:
            found.append((row, round(likeness, 2)))
    return heapq.nsmallest(MOST_NAMED, found, key=lambda each: (-each[1], each[0].lodged_key))


def _near(district: str, station: str, around: datetime) -> Iterator[Row]:
    latest, earliest = around + timedelta(days=DAYS), around - timedelta(days=DAYS)
    months = dict.fromkeys((register.month_of(latest), register.month_of(earliest)))
    since, looked_at = instant_key(earliest), 0
    for month in months:
        rows = store.in_area(store.area_of(district, month), before=instant_key(latest))
        for row in takewhile(lambda row: row.lodged_key >= since, rows):
            looked_at += 1
            if looked_at > MOST_LOOKED_AT:
                return
            if (
                row.state not in ENDED
                and row.words
                and (not (station and row.station) or row.station == station)
            ):
                yield row


@dataclass(frozen=True, slots=True)
class Alike:
    """References of the asker's own, and how many of others' by class: only that there are some, or many."""

    mine: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


def before_lodging(caller: Caller, asked: SimilarQuestion, now: datetime) -> Alike:
    """What is like a complaint that a citizen is about to lodge. Nothing is kept of the question."""
    district = _district(asked)
    sought = words.words_of(f"{asked.place or ''}\n{asked.narrative}", words.MOST_WORDS)
    own = _own_open(caller, now)
    found = [row for row, _ in similar(sought, district, asked.station or "", now)]
    others = Counter(
        row.complaint_class for row in found if row.reference not in own and _may_be_counted(row, sought)
    )
    if is_restricted(asked.category):
        others.clear()
    counted = tuple((each, "5+" if n >= MANY else "1-4") for each, n in sorted(others.items()))
    return Alike(tuple(row.reference for row in found if row.reference in own), counted)


def _may_be_counted(row: Row, sought: tuple[str, ...]) -> bool:
    """Nothing is told of a complaint about officers, nor to whoever knows little of what is in it."""
    shared = words.marks(sought, register.month_of(row.lodged_at)) & words.unpacked(row.words)
    return not row.about_offices and not row.accused and len(shared) >= LEAST_SHARED_BY_OTHERS


def _own_open(caller: Caller, now: datetime) -> frozenset[str]:
    rows, _ = cases.of_owner(caller.subject, before=None, limit=100)
    since = now - timedelta(days=DAYS)
    return frozenset(row.reference for row in rows if row.lodged_at >= since and row.state not in ENDED)


def _district(asked: SimilarQuestion) -> str:
    """InvalidRequest when neither names an office of its rank."""
    known = offices()
    for pointer, rank, named in (
        ("station", "station", asked.station),
        ("district", "district", asked.district),
    ):
        if named is None:
            continue
        if named not in known or known[named].rank != rank:
            raise InvalidRequest(FieldFault(f"/{pointer}", "unknown_office"))
        return next(step for step in ladder(named) if known[step].rank == "district")
    raise InvalidRequest(FieldFault("/station", "place_needed"))


def like(caller: Caller, case: Case) -> list[tuple[Row, float]]:
    """Open cases like this one that the officer may read, most alike first; none for a restricted case."""
    found = similar(register.words_in(case), case.district, case.station, case.lodged_at)
    return [
        (row, likeness)
        for row, likeness in found
        if row.reference != case.reference
        and allow(caller, Permission.COMPLAINT_READ, register.access_row(row))
    ]


def carried(caller: Caller, case: Case) -> tuple[str, ...]:
    """References of the cases merged into this one that the officer may read, oldest first."""
    merged = cases.children_of(case.reference)
    found = cases.many(merged[:MOST_CARRIED])
    return tuple(
        each
        for each in merged
        if each in found and allow(caller, Permission.COMPLAINT_READ, row_of(found[each]))
    )
