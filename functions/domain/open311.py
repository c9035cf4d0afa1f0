"""Open311 clients report and follow what is wrong with a place or a thing; nothing that is about anybody.

A report goes the way of every report without a name, and is sealed and clocked as any. What is told of a case
is its matter, its district or station and its dates: never what was written in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.domain import anonymous, places, register
from functions.domain.deadlines import KARACHI
from functions.domain.errors import FieldFault, InvalidReference, InvalidRequest, UnknownName
from functions.domain.references import parse_reference
from functions.domain.search import earlier
from functions.storage import cases
from functions.storage import register as store
from functions.storage.register import Row
from functions.storage.tables import instant_key
from schemas.cases import ENDED, Case
from schemas.catalogue.places import headquarters
from schemas.catalogue.policies import Category
from schemas.catalogue.reading import complaint_policies, ladder, offices, policy_in_force
from schemas.common import Tongue
from schemas.complaints import NewReport
from schemas.open311 import GeoRequest, GeoRequestQuery, NewGeoRequest, Status

SPAN = timedelta(days=90)
MOST, MOST_LOOKED_AT, MOST_NAMED = 1_000, 5_000, 100
"""Requests an answer, rows that are looked at for one, and ids that may be named at once."""
FIRST = datetime(2016, 1, 1, tzinfo=UTC)
"""Nothing was lodged before; what a client dates earlier counts from here."""


@dataclass(frozen=True, slots=True)
class Found:
    """Requests, newest first, and the instant to go on from where there may be more."""

    rows: tuple[Row, ...]
    up_to: datetime | None = None


def services(now: datetime) -> dict[str, Category]:
    """What may be reported now, by its code."""
    categories = policy_in_force(now).categories
    return {code: each for code, each in categories.items() if each.public and each.anonymous}


def service(code: str, now: datetime) -> Category:
    if code not in services(now):
        raise UnknownName(name="service_code")
    return services(now)[code]


def check_jurisdiction(district: str | None) -> None:
    if district is not None and (district not in offices() or offices()[district].rank != "district"):
        raise UnknownName(name="jurisdiction_id")


def lodge(asked: NewGeoRequest, idempotency_key: str, now: datetime) -> Case:
    """The case, lodged as a report without a name. Who sent it is neither asked nor kept."""
    check_jurisdiction(asked.jurisdiction_id)
    if asked.service_code not in services(now):
        known = ", ".join(sorted(services(now)))
        raise InvalidRequest(FieldFault("/service_code", "unknown_category", {"known": known}))
    office = _office(asked)
    if asked.jurisdiction_id and asked.jurisdiction_id not in ladder(office):
        raise InvalidRequest(FieldFault("/jurisdiction_id", "place_elsewhere"))
    is_station = offices()[office].rank == "station"
    new = NewReport(
        category=asked.service_code,
        narrative=asked.description,
        station=office if is_station else None,
        district=None if is_station else office,
    )
    # The secret code goes nowhere: a notice of the standard is public.
    case, _ = anonymous.report(new, idempotency_key, now)
    return case


def _office(asked: NewGeoRequest) -> str:
    """The office of the place, by the most exact of what was given."""
    if asked.address_id is not None:
        return _known(places.of_id(asked.address_id), "/address_id", "unknown_place")
    if asked.lat is not None and asked.long is not None:
        return _known(places.of_point(asked.lat, asked.long), "/lat", "too_far")
    if (asked.lat is None) != (asked.long is None):
        raise InvalidRequest(FieldFault("/lat" if asked.lat is None else "/long", "missing"))
    if asked.address_string is not None:
        return _known(places.of_words(asked.address_string), "/address_string", "place_not_named")
    raise InvalidRequest(FieldFault("/address_id", "address_needed"))


def _known(office: str | None, pointer: str, fault: str) -> str:
    if office is None:
        raise InvalidRequest(FieldFault(pointer, fault))
    return office


def find(reference: str) -> Row:
    """One request; UnknownName where there is none, or none that anybody may know of."""
    try:
        case = cases.get(parse_reference(reference))
    except InvalidReference:
        case = None
    if case is None or not register.is_public(case):
        raise UnknownName(name="service_request_id")
    return register.row_of(case)


def listed(asked: GeoRequestQuery, now: datetime) -> Found:
    """The requests that meet what is asked for: those that are named, or those of a span."""
    check_jurisdiction(asked.jurisdiction_id)
    if asked.service_request_id is not None:
        return Found(tuple(_named(asked.service_request_id)))
    codes = _codes(asked.service_code)
    status = frozenset(asked.status.split(",")) if asked.status else frozenset(("open", "closed"))
    rows: list[Row] = []
    for looked_at, row in enumerate(_between(*_span(asked, now)), start=1):
        is_there = asked.jurisdiction_id in (None, row.district)
        if is_there and row.category in codes and status_of(row) in status:
            rows.append(row)
        if len(rows) == MOST or looked_at == MOST_LOOKED_AT:
            return Found(tuple(rows), row.lodged_at)
    return Found(tuple(rows))


def _named(ids: str) -> Iterator[Row]:
    """Those that are there, in the order in which they were named."""
    references = list(dict.fromkeys(_references(ids)))
    if len(references) > MOST_NAMED:
        raise InvalidRequest(FieldFault("?service_request_id", "too_long", {"max_length": str(MOST_NAMED)}))
    found = cases.many(references)
    for each in references:
        if each in found and register.is_public(found[each]):
            yield register.row_of(found[each])


def _references(ids: str) -> Iterator[str]:
    for each in ids.split(","):
        try:
            yield parse_reference(each)
        except InvalidReference:
            continue


def _codes(asked: str | None) -> frozenset[str]:
    """The codes asked for; also those of former policies, whose cases are still there."""
    known = frozenset(
        name for p in complaint_policies() for name, each in p.categories.items() if each.public
    )
    wanted = frozenset(each.strip() for each in asked.split(",")) if asked else known
    if not wanted <= known:
        raise UnknownName(name="service_code")
    return wanted


def _span(asked: GeoRequestQuery, now: datetime) -> tuple[datetime, datetime]:
    """First and last instant; of a longer span its last 90 days, of one without an end its first."""
    begun = min(max(asked.start_date, FIRST), now) if asked.start_date else None
    ended = min(max(asked.end_date, FIRST), now) if asked.end_date else None
    if begun and ended and ended < begun:
        raise InvalidRequest(FieldFault("?end_date", "instants_turned_round"))
    ended = ended or (min(begun + SPAN, now) if begun else now)
    return max(begun or FIRST, ended - SPAN), ended


def _between(begun: datetime, ended: datetime) -> Iterator[Row]:
    month, first = register.month_of(ended), register.month_of(begun)
    after = f"{instant_key(ended)}~"  # sorts behind every row of that instant
    while month >= first:
        for row in store.public_in(month, before=after):
            if row.lodged_at < begun:
                return
            yield row
        month = earlier(month, 1)


def status_of(row: Row) -> Status:
    return "closed" if row.state in ENDED else "open"


def shown(row: Row, tongue: Tongue) -> GeoRequest:
    """What anybody may know of a request."""
    place = offices()[row.station or row.district]
    point = headquarters().get(row.district)
    met = (row.first_contacted_at, row.reported_at, row.appeal_answered_at, row.closed_at)
    return GeoRequest(
        service_request_id=row.reference,
        status=status_of(row),
        service_name=getattr(_category(row.category).name, tongue),
        service_code=row.category,
        agency_responsible=getattr(offices()[row.district].name, tongue),
        requested_datetime=_told(row.lodged_at),
        updated_datetime=_told(max((row.lodged_at, *(at for at in met if at)))),
        expected_datetime=_told(row.final_report_due),
        address=getattr(place.name, tongue),
        address_id=place.id,
        lat=point.lat if point else None,
        long=point.long if point else None,
    )


def _category(code: str) -> Category:
    """By the newest policy that has it."""
    return next(p.categories[code] for p in reversed(complaint_policies()) if code in p.categories)


def _told(instant: datetime) -> datetime:
    return instant.astimezone(KARACHI).replace(microsecond=0)
