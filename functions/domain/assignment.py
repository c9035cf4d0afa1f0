"""Which office a complaint goes to: by the place, past the accused, and by load where several could."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functions.domain.errors import FieldFault, InvalidRequest
from schemas.cases import Case
from schemas.catalogue.entries import Rank
from schemas.catalogue.policies import ComplaintPolicy
from schemas.catalogue.reading import RANKS, ladder, offices


def rank_of(office: str) -> int:
    return RANKS.index(offices()[office].rank)


def is_above(step: str, about: str) -> bool:
    return step != about and step in ladder(about)


def is_apart(office: str, about: Iterable[str]) -> bool:
    """Whether the office is none of those complained of and under none of them."""
    return not any(each in ladder(office) for each in about)


def district_of(office: str) -> str | None:
    """The district an office lies in; None above the districts."""
    return next((step for step in ladder(office) if offices()[step].rank == "district"), None)


def first_office(where: str, policy: ComplaintPolicy, about: Sequence[str]) -> str | None:
    """The first office on the place's ladder that may answer.

    Never below the policy's lowest rank; and where offices are complained of, only one above them all.
    """
    lowest = RANKS.index(policy.lowest_rank)
    fit = (step for step in ladder(where) if rank_of(step) >= lowest)
    return next((step for step in fit if all(is_above(step, office) for office in about)), None)


def office_at(case: Case, rank: Rank) -> str:
    """Who is told at that rung of the ladder: the case's own office, or the first above it of that rank.

    The case's office is above all that are complained of, and so is everything above it.
    """
    wanted = RANKS.index(rank)
    steps = ladder(case.office)
    return next((step for step in steps if rank_of(step) >= wanted), steps[-1])


def office_above(office: str) -> str | None:
    steps = ladder(office)
    return steps[1] if len(steps) > 1 else None


def check_target(case: Case, office: str, policy: ComplaintPolicy) -> None:
    """InvalidRequest names why the case cannot go to `office`."""
    if office not in offices():
        raise InvalidRequest(FieldFault("/office", "unknown_office"))
    if rank_of(office) < RANKS.index(policy.lowest_rank):
        raise InvalidRequest(FieldFault("/office", "office_too_low"))
    if office == case.office:
        raise InvalidRequest(FieldFault("/office", "office_has_it"))
    if not is_apart(office, case.about_offices):
        raise InvalidRequest(FieldFault("/office", "office_complained_of"))


def candidates(case: Case, policy: ComplaintPolicy) -> tuple[str, ...]:
    """Offices right below the case's own that could take it, in the order of the catalogue."""
    lowest = RANKS.index(policy.lowest_rank)
    below = (each for each in offices().values() if each.parent == case.office)
    fit = (each.id for each in below if rank_of(each.id) >= lowest)
    # The one that takes it must be above those complained of, or have nothing to do with them at all.
    return tuple(each for each in fit if is_apart(each, case.about_offices))
